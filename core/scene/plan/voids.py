"""No data that a file does not declare: values far from all others, rates of exactly 0."""

import numpy as np

from core.factors import DEFORMATION, ELEVATION, OPTICAL

# Values that software writes for "no data" and sometimes does not declare.
USUAL = (
    *(65535, 32767, 255, 99999, 9999, 999, 1e20, 1e30, 2147483647, 4294967295, 254),
    *(-32768, -32767, -9999, -99999, -999, -99, -1e10, -1e30, -2147483648, -1e20, -3000, -128),
)
MOST, MANY = 6, 20


def usual(value: float) -> bool:
    """
    >>> usual(-9999.0), usual(-9998.0), usual(1.0000000200408773e20)
    (True, False, True)
    """
    return any(np.isclose(value, known, rtol=1e-6, atol=0) for known in USUAL)


def hidden(name: str, raw: np.ndarray) -> list[tuple[float, float]]:
    """(value, share of the numbers) of what looks like undeclared no data of factor `name`.

    Taken from either end of the range, as long as what stands there lies apart from the rest.

    >>> heights = np.r_[np.linspace(300, 2500, 900), [0.0] * 80, [-9999.0] * 20]
    >>> hidden("elevation", heights)
    [(-9999.0, 0.02), (0.0, 0.08)]
    >>> hidden("slope", np.linspace(0, 60, 100))
    []
    """
    values, counts = np.unique(raw, return_counts=True)
    found: list[tuple[float, float]] = []
    first, last = 0, len(values)
    while first < last and len(found) < MOST:
        for index, rest in ((first, (first + 1, last)), (last - 1, (first, last - 1))):
            if _apart(name, values, counts, index, rest):
                found.append((float(values[index]), float(counts[index] / raw.size)))
                first, last = rest
                break
        else:
            break
    return found


def _apart(
    name: str, values: np.ndarray, counts: np.ndarray, index: int, rest: tuple[int, int]
) -> bool:
    """Whether the value at an end of the range is far from the others."""
    value, others = float(values[index]), values[slice(*rest)]
    if not others.size:
        return usual(value) and len(values) == 1
    span = float(others[-1] - others[0])
    gap = float(others[0] - value if value < others[0] else value - others[-1])
    if usual(value) and gap > 0.5 * max(span, 1.0):
        return True
    if len(others) < MANY:
        return False
    if counts[index] > max(5, 5e-4 * counts.sum()) and gap > 2 * span > 0:
        return True
    void = value == 0 and name in (ELEVATION, *OPTICAL)
    # Between measurements there is no gap of that size.
    lone = gap > 10 * float(np.diff(others).max()) and gap > 0.02 * span
    return (void or usual(value)) and lone and counts[index] > 1


def still(name: str, raw: np.ndarray, declared: float | None) -> float:
    """The share of a rate's numbers that are exactly 0 where hardly any two others are alike: not
    measured; 0 where that is not so.

    >>> still("deformation", np.r_[np.zeros(50), np.linspace(-9, 9, 50)], None)
    0.5
    """
    if name not in (DEFORMATION, "second") or declared is not None or not raw.size:
        return 0.0
    zeros = int((raw == 0).sum())
    if zeros < 0.005 * raw.size or zeros == raw.size:
        return 0.0
    _, counts = np.unique(raw[raw != 0], return_counts=True)
    return zeros / raw.size if len(counts) >= MANY and zeros > 20 * counts.max() else 0.0
