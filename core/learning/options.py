"""Training settings: the paper's, and `quick` for two cores and a few minutes."""

from core.errors import SlideScopeError
from core.learning.feed import steps_per_epoch
from models import catalogue

# Section 3.4; the number of epochs is not printed there.
PAPER = {
    "epochs": 100,
    "batch": 8,
    "learning_rate": 1e-4,
    "schedule": "constant",
    "augmentation": "paper",
    "landslide_share_of_batch": None,
    "prior_bias": False,
}
# A few hundred steps have to do: a larger rate that falls to nothing, an output that starts at
# the prevalence, and landslides in every batch.
QUICK = {
    **PAPER,
    "learning_rate": 1e-3,
    "schedule": "cosine",
    "landslide_share_of_batch": 0.5,
    "prior_bias": True,
}
QUICK_STEPS = 380


def settings(model: str, preset: str, given: dict, training_tiles: int) -> dict:
    """Return the settings of a preset with those that the user gave (not None) on top.

    The quick preset counts steps, not epochs, so that it takes as long on a small scene.
    """
    check(model, preset)
    base = dict(QUICK if preset == "quick" else PAPER)
    chosen = {**base, **{k: v for k, v in given.items() if v is not None}}
    if preset == "quick" and given.get("epochs") is None:
        chosen["epochs"] = -(-QUICK_STEPS // steps_per_epoch(training_tiles, chosen["batch"]))
    for name in ("epochs", "batch"):
        if chosen[name] < 1:
            raise SlideScopeError(f"Invalid {name} {chosen[name]}: at least 1; give a larger one.")
    if not 0 < chosen["learning_rate"] <= 1:
        raise SlideScopeError(
            f"Invalid learning rate {chosen['learning_rate']}: it must lie above 0 and be at most "
            "1 (paper: 0.0001); give such a one."
        )
    return chosen


def check(model: str, preset: str) -> None:
    """Raise a SlideScopeError unless the catalogue has the model and the preset."""
    try:
        catalogue.check_preset(model, preset)
    except ValueError as error:
        raise SlideScopeError(str(error)) from error
