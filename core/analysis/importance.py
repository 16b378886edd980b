"""Importance: random forest Gini (paper, section 3.1) with held-out permutation and a control.

Gini importance is what the paper ranks by; it favours factors with many distinct values, noise
included. So a column of pure noise rides along as control, permutation importance is measured on
blocks the forest has not seen, and other forests are grown on shuffled labels: what the luckiest
factor gets there is what a factor gets where there is nothing to learn.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from core.analysis.one_pass.sample import BalancedSample
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


HELD_OUT = 0.3
# Ground is alike over some distance: what is trained on keeps this share of a block away.
BUFFER = 1 / 8


@dataclass(frozen=True)
class Blocks:
    """Which block each sampled pixel is in, and the blocks' side in pixels.

    `row` and `column` of the pixels on a grid `columns` blocks wide; training keeps `buffer` pixels
    away from what is held out. 0: the blocks are apart anyway, or their place is not known.
    """

    number: np.ndarray
    side: int
    row: np.ndarray | None = None
    column: np.ndarray | None = None
    columns: int = 1
    buffer: int = 0

    def near(self, held: np.ndarray) -> np.ndarray:
        """bool (n,): pixels within `buffer` of a block that bool (n,) `held` has pixels of.

        >>> row = np.zeros(4, int)
        >>> blocks = Blocks(np.array([0, 0, 1, 1]), 8, row, np.array([1, 6, 9, 15]), 2, buffer=2)
        >>> blocks.near(np.array([False, False, True, True])).tolist()
        [False, True, True, True]
        """
        if not self.buffer or self.row is None or self.column is None:
            return held
        gone = np.unique(self.number[held])
        found = held.copy()
        # A square smaller than a block reaches into those that its corners lie in.
        for down in (-self.buffer, self.buffer):
            for right in (-self.buffer, self.buffer):
                across = (self.column + right) // self.side
                inside = (across >= 0) & (across < self.columns)
                number = (self.row + down) // self.side * self.columns + across
                found |= inside & np.isin(number, gone)
        return found


REPEATS = 6
# Forests on shuffled labels, and those grown again without each column.
NULLS = 3
DROPS = 3
SHUFFLES = 2
TREES = 60
# Fewer pixels in a leaf and the trees learn single pixels by heart.
LEAF = 5
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
) -> Importance:
    """Measure importance of `names`, found in the columns `factors` of `sample.values`.

    Each repeat holds out other blocks, trains a forest on a bootstrap of the rest, a buffer around
    them left out, with a fresh noise column, and permutes each column of the held-out pixels: the
    AUC lost is its permutation importance. `drop_column` also grows forests without each column:
    the AUC they lose.
    """
    check_sample(sample)
    repeats = repeats or REPEATS
    values = sample.values[:, list(factors)]
    found, null = Measured.nothing(), Measured.nothing()
    nulls = min(NULLS, repeats)
    for repeat in range(repeats + nulls):
        report("growing random forests", repeat / (repeats + nulls))
        real = repeat < repeats
        rng = np.random.default_rng([seed, repeat])
        noise = rng.standard_normal(len(sample.label)).astype(np.float32)
        columns = np.column_stack([values, noise])
        held = hold_out(blocks, sample.label, rng) if blocks else None
        label = sample.label if real else rng.permutation(sample.label)
        drop = drop_column and repeat < DROPS
        near = blocks.near(held) if blocks and held is not None else held
        _measure(found if real else null, columns, label, held, near, rng, seed + repeat, drop)
    return summary(list(names), found, null, blocks)


def _measure(into: Measured, columns, label, held, near, rng, seed: int, drop: bool) -> None:
    """`held` are the pixels held out, `near` these and what lies in the buffer around them."""
    train = np.arange(len(label)) if near is None else np.flatnonzero(~near)
    train = rng.choice(train, len(train))
    forest = _forest(columns[train], label[train], seed)
    into.gini.append(forest.feature_importances_)
    if held is None or len(np.unique(label[held])) < 2:
        return
    before, after = _permute(forest, columns[held], label[held], rng)
    into.auc.append(before)
    into.lost.append(before - after)
    if drop:
        without = _dropped(columns, label, train, held, seed)
        into.dropped.append(before - without)


def _dropped(columns, label, train, held, seed: int) -> np.ndarray:
    """AUC of forests grown without each column."""
    found = []
    for column in range(columns.shape[1]):
        rest = np.delete(columns, column, axis=1)
        forest = _forest(rest[train], label[train], seed)
        found.append(auc_of(label[held], _probability(forest, rest[held])))
    return np.array(found)


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
    before = auc_of(label, _probability(forest, columns))
    after = np.zeros(columns.shape[1])
    for _ in range(SHUFFLES):
        # One prediction for all columns: the forest's fixed cost a call is paid once.
        shuffled = np.repeat(columns[None], columns.shape[1], axis=0)
        for column, table in enumerate(shuffled):
            rng.shuffle(table[:, column])
        probability = _probability(forest, np.concatenate(shuffled))
        after += [auc_of(label, p) for p in probability.reshape(len(after), -1)]
    return float(before), after / SHUFFLES


def auc_of(label: np.ndarray, score: np.ndarray) -> float:
    """Area under the ROC curve: how often a landslide pixel scores above another one.

    >>> auc_of(np.array([0, 1, 0, 1]), np.array([0.1, 0.4, 0.4, 0.8]))
    0.875
    """
    ranks = stats.rankdata(score)[label == 1]
    inside, outside = len(ranks), len(label) - len(ranks)
    return float((ranks.sum() - inside * (inside + 1) / 2) / (inside * outside))


def _probability(forest, columns: np.ndarray) -> np.ndarray:
    # Threads add the trees up in any order; without rounding, ties would part at random.
    return forest.predict_proba(columns)[:, 1].round(9)


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
            # Tiles of a tile scene do not touch.
            buffer = 0 if kind == "tiles" else round(BUFFER * side)
            return Blocks(number, side, sample.row, sample.column, columns, buffer)
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
        if all(len(np.unique(label[part])) == 2 for part in (held, ~blocks.near(held))):
            return held
    return None


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
