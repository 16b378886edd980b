"""Whether what a run's folder holds can be read: every small file, each once until it changes."""

from collections.abc import Collection
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict

from core import atomic, shapes, stored
from core.runs import run_files
from core.runs.config import RunConfig, check_called
from core.runs.settings import BY_NAME, LARGER_IS_BETTER
from core.seen import Reader
from core.shapes import Count, Number, Share
from models.catalogue import MODELS

# No training is longer, no tile larger; the other bounds are those of the settings.
MOST = {
    "epochs": 10**6,
    "patience": 10**6,
    "tile": 4096,
    "buffer": 10**5,
    "flips": 8,
    "folds": 1000,
}
LEAST = {"tile": 1, "flips": 1}


class Note(TypedDict):
    at: str
    text: str


class Notes(TypedDict, total=False):
    """notes.json"""

    pinned: bool
    name: str
    notes: list[Note]


class Loaded(TypedDict):
    """loaded.json"""

    source: str
    when: str


class Card(TypedDict):
    """model/model.json, as far as a list needs it (`core.learning.networks.card`: all of it)."""

    best_epoch: NotRequired[Number]
    monitor: NotRequired[Literal["val_loss", "val_iou", "val_ap", "last"]]
    best_value: NotRequired[float | None]
    model: NotRequired[str]
    preset: NotRequired[str]
    dataset: NotRequired[str]
    coding: NotRequired[str]
    tile: NotRequired[Number]
    factors: NotRequired[list[str]]
    channels: NotRequired[list[dict[str, Any]]]
    legends: NotRequired[dict[str, dict[str, str]]]
    trainable_parameters: NotRequired[Count]
    dropout: NotRequired[Share | None]
    encoder: NotRequired[str | None]
    line_of_sight: NotRequired[str | None]


class Scores(TypedDict, total=False):
    """What a map or a baseline was measured to be worth."""

    precision: float | None
    recall: float | None
    f1: float | None
    kappa: float | None
    miou: float | None
    iou_landslide: float | None
    average_precision: float | None
    ece: float | None
    tp: Count
    fp: Count
    fn: Count
    tn: Count
    pixels: Count
    blocks: Count
    reliability: list[dict[str, float]]
    intervals: dict[str, list[float]] | None
    intervals_why: str | None


class Metrics(Scores):
    """predictions/<scene>/metrics.json"""

    scene: str
    area_words: str
    tiles: Count
    threshold: Share
    prevalence: Share
    synthetic: bool
    empty_mask: bool
    landslides: NotRequired[Count | None]
    evidence: NotRequired[str | None]
    flips: NotRequired[Number]
    baseline_rf: NotRequired[Scores | None]
    baseline_gbm: NotRequired[Scores | None]


class Spent(TypedDict, total=False):
    seconds: float | None
    device: str | None
    packed: bool | None


class MadeOf(TypedDict):
    """predictions/<scene>/made_of.json"""

    fingerprint: str
    flips: NotRequired[Number]
    cost: NotRequired[Spent | None]


class Split(TypedDict):
    """split.json"""

    height: Count
    width: Count
    tile: Number
    buffer: Number
    notes: list[str]
    train: NotRequired[list[Count]]
    validation: NotRequired[list[Count]]
    test: NotRequired[list[Count]]


class Point(TypedDict, total=False):
    """operating_point.json"""

    threshold: Share


class Course(TypedDict):
    """What lists say of a history, which is too long to remember for every run: number of epochs,
    seconds spent in them, the last epoch, and (epoch, value) of the best one by each measure."""

    epochs: int
    seconds: float | None
    last: int | None
    best: dict[str, list[float]]


def course(rows: list[dict[str, float]]) -> Course:
    """
    >>> course([{"epoch": 1.0, "val_loss": 0.5}, {"epoch": 2.0, "val_loss": 0.25, "seconds": 3.0}])
    {'epochs': 2, 'seconds': 3.0, 'last': 2, 'best': {'val_loss': [2.0, 0.25]}}
    """
    best = {}
    for name, larger in LARGER_IS_BETTER.items():
        there = [(row[name], row["epoch"]) for row in rows if name in row]
        if there:
            value, epoch = (max if larger else min)(there, key=lambda pair: pair[0])
            best[name] = [epoch, value]
    seconds = sum(row.get("seconds", 0.0) for row in rows) if rows else None
    last = int(rows[-1]["epoch"]) if rows else None
    return {"epochs": len(rows), "seconds": seconds, "last": last, "best": best}


