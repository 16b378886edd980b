"""The network of a run: build, save and load it. Weights only, rebuilt from code, never pickled."""

import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from core import atomic, digests, disk
from core.errors import SlideScopeError
from core.learning.networks import card as cards
from core.learning.networks import device, weights
from core.learning.networks.card import ModelCard, check_scene
from core.runs import run_files
from core.runs.config import RunConfig
from core.scene.store import Scene
from models import catalogue

__all__ = ["ModelCard", "build", "check_scene", "keras", "load", "save", "save_weights"]

WEIGHTS = "model.weights.h5"
save_weights = weights.save


def keras() -> Any:
    """Import Keras with a quiet backend; only a worker ever calls this."""
    device.check_backend()
    os.environ["KERAS_BACKEND"] = device.backend()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    # A second process must still find memory on the same GPU.
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    # oneDNN's kernels and, more, its allocator, which keeps memory instead of handing the pages of
    # every tensor back to the system. TensorFlow turns them on by itself on newer processors only,
    # yet a training step halves on one with AVX2 alone (docs/speed.md).
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    import keras

    return keras


def build(config: RunConfig, channel_count: int, mean, std, output_bias: float) -> Any:
    """Return the untrained network behind its z-score; raw channel values in."""
    keras().utils.set_random_seed(config.seed)
    network = catalogue.build(
        config.model,
        config.preset,
        channel_count,
        tile=config.side,
        output_bias=output_bias,
        dropout=config.dropout,
    )
    return catalogue.with_zscore(network, mean, std)


def save(network: Any, card: ModelCard, folder: Path) -> None:
    """Replace `folder` by the network's weights and card, in one move."""
    floats = sum(int(np.prod(v.shape)) for v in network.variables)
    disk.check_room(folder.parent, 4 * floats, "the network")
    with atomic.whole_folder(folder) as temporary:
        save_weights(network, temporary / WEIGHTS)
        atomic.write_json(temporary / run_files.MODEL_CARD, card.to_json())


def load(folder: Path, into: Any = None) -> tuple[Any, ModelCard]:
    """Return (network, card) of a saved model; `into` is a network of the same build that takes the
    weights, and keeps the graphs that it has traced."""
    value = atomic.read_json(folder / run_files.MODEL_CARD)
    if value is None:
        raise SlideScopeError(
            f"No trained network in '{folder.parent.name}': the run has not finished an epoch; "
            "let it train or choose another run."
        )
    card = cards.ModelCard.from_json(value)
    network = rebuilt(card) if into is None else into
    cure = "restore the run from a backup, or train it anew"
    digests.check(folder / WEIGHTS, f"the network of run '{folder.parent.name}'", cure, full=True)
    with warnings.catch_warnings():
        # The file has no optimizer, and one that trains has.
        warnings.filterwarnings("ignore", message="Skipping variable loading for optimizer")
        network.load_weights(folder / WEIGHTS)
    return network, card


def load_foreign(folder: Path, value: Any) -> tuple[Any, ModelCard]:
    """The same for weights in `folder` and a card `value` from anywhere, which are refused in one
    sentence unless they are plain and fit each other."""
    card = cards.read(value)
    try:
        network = rebuilt(card)
    except (catalogue.UnknownModel, catalogue.UnknownPreset) as error:
        raise SlideScopeError(f"model.json cannot be used: {error}") from error
    many = len(card.channels)
    title = f"{catalogue.MODELS[card.model].title} ({card.preset}, {many} channels)"
    weights.load(network, folder / WEIGHTS, title)
    return network, card


def rebuilt(card: ModelCard) -> Any:
    """The network that a card names, behind its z-score, with weights still to be loaded."""
    keras()
    changed = {} if card.dropout is None else {"dropout": card.dropout}
    network = catalogue.build(
        card.model, card.preset, len(card.channels), tile=card.tile, **changed
    )
    return catalogue.with_zscore(network)


def legends(scene: Scene, factors: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """Class names of the categorical factors among `factors`."""
    return {n: legend for n in factors if (legend := scene.factor(n).legend)}


def parameters(network: Any) -> int:
    return int(sum(np.prod(w.shape) for w in network.trainable_weights))
