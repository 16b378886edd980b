"""Classes of a factor: breaks, histogram and landslide share by class, from its fine histogram."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from core.analysis.one_pass.histogram import FineHistogram
from core.errors import SlideScopeError
from core.numerals import significant
from core.scene.store import SceneFactor

METHODS = {"quantile": "Equal area", "equal": "Equal width", "natural": "Natural"}
MOST = 30


BINS = 40
CLASSES = 10
TAIL = 0.001
MOST_CLASSES = 60


SECTORS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")


@dataclass(frozen=True)
class Classing:
    """`method` of `breaks.py` and number of `classes` of numeric factors; `own`: breaks by factor,
    in its unit, instead. Bearings have eight sectors, classes are their own."""

    method: str = "quantile"
    classes: int = 10
    own: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def rows(self, factor: SceneFactor, fine: FineHistogram) -> list[dict]:
        """Return {label, pixels, landslide_pixels, share} of every class, with {code} or {low,
        high} where it has one."""
        if factor.name in self.own:
            return by_cuts(fine, own(fine, self.own[factor.name]))
        if factor.kind == "categorical":
            return by_code(factor, fine)
        if factor.kind == "circular":
            return by_sector(fine)
        return by_cuts(fine, breaks(fine, self.method, self.classes))

    def groups(self, factor: SceneFactor, fine: FineHistogram) -> np.ndarray:
        """int (bins,): the number of the row that each bin goes into, -1 where none shows it."""
        bins = np.arange(fine.counts.shape[1])
        if factor.name in self.own:
            return _group_of(bins, own(fine, self.own[factor.name]))
        if factor.kind not in ("categorical", "circular"):
            return _group_of(bins, breaks(fine, self.method, self.classes))
        total = fine.counts.sum(axis=0)
        if factor.kind == "categorical":
            shown = _largest(total)
            return np.where(np.isin(bins, shown), np.searchsorted(shown, bins), -1)
        sector = _sectors(fine)
        used = np.flatnonzero(np.bincount(sector, total, len(SECTORS)))
        return np.where(np.isin(sector, used), np.searchsorted(used, sector), -1)

    def method_of(self, factor: SceneFactor) -> str:
        if factor.name in self.own:
            return "own"
        kinds = {"categorical": "classes", "circular": "sectors"}
        return kinds.get(factor.kind, self.method)

    def to_json(self) -> dict:
        own = {name: list(values) for name, values in self.own.items()}
        return {"method": self.method, "classes": self.classes, "own": own}


def by_sector(fine: FineHistogram) -> list[dict]:
    """Eight sectors of 45°, the first around north, of the bins' middles.

    >>> fine = FineHistogram(0.0, 90.0, np.array([[4, 0, 1, 2], [1, 0, 0, 0]]))
    >>> [(row["label"], row["pixels"]) for row in by_sector(fine)]
    [('NE', 5), ('SW', 1), ('NW', 2)]
    """
    sector = _sectors(fine)
    counts = np.stack([np.bincount(sector, row, len(SECTORS)) for row in fine.counts])
    return [class_row(name, c) for name, c in zip(SECTORS, counts.T) if c.sum()]


def _sectors(fine: FineHistogram) -> np.ndarray:
    middle = fine.low + fine.width * (np.arange(fine.counts.shape[1]) + 0.5)
    return ((middle + 22.5) // 45).astype(int) % len(SECTORS)


def _group_of(bins: np.ndarray, cuts: np.ndarray) -> np.ndarray:
    """The interval between `cuts` that each bin lies in; the outermost are open.

    >>> _group_of(np.arange(6), np.array([1, 3, 5])).tolist()
    [0, 0, 0, 1, 1, 1]
    """
    return np.searchsorted(cuts[1:-1], bins, side="right")


def _largest(total: np.ndarray) -> np.ndarray:
    """Bins of the largest `MOST_CLASSES` classes that have a pixel, in order."""
    largest = np.sort(np.argsort(-total, kind="stable")[:MOST_CLASSES])
    return largest[total[largest] > 0]


def parse_own(texts: Sequence[str], names: Sequence[str]) -> dict[str, tuple[float, ...]]:
    """Read FACTOR=A,B,C of every text.

    >>> parse_own(["slope=0,15,30"], ["slope"])
    {'slope': (0.0, 15.0, 30.0)}
    """
    found = {}
    for text in texts:
        name, _, numbers = text.partition("=")
        if name not in names:
            raise SlideScopeError(
                f"Class breaks '{text}' are of no factor here: the scene has {', '.join(names)}; "
                "give FACTOR=NUMBER,NUMBER."
            )
        try:
            found[name] = tuple(float(word) for word in numbers.split(","))
        except ValueError:
            raise SlideScopeError(
                f"Invalid class breaks '{text}': they are numbers in rising order with commas "
                "between them; give such as slope=0,15,30."
            ) from None
    return found


def explore(factor: SceneFactor, fine: FineHistogram) -> dict:
    """Return {kind, unit, edges, outside, inside, classes} over the pixels where the factor has
    data.

    `edges` (bins + 1) and counts per bin for numeric factors: `BINS` bins between the 0.1 % and
    99.9 % quantiles of either class, the outermost holding what lies beyond; empty for classes.
    `classes`: {label, pixels, landslide_pixels, share} a class code, or ten classes of about
    equal area.
    """
    base = {"kind": factor.kind, "unit": factor.unit}
    if factor.kind == "categorical":
        return {**base, "edges": [], "outside": [], "inside": [], "classes": by_code(factor, fine)}
    low = min(_side(fine, row).bin_of(TAIL) for row in _filled(fine))
    high = max(_side(fine, row).bin_of(1 - TAIL) for row in _filled(fine)) + 1
    cuts = np.unique(np.linspace(low, high, BINS + 1).round().astype(int))
    outside, inside = _regroup(fine.counts, cuts)
    return {
        **base,
        "edges": fine.edges[cuts].tolist(),
        "outside": outside,
        "inside": inside,
        "classes": by_quantile(fine),
    }


def by_code(factor: SceneFactor, fine: FineHistogram) -> list[dict]:
    """Landslide share of each class code, the largest `MOST_CLASSES` by area, in code order."""
    total = fine.counts.sum(axis=0)
    rows = []
    for at in _largest(total):
        code = f"{fine.low + 0.5 + at:g}"
        row = class_row(factor.called.get(code, code), fine.counts[:, at])
        rows.append({"code": code, **row})
    return rows


def by_quantile(fine: FineHistogram) -> list[dict]:
    """Landslide share in ten classes of about equal area (fewer where values repeat)."""
    return by_cuts(fine, breaks(fine, "quantile", CLASSES))


def by_cuts(fine: FineHistogram, cuts: np.ndarray) -> list[dict]:
    """Landslide share between the bins `cuts`."""
    outside, inside = _regroup(fine.counts, cuts)
    edges = fine.edges[cuts]
    return [
        {**class_row(f"{short(a)} to {short(b)}", (o, i)), "low": float(a), "high": float(b)}
        for a, b, o, i in zip(edges[:-1], edges[1:], outside, inside)
    ]


def short(value: float) -> str:
    """Three significant digits, whole numbers from 100 on, a true minus sign.

    >>> short(1234.56), short(-0.01234), short(0.0)
    ('1\u2009235', '−0.0123', '0')
    """
    return significant(value, 3)


def _regroup(counts: np.ndarray, cuts: np.ndarray) -> list[list[int]]:
    """Sum fine bins between `cuts`; what lies outside goes into the outermost groups."""
    starts = cuts[:-1].copy()
    starts[0] = 0
    return np.add.reduceat(counts, starts, axis=1).tolist()


def class_row(label: str, counts) -> dict:
    """{label, pixels, landslide_pixels, share} of (outside, inside)."""
    outside, inside = (int(c) for c in counts)
    pixels = outside + inside
    share = inside / pixels if pixels else 0.0
    return {"label": label, "pixels": pixels, "landslide_pixels": inside, "share": share}


def _filled(fine: FineHistogram) -> list[int]:
    return [row for row in (0, 1) if fine.counts[row].any()]


def _side(fine: FineHistogram, row: int) -> FineHistogram:
    return FineHistogram(fine.low, fine.width, fine.counts[row : row + 1])


def breaks(fine: FineHistogram, method: str, classes: int = 10) -> np.ndarray:
    """Return the bins (classes + 1, fewer where values repeat) at which classes begin and end.

    `quantile`: of about equal area; `equal`: of equal width between the smallest and the largest
    value; `natural`: Jenks's, which make the squared distances to the class means smallest.

    >>> fine = FineHistogram(0.0, 1.0, np.array([[9, 1, 0, 0, 1, 9, 0, 0], [0] * 8]))
    >>> [breaks(fine, method, 2).tolist() for method in METHODS]
    [[0, 2, 6], [0, 3, 6], [0, 4, 6]]
    """
    if method not in METHODS:
        raise SlideScopeError(
            f"Unknown class breaks '{method}': there are {', '.join(METHODS)}, or your own numbers."
        )
    if not 2 <= classes <= MOST:
        raise SlideScopeError(f"Invalid number of classes {classes}: choose one from 2 to {MOST}.")
    total = fine.counts.sum(axis=0)
    used = np.flatnonzero(total)
    first, last = int(used[0]), int(used[-1]) + 1
    if method == "quantile":
        inner = [fine.bin_of(i / classes) + 1 for i in range(1, classes)]
    elif method == "equal":
        inner = np.linspace(first, last, classes + 1).round().astype(int)[1:-1].tolist()
    else:
        inner = _natural(used, total[used], classes)
    inside = [cut for cut in inner if first < cut < last]
    return np.unique([first, *inside, last])


def own(fine: FineHistogram, values: Sequence[float]) -> np.ndarray:
    """The bins of breaks the user gives, in the factor's unit; the rim classes are open.

    >>> own(FineHistogram(0.0, 10.0, np.ones((2, 4), int)), [15, 30]).tolist()
    [0, 2, 3, 4]
    """
    if not all(np.isfinite(v) for v in values) or list(values) != sorted(set(values)):
        raise SlideScopeError(
            f"Invalid class breaks {', '.join(f'{v:g}' for v in values)}: each has to be larger "
            "than the one before; give them in rising order."
        )
    bins = fine.counts.shape[1]
    at = np.ceil((np.asarray(values, float) - fine.low) / fine.width).astype(int)
    return np.unique([0, *at[(at > 0) & (at < bins)], bins])


def _natural(bins: np.ndarray, weight: np.ndarray, classes: int) -> list[int]:
    """Begin of every class but the first."""
    if len(bins) <= classes:
        return bins[1:].tolist()
    from core.analysis.one_pass.kernels import jenks  # here: numba takes a second to load

    values = (bins - bins[0]).astype(float)
    sums = [np.concatenate([[0.0], np.cumsum(weight * values**power)]) for power in range(3)]
    starts = jenks(np.array(sums), classes)
    return bins[starts[1:]].tolist()
