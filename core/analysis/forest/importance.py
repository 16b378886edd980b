"""Importance: random forest Gini (paper, section 3.1) with held-out permutation and a control.

Gini importance is what the paper ranks by; it favours factors with many distinct values, noise
included. So a column of pure noise rides along as control, permutation importance is measured on
blocks the forest has not seen, and other forests are grown on shuffled labels: what the luckiest
factor gets there is what a factor gets where there is nothing to learn.
"""

from collections.abc import Sequence

import numpy as np
from scipy import stats

from core.analysis.forest.holdout import Blocks, hold_out
from core.analysis.forest.measured import Importance, Measured, summary
from core.analysis.one_pass.sample import BalancedSample
from core.errors import SlideScopeError
from core.jobs.report import Report, silent

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

    Each repeat holds out other blocks, trains a forest on a bootstrap of the rest, with a fresh
    noise column, and permutes each column of the held-out pixels: the AUC lost is its permutation
    importance. `drop_column` also grows forests without each column: the AUC they lose.
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
        _measure(found if real else null, columns, label, held, rng, seed + repeat, drop)
    return summary(list(names), found, null, blocks)


def _measure(into: Measured, columns, label, held, rng, seed: int, drop: bool) -> None:
    train = np.arange(len(label)) if held is None else np.flatnonzero(~held)
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
