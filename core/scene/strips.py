"""An aligned stack, strip by strip from the top: how it is read, summed up and written."""

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from rasterio.windows import Window

from core import processes
from core.factors import WITH_GAPS
from core.scene import store
from core.scene.align.align import BLOCK_COLUMNS
from core.scene.align.derive import profile_of_terrain
from core.scene.grid import Grid
from core.scene.plan import classes
from core.scene.plan.planning import ImportPlan
from core.scene.polygons import MAX_CLASSES, too_many

ROWS = 2 * store.BLOCK
SAMPLE_PIXELS = 1_000_000
BINS = 40
QUANTILES = (0.02, 0.5, 0.98)
SUMMED = ("end", "range", "sample", "codes")


class Summary:
    """Takes the blocks of one factor, row by row from the top, and sums them up.

    Counts, minimum and maximum are exact; quantiles and histogram come from a regular sample of
    about a million pixels.
    """

    def __init__(self, name: str, shape: tuple[int, int], categorical: bool, first_row: int = 0):
        self._name, self._categorical = name, categorical
        self._total = shape[0] * shape[1]
        self._step = max(1, int(np.ceil(np.sqrt(self._total / SAMPLE_PIXELS))))
        self._row, self._valid = first_row, 0
        self._low, self._high = np.inf, -np.inf
        self._sample: list[np.ndarray] = []
        self.classes: dict[int, int] = {}

    def add(self, values: np.ndarray) -> None:
        """Take float32 (rows, width) of the next rows, NaN = no data."""
        valid = values[np.isfinite(values)]
        self._valid += valid.size
        if valid.size:
            self._low = min(self._low, float(valid.min()))
            self._high = max(self._high, float(valid.max()))
        if self._categorical:
            self._count_classes(valid)
        else:
            sample = values[-self._row % self._step :: self._step, :: self._step]
            self._sample.append(sample[np.isfinite(sample)])
        self._row += len(values)

    def _count_classes(self, valid: np.ndarray) -> None:
        codes, counts = np.unique(valid, return_counts=True)
        if codes.size and ((codes != np.round(codes)).any() or np.abs(codes).max() >= 2**24):
            odd = codes[(codes != np.round(codes)) | (np.abs(codes) >= 2**24)][0]
            raise classes.not_codes(self._name, float(odd))
        for code, count in zip(codes, counts):
            self.classes[int(code)] = self.classes.get(int(code), 0) + int(count)
        self._check_classes()

    def _check_classes(self) -> None:
        if len(self.classes) > MAX_CLASSES:
            raise too_many(self._name, self._name)

    def to_arrays(self) -> dict[str, np.ndarray]:
        """What was added up, as numbers named in `SUMMED`."""
        empty = np.zeros(0, np.float32)
        return {
            "end": np.array([self._row, self._valid], np.int64),
            "range": np.array([self._low, self._high]),
            "sample": np.concatenate([empty, *self._sample]),
            "codes": np.array(list(self.classes.items()), np.int64).reshape(-1, 2),
        }

    def absorb(self, found: Mapping[str, np.ndarray]) -> None:
        """Add what another summary found of the next rows."""
        self._row = int(found["end"][0])
        self._valid += int(found["end"][1])
        self._low = min(self._low, float(found["range"][0]))
        self._high = max(self._high, float(found["range"][1]))
        if not self._categorical:
            self._sample.append(found["sample"])
        for code, count in found["codes"].tolist():
            self.classes[code] = self.classes.get(code, 0) + count
        self._check_classes()

    @property
    def valid_share(self) -> float:
        return self._valid / self._total

    @property
    def negative_share(self) -> float:
        """Share of the known values that are below 0, from the sample."""
        return float((self._known() < 0).mean()) if self._valid else 0.0

    def figures(self) -> dict:
        """Valid share, range, quantiles and histogram, under the names SceneFactor gives them."""
        if not self._valid:
            return {"valid_share": 0.0}
        counts, edges = self._class_histogram() if self._categorical else self._histogram()
        sample = self._known()
        return {
            "valid_share": self.valid_share,
            "minimum": self._low,
            "maximum": self._high,
            "quantiles": tuple(float(q) for q in np.quantile(sample, QUANTILES)),
            "histogram": {"edges": [float(e) for e in edges], "counts": [int(c) for c in counts]},
        }

    def _known(self) -> np.ndarray:
        if self._categorical:
            return np.repeat(list(self.classes), _scaled(list(self.classes.values())))
        sample = np.concatenate(self._sample)
        # A handful of valid pixels may fall between those of the sample.
        return sample if sample.size else np.array([self._low, self._high])

    def _histogram(self) -> tuple[np.ndarray, np.ndarray]:
        sample = self._known()
        low, high = np.quantile(sample, (0.002, 0.998))
        if low == high:
            low, high = low - 0.5, high + 0.5
        return np.histogram(sample, BINS, (low, high))

    def _class_histogram(self) -> tuple[list[int], list[float]]:
        """One bin a class, in the order of codes."""
        codes = sorted(self.classes)
        return [self.classes[c] for c in codes], [*(c - 0.5 for c in codes), codes[-1] + 0.5]


