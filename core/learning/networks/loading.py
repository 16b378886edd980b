"""`load`: a network that somebody brings becomes a run that can be applied to scenes."""

import math
import time
from dataclasses import fields
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import numpy as np

from core import atomic, paths, shapes, stored
from core.errors import InvalidName, SlideScopeError
from core.jobs.report import Report, silent
from core.learning import split
from core.learning.networks import bundle, network
from core.learning.networks.card import ModelCard, fits
from core.runs import checks, run_files
from core.runs import store as runs
from core.runs.config import RunConfig
from core.scene import store as scenes

ELSEWHERE = "elsewhere"
# What a configuration from anywhere may say; the rest is the card's.
TRAINED_HOW = {f.name for f in fields(RunConfig)} - {
    "model", "preset", "dataset", "factors", "coding", "tile", "test_scene",
}  # fmt: skip


def load(source: Path, name: str | None = None, report: Report = silent) -> dict:
    """Check the files, rebuild the network, keep it as a run.

    Returns {run, model, preset, dataset, factors, trainable_parameters, fits: [scenes]}.
    """
    run_id = runs.free_id(name, source.name.split(".")[0] or "network", "loaded")
    with atomic.whole_folder(paths.runs_folder() / run_id, record=True) as folder:
        report("Unpacking", 0.1)
        bundle.unpack(source, folder)
        value = bundle.read_json(folder / "model" / bundle.MODEL)
        told = bundle.read_json(folder / bundle.CONFIG)
        _check_finite(told)  # before the network, which takes long
        report("Rebuilding the network and checking the weights", None)
        built, card = network.load_foreign(folder / "model", value)
        config = _config(card, told)
        with stored.guarded(folder / bundle.CONFIG, f"'{source.name}'", "give another file"):
            checks.check_config(config)
        _keep_split(folder, config)
        _check_history(folder / run_files.HISTORY)
        atomic.write_json(folder / bundle.CONFIG, config.to_json())
        atomic.write_json(folder / runs.LOADED, {"source": source.name, "when": _now()})
    report("Loaded", 1.0, run=run_id)
    return {
        "run": run_id,
        "model": card.model,
        "preset": card.preset,
        "dataset": card.dataset,
        "factors": list(card.factors),
        "trainable_parameters": network.parameters(built),
        "fits": [n for n in scenes.names() if fits(card, scenes.load(n)) is None],
    }


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S")


def _config(card: ModelCard, told: Any) -> RunConfig:
    """The card's network with what the file tells of its training, where that is well formed."""
    hints = get_type_hints(RunConfig)
    told = told if isinstance(told, dict) else {}
    said = {
        name: value
        for name, value in told.items()
        if name in TRAINED_HOW and well_formed(value, hints[name]) and _possible(name, value)
    }
    start = {"scene": ELSEWHERE, "fingerprint": "", "inventory_version": 0, "synthetic": False}
    said = {**start, "epochs": card.best_epoch, **said}
    said["scene"] = _scene_name(said["scene"], said["fingerprint"])
    own = ("model", "preset", "dataset", "factors", "coding", "tile")
    return RunConfig(**said, **{name: getattr(card, name) for name in own})


def _check_finite(told: Any) -> None:
    """Refuse a training's settings that no training can have had."""
    for name, value in told.items() if isinstance(told, dict) else ():
        if isinstance(value, float) and not math.isfinite(value):
            raise SlideScopeError(
                f"config.json cannot be used: its {name[:40]} is {value}, which is no number that "
                "a training can have; give the file that came with the weights."
            )


def _possible(name: str, value: Any) -> bool:
    """Whether a setting can have the value; text that it may have freely is short and printed."""
    if isinstance(value, str) and not (value.isprintable() and len(value) < 200):
        return False
    try:
        checks.check_field(name, value)
    except (SlideScopeError, ValueError):
        return False
    return True


def well_formed(value: Any, hint: Any) -> bool:
    """Whether a JSON value is of a configuration field's type.

    >>> well_formed(8, int), well_formed(True, int), well_formed("cosine", Literal["cosine"])
    (True, False, True)
    """
    if get_origin(hint) is Literal:
        return value in get_args(hint)
    if hint is float:
        return shapes.wrong(value, float) is None
    if hint is int:
        return shapes.wrong(value, int) is None
    if hint in (str, bool):
        return isinstance(value, hint) and len(str(value)) <= 64
    return False


def _scene_name(told: str, fingerprint: str) -> str:
    """The training scene's name; marked where it is not the scene of that name here: tiles of
    another scene are held out by nobody."""
    try:
        name = paths.check_name(told)
    except InvalidName:
        return ELSEWHERE
    if name in scenes.names() and scenes.load(name).fingerprint == fingerprint:
        return name
    return name if name.endswith(ELSEWHERE) else paths.derived_name(name, end=ELSEWHERE)


def _keep_split(folder: Path, config: RunConfig) -> None:
    """Keep split.json only where it tells of tiles of a scene that is here."""
    path = folder / run_files.SPLIT
    if not path.exists():
        return
    here = config.scene in scenes.names()
    try:
        parts = split.load(path) if here else None
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise SlideScopeError(
            f"split.json of the file is damaged ({type(error).__name__}): it must hold tile "
            "numbers; give the file that came with the weights, or leave it out."
        ) from error
    grid = scenes.load(config.scene).grid if here else None
    if parts is None or grid is None or (parts.tiling.height, parts.tiling.width) != grid.shape:
        path.unlink()


def _check_history(path: Path) -> None:
    """Drop curves that are no table of numbers; the network does without."""
    if not path.exists():
        return
    try:
        lines = [line.split(",") for line in path.read_text(encoding="utf-8").split()]
        table = np.array([[float(v or "nan") for v in line] for line in lines[1:]])
        good = table.ndim == 2 and table.shape[1] == len(lines[0]) and "epoch" in lines[0]
    except (ValueError, UnicodeDecodeError):
        good = False
    if not good:
        path.unlink()
