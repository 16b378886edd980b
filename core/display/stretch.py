"""From factor values to 8-bit display values and back: 0 = no data, 1..255 the values."""

from dataclasses import dataclass

import numpy as np

from core.scene.store import SceneFactor

STEPS = 254


@dataclass(frozen=True)
class Stretch:
    """Linear between `lo` (shown as 1) and `hi` (255), in the factor's unit; beyond is clipped.

    >>> Stretch(0.0, 254.0).to_display(np.array([-5.0, 0.0, 100.0, 300.0, np.nan]))
    array([  1,   1, 101, 255,   0], dtype=uint8)
    """

    lo: float
    hi: float

    def to_display(self, values: np.ndarray) -> np.ndarray:
        share = (values - np.float32(self.lo)) * np.float32(STEPS / (self.hi - self.lo))
        shown = np.clip(np.rint(share), 0, STEPS) + 1
        return np.where(np.isfinite(values), shown, 0).astype(np.uint8)


@dataclass(frozen=True)
class Classes:
    """Class codes in rising order; the n-th is shown as n (254 different ones at most).

    >>> Classes((2.0, 7.0)).to_display(np.array([7.0, 2.0, 3.0, np.nan]))
    array([2, 1, 0, 0], dtype=uint8)
    """

    codes: tuple[float, ...]

    def to_display(self, values: np.ndarray) -> np.ndarray:
        if not self.codes:
            return np.zeros(values.shape, np.uint8)
        codes = np.asarray(self.codes)
        at = np.minimum(np.searchsorted(codes, values), len(codes) - 1)
        known = codes[at] == values
        return np.where(known, at % STEPS + 1, 0).astype(np.uint8)


def of(item: SceneFactor) -> Stretch:
    """Return the stretch of a continuous or circular factor.

    Its display quantiles (2 % and 98 %), a full turn for angles, symmetric about the centre
    where the colour map has one.
    """
    if item.kind == "circular":
        return Stretch(0.0, 360.0)
    if item.quantiles:
        lo, hi = item.quantiles[0], item.quantiles[-1]
    else:
        lo, hi = 0.0, 0.0
    if lo == hi and item.minimum is not None and item.maximum is not None:
        lo, hi = item.minimum, item.maximum
    centre = item.known.centre
    if centre is not None:
        reach = max(abs(lo - centre), abs(hi - centre))
        lo, hi = centre - reach, centre + reach
    return Stretch(lo, hi) if hi > lo else Stretch(lo, lo + 1.0)
