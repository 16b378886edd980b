"""Where the weights of a pretrained encoder come from, and that it is said.

`--encoder-weights` is `cache` (what Keras has kept on this machine, random where it has none),
`fetch` (the same, fetched by Keras where it is missing), `random` or a file. Nothing is fetched
unasked. A trained run holds all its weights: none of this is needed to load one.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core import atomic
from core.errors import SlideScopeError
from core.jobs.report import Report
from core.learning.networks import weights
from core.learning.tiles.channels import Channel
from core.runs.store import Run

MODEL = "unet_pretrained"
CACHED = "efficientnetv2-b0_notop.h5"
WORDS = ("cache", "fetch", "random")
TOLD = "encoder.json"
COLOURS = {"red": 0, "green": 1, "blue": 2}


def cache_file() -> Path:
    """Where Keras keeps the encoder's weights; it need not be there."""
    home = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
    return Path(home) / "models" / CACHED


def check(model: str, wish: str | None) -> None:
    """Raise a SlideScopeError unless `model` can start as `wish` says (None: as it comes)."""
    if wish is None:
        return
    if model != MODEL:
        raise SlideScopeError(
            f"Invalid encoder weights {wish}: model '{model}' has no pretrained encoder, only "
            f"'{MODEL}' has; leave the option out or choose that model."
        )
    if wish not in WORDS:
        if not Path(wish).is_file():
            raise SlideScopeError(
                f"Invalid encoder weights {wish}: it must be {', '.join(WORDS)} or a file that "
                "exists; give one of these."
            )
        weights.shapes(Path(wish))


def words(wish: str | None) -> str:
    """How a training with `wish` will start, for people: random is said plainly."""
    if wish == "random":
        return "random weights, as asked"
    if wish == "fetch":
        return "ImageNet weights, fetched by Keras where its cache has none"
    if wish not in (None, "cache"):
        return f"weights of {Path(wish).name}"
    if cache_file().is_file():
        return "ImageNet weights of Keras's cache"
    return (
        f"random weights: Keras's cache has no {CACHED} (--encoder-weights fetch gets it, or name "
        "a file)"
    )


def start(built: Any, channels: Sequence[Channel], run: Run, report: Report) -> None:
    """Give an untrained network its encoder's weights and keep in the run's folder where they came
    from. A run that has begun has its own."""
    if run.config.model != MODEL or (run.path / TOLD).exists():
        return
    wish = run.config.encoder_weights
    said = words(wish)
    report(f"Encoder: {said}", None)
    if not said.startswith("random"):
        from models import encoder

        planes = [COLOURS.get(c.factor, place % 3) for place, c in enumerate(channels)]
        encoder.take_weights(built, _trained(wish), planes)
    atomic.write_json(run.path / TOLD, {"encoder": said})


def told(run: Run) -> str | None:
    """What the encoder of a run started from; None of a network without one."""
    return (atomic.read_json(run.path / TOLD) or {}).get("encoder")


def _trained(wish: str | None) -> Any:
    """Keras's model for images with the weights that `wish` names."""
    from models import encoder

    shape = (None, None, 3)
    if wish == "fetch":
        try:
            return encoder.built(shape, "imagenet")
        except Exception as error:  # Keras raises bare ones where the network is not there
            raise SlideScopeError(
                f"ImageNet weights could not be fetched ({type(error).__name__}): Keras's server "
                "must be reached; put the file into its cache, name it, or train with "
                "--encoder-weights random."
            ) from error
    path = cache_file() if wish in (None, "cache") else Path(wish)
    if path.name.endswith(".weights.h5"):
        made = encoder.built(shape)
        weights.load(made, path, "EfficientNetV2-B0 without its top")
        return made
    weights.shapes(path)
    try:
        return encoder.built(shape, str(path))
    except (ValueError, KeyError, OSError, TypeError, AttributeError) as error:
        raise SlideScopeError(
            f"'{path.name}' does not fit the encoder ({type(error).__name__}): it must hold "
            "EfficientNetV2-B0 without its top, as Keras keeps it; give such a file."
        ) from error
