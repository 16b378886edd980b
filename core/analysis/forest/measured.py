"""What the forests found, as the rows that `--json` prints."""

from dataclasses import dataclass

import numpy as np

CONTROL = "noise"
NULL = "shuffled labels"


@dataclass(frozen=True)
class Importance:
    """Rows as `--json` prints them; mean and standard deviation of the held-out AUC, and of that
    of shuffled labels."""

    rows: list[dict]
    auc: dict | None
    block_px: int | None
    held_out_reason: str = ""
    null_auc: dict | None = None


@dataclass
class Measured:
    """What the repeats found, a row a repeat, the noise column last."""

    gini: list[np.ndarray]
    lost: list[np.ndarray]
    auc: list[float]
    dropped: list[np.ndarray]

    @staticmethod
    def nothing() -> "Measured":
        return Measured([], [], [], [])


def summary(names: list[str], found: Measured, null: Measured, blocks) -> Importance:
    """Put rows together; a factor is above noise where the ranges mean - sd and mean + sd part
    (permutation importance; Gini where nothing could be held out)."""
    gini, lost, dropped = (np.array(v) for v in (found.gini, found.lost, found.dropped))
    measure = lost if len(lost) else gini
    mean, sd = measure.mean(axis=0), measure.std(axis=0, ddof=1)
    rows = []
    for i, name in enumerate([*names, CONTROL]):
        control = i == len(names)
        rows.append(
            {
                "factor": name,
                "gini": mean_sd(gini[:, i]),
                "permutation": mean_sd(lost[:, i]) if len(lost) else None,
                "drop_column": mean_sd(dropped[:, i]) if len(dropped) else None,
                "above_noise": None if control else bool(mean[i] - sd[i] > mean[-1] + sd[-1]),
                "control": control,
            }
        )
    rows.append(_null_row(null))
    if len(lost):
        null_auc = mean_sd(np.array(null.auc)) if null.auc else None
        return Importance(rows, mean_sd(np.array(found.auc)), blocks.side, null_auc=null_auc)
    reason = "Landslides lie in too few blocks to hold any out: no permutation importance, no AUC."
    return Importance(rows, None, None, reason)


def _null_row(null: Measured) -> dict:
    """What the luckiest factor gets where the labels are shuffled."""
    best = {"gini": null.gini, "permutation": null.lost}
    top = {name: [row[:-1].max() for row in rows] for name, rows in best.items()}
    figures = {name: mean_sd(np.array(rows)) if rows else None for name, rows in top.items()}
    return {"factor": NULL, **figures, "drop_column": None, "above_noise": None, "control": True}


def mean_sd(values: np.ndarray) -> dict[str, float]:
    """
    >>> mean_sd(np.array([1.0, 2.0, 3.0]))
    {'mean': 2.0, 'sd': 1.0}
    """
    spread = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    return {"mean": float(np.mean(values)), "sd": spread}
