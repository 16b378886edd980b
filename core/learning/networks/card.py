"""The model card, model.json: what a weights file must say beside its numbers.

Light to import: a page asks whether a scene fits a model without loading Keras.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import SlideScopeError
from core.factors import DEFORMATION
from core.learning.tiles import channels as coding
from core.learning.tiles.channels import Channel
from core.runs.settings import BY_NAME
from core.scene import datasets
from core.scene.store import Scene
from core.shapes import Count, Number, wrong

# What every deformation rate in SlideScope means; a model trained on another sign sees mirrors.
SIGN = "positive towards the satellite"
FORMS = ("value", "sine", "cosine", "class")
MOST_CHANNELS, LARGEST_TILE = 512, 1024
# What chose the kept epoch.
MONITORS = tuple(BY_NAME["monitor"].choices)
BATCH_STATISTICS = tuple(BY_NAME["batch_statistics"].choices)


@dataclass(frozen=True)
class ModelCard:
    """Names, order, coding, units and legends of what the network takes, and how it came about.

    `tile`: side in pixels of what it saw in training; `line_of_sight`: the sign of the deformation
    rate it was trained on, None without one; `dropout` 0..1, None: as the preset has it;
    `encoder`: what a pretrained encoder started from, in words, None without one.
    """

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
    line_of_sight: str | None = None
    batch_statistics: str = "running"
    dropout: float | None = None
    encoder: str | None = None

    def __post_init__(self):
        sign = (self.line_of_sight or SIGN) if DEFORMATION in self.factors else None
        object.__setattr__(self, "line_of_sight", sign)

    def to_json(self) -> dict:
        listed = coding.to_json(self.channels)
        return {**vars(self), "factors": list(self.factors), "channels": listed}

    @staticmethod
    def from_json(value: dict) -> "ModelCard":
        known = {k: v for k, v in value.items() if k in ModelCard.__dataclass_fields__}
        channels = coding.from_json(known["channels"])
        return ModelCard(**{**known, "factors": tuple(known["factors"]), "channels": channels})


def read(value: Any) -> ModelCard:
    """Return the card in the JSON of a file from anywhere, or raise a SlideScopeError."""
    try:
        card = ModelCard.from_json(value)
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        raise _no_card(f"it is no card of a SlideScope network ({type(error).__name__})") from error
    wrong = _wrong(card)
    if wrong:
        raise _no_card(wrong)
    return card


def _no_card(why: str) -> SlideScopeError:
    return SlideScopeError(
        f"model.json cannot be used: {why}; give the file that came with the weights."
    )


def _wrong(card: ModelCard) -> str | None:
    """What is wrong with a card, in words that finish a sentence; None if nothing is."""
    words = [card.model, card.preset, card.dataset, card.coding, card.monitor, *card.factors]
    if not all(isinstance(word, str) and word.isprintable() and len(word) < 64 for word in words):
        return "a name in it is no short text"
    if not datasets.is_name(card.dataset) or card.coding not in ("paper", "recommended"):
        return f"dataset '{card.dataset}' or coding '{card.coding}' is unknown"
    if not _is_number(card.tile, int) or not 0 < card.tile <= LARGEST_TILE or card.tile % 32:
        return f"its tile of {card.tile!r} px is no multiple of 32 up to {LARGEST_TILE}"
    if not 0 < len(card.channels) <= MOST_CHANNELS:
        return f"it has {len(card.channels)} channels, 1 to {MOST_CHANNELS} are possible"
    for channel in card.channels:
        if channel.factor not in card.factors or channel.form not in FORMS:
            return f"its channel '{channel.factor}' ({channel.form}) belongs to none of its factors"
        if channel.form == "class" and not _is_number(channel.code, float):
            return f"class {channel.code!r} of '{channel.factor}' is no number"
    if not (card.encoder is None or _is_text(card.encoder)):
        return "its encoder is no short text"
    if not (card.line_of_sight is None or _is_text(card.line_of_sight)):
        return "its line of sight is no short text"
    if card.batch_statistics not in BATCH_STATISTICS:
        return f"its batch statistics are none of {', '.join(BATCH_STATISTICS)}"
    if not _are_legends(card.legends):
        return "its legends are no names of classes"
    if card.dropout is not None and not (_is_number(card.dropout, float) and 0 <= card.dropout < 1):
        return f"its dropout of {card.dropout!r} is no share below 1"
    if card.monitor not in MONITORS:
        return f"its monitor is none of {', '.join(MONITORS)}"
    numbers = {"trainable_parameters": Count, "best_epoch": Number, "best_value": float}
    bad = [wrong(getattr(card, name), kind, f"its {name}") for name, kind in numbers.items()]
    return next(filter(None, bad), None)


def _is_number(value: Any, kind: type) -> bool:
    return wrong(value, kind) is None


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value.isprintable() and len(value) < 200


def _are_legends(legends: Any) -> bool:
    inner = legends.values() if isinstance(legends, dict) else [None]
    return all(
        isinstance(legend, dict) and all(_is_text(text) for pair in legend.items() for text in pair)
        for legend in inner
    )


def check_scene(card: ModelCard, scene: Scene) -> None:
    """Raise a SlideScopeError unless the scene has the model's factors, in the same units and
    classes, by name."""
    missing = [n for n in card.factors if n not in scene.factor_names]
    if missing:
        raise SlideScopeError(
            f"Scene '{scene.name}' lacks {', '.join(missing)}: the model was trained with "
            f"{', '.join(card.factors)}; import the missing factors or choose another model."
        )
    if other := other_unit(card, scene, card.factors):
        name, mine, theirs = other
        raise SlideScopeError(
            f"Factor '{name}' of scene '{scene.name}' is in {theirs}, the model was trained on "
            f"{mine}: units must be the same; convert the raster and import it again."
        )
    for name, legend in card.legends.items():
        there = scene.factor(name).legend or {}
        # Codes may differ: classes go by name (`core.learning.tiles.channels`).
        if legend and there and not set(there.values()) & set(legend.values()):
            raise SlideScopeError(
                f"The classes of '{name}' differ between the model ({_some(legend)}) and scene "
                f"'{scene.name}' ({_some(there)}): one name at least must be the same; name the "
                "classes alike and import the scene again."
            )
    if card.line_of_sight not in (None, SIGN):
        raise SlideScopeError(
            f"The model's deformation rate is '{card.line_of_sight}', that of scene "
            f"'{scene.name}' is '{SIGN}': signs must be the same; choose another model."
        )


def other_unit(
    card: ModelCard, scene: Scene, factors: Sequence[str]
) -> tuple[str, str, str] | None:
    """(factor, the model's unit, the scene's) of the first of `factors` whose units differ."""
    for channel in card.channels:
        if channel.factor in factors:
            theirs = scene.factor(channel.factor).unit
            if channel.unit and theirs and channel.unit != theirs:
                return channel.factor, channel.unit, theirs
    return None


def _some(legend: dict[str, str], most: int = 3) -> str:
    names = list(legend.values())
    return ", ".join(names[:most]) + (" ..." if len(names) > most else "")


def fits(card: ModelCard, scene: Scene) -> str | None:
    """None if the model can be applied to the scene, else the sentence why not."""
    try:
        check_scene(card, scene)
    except SlideScopeError as error:
        return str(error)
    return None
