"""From stored numbers to phases and coherences: no data, scale, sign; and a first look at them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# No phase is 800 cycles off: such numbers are an undeclared "no data" (-9999, 1e20).
LARGEST_RADIANS = 5000.0
# What a wrapped phase reaches: it fills -pi..pi, an unwrapped one passes it or stays well inside.
_PI = math.pi + 1e-3
_NEAR_PI = 3.0
# One pair of many may end near pi by chance; a wrapped one comes closer.
_AT_PI = 3.1


@dataclass(frozen=True)
class Stored:
    """How a file stores its numbers: declared no data, (scale, offset); `turned`: the later date
    comes first, so that the phase changes its sign."""

    nodata: float | None = None
    unscale: tuple[float, float] = (1.0, 0.0)
    turned: bool = False

    @property
    def declared(self) -> float | None:
        """Declared no data that is not found out without: 0, NaN and what no float32 holds are."""
        return self.nodata if self.nodata and abs(self.nodata) < 1e38 else None


def phase(raw: np.ndarray, stored: Stored) -> np.ndarray:
    """Radians, float32; NaN where 0 (MintPy does the same), NaN or the declared value is stored.

    >>> phase(np.array([0, 1.5, np.nan, -9999], "f4"), Stored(turned=True)).tolist()
    [nan, -1.5, nan, nan]
    """
    values = raw.astype(np.float32, copy=False)
    bad = values == 0
    if stored.declared:
        bad |= values == np.float32(stored.declared)
    if stored.unscale != (1.0, 0.0):
        values = values * np.float32(stored.unscale[0]) + np.float32(stored.unscale[1])
    # Not "beyond the largest": NaN compares as false and is no data too.
    bad |= ~(np.abs(values) < LARGEST_RADIANS)
    return np.where(bad, np.float32(np.nan), -values if stored.turned else values)


def coherence(raw: np.ndarray, stored: Stored) -> np.ndarray:
    """0..1, float32; NaN where 0, NaN, a negative number or the declared value is stored.

    >>> coherence(np.array([0, 51, 255], "u1"), Stored(unscale=(1 / 255, 0.0))).round(3).tolist()
    [nan, 0.20000000298023224, 1.0]
    """
    values = raw.astype(np.float32, copy=False)
    bad = ~(values > 0)
    if stored.declared:
        bad |= values == np.float32(stored.declared)
    if stored.unscale != (1.0, 0.0):
        values = values * np.float32(stored.unscale[0]) + np.float32(stored.unscale[1])
    return np.where(bad, np.float32(np.nan), np.minimum(values, np.float32(1)))


def mean_and_highest(raw: np.ndarray, stored: Stored) -> tuple[float, float]:
    """Of coherences as they are stored, before it is known what 1 is; NaN where there are none."""
    good = raw[raw > 0]
    if stored.declared:
        good = good[good != stored.declared]
    good = good[np.isfinite(good)]
    if not good.size:
        return math.nan, math.nan
    scale, offset = stored.unscale
    return float(good.mean(dtype=np.float64)) * scale + offset, float(good.max()) * scale + offset


def scale_of_coherence(dtype: str, highest: float, licsar: bool = False) -> float:
    """What stored coherences of a stack are multiplied by; `highest` of those that were looked at.

    >>> [round(1 / scale_of_coherence(d, h)) for d, h in (("float32", 0.9), ("uint8", 243))]
    [1, 255]
    >>> [round(1 / scale_of_coherence(d, h)) for d, h in (("uint8", 97), ("uint16", 64000))]
    [100, 65535]
    """
    if licsar and dtype == "uint8":
        return 1 / 255
    # Filters overshoot 1 by a little.
    if not highest > 1.1:
        return 1.0
    return 1 / next((top for top in (100, 255, 10_000, 65_535) if highest <= top), highest)


@dataclass(frozen=True)
class Look:
    """What a sample of a pair's pixels shows: `coverage`, the share with a phase; `low` and `high`
    of the phase in radians, NaN without any; mean `coherence` and the `highest`, NaN without one;
    `damage`: the file of its phase that cannot be read, `no_coherence`: that of its coherence."""

    coverage: float
    low: float
    high: float
    coherence: float = math.nan
    highest: float = math.nan
    damage: str = ""
    no_coherence: str = ""

    @property
    def wrapped(self) -> bool:
        """Whether the pair alone fills -pi..pi and nothing beyond."""
        return -_PI <= self.low < -_AT_PI and _AT_PI < self.high <= _PI


def all_wrapped(looks: Sequence[Look]) -> bool:
    """Whether the phases of a whole stack look wrapped: none passes pi, together they reach it.

    >>> all_wrapped([Look(1, -3.1, 2.8), Look(1, -2.9, 3.13)])
    True
    >>> all_wrapped([Look(1, -3.1, 3.1), Look(1, -2.9, 4.0)]), all_wrapped([Look(1, -1.2, 0.4)])
    (False, False)
    """
    known = [k for k in looks if k.low <= k.high]
    if not known:
        return False
    low, high = min(k.low for k in known), max(k.high for k in known)
    return -_PI <= low < -_NEAR_PI and _NEAR_PI < high <= _PI
