"""The datum: what does not move, and what the air and the orbits add to every date.

Per date a constant, a plane across the map and the delay with height (linear: Doin et al. 2009) are
fitted to ground that is reliable and stable, and taken off everywhere. Only where most ground is
stable: on a sinking city the fit would turn the sinking into a plane.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.numerals import fixed
from core.scene.sbas.settings import SbasSettings

# A normal spread from the median absolute deviation.
SIGMA_PER_MAD = 1.4826
# Rates further from the median than this many deviations, or mm/yr, count as moving.
MOVING_MADS, MOVING_MM_YR = 3.0, 8.0
# Spread of the rate above which most ground moves, and nothing is fitted.
MOST_SPREAD_MM_YR = 15.0
LEAST_RELIEF_M = 100.0
ALIKE = 0.5
# Slides within this share of the relief lie at one altitude.
ONE_ALTITUDE = 0.25
# Samples for every unknown of the fit, at least.
SAMPLES_PER_TERM = 10


@dataclass(frozen=True)
class Sample:
    """Pixels of the map (S): `series` (N, S) and `rate` in mm and mm/yr, NaN = no date; `x` and `y`
    0..1 across the map; `heights` in metres or None; `usable`: reliable and on no known slide."""

    series: np.ndarray
    rate: np.ndarray
    x: np.ndarray
    y: np.ndarray
    heights: np.ndarray | None
    usable: np.ndarray

    @property
    def known(self) -> np.ndarray:
        """Usable ones that have all there is to fit by."""
        fine = self.usable & np.isfinite(self.rate)
        return fine if self.heights is None else fine & np.isfinite(self.heights)


@dataclass(frozen=True)
class Datum:
    """`planes` (N, K) mm: what to take off every date for `terms` (K), empty where nothing is to be
    taken off; `spread_mm_yr` of the rate on reliable ground before; `stable_share` of the samples
    that were fitted to; heights are centred on `height_m` and go by kilometres."""

    terms: tuple[str, ...] = ()
    planes: np.ndarray | None = None
    spread_mm_yr: float | None = None
    stable_share: float | None = None
    stable_mm_yr: float | None = None
    height_m: float = 0.0
    warnings: tuple[str, ...] = ()

    def design(self, x, y, heights) -> np.ndarray:
        """(K, ...) what the planes are multiplied by; heights unknown count as the mean."""
        return design(self.terms, x, y, heights, self.height_m)

    def at(self, x, y, heights) -> np.ndarray:
        """(N, ...) mm to take off; 0 where nothing was fitted."""
        assert self.planes is not None
        terms = self.design(x, y, heights).astype(np.float32)
        total = np.zeros((len(self.planes), *terms.shape[1:]), np.float32)
        # Term by term and not as one product: BLAS adds in an order that follows the block's size.
        for column, term in zip(self.planes.T.astype(np.float32), terms):
            total += column.reshape(-1, *[1] * (terms.ndim - 1)) * term
        return total


def design(terms: Sequence[str], x, y, heights, height_m: float) -> np.ndarray:
    """
    >>> design(("constant", "x", "height"), np.array([0.5]), np.array([0.0]),
    ...        np.array([2500.0]), 500.0).T.tolist()
    [[1.0, 0.0, 2.0]]
    """
    km = 0.0 if heights is None else np.nan_to_num((heights - height_m) / 1000)
    column = {
        "constant": np.ones_like(x),
        "x": x - 0.5,
        "y": y - 0.5,
        "height": km,
        "height^2": km * km if heights is not None else 0.0,
    }
    return np.stack([np.broadcast_to(column[term], x.shape) for term in terms])


def spread(rate: np.ndarray) -> tuple[float, float]:
    """Median and median absolute deviation.

    >>> spread(np.array([0.0, 1.0, 2.0, 3.0, 100.0]))
    (2.0, 1.0)
    """
    middle = float(np.median(rate))
    return middle, float(np.median(np.abs(rate - middle)))


def standing(rate: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Which of `among` do not move against the rest of them."""
    middle, deviation = spread(rate[among])
    return among & (np.abs(rate - middle) <= max(MOVING_MADS * deviation, MOVING_MM_YR))


