"""The random forests of importance: a repeat each, on a table of pixels, here or by workers."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Self

import numpy as np
from scipy import stats

from core import __version__, atomic, processes
from core.analysis.one_pass.sample import BalancedSample
from core.cluster.parts import Parts
from core.cluster.pool import Pool
from core.cluster.task import Task
from core.jobs.report import Report

HELD_OUT = 0.3
# Ground is alike over some distance: what is trained on keeps this share of a block away.
BUFFER = 1 / 8
SHUFFLES = 2
TREES = 60
# Fewer pixels in a leaf and the trees learn single pixels by heart.
LEAF = 5


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


@dataclass(frozen=True)
class Table:
    """What forests learn from: float32 `values` (n, p), uint8 `label` (n,) and where they lie."""

    values: np.ndarray
    label: np.ndarray
    blocks: Blocks | None

    def save(self, path: Path) -> None:
        where = {}
        if self.blocks:
            known = vars(self.blocks).items()
            where = {f"block_{name}": value for name, value in known if value is not None}
        with path.open("wb") as file:
            np.savez(file, values=self.values, label=self.label, **where)

    @classmethod
    def load(cls, path: Path) -> Self:
        with np.load(path) as kept:
            found = dict(kept)
        values, label = found.pop("values"), found.pop("label")
        where = {name.removeprefix("block_"): value for name, value in found.items()}
        # Numbers come back as arrays without a dimension.
        where = {name: value if value.ndim else int(value) for name, value in where.items()}
        return cls(values, label, Blocks(**where) if where else None)


@dataclass(frozen=True)
class Repeat:
    """One forest of an importance: its `number`, on true labels or (`real` False) shuffled ones;
    `drop`: forests without each column are grown too."""

    number: int
    real: bool
    seed: int
    drop: bool


@dataclass(frozen=True)
class Grown:
    """What one repeat found, float64 (p + 1,), the noise column last: `gini`; `lost` and `dropped`,
    the AUC lost without a column, and `auc` of the held-out pixels, where some are held out."""

    gini: np.ndarray
    lost: np.ndarray | None = None
    auc: float | None = None
    dropped: np.ndarray | None = None

    def save(self, path: Path) -> None:
        found = {name: value for name, value in vars(self).items() if value is not None}
        with path.open("wb") as file:
            np.savez(file, **found)

    @classmethod
    def load(cls, path: Path) -> Self:
        with np.load(path) as kept:
            found = dict(kept)
        auc = found.pop("auc", None)
        return cls(**found, auc=None if auc is None else float(auc))


def grown(
    table: Table, asked: Sequence[Repeat], report: Report, pool: Pool | None = None
) -> list[Grown]:
    """What each repeat finds; `pool`: who grows the forests, a repeat a task."""
    if pool:
        return _by(pool, table, asked, report)
    found = []
    for repeat in asked:
        report("growing random forests", repeat.number / len(asked))
        found.append(grow(table, repeat))
    return found


def _by(pool: Pool, table: Table, asked: Sequence[Repeat], report: Report) -> list[Grown]:
    parts = Parts("forests", _key(table, asked))
    if not parts.has("table.npz"):
        with atomic.whole_file(parts.path("table.npz")) as temporary:
            table.save(temporary)
    files = [f"{each.number}.npz" for each in asked]
    tasks = [
        Task(f"forest {n + 1}", grow_one, (parts.place("table.npz"), each, parts.place(file)))
        for n, (each, file) in enumerate(zip(asked, files))
        if not parts.has(file)
    ]
    for _ in pool.results(tasks, report, "Growing random forests", len(files) - len(tasks)):
        pass
    found = [Grown.load(parts.path(file)) for file in files]
    parts.remove()
    return found


def grow_one(table: str, repeat: Repeat, target: str) -> None:
    """A worker's task: one repeat, into a file of the workspace."""
    found = grow(_table(table), repeat)
    with atomic.whole_file(Parts.here(target)) as temporary:
        found.save(temporary)


@lru_cache(maxsize=1)
def _table(place: str) -> Table:
    return Table.load(Parts.here(place))


def _key(table: Table, asked: Sequence[Repeat]) -> str:
    """What the forests depend on, as a name."""
    about = hashlib.sha256(f"{__version__} {asked}".encode())
    blocks = table.blocks
    about.update(f"{(blocks.side, blocks.columns, blocks.buffer) if blocks else None}".encode())
    known = (blocks.number, blocks.row, blocks.column) if blocks else ()
    for values in (table.values, table.label, *known):
        if values is not None:
            about.update(np.ascontiguousarray(values).tobytes())
    return about.hexdigest()[:16]


def grow(table: Table, repeat: Repeat) -> Grown:
    """One repeat of `importance`; the same numbers wherever it is grown."""
    label, blocks = table.label, table.blocks
    rng = np.random.default_rng([repeat.seed, repeat.number])
    noise = rng.standard_normal(len(label)).astype(np.float32)
    columns = np.column_stack([table.values, noise])
    held = hold_out(blocks, label, rng) if blocks else None
    learned = label if repeat.real else rng.permutation(label)
    near = blocks.near(held) if blocks and held is not None else held
    train = np.arange(len(label)) if near is None else np.flatnonzero(~near)
    train = rng.choice(train, len(train))
    seed = repeat.seed + repeat.number
    forest = _forest(columns[train], learned[train], seed)
    gini = forest.feature_importances_
    if held is None or len(np.unique(learned[held])) < 2:
        return Grown(gini)
    before, after = _permute(forest, columns[held], learned[held], rng)
    dropped = before - _dropped(columns, learned, train, held, seed) if repeat.drop else None
    return Grown(gini, before - after, before, dropped)


def _dropped(columns, label, train, held, seed: int) -> np.ndarray:
    """AUC of forests grown without each column."""
    found = []
    for column in range(columns.shape[1]):
        rest = np.delete(columns, column, axis=1)
        forest = _forest(rest[train], label[train], seed)
        found.append(auc_of(label[held], _probability(forest, rest[held])))
    return np.array(found)


def _forest(columns: np.ndarray, label: np.ndarray, seed: int):
    # Here: it takes seconds, and who only shows importance, such as the server, needs none of it.
    from sklearn.ensemble import RandomForestClassifier

    # As many threads as a worker may have; the trees are the same with any number.
    jobs = min(2, processes.threads())
    forest = RandomForestClassifier(TREES, min_samples_leaf=LEAF, n_jobs=jobs, random_state=seed)
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
