"""What a grid sample of the pixels says about every pair of factors: significance and rank.

On demand, and stored beside the analysis: it reads the factors once more. p-values belong to
Pearson's coefficient of the factors as plain numbers (`paper` coding); the measure that suits the
kinds of the two factors stands beside it.
"""

from dataclasses import dataclass

import numpy as np
from rasterio.windows import Window
from scipy import fft, stats
from scipy.stats import contingency

from core.analysis import store
from core.analysis.areas.area import WHOLE, Area, reader
from core.analysis.one_pass.coding import measure
from core.errors import SlideScopeError
from core.jobs.report import Report, part, silent
from core.scene.store import BLOCK, Scene, SceneFactor

CLASSES = 40  # of distance, for the autocovariance


@dataclass(frozen=True)
class Test:
    """`r` Pearson's coefficient of the sample, `effective_n` what n independent pixels would tell
    as much, `p` two-sided; None where too little is left to test."""

    r: float
    n: int
    effective_n: float
    p: float | None


class GridSample:
    """Factors on a regular grid: `values` float (p, rows, columns), NaN anywhere drops the pixel.

    `spacing` is the (row, column) distance of neighbours, in any one unit.
    """

    def __init__(self, values: np.ndarray, spacing: tuple[float, float] = (1.0, 1.0)):
        self.mask = np.isfinite(values).all(axis=0)
        self.n = int(self.mask.sum())
        centred = np.where(self.mask, values.astype(float), 0.0)
        means = centred.sum(axis=(1, 2)) / max(self.n, 1)
        self.values = np.where(self.mask, centred - means[:, None, None], 0.0)
        # Twice as large, so that no lag wraps around.
        self._shape = tuple(2 * side for side in self.mask.shape)
        self._pairs = np.round(self._correlate(self.mask.astype(float)))
        self._class = self._distance_class(spacing)
        self._covariance = [self._autocovariance(layer) for layer in self.values]
        self._sums = [self._row_sums(covariance) for covariance in self._covariance]

    def test(self, a: int, b: int) -> Test:
        """The correlation of the factors number `a` and `b`."""
        x, y = self.values[a], self.values[b]
        below = np.sqrt((x**2).sum() * (y**2).sum())
        if self.n < 4 or below == 0:
            return Test(float("nan"), self.n, 0.0, None)
        r = float(np.clip((x * y).sum() / below, -1, 1))
        effective = self._effective(a, b)
        return Test(r, self.n, effective, _p(r, effective))

    def _effective(self, a: int, b: int) -> float:
        """1 + 1 / variance of r: Dutilleul's formula, traces taken as sums over lags."""
        n, cx, cy = self.n, self._covariance[a], self._covariance[b]
        rx, ry = self._sums[a], self._sums[b]
        both = (self._pairs * cx * cy).sum() - 2 / n * (rx * ry).sum() + rx.sum() * ry.sum() / n**2
        alone = [n * c[0, 0] - r.sum() / n for c, r in ((cx, rx), (cy, ry))]
        if both <= 0:
            return float(n)
        return float(min(n, 1 + alone[0] * alone[1] / both))

    def _row_sums(self, covariance: np.ndarray) -> np.ndarray:
        """(rows, columns): the sum of a pixel's covariances with all pixels, 0 off the mask."""
        mask = fft.rfft2(self.mask.astype(float), self._shape)
        found = fft.irfft2(mask * fft.rfft2(covariance), self._shape)
        rows, columns = self.mask.shape
        return np.where(self.mask, found[:rows, :columns], 0.0)

    def _autocovariance(self, layer: np.ndarray) -> np.ndarray:
        """Of every lag: the mean product of pairs in its class of distance."""
        products = np.bincount(self._class.ravel(), self._correlate(layer).ravel(), CLASSES + 2)
        pairs = np.bincount(self._class.ravel(), self._pairs.ravel(), CLASSES + 2)
        mean = np.divide(products, pairs, out=np.zeros_like(products), where=pairs > 0)
        mean[-1] = 0.0  # beyond half the diagonal there are too few pairs to say anything
        return mean[self._class]

    def _correlate(self, layer: np.ndarray) -> np.ndarray:
        """Sum over all pairs of pixels at every lag."""
        return fft.irfft2(np.abs(fft.rfft2(layer, self._shape)) ** 2, self._shape)

    def _distance_class(self, spacing: tuple[float, float]) -> np.ndarray:
        """0 for the pixel itself, then equal steps of distance, the last one for all beyond."""
        steps = (fft.fftfreq(side, 1 / side) * by for side, by in zip(self._shape, spacing))
        distance = np.hypot(*np.meshgrid(*steps, indexing="ij"))
        far = np.hypot(*(side * by for side, by in zip(self.mask.shape, spacing))) / 2
        number = np.ceil(distance / (far / CLASSES)).astype(int)
        return np.minimum(number, CLASSES + 1)


