"""Everything a resumed training needs, in one folder that is replaced as a whole."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core import atomic
from core.learning.network import save_weights

HISTORY_FIELDS = ("epoch", "loss", "val_loss", "val_f1", "val_iou", "val_ap", "seconds")


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


def save(network: Any, progress: Progress, folder: Path) -> None:
    """Write weights, optimizer state and progress; a kill leaves the old or the new."""
    with atomic.whole_folder(folder) as temporary:
        save_weights(network, temporary / "last.weights.h5")
        state = [np.asarray(v) for v in network.optimizer.variables]
        np.savez(temporary / "optimizer.npz", *state)
        atomic.write_json(
            temporary / "progress.json", {**vars(progress), "rows": list(progress.rows)}
        )


def load(network: Any, folder: Path) -> Progress:
    """Put the saved state into a compiled network; a folder that is not there is the start."""
    atomic.recover(folder.parent)
    value = atomic.read_json(folder / "progress.json")
    if value is None:
        return Progress()
    network.load_weights(folder / "last.weights.h5")
    network.optimizer.build(network.trainable_variables)
    with np.load(folder / "optimizer.npz", allow_pickle=False) as state:
        for variable, name in zip(network.optimizer.variables, state.files):
            variable.assign(state[name])
    return Progress(**{**value, "rows": tuple(value["rows"])})


def write_history(path: Path, rows: tuple[dict[str, float], ...]) -> None:
    """Write history.csv, a row an epoch, in one move: an epoch is there once or not at all."""
    lines = [",".join(HISTORY_FIELDS)]
    lines += [",".join(f"{row[k]:.6g}" for k in HISTORY_FIELDS) for row in rows]
    atomic.write_text(path, "\n".join(lines) + "\n")
