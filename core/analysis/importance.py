"""Importance: random forest Gini (paper, section 3.1) with held-out permutation and a control.

Gini importance is what the paper ranks by; it favours factors with many distinct values, noise
included. So a column of pure noise rides along as control, and permutation importance is measured
on blocks the forest has not seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.analysis.sample import BalancedSample
from core.errors import SlideScopeError
from core.jobs.report import Report, silent

CONTROL = "noise"
REPEATS = 6
SHUFFLES = 2
TREES = 60
# Fewer pixels in a leaf and the trees learn single pixels by heart.
LEAF = 5
HELD_OUT = 0.3
LEAST_PER_CLASS = 30


@dataclass(frozen=True)
class Blocks:
    """Which block each sampled pixel is in, and the blocks' side in pixels."""

    number: np.ndarray
    side: int


@dataclass(frozen=True)
class Importance:
    """Rows as `--json` prints them, and mean and standard deviation of the held-out AUC."""

    rows: list[dict]
    auc: dict | None
    block_px: int | None
    held_out_reason: str = ""


def blocks_of(sample: BalancedSample, tile: int, kind: str, width: int) -> Blocks | None:
    """Return blocks of 2 x 2 tiles (of one tile in a tile scene, whose tiles are independent).

    In a small scene the blocks are halved until at least three hold landslides, down to a quarter
    of a tile; None where even these are too few to hold any out.
    """
    sides = [tile] if kind == "tiles" else [2 * tile, tile, tile // 2, tile // 4]
    for side in sides:
        columns = -(-width // side)
        number = sample.row // side * columns + sample.column // side
        if len(np.unique(number[sample.label == 1])) >= 3:
            return Blocks(number, side)
    return None


def hold_out(blocks: Blocks, label: np.ndarray, rng: np.random.Generator) -> np.ndarray | None:
    """Return bool (n,): pixels of the 30 % of blocks held out, drawn apart for blocks with and
    without landslides; None where no draw leaves both classes on both sides.

    >>> blocks = Blocks(np.repeat([0, 1, 2, 3], 2), side=256)
    >>> hold_out(blocks, np.array([0, 1] * 4, np.uint8), np.random.default_rng(0)).sum()
    np.int64(2)
    """
    with_landslide = np.unique(blocks.number[label == 1])
    without = np.setdiff1d(blocks.number, with_landslide)
    for _ in range(20):
        chosen = [
            rng.permutation(group)[: max(len(group) > 1, round(HELD_OUT * len(group)))]
            for group in (with_landslide, without)
        ]
        held = np.isin(blocks.number, np.concatenate(chosen))
        if all(len(np.unique(label[part])) == 2 for part in (held, ~held)):
            return held
    return None


def importance(
    sample: BalancedSample,
    factors: Sequence[int],
    names: Sequence[str],
    blocks: Blocks | None,
    seed: int = 0,
    repeats: int = REPEATS,
    report: Report = silent,
) -> Importance:
    """Measure importance of `names`, found in the columns `factors` of `sample.values`.

    Each repeat holds out other blocks, trains a forest on a bootstrap of the rest, with a fresh
    noise column, and permutes each column of the held-out pixels: the AUC lost is its permutation
    importance.
    """
    check_sample(sample)
    gini, lost, auc = [], [], []
    for repeat in range(repeats):
        report("growing random forests", repeat / repeats)
        rng = np.random.default_rng([seed, repeat])
        noise = rng.standard_normal(len(sample.label)).astype(np.float32)
        columns = np.column_stack([sample.values[:, list(factors)], noise])
        held = hold_out(blocks, sample.label, rng) if blocks else None
        train = np.arange(len(noise)) if held is None else np.flatnonzero(~held)
        train = rng.choice(train, len(train))
        forest = _forest(columns[train], sample.label[train], seed=seed + repeat)
        gini.append(forest.feature_importances_)
        if held is not None:
            before, after = _permute(forest, columns[held], sample.label[held], rng)
            auc.append(before)
            lost.append(before - after)
    return _summary(list(names), np.array(gini), np.array(lost), np.array(auc), blocks)


def check_sample(sample: BalancedSample) -> None:
    """Refuse a sample too small to say anything."""
    landslides = int((sample.label == 1).sum())
    if landslides < LEAST_PER_CLASS:
        raise SlideScopeError(
            f"Importance was not computed: {landslides} pixels of each class (landslide, other) "
            f"have data in all factors, at least {LEAST_PER_CLASS} are needed; "
            "check the inventory and the no-data of each factor."
        )


def _forest(columns: np.ndarray, label: np.ndarray, seed: int):
    # Here: it takes seconds, and who only shows importance, such as the server, needs none of it.
    from sklearn.ensemble import RandomForestClassifier

    forest = RandomForestClassifier(TREES, min_samples_leaf=LEAF, n_jobs=2, random_state=seed)
    return forest.fit(columns, label)


def _permute(forest, columns: np.ndarray, label: np.ndarray, rng) -> tuple[float, np.ndarray]:
    """Return AUC and, for each column, the mean AUC with that column shuffled."""
    from sklearn.metrics import roc_auc_score

    before = roc_auc_score(label, _probability(forest, columns))
    after = np.zeros(columns.shape[1])
    for _ in range(SHUFFLES):
        # One prediction for all columns: the forest's fixed cost a call is paid once.
        shuffled = np.repeat(columns[None], columns.shape[1], axis=0)
        for column, table in enumerate(shuffled):
            rng.shuffle(table[:, column])
        probability = _probability(forest, np.concatenate(shuffled))
        after += [roc_auc_score(label, p) for p in probability.reshape(len(after), -1)]
    return float(before), after / SHUFFLES


def _probability(forest, columns: np.ndarray) -> np.ndarray:
    # Threads add the trees up in any order; without rounding, ties would part at random.
    return forest.predict_proba(columns)[:, 1].round(9)


def _summary(names: list[str], gini, lost, auc, blocks: Blocks | None) -> Importance:
    """Put rows together; a factor is above noise where the ranges mean - sd and mean + sd part
    (permutation importance; Gini where nothing could be held out)."""
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
                "above_noise": None if control else bool(mean[i] - sd[i] > mean[-1] + sd[-1]),
                "control": control,
            }
        )
    if len(lost):
        return Importance(rows, mean_sd(auc), blocks.side)
    reason = "Landslides lie in too few blocks to hold any out: no permutation importance, no AUC."
    return Importance(rows, None, None, reason)


def mean_sd(values: np.ndarray) -> dict[str, float]:
    """
    >>> mean_sd(np.array([1.0, 2.0, 3.0]))
    {'mean': 2.0, 'sd': 1.0}
    """
    return {"mean": float(np.mean(values)), "sd": float(np.std(values, ddof=1))}
