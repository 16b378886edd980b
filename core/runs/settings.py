"""The settings of a training that a preset has a value for, in plain words, with the paper's.

One field here is one setting everywhere: an option of `train` and `experiment`, a widget of the
Training page, a field of a run's config, a line of docs/reference.md.
"""

from dataclasses import dataclass
from typing import Any, Literal

from core.errors import SlideScopeError
from core.request import Option, option, options
from models import catalogue

GROUPS = {
    "learns": "How it learns",
    "tiles": "How tiles are drawn",
    "tested": "How it is tested",
}


def setting(title: str, words: str, default: Any, quick: Any = None, **more: Any) -> Any:
    """A setting whose value is `default` in the preset `paper`, and `quick` (where it differs) in
    `quick` and `thorough`, unless `thorough` says otherwise."""
    quick = default if quick is None else quick
    presets = {"paper": default, "quick": quick, "thorough": more.pop("thorough", quick)}
    more = {"group": "learns", **more}
    return option(words, default, title=title, presets=presets, **more)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Defaults are the paper's (section 3.4; the number of epochs is not printed there).

    `quick` and `thorough` are for a few hundred steps on few landslides: squares anywhere in the
    training tiles, a larger rate that falls to nothing, an average of the weights, landslides in
    half of every batch and batch statistics of that very mixture (docs/learning.md tells what each
    is worth).
    """

    epochs: int = setting(
        "Epochs", "how often every tile is seen", 100, paper="not printed", least=1
    )
    batch: int = setting(
        "Batch, tiles",
        "tiles or squares a step; more need more memory",
        8,
        quick=24,
        paper="8",
        least=1,
        most=1024,
        group="tiles",
    )
    learning_rate: float = setting(
        "Learning rate",
        "step size of Adam",
        1e-4,
        quick=3e-3,
        paper="0.0001",
        least=1e-7,
        most=1.0,
        above=0.0,
        step=1e-4,
    )
    schedule: Literal["constant", "cosine", "warmup_cosine"] = setting(
        "Learning rate over time",
        "how the learning rate changes",
        "constant",
        quick="warmup_cosine",
        paper="constant",
        choices={
            "constant": "stays the same",
            "cosine": "falls to nothing",
            "warmup_cosine": "rises for a twentieth, then falls to nothing",
        },
    )
    crop: int = setting(
        "Random squares, pixels",
        "side of squares drawn anywhere in the training tiles, a multiple of 32; 0 = whole tiles",
        0,
        quick=64,
        paper="tiles as they lie",
        unit="px",
        least=0,
        most=1024,
        step=32,
        group="tiles",
    )
    averaged: float = setting(
        "Average of the weights",
        "what a step keeps of the running average that is validated and kept; 0 = no average",
        0.0,
        quick=0.98,
        thorough=0.99,
        paper="no",
        least=0.0,
        most=0.9999,
        step=0.01,
    )
    dropout: float = setting(
        "Dropout",
        "share of a layer's values that a step leaves out",
        catalogue.PAPER_DROPOUT,
        quick=0.0,
        paper="0.2",
        least=0.0,
        most=0.9,
        step=0.1,
    )
    loss: Literal["bce", "weighted_bce", "focal", "bce_dice"] = setting(
        "Loss",
        "what training makes small",
        "bce",
        paper="binary cross-entropy",
        choices={
            "bce": "binary cross-entropy",
            "weighted_bce": "cross-entropy, landslide pixels weigh more",
            "focal": "focal: hard pixels weigh more",
            "bce_dice": "cross-entropy + Dice overlap",
        },
    )
    landslide_share_of_batch: float = setting(
        "Landslides in a batch",
        "least share of tiles or squares with landslides in every batch, 0 = as they come",
        0.0,
        quick=0.5,
        paper="as they come",
        least=0.0,
        most=1.0,
        step=0.125,
        group="tiles",
    )
    prior_bias: bool = setting(
        "Start at the landslide share",
        "the output starts at the landslide share of the training pixels",
        False,
        quick=True,
        paper="no",
    )
    augmentation: Literal["paper", "safe", "none"] = setting(
        "Augmentation",
        "what is done to training tiles",
        "paper",
        paper="flips and turns",
        choices={
            "paper": "all flips and quarter turns",
            "safe": "north-south flip only",
            "none": "none",
        },
        group="tiles",
    )
    monitor: Literal["val_loss", "val_iou", "val_ap", "last"] = setting(
        "Keep the epoch of the",
        "which epoch's network is kept",
        "val_loss",
        quick="val_ap",
        paper="lowest validation loss",
        choices={
            "val_loss": "lowest validation loss (cross-entropy)",
            "val_iou": "highest landslide IoU on validation",
            "val_ap": "highest average precision on validation",
            "last": "end: no choice by validation",
        },
    )
    patience: int = setting(
        "Stop early after",
        "epochs without a better one before training stops, 0 = never",
        0,
        paper="not printed",
        least=0,
    )
    precision: Literal["float32", "mixed"] = setting(
        "Arithmetic precision",
        "number format of the arithmetic",
        "float32",
        paper="not printed",
        choices={
            "float32": "32 bit",
            "mixed": "16 bit where it is safe (GPUs: about twice as fast)",
        },
    )
    batch_statistics: Literal["running", "again"] = setting(
        "Batch statistics",
        "what batch normalisation goes by once the network predicts (docs/learning.md)",
        "running",
        quick="again",
        paper="not printed",
        choices={
            "running": "as they ran along in training",
            "again": "measured again at the end, without dropout, on batches as drawn",
        },
    )


BY_NAME: dict[str, Option] = options(Settings)
# Of the measures that choose the kept epoch.
LARGER_IS_BETTER = {"val_loss": False, "val_iou": True, "val_ap": True}


def of_preset(preset: str) -> dict[str, Any]:
    """The settings of a preset; sizes of a network that are no preset of settings have the paper's.

    >>> of_preset("quick")["batch"], of_preset("32")["batch"], of_preset("thorough")["averaged"]
    (24, 8, 0.99)
    """
    key = catalogue.settings_preset(preset)
    return {n: each.presets.get(key, each.presets["paper"]) for n, each in BY_NAME.items()}


def check_crop(crop: int, tile: int, height: int, width: int) -> None:
    """Raise a SlideScopeError unless squares of `crop` pixels can be drawn in tiles of `tile` px of
    a scene of `height` x `width` px."""
    if not crop:
        return
    if crop % catalogue.POOLING:
        raise SlideScopeError(
            f"Invalid crop {crop}: a square's side must be a multiple of {catalogue.POOLING} px; "
            "give such a one, or 0 for whole tiles."
        )
    if crop > min(tile, height, width):
        raise SlideScopeError(
            f"Invalid crop {crop}: the tiles have {tile} px and the scene {width} x {height} px, "
            "and a square must fit into both; give a smaller one, or 0 for whole tiles."
        )
