"""Probability bins: one function, so that card, map and command line always agree."""

import numpy as np

BINS = 200
NO_DATA = 0


def to_display(probability: np.ndarray) -> np.ndarray:
    """Return uint8 display values v = 1 + min(199, floor(200 p)); NaN becomes 0 (no data).

    >>> to_display(np.array([0.0, 0.4999, 0.5, 1.0, np.nan]))
    array([  1, 100, 101, 200,   0], dtype=uint8)
    """
    # Products such as 200 * 0.29 fall a hair below their integer in binary.
    bins = np.floor(np.nan_to_num(probability).astype(np.float64) * BINS + 1e-6)
    values = 1 + np.clip(bins, 0, BINS - 1)
    return np.where(np.isnan(probability), NO_DATA, values).astype(np.uint8)


def first_bin(threshold: float) -> int:
    """Return the first bin that counts as landslide at `threshold` (a multiple of .005).

    >>> first_bin(0.5), first_bin(0.505), first_bin(1.0)
    (100, 101, 200)
    """
    return round(threshold * BINS)


def to_mask(display: np.ndarray, threshold: float) -> np.ndarray:
    """Return uint8 1 = landslide, 0 = not, 255 = no data, from display values.

    >>> to_mask(np.array([0, 100, 101], np.uint8), 0.5)
    array([255,   0,   1], dtype=uint8)
    """
    mask = (display > first_bin(threshold)).astype(np.uint8)
    mask[display == NO_DATA] = 255
    return mask