# More pixels would bring no more: neighbours repeat each other.
MOST_PIXELS = 10_000
# A sparse area lies on a grid with many empty places; its transforms still have to fit.
MOST_PLACES = 250_000
METHOD = (
    "Pearson's coefficient on a regular grid of pixels, p-values by Dutilleul's modified t-test "
    "(1993), adjusted for the number of pairs by Holm's method (1979)."
)


def compute(scene: Scene, analysis: dict, area: Area = WHOLE, report: Report = silent) -> dict:
    """Compute, store and return the significance of every pair of factors in `analysis`.

    {pixels, step_px, spacing_m, method, p_reason, pairs: [{a, b, r, effective_n, p, p_holm,
    p_pixels, spearman, measure, value}]}; `p_pixels` is what the plain t-test would have made of
    the same pixels.
    """
    names = analysis["pearson"]["factors"]
    factors = [scene.factor(name) for name in names]
    step, values = sample(scene, names, area, analysis["area"]["pixels"], part(report, 0, 0.7))
    across, down = scene.grid.pixel_metres or scene.grid.resolution
    spacing = step * down, step * across
    alone = scene.kind == "tiles"
    grid = None if alone else GridSample(values, spacing)
    flat = values[:, np.isfinite(values).all(axis=0)]
    if flat.shape[1] < 4:
        raise SlideScopeError(
            f"The grid sample of '{area.words}' has {flat.shape[1]} pixels with data in all "
            "factors: a correlation needs four; choose a larger area."
        )
    pairs = []
    for i in range(len(names)):
        report("testing correlations", 0.7 + 0.3 * i / len(names))
        pairs += [_pair(factors, flat, grid, j, i) for j in range(i)]
    result = {
        "pixels": flat.shape[1],
        "step_px": step,
        "spacing_m": spacing[0] if scene.grid.is_projected else None,
        "method": METHOD,
        "p_reason": "Tiles have no place: no distance between their pixels." if alone else "",
        "pairs": store.holm(pairs),
    }
    store.save_significance(scene, result, area)
    return result


def sample(
    scene: Scene, names, area: Area, pixels: int, report: Report = silent
) -> tuple[int, np.ndarray]:
    """Return (step, values float32 (factors, rows, columns)): every step-th pixel in both
    directions, NaN outside the area, at most `MOST_PIXELS` of the area's `pixels`."""
    places = scene.grid.width * scene.grid.height
    step = max(1, _root_up(pixels / MOST_PIXELS), _root_up(places / MOST_PLACES))
    while True:
        values = _every(scene, names, area, step, report)
        if np.isfinite(values).all(axis=0).sum() <= MOST_PIXELS:
            return step, values
        step += 1


def _root_up(ratio: float) -> int:
    return int(np.ceil(np.sqrt(ratio)))


