"""Everything a resumed training needs, in one folder that is replaced as a whole; and the rows of
its curves as TensorBoard reads them."""

import shutil
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

import numpy as np

from core import atomic, digests, disk, stored
from core.learning.networks.network import save_weights
from core.runs import run_files
from core.shapes import Number

# TensorBoard reads every file with `tfevents` in its name.
FILE = "events.out.tfevents.0.slidescope"
VERSION = "brain.Event:2"
TAGS = {
    "loss": "loss/training",
    "val_loss": "loss/validation",
    "val_f1": "validation/F1",
    "val_iou": "validation/landslide IoU",
    "val_ap": "validation/average precision",
    "learning_rate": "learning rate",
}


HISTORY_FIELDS = (
    "epoch",
    "loss",
    "val_loss",
    "val_f1",
    "val_iou",
    "val_ap",
    "learning_rate",
    "seconds",
)
WEIGHTS, OPTIMIZER, PROGRESS = "last.weights.h5", "optimizer.npz", "progress.json"


@dataclass(frozen=True)
class Progress:
    """`epoch` epochs are done; `best_value` of the monitored metric came in `best_epoch`."""

    epoch: int = 0
    best_epoch: int = 0
    best_value: float | None = None
    rows: tuple[dict[str, float], ...] = ()

    def stalled(self, patience: int) -> bool:
        """Whether `patience` epochs (0: never) have brought nothing better.

        >>> Progress(epoch=9, best_epoch=5).stalled(4), Progress(epoch=9, best_epoch=5).stalled(0)
        (True, False)
        """
        return bool(patience) and self.epoch - self.best_epoch >= patience

    def ended(self, epochs: int, patience: int) -> bool:
        """Whether there is nothing left to train."""
        return self.epoch >= epochs or self.stalled(patience)


class Saved(TypedDict):
    """progress.json"""

    epoch: Number
    best_epoch: Number
    best_value: float | None
    rows: list[dict[str, float]]


def save(network: Any, progress: Progress, folder: Path) -> None:
    """Write weights, optimizer state and progress; a kill leaves the old or the new."""
    floats = sum(int(np.prod(v.shape)) for v in network.variables + network.optimizer.variables)
    disk.check_room(folder.parent, 4 * floats, "a checkpoint")
    with atomic.whole_folder(folder) as temporary:
        save_weights(network, temporary / WEIGHTS)
        state = [np.asarray(v) for v in network.optimizer.variables]
        np.savez(temporary / OPTIMIZER, *state)
        atomic.write_json(temporary / PROGRESS, {**vars(progress), "rows": list(progress.rows)})


def read(folder: Path) -> Progress:
    """How far a training has come. A folder that is not there, or that lacks or breaks a part, is
    the start: every epoch follows from the seed, so the same curve comes again."""
    atomic.recover(folder.parent)
    try:
        value = stored.usable(folder / PROGRESS, Saved)
        if value is None:
            return Progress()
        _check(folder)
    except (OSError, ValueError, zipfile.BadZipFile):
        return Progress()
    return Progress(**{k: value[k] for k in Saved.__annotations__} | {"rows": tuple(value["rows"])})


def _check(folder: Path) -> None:
    """Raise unless weights and optimizer state are whole."""
    import h5py

    with h5py.File(folder / WEIGHTS, "r") as file:
        if not len(file):
            raise ValueError(f"{WEIGHTS} is empty")
    with zipfile.ZipFile(folder / OPTIMIZER) as file:
        if file.testzip():
            raise ValueError(f"{OPTIMIZER} is damaged")


def begun(run: Path) -> Progress:
    """How far the training in a run's folder has come; without the network that it kept, it
    starts over."""
    progress = read(run / "last")
    if progress.epoch and not (run / "model" / run_files.MODEL_CARD).exists():
        digests.forget(run / "last")
        shutil.rmtree(run / "last")
        return Progress()
    return progress


def load(network: Any, folder: Path) -> Progress:
    """Put the saved state into a compiled network and return how far it had come."""
    progress = read(folder)
    if not progress.epoch:
        return progress
    network.load_weights(folder / WEIGHTS)
    network.optimizer.build(network.trainable_variables)
    with np.load(folder / OPTIMIZER, allow_pickle=False) as state:
        for variable, name in zip(network.optimizer.variables, state.files):
            variable.assign(state[name])
    return progress


def record(run: Path, progress: Progress) -> None:
    """Make the curves in a run's folder those of the checkpoint: a kill may come in between."""
    write_history(run / run_files.HISTORY, progress.rows)
    write(run / "tensorboard", progress.rows)


def write_history(path: Path, rows: tuple[dict[str, float], ...]) -> None:
    """Write history.csv, a row an epoch, in one move: an epoch is there once or not at all."""
    lines = [",".join(HISTORY_FIELDS)]
    lines += [",".join(f"{row[k]:.9g}" if k in row else "" for k in HISTORY_FIELDS) for row in rows]
    atomic.write_text(path, "\n".join(lines) + "\n")


def write(folder: Path, rows: Sequence[dict[str, float]]) -> Path:
    """Make the log in `folder` say `rows`, every epoch once; return the file.

    What is there already is left, so that a TensorBoard that is open goes on reading.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path, wanted = folder / FILE, _records(rows)
    there = path.read_bytes() if path.exists() else b""
    if there and wanted.startswith(there):
        with open(path, "ab") as file:
            file.write(wanted[len(there) :])
    else:
        with atomic.whole_file(path, digest=False) as temporary:
            temporary.write_bytes(wanted)
    return path


def _records(rows: Sequence[dict[str, float]]) -> bytes:
    """The whole file as it has to be."""
    from tensorboardX import RecordWriter  # here: a waiting server need not load it
    from tensorboardX.proto.event_pb2 import Event

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / FILE
        writer = RecordWriter(str(path))
        events = [Event(wall_time=0.0, file_version=VERSION), *map(_epoch, rows)]
        for event in events:
            writer.write(event.SerializeToString())
        writer.close()
        return path.read_bytes()


def _epoch(row: dict[str, float]):
    from tensorboardX.proto.event_pb2 import Event
    from tensorboardX.proto.summary_pb2 import Summary

    values = [
        Summary.Value(tag=tag, simple_value=row[name]) for name, tag in TAGS.items() if name in row
    ]
    about = {"wall_time": row.get("ended", 0.0), "step": int(row["epoch"])}
    return Event(**about, summary=Summary(value=values))