def find(sample: Sample, functional: np.ndarray, settings: SbasSettings) -> Datum:
    """The datum of a map from a sample of it.

    functional: (N,) what makes a rate of the dates (`core.scene.sbas.trend.weights`).
    """
    if settings.datum == "none":
        return Datum()
    known = sample.known
    terms, warnings = chosen_terms(sample, known, settings)
    if known.sum() < SAMPLES_PER_TERM * len(terms):
        words = (
            f"Only {int(known.sum())} samples of reliable ground: no datum was fitted, the rate is "
            "relative to the reference."
        )
        return Datum(warnings=(words,))
    deviation = SIGMA_PER_MAD * spread(sample.rate[known])[1]
    if deviation > MOST_SPREAD_MM_YR:
        words = (
            f"Most ground moves (the rate spreads by {deviation:.0f} mm/yr, at most "
            f"{MOST_SPREAD_MM_YR:.0f} is taken for stable): no datum, ramp or height was fitted, "
            "the rate is relative to the reference."
        )
        return Datum(spread_mm_yr=deviation, warnings=(words,))
    height_m = float(np.mean(sample.heights[known])) if sample.heights is not None else 0.0
    columns = design(terms, sample.x, sample.y, sample.heights, height_m)
    still, rate = known, sample.rate
    for _ in range(2):
        still = standing(rate, known)
        planes = fit_planes(sample.series[:, still], columns[:, still])
        rate = sample.rate - functional @ planes @ columns
    warnings += height_words(sample, known, still, terms)
    left = SIGMA_PER_MAD * spread(rate[still])[1]
    share = float(still.sum() / max(1, known.sum()))
    return Datum(terms, planes, deviation, share, left, height_m, warnings)


def chosen_terms(
    sample: Sample, known: np.ndarray, settings: SbasSettings
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is fitted, and what is to be said about it."""
    terms: tuple[str, ...] = ("constant", *(("x", "y") if settings.ramp else ()))
    if settings.height_delay == "none":
        return terms, ()
    if sample.heights is None:
        return terms, ("No heights are known: their delay was not fitted.",)
    relief = float(np.ptp(sample.heights[known])) if known.any() else 0.0
    if relief < LEAST_RELIEF_M:
        words = (
            f"The relief is {fixed(relief, 0)} m: a delay with height needs {LEAST_RELIEF_M:.0f} m "
            "and was not fitted."
        )
        return terms, (words,)
    return (*terms, "height", *(("height^2",) if settings.height_delay == "quadratic" else ())), ()


def fit_planes(series: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """(N, K) least squares of every date (N, S) on columns (K, S); a date of too few samples gets
    nothing taken off.

    >>> columns = np.array([[1.0, 1, 1], [0, 1, 2]])
    >>> series = np.array([[0.0, 0, 0], [1, 3, 5], [np.nan, np.nan, 1]])
    >>> fit_planes(series, columns).round(6).tolist()
    [[0.0, 0.0], [1.0, 2.0], [0.0, 0.0]]
    """
    planes = np.zeros((len(series), len(columns)))
    everywhere = columns @ columns.T
    for n, date in enumerate(series):
        there = np.isfinite(date)
        if there.sum() < len(columns):
            continue
        whole = there.all()
        used = columns if whole else columns[:, there]
        values = (date if whole else date[there]).astype(np.float64)
        normal = everywhere if whole else used @ used.T
        planes[n] = np.linalg.lstsq(normal, used @ values, rcond=1e-12)[0]
    return planes


def height_words(
    sample: Sample, known: np.ndarray, still: np.ndarray, terms: tuple[str, ...]
) -> tuple[str, ...]:
    """A warning where the fit of height may have eaten slides of one altitude."""
    if "height" not in terms or sample.heights is None:
        return ()
    alike = float(np.corrcoef(sample.rate[known], sample.heights[known])[0, 1])
    moving = ~still & np.isfinite(sample.rate) & np.isfinite(sample.heights)
    if abs(alike) <= ALIKE or not moving.any():
        return ()
    low, high = np.percentile(sample.heights[moving], [25, 75])
    if high - low > ONE_ALTITUDE * np.ptp(sample.heights[known]):
        return ()
    return (
        f"The rate follows the height (r {fixed(alike, 2)}) and what moves lies between "
        f"{fixed(low, 0)} and {fixed(high, 0)} m: taking off the delay with height may take off "
        "the slides; compare with --height-delay none.",
    )
