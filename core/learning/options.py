"""Training settings in plain words, each with what the paper has for it."""

from dataclasses import dataclass, field
from typing import Any

from core.errors import SlideScopeError
from models import catalogue


@dataclass(frozen=True)
class Setting:
    """A field of RunConfig and option of `train`, in words.

    `paper` is what the paper has; `choices` value -> words, empty for a number (whose `kind` is
    int, float or bool); `least` and `most` bound a number, `step` is what a click adds to it;
    `group` is one of GROUPS.
    """

    name: str
    title: str
    paper: str
    words: str
    choices: dict[Any, str] = field(default_factory=dict)
    kind: type = str
    least: float | None = None
    most: float | None = None
    step: float | None = None
    group: str = "learns"

    @property
    def flag(self) -> str:
        """Such as --learning-rate."""
        return f"--{self.name.replace('_', '-')}"


GROUPS = {
    "learns": "How it learns",
    "tiles": "How tiles are drawn",
    "tested": "How it is tested",
}
LARGEST_SEED = 2**31 - 1
# Is a larger value of the monitored metric the better one?
LARGER_IS_BETTER = {"val_loss": False, "val_iou": True, "val_ap": True}

# What a preset has a value for.
SETTINGS = (
    Setting("epochs", "Epochs", "not printed", "how often every tile is seen", kind=int, least=1),
    Setting(
        "batch",
        "Batch, tiles",
        "8",
        "tiles or squares a step; more need more memory",
        kind=int,
        least=1,
        most=1024,
        group="tiles",
    ),
    Setting(
        "learning_rate",
        "Learning rate",
        "0.0001",
        "step size of Adam",
        kind=float,
        least=1e-7,
        most=1.0,
        step=1e-4,
    ),
    Setting(
        "schedule",
        "Learning rate over time",
        "constant",
        "how the learning rate changes",
        {
            "constant": "stays the same",
            "cosine": "falls to nothing",
            "warmup_cosine": "rises for a twentieth, then falls to nothing",
        },
    ),
    Setting(
        "crop",
        "Random squares, pixels",
        "tiles as they lie",
        "side of squares drawn anywhere in the training tiles, a multiple of 32; 0 = whole tiles",
        kind=int,
        least=0,
        most=1024,
        step=32,
        group="tiles",
    ),
    Setting(
        "averaged",
        "Average of the weights",
        "no",
        "what a step keeps of the running average that is validated and kept; 0 = no average",
        kind=float,
        least=0.0,
        most=0.9999,
        step=0.01,
    ),
    Setting(
        "dropout",
        "Dropout",
        "0.2",
        "share of a layer's values that a step leaves out",
        kind=float,
        least=0.0,
        most=0.9,
        step=0.1,
    ),
    Setting(
        "loss",
        "Loss",
        "binary cross-entropy",
        "what training makes small",
        {
            "bce": "binary cross-entropy",
            "weighted_bce": "cross-entropy, landslide pixels weigh more",
            "focal": "focal: hard pixels weigh more",
            "bce_dice": "cross-entropy + Dice overlap",
        },
    ),
    Setting(
        "landslide_share_of_batch",
        "Landslides in a batch",
        "as they come",
        "least share of tiles or squares with landslides in every batch, 0 = as they come",
        kind=float,
        least=0.0,
        most=1.0,
        step=0.125,
        group="tiles",
    ),
    Setting(
        "prior_bias",
        "Start at the landslide share",
        "no",
        "the output starts at the landslide share of the training pixels",
        kind=bool,
    ),
    Setting(
        "augmentation",
        "Augmentation",
        "flips and turns",
        "what is done to training tiles",
        {
            "paper": "all flips and quarter turns",
            "safe": "north-south flip only",
            "none": "none",
        },
        group="tiles",
    ),
    Setting(
        "monitor",
        "Keep the epoch of the",
        "lowest validation loss",
        "which epoch's network is kept",
        {
            "val_loss": "lowest validation loss (cross-entropy)",
            "val_iou": "highest landslide IoU on validation",
            "val_ap": "highest average precision on validation",
            "last": "end: no choice by validation",
        },
    ),
    Setting(
        "patience",
        "Stop early after",
        "not printed",
        "epochs without a better one before training stops, 0 = never",
        kind=int,
        least=0,
    ),
    Setting(
        "precision",
        "Precision",
        "not printed",
        "number format of the arithmetic",
        {
            "float32": "32 bit",
            "mixed": "16 bit where it is safe (GPUs: about twice as fast)",
        },
    ),
    Setting(
        "batch_statistics",
        "Batch statistics",
        "not printed",
        "what batch normalisation goes by once the network predicts (docs/learning.md)",
        {
            "running": "as they ran along in training",
            "again": "measured again at the end, without dropout, on batches as drawn",
        },
    ),
)
# What every training is asked for, whatever the preset; the first choice is the default.
PLAN = (
    Setting(
        "coding",
        "Lithology and aspect",
        "plain numbers",
        "how classes and bearings reach the network",
        {"paper": "plain numbers", "recommended": "one-hot, sine and cosine"},
        group="tiles",
    ),
    Setting(
        "split",
        "Split of the tiles",
        "7:3 of single tiles",
        "which tiles are held out: neighbours of training tiles are easier than they should be",
        {"block": "blocks of tiles, a buffer between", "paper": "single tiles, as the paper"},
        group="tested",
    ),
    Setting(
        "buffer",
        "Buffer between the parts, pixels",
        "none",
        "training pixels so near to a held-out tile are not used",
        kind=int,
        least=0,
        group="tested",
    ),
    Setting(
        "seed",
        "Seed",
        "not printed",
        "draws first weights, order, turns and dropout",
        kind=int,
        least=0,
        most=LARGEST_SEED,
        group="tested",
    ),
    Setting(
        "split_seed",
        "Seed of the split",
        "not printed",
        "draws the held-out tiles; empty = as the seed",
        kind=int,
        least=0,
        most=LARGEST_SEED,
        group="tested",
    ),
)
# How the maps are predicted; a prediction may ask for more looks than the run was given.
FLIPS = {
    1: "one look",
    4: "4 looks: a half turn, both diagonal flips",
    8: "8 looks: all flips and quarter turns",
}
FLIPS_SETTING = Setting(
    "flips",
    "Looks at prediction",
    "one look",
    "the map is the mean of so many looks at every window, each turned another way, and takes as "
    "many times as long",
    FLIPS,
    kind=int,
    group="tested",
)
PLAN = (*PLAN, FLIPS_SETTING)
BY_NAME = {setting.name: setting for setting in SETTINGS}


def check_setting(setting: Setting, value: Any) -> None:
    """Raise a SlideScopeError unless `value` is one that the setting can have."""
    words = f"Invalid {setting.name.replace('_', ' ')} {value}: "
    if setting.choices and value not in setting.choices:
        raise SlideScopeError(f"{words}it must be {', '.join(setting.choices)}; choose one.")
    if setting.name == "learning_rate" and not 0 < value <= 1:
        raise SlideScopeError(
            f"{words}it must lie above 0 and be at most 1 (paper: 0.0001); give such a one."
        )
    if setting.least is not None and value < setting.least:
        raise SlideScopeError(f"{words}at least {setting.least:g}; give a larger one.")
    if setting.most is not None and value > setting.most:
        raise SlideScopeError(f"{words}at most {setting.most:g}; give a smaller one.")


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


def check(model: str, preset: str) -> None:
    """Raise a SlideScopeError unless the catalogue has the model and the preset."""
    try:
        catalogue.check_preset(model, preset)
    except ValueError as error:
        raise SlideScopeError(str(error)) from error
