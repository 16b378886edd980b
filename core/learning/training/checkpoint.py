"""Everything a resumed training needs, in one folder that is replaced as a whole."""

import json
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core import atomic
from core.learning.networks.network import save_weights
from core.learning.training import event_log
from core.runs import run_files

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


def save(network: Any, progress: Progress, folder: Path) -> None:
    """Write weights, optimizer state and progress; a kill leaves the old or the new."""
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
        value = json.loads((folder / PROGRESS).read_text(encoding="utf-8"))
        _check(folder)
    except (OSError, ValueError, zipfile.BadZipFile):
        return Progress()
    return Progress(**{**value, "rows": tuple(value["rows"])})


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
    event_log.write(run / "tensorboard", progress.rows)


def write_history(path: Path, rows: tuple[dict[str, float], ...]) -> None:
    """Write history.csv, a row an epoch, in one move: an epoch is there once or not at all."""
    lines = [",".join(HISTORY_FIELDS)]
    lines += [",".join(f"{row[k]:.9g}" if k in row else "" for k in HISTORY_FIELDS) for row in rows]
    atomic.write_text(path, "\n".join(lines) + "\n")
