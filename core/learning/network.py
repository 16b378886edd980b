"""The network of a run: build, save and load it. Weights only, rebuilt from code, never pickled."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core import atomic
from core.errors import SlideScopeError
from core.learning import channels as coding
from core.learning.channels import Channel
from core.runs.config import RunConfig
from core.scene.store import Scene
from models import catalogue

WEIGHTS = "model.weights.h5"


@dataclass(frozen=True)
class Card:
    """What a model file must say beside its weights: names, order, units and legends."""

    model: str
    preset: str
    tile: int
    dataset: str
    coding: str
    factors: tuple[str, ...]
    channels: tuple[Channel, ...]
    legends: dict[str, dict[str, str]]
    trainable_parameters: int
    best_epoch: int
    best_value: float
    monitor: str = "val_loss"

    def to_json(self) -> dict:
        listed = coding.to_json(self.channels)
        return {**vars(self), "factors": list(self.factors), "channels": listed}

    @staticmethod
    def from_json(value: dict) -> "Card":
        channels = coding.from_json(value["channels"])
        return Card(**{**value, "factors": tuple(value["factors"]), "channels": channels})


def keras() -> Any:
    """Import Keras with a quiet backend; only a worker ever calls this."""
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    # A second process must still find memory on the same GPU.
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
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
        config.model, config.preset, channel_count, tile=config.tile, output_bias=output_bias
    )
    return catalogue.with_zscore(network, mean, std)


def save_weights(network: Any, path: Path) -> None:
    """Write the layers' weights alone: Keras would add a compiled model's optimizer, twice the
    size of the network."""
    keras().Model(network.inputs, network.outputs).save_weights(path)


def save(network: Any, card: Card, folder: Path) -> None:
    """Replace `folder` by the network's weights and card, in one move."""
    with atomic.whole_folder(folder) as temporary:
        save_weights(network, temporary / WEIGHTS)
        atomic.write_json(temporary / "model.json", card.to_json())


def load(folder: Path) -> tuple[Any, Card]:
    """Return (network, card) of a saved model."""
    value = atomic.read_json(folder / "model.json")
    if value is None:
        raise SlideScopeError(
            f"No trained network in '{folder.parent.name}': the run has not finished an epoch; "
            "let it train or choose another run."
        )
    card = Card.from_json(value)
    keras()
    network = catalogue.with_zscore(
        catalogue.build(card.model, card.preset, len(card.channels), tile=card.tile)
    )
    network.load_weights(folder / WEIGHTS)
    return network, card


def check_scene(card: Card, scene: Scene) -> None:
    """Raise a SlideScopeError unless the scene has the model's factors and classes by name."""
    missing = [n for n in card.factors if n not in scene.factor_names]
    if missing:
        raise SlideScopeError(
            f"Scene '{scene.name}' lacks {', '.join(missing)}: the model was trained with "
            f"{', '.join(card.factors)}; import the missing factors or choose another model."
        )
    for name, legend in card.legends.items():
        theirs = scene.factor(name).legend or {}
        if any(theirs[code] != title for code, title in legend.items() if code in theirs):
            raise SlideScopeError(
                f"The classes of '{name}' differ between the model and scene '{scene.name}': codes "
                "must mean the same; recode the raster and import it again."
            )


def legends(scene: Scene, factors: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """Class names of the categorical factors among `factors`."""
    return {n: scene.factor(n).legend for n in factors if scene.factor(n).legend}


def parameters(network: Any) -> int:
    return int(sum(np.prod(w.shape) for w in network.trainable_weights))