def _config(path: Path) -> dict[str, Any]:
    value = atomic.needed_json(path)
    check_config(RunConfig.from_json(value))
    return value


CONFIG = Reader("configuration", _config)
COURSE = stored.numbers_table(course, "course")
NOTES, LOADED = stored.json_of(Notes), stored.json_of(Loaded)
CARD, SPLIT = stored.json_of(Card), stored.json_of(Split)
METRICS, MADE_OF = stored.json_of(Metrics), stored.json_of(MadeOf)
READERS = {
    run_files.HISTORY: COURSE,
    run_files.NOTES: NOTES,
    run_files.LOADED: LOADED,
    f"model/{run_files.MODEL_CARD}": CARD,
}
PREDICTION_READERS = {
    run_files.METRICS: METRICS,
    run_files.MADE_OF: MADE_OF,
    run_files.COUNTS: stored.ARCHIVE,
}


def check(run_id: str, folder: Path, names: Collection[str], maps: Collection[str]) -> None:
    """Raise Damaged unless all that lists and pages read of the run is whole; `names` of what is in
    its folder, and in that of its predictions."""
    of, cure = _words(run_id)
    for name, reader in READERS.items():
        if name.partition("/")[0] in names:
            stored.sound(f"{folder}/{name}", reader, of, cure)
    for name in names:
        if name.startswith("split") and name.endswith(".json"):
            stored.sound(f"{folder}/{name}", SPLIT, of, cure)
    for scene in maps:
        if not scene.startswith("."):
            for name, reader in PREDICTION_READERS.items():
                stored.sound(f"{folder}/predictions/{scene}/{name}", reader, of, cure)


def config_of(run_id: str, folder: Path) -> RunConfig | None:
    """The configuration, every field of which is one that this version knows what to do with; None
    where there is no run."""
    path = f"{folder}/{run_files.CONFIG}"
    value = of(run_id, path, CONFIG)
    if value is None:
        return None
    known = _configs.get(path)
    if known is None or known[0] is not value:
        if len(_configs) >= MOST_CONFIGS:
            _configs.clear()
        known = _configs[path] = (value, RunConfig.from_json(value))
    return known[1]


# Made once of each value that is remembered.
_configs: dict[str, tuple[dict, RunConfig]] = {}
MOST_CONFIGS = 10_000


def of(run_id: str, path: str | Path, reader: Reader) -> Any | None:
    """What one of the run's files says, for looking at alone; None where there is no such file."""
    return stored.known(path, reader, *_words(run_id))


def check_config(config: RunConfig) -> None:
    """Raise, inside `guarded`, for a configuration that no training of this version can have."""
    from core.runs.request import repeat  # here: it needs the configuration

    said = shapes.wrong(config, RunConfig)
    if said:
        raise stored.Wrong(said)
    unknown = [name for name in config.model.split("+") if name not in MODELS]
    if config.brought:
        check_called(config.model)
    elif unknown:
        raise stored.Wrong(f"this version knows no network '{unknown[0][:40]}'")
    for name, value in vars(config).items():
        check_field(name, value)
    if config.joined is None:
        repeat(config).command()


def check_field(name: str, value: Any) -> None:
    """Raise ValueError or a SlideScopeError where a configuration's field cannot have the value."""
    if name in MOST and value is not None and not LEAST.get(name, 0) <= value <= MOST[name]:
        least, most = LEAST.get(name, 0), MOST[name]
        raise stored.Wrong(f"{name} is {value!r:.40} and must lie within {least} and {most}")
    if name in BY_NAME:
        BY_NAME[name].check(value)


def _words(run_id: str) -> tuple[str, str]:
    delete = f"`python -m core runs --delete {run_id}`"
    return f"run '{run_id}'", f"put the file back from a copy, or delete the run: {delete}"
