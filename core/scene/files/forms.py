"""Numbers that are no multiple of an angle, and the angle in degrees that they stand for."""

import numpy as np

PERCENT, COSINE, BEARING = "percent of slope", "cosine", "bearing"


def to_degrees(values: np.ndarray, form: str) -> np.ndarray:
    """Return degrees of numbers in `form`, of the same type; without one the numbers themselves.

    PERCENT is 100 times rise over run. A cosine beyond 1 is no angle: NaN. A BEARING is in degrees
    already and brought to 0..360.

    >>> to_degrees(np.array([0.0, 100.0]), PERCENT).tolist()
    [0.0, 45.0]
    >>> to_degrees(np.array([0.5, 1.5]), COSINE).round(6).tolist()
    [60.0, nan]
    """
    if form == PERCENT:
        return np.degrees(np.arctan(values / 100)).astype(values.dtype, copy=False)
    if form == COSINE:
        # A cosine of 1 may be stored as a little more.
        near = np.where(np.abs(values) <= 1.0001, np.clip(values, -1, 1), np.nan)
        return np.degrees(np.arccos(near)).astype(values.dtype, copy=False)
    if form == BEARING:
        return values % 360
    return values
