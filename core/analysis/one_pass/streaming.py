"""What one thread or worker adds up of the blocks it reads: moments, histograms, a balanced sample.

Sums of floating point numbers depend on their order; so every strip of blocks has a Gram matrix of
its own, and these are added from the top, whoever read which strip.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from rasterio.windows import Window

from core.analysis.areas.area import Area, reader
from core.analysis.one_pass import gram, histogram, sample
from core.analysis.one_pass.coding import Column
from core.analysis.one_pass.histogram import FineHistogram
from core.analysis.one_pass.kernels import complete_of, fill
from core.analysis.one_pass.moments import Moments
from core.errors import SlideScopeError
from core.factors import WITH_GAPS
from core.scene.store import Scene


class Accumulator:
    """Moments of `columns`, the first `len(names)` of which are the factors as they are.

    `shift` of the factors; sines, cosines and classes lie around 0 and need none.
    """

    def __init__(self, names: Sequence[str], columns: Sequence[Column], shift: np.ndarray):
        self._at = {name: i for i, name in enumerate(names)}
        self._columns = list(columns)
        self._shift = np.asarray(shift, np.float64)
        self.grams: dict[int, np.ndarray] = {}
        self._angles = self._circular()
        self._classes, self._tables = self._categorical()

    def add(self, values: np.ndarray, counts: np.ndarray, strip: int = 0) -> None:
        """Add the pixels of `values` float32 (factors, pixels) for which `counts` (pixels,) is 1;
        these hold no NaN, and lie in a strip of that number."""
        if strip not in self.grams:
            self.grams[strip] = self._nothing()
        how = (self._shift, self._angles, self._classes, self._tables)
        gram.add(self.grams[strip], np.ascontiguousarray(values), counts, *how)

    def absorb(self, other: "Accumulator") -> None:
        """Take over the strips that another one added up, of the same columns and shift."""
        self.grams |= other.grams

    def _nothing(self) -> np.ndarray:
        return np.zeros((len(self._columns) + 2, len(self._columns) + 2))

    @property
    def moments(self) -> Moments:
        width = len(self._columns)
        total = sum((self.grams[strip] for strip in sorted(self.grams)), self._nothing())
        # Each pair was added on one side of the diagonal.
        both = total + total.T - np.diag(np.diag(total))
        n, sums, products = both[width, width], both[width, :width], both[:width, :width]
        zeros = np.zeros(width - len(self._shift))
        shift = np.concatenate([self._shift, zeros])
        return Moments(shift, round(n), sums.copy(), products.copy())

    def _circular(self) -> np.ndarray:
        """(factors, 3): the factor, the columns of its sine and its cosine."""
        forms = {(c.factor, c.form): i for i, c in enumerate(self._columns)}
        angles = [
            (self._at[factor], column, forms[factor, "cosine"])
            for (factor, form), column in forms.items()
            if form == "sine"
        ]
        return np.array(angles, np.int64).reshape(-1, 3)

    def _categorical(self) -> tuple[np.ndarray, np.ndarray]:
        """(factors, 2): the factor, its lowest code; (factors, codes): each code's column or -1."""
        found: dict[str, dict[int, int]] = {}
        for column, item in enumerate(self._columns):
            if item.code is not None:
                found.setdefault(item.factor, {})[round(item.code)] = column
        classes = [(self._at[factor], min(codes)) for factor, codes in found.items()]
        spans = [max(codes) - min(codes) + 1 for codes in found.values()]
        tables = np.full((len(found), max(spans, default=1)), -1, np.int64)
        for row, codes in zip(tables, found.values()):
            row[[code - min(codes) for code in codes]] = list(codes.values())
        return np.array(classes, np.int64).reshape(-1, 2), tables


