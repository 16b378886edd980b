"""Importance: random forest Gini (paper, section 3.1) with held-out permutation and a control.

Gini importance is what the paper ranks by; it favours factors with many distinct values, noise
included. So a column of pure noise rides along as control, permutation importance is measured on
blocks the forest has not seen, and other forests are grown on shuffled labels: what the luckiest
factor gets there is what a factor gets where there is nothing to learn.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.analysis import forests
from core.analysis.forests import Blocks, Grown, Repeat, Table
from core.analysis.one_pass.sample import BalancedSample
from core.cluster.pool import Pool
from core.errors import SlideScopeError
from core.jobs.report import Report, silent

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


REPEATS = 6
# Forests on shuffled labels, and those grown again without each column.
NULLS = 3
DROPS = 3
LEAST_PER_CLASS = 30


def importance(
    sample: BalancedSample,
    factors: Sequence[int],
    names: Sequence[str],
    blocks: Blocks | None,
    seed: int = 0,
    repeats: int | None = None,
    report: Report = silent,
    drop_column: bool = False,
    pool: Pool | None = None,
) -> Importance:
    """Measure importance of `names`, found in the columns `factors` of `sample.values`.

    Each repeat holds out other blocks, trains a forest on a bootstrap of the rest, a buffer around
    them left out, with a fresh noise column, and permutes each column of the held-out pixels: the
    AUC lost is its permutation importance. `drop_column` also grows forests without each column:
    the AUC they lose. `pool`: who grows them, in place of this process.
    """
    check_sample(sample)
    repeats = repeats or REPEATS
    table = Table(sample.values[:, list(factors)], sample.label, blocks)
    asked = [
        Repeat(n, n < repeats, seed, drop_column and n < DROPS)
        for n in range(repeats + min(NULLS, repeats))
    ]
    grown = forests.grown(table, asked, report, pool)
    return summary(list(names), grown[:repeats], grown[repeats:], blocks)


def check_sample(sample: BalancedSample) -> None:
    """Refuse a sample too small to say anything."""
    landslides = int((sample.label == 1).sum())
    if landslides < LEAST_PER_CLASS:
        raise SlideScopeError(
            f"Importance was not computed: {landslides} pixels of each class (landslide, other) "
            f"have data in all factors, at least {LEAST_PER_CLASS} are needed; "
            "check the inventory and the no-data of each factor."
        )


def summary(
    names: list[str], found: Sequence[Grown], null: Sequence[Grown], blocks: Blocks | None
) -> Importance:
    """Put rows together; a factor is above noise where the ranges mean - sd and mean + sd part
    (permutation importance; Gini where nothing could be held out)."""
    gini = np.array([each.gini for each in found])
    lost = np.array([each.lost for each in found if each.lost is not None])
    dropped = np.array([each.dropped for each in found if each.dropped is not None])
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
    if len(lost) and blocks:
        auc, null_auc = _aucs(found), _aucs(null)
        return Importance(rows, auc, blocks.side, null_auc=null_auc)
    reason = "Landslides lie in too few blocks to hold any out: no permutation importance, no AUC."
    return Importance(rows, None, None, reason)


def _aucs(grown: Sequence[Grown]) -> dict[str, float] | None:
    known = [each.auc for each in grown if each.auc is not None]
    return mean_sd(np.array(known)) if known else None


def _null_row(null: Sequence[Grown]) -> dict:
    """What the luckiest factor gets where the labels are shuffled."""
    best = {
        "gini": [each.gini[:-1].max() for each in null],
        "permutation": [each.lost[:-1].max() for each in null if each.lost is not None],
    }
    figures = {name: mean_sd(np.array(top)) if top else None for name, top in best.items()}
    return {"factor": NULL, **figures, "drop_column": None, "above_noise": None, "control": True}


def mean_sd(values: np.ndarray) -> dict[str, float]:
    """
    >>> mean_sd(np.array([1.0, 2.0, 3.0]))
    {'mean': 2.0, 'sd': 1.0}
    """
    spread = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    return {"mean": float(np.mean(values)), "sd": spread}