def _scaled(counts: list[int]) -> np.ndarray:
    """Counts brought down to at most a sample's size, each at least 1."""
    factor = max(1.0, sum(counts) / SAMPLE_PIXELS)
    return np.maximum(1, (np.array(counts) / factor).astype(int))


class Gathered:
    """What the strips from `first_row` on hold: a `Summary` a factor, and how many pixels have data
    in all of them, deformation aside."""

    def __init__(self, made: ImportPlan, first_row: int = 0):
        self.names, shape = made.names, made.layout.grid.shape
        kinds = {n: made.kind(n) == "categorical" for n in self.names}
        self.summaries = {n: Summary(n, shape, kinds[n], first_row) for n in self.names}
        self._needed = [i for i, n in enumerate(self.names) if n not in WITH_GAPS] or [0]
        self.complete = 0

    def add(self, strips: Sequence[np.ndarray]) -> np.ndarray:
        """Take the next strip, float32 (rows, width) of each factor; return them as one array."""
        for name, strip in zip(self.names, strips):
            self.summaries[name].add(strip)
        values = np.stack(strips)
        self.complete += int(np.isfinite(values[self._needed]).all(axis=0).sum())
        return values

    def save(self, path: Path) -> None:
        """Write down what was found, as plain numbers."""
        found: dict[str, Any] = {"complete": np.array(self.complete)}
        for number, summary in enumerate(self.summaries.values()):
            found |= {f"{name}_{number}": v for name, v in summary.to_arrays().items()}
        with path.open("wb") as file:
            np.savez(file, **found)

    def take(self, path: Path) -> None:
        """Take over what `save` wrote of the next strips."""
        with np.load(path, allow_pickle=False) as found:
            self.complete += int(found["complete"])
            for number, summary in enumerate(self.summaries.values()):
                summary.absorb({n: found[f"{n}_{number}"] for n in SUMMED})


def threads() -> ThreadPoolExecutor:
    """Those that read a strip."""
    return ThreadPoolExecutor(min(4, processes.threads()))


def read_strips(
    readers: dict, names: tuple[str, ...], window: Window, pool: ThreadPoolExecutor
) -> list[np.ndarray]:
    """Read the window of all factors, in pieces that keep every processor busy."""
    width = int(window.width)
    pieces = [
        (name, Window(column, window.row_off, min(BLOCK_COLUMNS, width - column), window.height))
        for name in names
        for column in range(0, width, BLOCK_COLUMNS)
    ]
    found = iter(pool.map(lambda piece: readers[piece[0]].read(piece[1]), pieces))
    count = math.ceil(width / BLOCK_COLUMNS)
    return [np.concatenate([next(found) for _ in range(count)], axis=1) for _ in names]


def profile_of(grid: Grid, bands: int) -> dict:
    """Keywords of `rasterio.open` for a stack: one tile of all factors is one read."""
    return profile_of_terrain(grid, bands) | {
        "blockxsize": store.BLOCK,
        "blockysize": store.BLOCK,
        "compress": "ZSTD",
        "zstd_level": 3,
        "predictor": 3,
        "num_threads": processes.threads(),
    }