class Sums:
    """Of the pixels of `area` in the blocks added so far.

    `columns`: as `core.analysis.one_pass.coding.columns_of` gives them, `shift` of the plain ones;
    `per_class` pixels are drawn of landslide and of other.
    """

    def __init__(
        self,
        scene: Scene,
        columns: Sequence[Column],
        shift: np.ndarray,
        per_class: int,
        seed: int,
        area: Area,
    ):
        self.scene, self.seed, self.area, self.columns = scene, seed, area, tuple(columns)
        self.names = names = tuple(column.factor for column in columns[: len(shift)])
        self.blocks_done = self.pixels = 0
        self._others = [i for i, n in enumerate(names) if n not in WITH_GAPS]
        others = [columns[i] for i in self._others]
        self._complete = Accumulator(names, columns, shift)
        self._rest = Accumulator([c.factor for c in others], others, shift[self._others])
        ranges = [_binning(scene, n) for n in names]
        self._lows, self._widths = (np.array([r[i] for r in ranges]) for i in (0, 1))
        self._bins = np.array([r[2] for r in ranges])
        self._counts = np.zeros((len(names), 2, int(self._bins.max())), np.int64)
        draws = per_class > 0 and scene.mask_path is not None
        self._reservoirs = [sample.Reservoir(per_class, len(names)) for _ in range(2)] * draws

    @contextmanager
    def opened(self) -> Iterator[Callable]:
        """Open the files and yield what adds the pixels of a window."""
        with ExitStack() as files:
            read = files.enter_context(self.scene.reading(self.names))
            mask = None
            if self.scene.mask_path is not None:
                mask = files.enter_context(self.scene.reading_mask())
            yield lambda window: self._add(window, read(window), mask and mask(window))

    def _add(self, window: Window, values: np.ndarray, mask: np.ndarray | None) -> None:
        """Add `values` float32 (factors, height, width) and `mask` uint8 (height, width)."""
        at, values = self._in_area(window, values)
        inside = np.zeros(values.shape[1], np.uint8)
        if mask is not None:
            inside = (mask.ravel() if at is None else mask.ravel()[at]) == 1
            inside = inside.astype(np.uint8)
        self.pixels += len(inside)
        fill(self._counts, self._lows, self._widths, self._bins, values, inside)
        every = np.ones(len(inside), np.uint8)
        complete = complete_of(values, every)
        strip = int(window.row_off)
        self._complete.add(values, complete, strip)
        if len(self._others) < len(self.names):
            self._add_rest(values, np.flatnonzero(complete == 0), strip)
        for label, reservoir in enumerate(self._reservoirs):
            found = np.flatnonzero(complete & (inside == label))
            position = self._position(window, found if at is None else at[found])
            reservoir.offer(sample.keys(position, self.seed), position, values[:, found])
        self.blocks_done += 1

    def _in_area(self, window: Window, values: np.ndarray) -> tuple[np.ndarray | None, np.ndarray]:
        """The pixels of the area (None: all of the window) and their values (factors, pixels)."""
        flat = values.reshape(len(values), -1)
        if not self.area.parts:
            return None, flat
        layer = reader(self.scene, self.names, values, window)
        at = np.flatnonzero(self.area.mask(self.scene, window, layer))
        return at, flat[:, at]

    def _add_rest(self, values: np.ndarray, incomplete: np.ndarray, strip: int) -> None:
        """Pixels that only deformation keeps from being complete."""
        if len(incomplete):
            others = values[np.ix_(np.array(self._others), incomplete)]
            self._rest.add(others, complete_of(others, np.ones(len(incomplete), np.uint8)), strip)

    def _position(self, window: Window, at: np.ndarray) -> np.ndarray:
        rows, columns = np.divmod(at, window.width)
        return (rows + window.row_off) * self.scene.grid.width + columns + window.col_off

    @property
    def coded(self) -> Moments:
        """Of all columns, over the pixels with data in every factor."""
        return self._complete.moments

    @property
    def without_deformation(self) -> Moments:
        """Of the factors but deformation, over the pixels with data in these."""
        return self.coded.subset(self._others) + self._rest.moments

    @property
    def histograms(self) -> dict[str, FineHistogram]:
        found = zip(self.names, self._lows, self._widths, self._bins, self._counts)
        return {
            name: FineHistogram(float(low), float(width), counts[:, :bins])
            for name, low, width, bins, counts in found
        }

    @property
    def balanced(self) -> sample.BalancedSample | None:
        if not self._reservoirs:
            return None
        other, landslide = (reservoir.drawn() for reservoir in self._reservoirs)
        return sample.balance(other, landslide, self.scene.grid.width)

    def absorb(self, other: "Sums") -> None:
        """Take over what another thread added up of other strips."""
        self._complete.absorb(other._complete)
        self._rest.absorb(other._rest)
        self._counts += other._counts
        self.pixels += other.pixels
        for mine, theirs in zip(self._reservoirs, other._reservoirs):
            drawn = theirs.drawn()
            mine.offer(drawn.key, drawn.position, drawn.values.T)

    def save(self, path: Path) -> None:
        """Write down what was added up, as plain numbers."""
        found: dict[str, Any] = {"counts": self._counts, "pixels": np.array(self.pixels)}
        for name, part in (("complete", self._complete), ("rest", self._rest)):
            found[f"{name}_strips"] = np.array(sorted(part.grams), np.int64)
            found |= {f"{name}_{strip}": each for strip, each in part.grams.items()}
        for number, reservoir in enumerate(self._reservoirs):
            found |= {f"{name}_{number}": v for name, v in vars(reservoir.drawn()).items()}
        with path.open("wb") as file:
            np.savez(file, **found)

    def take(self, path: Path) -> None:
        """Take over what `save` wrote of other strips."""
        with np.load(path, allow_pickle=False) as found:
            for name, part in (("complete", self._complete), ("rest", self._rest)):
                strips = found[f"{name}_strips"].tolist()
                part.grams |= {strip: found[f"{name}_{strip}"] for strip in strips}
            self._counts += found["counts"]
            self.pixels += int(found["pixels"])
            for number, reservoir in enumerate(self._reservoirs):
                key, position, values = (
                    found[f"{name}_{number}"] for name in ("key", "position", "values")
                )
                reservoir.offer(key, position, values.T)


def _binning(scene: Scene, name: str) -> tuple[float, float, int]:
    factor = scene.factor(name)
    if factor.minimum is None or factor.maximum is None:
        raise SlideScopeError(
            f"Factor '{name}' of scene '{scene.name}' holds no data: statistics need some; leave "
            "it out."
        )
    return histogram.binning(factor.minimum, factor.maximum, factor.kind == "categorical")
