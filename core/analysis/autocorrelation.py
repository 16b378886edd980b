"""Over what distance ground is alike: the range of autocorrelation of every factor.

The empirical variogram of a factor is computed from all pairs of pixels at once (by Fourier
transform, after Marcotte 1996, Computers & Geosciences 22, 1175-1186) on the scene thinned out to a
few hundred pixels a side; a spherical model with a nugget is fitted to it, weighted by pairs. Its
range is the distance beyond which two pixels tell each other nothing, and the least side of a block
that is to be held out (Roberts et al. 2017, Ecography 40, 913-929; blockCV's `cv_spatial_autocor`).
"""

from dataclasses import dataclass

import numpy as np
import rasterio
from scipy import fft, optimize

from core.errors import SlideScopeError
from core.factors import QUALITY
from core.scene.align.terrain import cell_metres
from core.scene.store import Scene

# Pixels along the longer side that are looked at.
SIDE = 384
# Ranges that are tried; the longest lag as a share of the shorter side.
TRIED, LONGEST = 80, 0.5
# Of all variance, at least so much must be the sill's: less is chance.
LEAST_SILL = 0.05
MASK = "landslides"


@dataclass(frozen=True)
class Range:
    """`metres` of autocorrelation of a factor, 0 where neighbours are as unlike as any; `beyond`:
    it is longer than the scene can tell, and `metres` is what can be told."""

    factor: str
    metres: float
    beyond: bool


def of_scene(scene: Scene) -> tuple[Range, ...]:
    """The ranges of every continuous factor and of the reference mask; circular factors and classes
    have no differences to speak of."""
    if scene.kind == "tiles":
        raise SlideScopeError(
            f"Scene '{scene.name}' is of independent tiles, whose place to each other is not "
            "known: distances between them cannot be told; a split holds out whole tiles anyway."
        )
    height, width = scene.grid.shape
    step = max(1, -(-max(height, width) // SIDE))
    shape = -(-height // step), -(-width // step)
    down, across = pixel_size(scene)
    cell = step * down, step * across
    wanted = [
        (number, item.name)
        for number, item in enumerate(scene.factors, 1)
        if item.kind == "continuous" and item.name not in QUALITY
    ]
    found = []
    with rasterio.open(scene.stack_path) as source:
        for band, name in wanted:
            found.append(of_values(name, source.read(band, out_shape=shape), cell))
    if scene.mask_path is not None:
        with rasterio.open(scene.mask_path) as source:
            mask = source.read(1, out_shape=shape)
        found.append(of_values(MASK, (mask == 1).astype(np.float32), cell))
    return tuple(found)


def pixel_size(scene: Scene) -> tuple[float, float]:
    """(rows, columns) of a pixel in metres; in pixels where the scene has no reference system."""
    if scene.grid.crs is None:
        return 1.0, 1.0
    dx, dy = cell_metres(scene.grid)
    return float(np.mean(dy)), float(np.mean(dx))


def median(ranges: tuple[Range, ...]) -> float:
    """The middle of the factors' ranges, the landslides' left out, in metres.

    >>> rows = (Range("a", 100.0, False), Range("b", 300.0, True), Range(MASK, 9.0, False))
    >>> median(rows)
    200.0
    """
    known = [each.metres for each in ranges if each.factor != MASK]
    return float(np.median(known)) if known else 0.0


def of_values(name: str, values: np.ndarray, cell: tuple[float, float]) -> Range:
    """The range of values (rows, columns), NaN = no data, whose pixels measure `cell` (rows,
    columns) metres."""
    lags, gamma, pairs = variogram(values, cell)
    if not len(lags) or not gamma.any():
        return Range(name, 0.0, False)
    metres = spherical_range(lags, gamma, pairs)
    return Range(name, metres, bool(metres >= 0.99 * lags[-1]))


def variogram(
    values: np.ndarray, cell: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (lags in metres, semivariance, number of pairs), each (n,), of all pairs of pixels up
    to half the shorter side, in steps of a pixel."""
    known = np.isfinite(values)
    if known.sum() < 2:
        return np.zeros(0), np.zeros(0), np.zeros(0)
    z = np.where(known, values - values[known].mean(dtype=np.float64), 0.0).astype(np.float64)
    shape = [fft.next_fast_len(2 * side) for side in values.shape]
    there, first, second = (fft.rfft2(a, shape) for a in (known.astype(np.float64), z, z**2))
    pairs = fft.irfft2(np.abs(there) ** 2, shape)
    squares = 2 * (np.conj(there) * second).real - 2 * np.abs(first) ** 2
    total = fft.irfft2(squares, shape)
    rows, columns = (fft.fftfreq(n, 1 / n) for n in shape)
    apart = np.hypot(rows[:, None] * cell[0], columns[None] * cell[1])
    step = max(cell)
    longest = LONGEST * min(side * size for side, size in zip(values.shape, cell))
    which = (apart / step).round().astype(int)
    inside = (which > 0) & (which <= int(longest / step)) & (pairs > 0.5)
    count, sums, far = (
        np.bincount(which[inside], weights[inside]) for weights in (pairs, total, pairs * apart)
    )
    used = np.flatnonzero(count > 0)
    return far[used] / count[used], np.maximum(sums[used] / count[used] / 2, 0), count[used]


def spherical_range(lags: np.ndarray, gamma: np.ndarray, pairs: np.ndarray) -> float:
    """Return the range of the spherical model with a nugget that fits best, 0 where a nugget alone
    does as well.

    >>> h = np.arange(1.0, 40)
    >>> round(spherical_range(h, 1 + 2 * spherical(h, 15.0), np.ones(39)), 1)
    15.0
    """
    weight = np.sqrt(pairs / pairs.sum())

    def fit(metres: float) -> tuple[float, float, float]:
        """(nugget, sill, what is missed)."""
        basis = np.stack([np.ones(len(lags)), spherical(lags, metres)], axis=1)
        (nugget, sill), missed = optimize.nnls(basis * weight[:, None], gamma * weight)
        return nugget, sill, missed

    tried = np.geomspace(lags[0], lags[-1], TRIED)
    missed = [fit(metres)[2] for metres in tried]
    at = int(np.argmin(missed))
    best, ends = float(tried[at]), (tried[max(at - 1, 0)], tried[min(at + 1, TRIED - 1)])
    if ends[0] < ends[1]:
        finer = optimize.minimize_scalar(lambda metres: fit(metres)[2], bounds=ends)
        best = float(finer.x) if finer.fun < missed[at] else best
    nugget, sill, _ = fit(best)
    return best if sill > LEAST_SILL * (nugget + sill) else 0.0


def spherical(lags: np.ndarray, metres: float) -> np.ndarray:
    """The spherical model of sill 1.

    >>> spherical(np.array([0.0, 5.0, 20.0]), 10.0).tolist()
    [0.0, 0.6875, 1.0]
    """
    share = np.minimum(lags / metres, 1)
    return 1.5 * share - 0.5 * share**3