def _every(scene: Scene, names, area: Area, step: int, report: Report) -> np.ndarray:
    """Read block row by block row, so that each block is decoded once."""
    first, height, found = step // 2, scene.grid.height, []
    for top in range(0, height, BLOCK):
        report("reading a grid of pixels", top / height)
        window = Window(0, top, scene.grid.width, min(BLOCK, height - top))
        rows = np.arange(first + -(-(top - first) // step) * step, top + window.height, step) - top
        rows = rows[rows >= 0]
        if not len(rows) or not area.touches(scene, window):
            found.append(np.full((len(names), len(rows), scene.grid.width), np.nan, np.float32))
            continue
        values = np.moveaxis(scene.read(names, window), -1, 0)
        if area.parts:
            here = area.mask(scene, window, reader(scene, names, values, window))
            values = np.where(here, values, np.nan)
        found.append(values[:, rows])
    return np.concatenate(found, axis=1)[:, :, first::step]


def _pair(factors: list[SceneFactor], flat: np.ndarray, grid: GridSample | None, a, b) -> dict:
    x, y = flat[a].astype(float), flat[b].astype(float)
    found = grid.test(a, b) if grid else None
    varies = np.ptp(x) > 0 and np.ptp(y) > 0
    r = float(np.corrcoef(x, y)[0, 1]) if varies else None
    return {
        "a": factors[a].name,
        "b": factors[b].name,
        "r": r,
        "effective_n": found.effective_n if found and varies else None,
        "p": found.p if found and varies else None,
        "p_pixels": _plain_p(x, y) if varies else None,
        "spearman": _number(spearman(x, y)),
        "measure": measure(factors[a], factors[b]),
        "value": _number(_suiting(factors[a], factors[b], x, y)),
    }


def _suiting(one: SceneFactor, other: SceneFactor, x: np.ndarray, y: np.ndarray) -> float:
    """The measure that suits the kinds of two factors."""
    if "categorical" in (one.kind, other.kind) and one.kind != "categorical":
        one, other, x, y = other, one, y, x
    if one.kind == "categorical":
        if other.kind == "categorical":
            return cramers_v(x, y)
        if other.kind == "circular":
            return circular_ratio(x, y)
        return correlation_ratio(x, y)
    if one.kind == other.kind == "circular":
        return circular_circular(x, y)
    if one.kind == "circular":
        return circular_linear(x, y)
    if other.kind == "circular":
        return circular_linear(y, x)
    return float(np.corrcoef(x, y)[0, 1]) if np.ptp(x) and np.ptp(y) else float("nan")


def _plain_p(x: np.ndarray, y: np.ndarray) -> float:
    from scipy import stats

    return float(stats.pearsonr(x, y).pvalue)


def _number(value: float) -> float | None:
    return None if np.isnan(value) else value


def _p(r: float, effective: float) -> float | None:
    if effective <= 2.5:
        return None
    if abs(r) >= 1:
        return 0.0
    t = abs(r) * np.sqrt((effective - 2) / (1 - r**2))
    return float(2 * stats.t.sf(t, effective - 2))


def spearman(x: np.ndarray, y: np.ndarray) -> float:
    """Rank correlation, -1..1; NaN where one does not vary.

    >>> spearman(np.array([1.0, 2, 3]), np.array([1.0, 10, 1000]))
    1.0
    """
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    return round(float(stats.spearmanr(x, y).statistic), 12)


def cramers_v(x: np.ndarray, y: np.ndarray) -> float:
    """Cramer's V between two class factors, corrected for bias (Bergsma, 2013); NaN where one has
    a single class.

    >>> classes = np.repeat([0, 1], 500)
    >>> cramers_v(classes, classes), cramers_v(classes, np.tile([0, 1], 500))
    (1.0, 0.0)
    """
    table = contingency.crosstab(x, y).count
    n, (rows, columns) = table.sum(), table.shape
    if min(rows, columns) < 2:
        return float("nan")
    phi = stats.chi2_contingency(table, correction=False).statistic / n
    phi = max(0.0, phi - (rows - 1) * (columns - 1) / (n - 1))
    rows, columns = (k - (k - 1) ** 2 / (n - 1) for k in (rows, columns))
    return round(min(1.0, float(np.sqrt(phi / (min(rows, columns) - 1)))), 12)


def correlation_ratio(classes: np.ndarray, values: np.ndarray) -> float:
    """Eta: the root of the share of the variance of `values` that lies between the classes; NaN
    where there is none.

    >>> correlation_ratio(np.array([0, 0, 1, 1]), np.array([1.0, 1, 5, 5]))
    1.0
    """
    _, at = np.unique(classes, return_inverse=True)
    values = values.astype(float) - values.mean()
    total = float((values**2).sum())
    if total == 0:
        return float("nan")
    number = np.bincount(at)
    between = float((np.bincount(at, values) ** 2 / number).sum())
    return round(min(1.0, float(np.sqrt(between / total))), 12)


def circular_ratio(classes: np.ndarray, degrees: np.ndarray) -> float:
    """Eta of an angle: the root of the share of the variance of its unit vectors that lies between
    the classes; NaN where there is none.

    >>> circular_ratio(np.array([0, 0, 1, 1]), np.array([10.0, 10, 200, 200]))
    1.0
    """
    angle = np.radians(degrees.astype(float))
    parts = [np.cos(angle), np.sin(angle)]
    spread = np.array([part.var() for part in parts])
    if spread.sum() == 0:
        return float("nan")
    squared = np.array([correlation_ratio(classes, part) for part in parts]) ** 2
    return round(float(np.sqrt((np.nan_to_num(squared) * spread).sum() / spread.sum())), 12)


def circular_linear(degrees: np.ndarray, values: np.ndarray) -> float:
    """Correlation of an angle with a number: that of a regression on its sine and cosine (Mardia,
    1976); NaN where one does not vary.

    >>> angle = np.arange(0.0, 360.0)
    >>> circular_linear(angle, np.sin(np.radians(angle - 40)))
    1.0
    """
    angle = np.radians(degrees.astype(float))
    sine, cosine = np.sin(angle), np.cos(angle)
    if np.ptp(values) == 0 or np.ptp(degrees) == 0:
        return float("nan")
    c, s, between = np.corrcoef([cosine, sine, values.astype(float)])[np.triu_indices(3, 1)][
        [1, 2, 0]
    ]
    squared = (c**2 + s**2 - 2 * c * s * between) / (1 - between**2)
    return round(float(np.sqrt(np.clip(squared, 0, 1))), 12)


def circular_circular(a: np.ndarray, b: np.ndarray) -> float:
    """Absolute correlation of two angles in degrees (Fisher & Lee, 1983, by circular means)."""
    one, other = (
        np.sin(x - _mean(x)) for x in (np.radians(a.astype(float)), np.radians(b.astype(float)))
    )
    below = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return round(abs(float((one * other).sum())) / below, 12) if below else float("nan")


def _mean(angle: np.ndarray) -> float:
    return float(np.arctan2(np.sin(angle).mean(), np.cos(angle).mean()))
