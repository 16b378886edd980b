"""What must hold whatever was killed: every file can be read, no scene has changed, every run is
listed, and its history has every epoch once."""

import csv
import hashlib
import json
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pyogrio
import rasterio

from core import paths
from core.runs import store
from core.runs.store import Run
from core.upkeep import items, verifying
from tests.faults import worker

CURVES = ("loss", "val_loss", "val_f1", "val_iou", "val_ap", "learning_rate")


def listed() -> dict[str, dict]:
    """The rows of `runs --json`, by run."""
    return {row["run"]: row for row in worker.run("runs")["runs"]}


def every_file_can_be_read() -> int:
    """Open every visible file of the workspace; return how many there are."""
    files = [p for p in paths.workspace().rglob("*") if p.is_file() and not _hidden(p)]
    for path in files:
        OPEN.get(path.suffix, Path.read_bytes)(path)
    return len(files)


def every_hash_holds() -> None:
    """No file is other than it was written: a kill comes between a file and the note of its hash
    too."""
    found = [each for item in items.items() for each in verifying.check(item)]
    bad = [each for each in found if each.state in verifying.BAD]
    assert not bad, bad
    assert any(each.state == "whole" for each in found)


def digests(scene: str) -> dict[str, str]:
    """SHA-256 of every file of a scene, by name."""
    folder = paths.scenes_folder() / scene
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def epochs_once(run: Run, at_least: int) -> int:
    """Assert that the history is 1, 2, 3 ... and has lost nothing; return its length."""
    epochs = [row["epoch"] for row in run.history()]
    assert epochs == list(range(1, len(epochs) + 1)), f"{run.id}: history {epochs}"
    assert len(epochs) >= at_least, f"{run.id}: {len(epochs)} epochs, {at_least} before"
    return len(epochs)


def farthest(run_id: str, reference: str) -> dict[str, float]:
    """Largest differences of a run to another: in its curves, and in its probability map."""
    run, other = store.load(run_id), store.load(reference)
    assert len(run.history()) == len(other.history())
    curves = max(
        abs(mine[name] - theirs[name])
        for mine, theirs in zip(run.history(), other.history())
        for name in CURVES
    )
    maps = []
    for each in (run, other):
        with rasterio.open(each.prediction() / "probability.tif") as file:
            maps.append(file.read(1))
    return {"curves": curves, "probability": float(np.nanmax(np.abs(maps[0] - maps[1])))}


def _hidden(path: Path) -> bool:
    """Temporary names begin with a dot: nobody reads these."""
    return any(part.startswith(".") for part in path.relative_to(paths.workspace()).parts)


def _json(path: Path) -> None:
    json.loads(path.read_text(encoding="utf-8"))


def _csv(path: Path) -> None:
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert all(len(row) == len(rows[0]) for row in rows), path


def _hdf5(path: Path) -> None:
    with h5py.File(path, "r") as file:
        file.visititems(lambda name, item: item[()] if isinstance(item, h5py.Dataset) else None)


def _zip(path: Path) -> None:
    with zipfile.ZipFile(path) as file:
        assert file.testzip() is None, path


def _tiff(path: Path) -> None:
    with rasterio.open(path) as file:
        file.read()


def _vectors(path: Path) -> None:
    for layer, _ in pyogrio.list_layers(path):
        pyogrio.read_info(path, layer=layer)


OPEN = {
    ".json": _json,
    ".csv": _csv,
    ".h5": _hdf5,
    ".npz": _zip,
    ".tif": _tiff,
    ".gpkg": _vectors,
}
