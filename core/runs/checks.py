"""Whether what a run's folder holds can be read: every small file, each once until it changes."""

from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict

from core import atomic, shapes, stored
from core.runs import run_files
from core.runs.config import RunConfig
from core.runs.settings import BY_NAME
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


TESTS = {
    run_files.HISTORY: stored.numbers_table,
    run_files.NOTES: stored.json_of(Notes),
    run_files.LOADED: stored.json_of(Loaded),
    f"model/{run_files.MODEL_CARD}": stored.json_of(Card),
}
SPLIT = stored.json_of(Split)
PREDICTION_TESTS = {
    run_files.METRICS: stored.json_of(Metrics),
    run_files.MADE_OF: stored.json_of(MadeOf),
    run_files.COUNTS: stored.archive,
}


def check(run_id: str, folder: Path) -> None:
    """Raise Damaged unless all that lists and pages read of the run is whole."""
    of, cure = _words(run_id)
    for name, test in TESTS.items():
        stored.sound(folder / name, test, of, cure)
    for path in folder.glob("split*.json"):
        stored.sound(path, SPLIT, of, cure)
    for prediction in stored.folders(folder / "predictions"):
        for name, test in PREDICTION_TESTS.items():
            stored.sound(prediction / name, test, of, cure)


def config_of(run_id: str, folder: Path) -> RunConfig:
    """The configuration, every field of which is one that this version knows what to do with."""
    path = folder / run_files.CONFIG
    of, cure = _words(run_id)
    with stored.guarded(path, of, cure):
        status = path.stat()
        stamp = (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)
        return _config(path, stamp)


@lru_cache(maxsize=5000)
def _config(path: Path, stamp: tuple) -> RunConfig:
    config = RunConfig.from_json(atomic.needed_json(path))
    check_config(config)
    return config


def check_config(config: RunConfig) -> None:
    """Raise, inside `guarded`, for a configuration that no training of this version can have."""
    from core.runs.request import repeat  # here: it needs the configuration

    said = shapes.wrong(config, RunConfig)
    if said:
        raise stored.Wrong(said)
    unknown = [name for name in config.model.split("+") if name not in MODELS]
    if unknown and not config.brought:
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
    cure = "put the file back from a copy, or delete the run: `python -m core runs --delete "
    return f"run '{run_id}'", f"{cure}{run_id}`"
