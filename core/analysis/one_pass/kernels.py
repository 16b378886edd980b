"""The loops over pixels and bins that numba compiles."""

import numba
import numpy as np

# Pixels whose bins are found together, by vector instructions, before any is counted.
PIECE = 1024


@numba.njit(nogil=True, cache=True)
def fill(counts, lows, widths, bins, values, inside):
    """Add pixels to `counts` (p, 2, bins); NaN is left out.

    `values` float32 (p, pixels), `inside` uint8 (pixels,), `lows`, `widths`, `bins` (p,).
    """
    width = counts.shape[2]
    # Outside, inside, and a last one for NaN: one factor's counts stay in a core's cache.
    found = np.empty(2 * width + 1, np.int32)
    at = np.empty(PIECE, np.uint32)
    for factor in range(len(values)):
        found[:] = 0
        for start in range(0, values.shape[1], PIECE):
            part = values[factor, start : start + PIECE]
            side = inside[start : start + PIECE]
            _bins_of(at, part, side, lows[factor], 1.0 / widths[factor], bins[factor] - 1, width)
            for pixel in range(len(part)):
                found[at[pixel]] += 1
        for which in range(2):
            counts[factor, which] += found[which * width : (which + 1) * width]


@numba.njit(nogil=True, cache=True)
def _bins_of(at, values, inside, low, scale, last, width):
    """Write the place of each pixel in its factor's counts."""
    for pixel in range(len(values)):
        value = (np.float64(values[pixel]) - low) * scale
        value = min(max(value, 0.0), np.float64(last))
        place = np.int32(value) + np.int32(inside[pixel]) * np.int32(width)
        known = values[pixel] == values[pixel]
        at[pixel] = np.uint32(place if known else np.int32(2 * width))


@numba.njit(nogil=True, cache=True)
def complete_of(values, here):
    """uint8 (pixels,): 1 where every factor of `values` (p, pixels) has data and `here` is 1."""
    found = here.copy()
    for factor in range(values.shape[0]):
        for pixel in range(values.shape[1]):
            found[pixel] &= np.isfinite(values[factor, pixel])
    return found


@numba.njit(cache=True)
def jenks(sums, classes):
    """First position of each class of the best division of a sorted row into `classes` runs.

    `sums` (3, n + 1): weight, weight x value and weight x value squared up to each position. The
    best begin of a last class never moves back as the row grows, so halving the row finds all.
    """
    n = sums.shape[1] - 1
    best = np.empty(n + 1)
    for end in range(n + 1):
        best[end] = _spread(sums, 0, end)
    begins = np.zeros((classes, n + 1), np.int64)
    for number in range(1, classes):
        better = np.full(n + 1, np.inf)
        waiting = [(number + 1, n, number, n - 1)]
        while len(waiting):
            low, high, first, last = waiting.pop()
            middle = (low + high) // 2
            for begin in range(first, min(last, middle - 1) + 1):
                found = best[begin] + _spread(sums, begin, middle)
                if found < better[middle]:
                    better[middle] = found
                    begins[number, middle] = begin
            at = begins[number, middle]
            if low < middle:
                waiting.append((low, middle - 1, first, at))
            if middle < high:
                waiting.append((middle + 1, high, at, last))
        best = better
    starts = np.zeros(classes, np.int64)
    end = n
    for number in range(classes - 1, 0, -1):
        end = begins[number, end]
        starts[number] = end
    return starts


@numba.njit(cache=True)
def _spread(sums, begin, end):
    """Sum of squared distances to the mean of a run."""
    weight = sums[0, end] - sums[0, begin]
    if weight <= 0:
        return 0.0
    total = sums[1, end] - sums[1, begin]
    return sums[2, end] - sums[2, begin] - total * total / weight
