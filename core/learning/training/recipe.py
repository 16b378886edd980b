"""How a network is fitted: optimizer, learning rate over time, loss, number format."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from core.learning.networks import network
from core.runs.config import RunConfig
from models.keras_inside import flat_layers

# Batches that are enough to average over; fewer where the training itself had fewer.
BATCHES = 40
WARMUP_SHARE = 0.05


def compile(built: Any, config: RunConfig, steps: int, prevalence: float) -> None:
    """Compile `built` for `steps` training steps in all; `prevalence` of the training pixels."""
    from models import losses
    from models.adam import Adam

    keras = network.keras()
    built.compile(
        optimizer=Adam(
            learning_rate(config, steps),
            use_ema=config.averaged > 0,
            ema_momentum=config.averaged or 0.99,
        ),
        loss=losses.of_name(config.loss, prevalence),
        # XLA on a CPU takes minutes to compile and then runs slower; JAX cannot do without it.
        jit_compile=keras.backend.backend() == "jax",
    )
    # Before the first step: variables made while it is traced have it traced twice.
    built.optimizer.build(built.trainable_variables)


def learning_rate(config: RunConfig, steps: int) -> Any:
    """The rate of the paper (constant) or one that changes from step to step."""
    decay = network.keras().optimizers.schedules.CosineDecay
    if config.schedule == "cosine":
        return decay(config.learning_rate, steps)
    if config.schedule == "warmup_cosine":
        warmup = max(1, round(WARMUP_SHARE * steps))
        return decay(
            0.0, max(1, steps - warmup), warmup_target=config.learning_rate, warmup_steps=warmup
        )
    return config.learning_rate


def set_precision(config: RunConfig) -> None:
    """Must come before the network is built. bfloat16 has float32's range: no loss scaling."""
    mixed = config.precision == "mixed"
    network.keras().mixed_precision.set_global_policy("mixed_bfloat16" if mixed else "float32")


def output_bias(config: RunConfig, prevalence: float) -> float:
    """The score (logit) that the output starts from."""
    return float(np.log(prevalence / (1 - prevalence))) if config.prior_bias else 0.0


def target(mask: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Reference (batch, tile, tile, 1) with -1 where `weight` (batch, tile, tile) is 0: what
    `models.losses` takes.

    >>> target(np.array([[[[1.0], [0.0]]]]), np.array([[[1.0, 0.0]]])).ravel().tolist()
    [1.0, -1.0]
    """
    return np.where(weight[..., None] > 0, mask, np.float32(-1))


def exchange_average(built: Any) -> None:
    """Put the running average of the weights in their place and them in its; twice is nothing.

    Does nothing where none is kept (`averaged` 0).
    """
    optimizer = built.optimizer
    if not optimizer.use_ema:
        return
    ops = network.keras().ops
    for weight, mean in zip(built.trainable_variables, optimizer._model_variables_moving_average):
        now = ops.copy(weight.value)
        weight.assign(mean)
        mean.assign(now)


def measure_again(built: Any, batches: Iterable[np.ndarray]) -> int:
    """Replace every batch normalisation's statistics by their mean over `batches` of raw channel
    values (tiles, rows, columns, channels), dropout off. Weights that are learned stay. Returns
    the number of batches."""
    layers = network.keras().layers
    parts = flat_layers(built)
    kinds = (layers.BatchNormalization, layers.Dropout)
    norms, dropouts = ([p for p in parts if isinstance(p, kind)] for kind in kinds)
    before = [(part, "momentum", part.momentum) for part in norms]
    before += [(part, "rate", part.rate) for part in dropouts]
    count = 0
    try:
        for part in dropouts:
            part.rate = 0.0
        for count, batch in enumerate(batches, 1):
            # The mean so far: the first batch replaces what is there, the second counts half.
            for part in norms:
                part.momentum = (count - 1) / count
            built(batch, training=True)
    finally:
        for part, name, value in before:
            setattr(part, name, value)
    return count
