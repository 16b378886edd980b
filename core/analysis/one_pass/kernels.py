"""The loops over pixels and bins that numba compiles."""

import numba
import numpy as np


@numba.njit(nogil=True, cache=True)
def fill(counts, lows, widths, bins, values, inside):
    """Add pixels to `counts` (p, 2, bins); NaN is left out.

    `values` float32 (p, pixels), `inside` uint8 (pixels,), `lows`, `widths`, `bins` (p,).
    """
    for factor in range(values.shape[0]):
        low, scale, last = lows[factor], 1.0 / widths[factor], bins[factor] - 1
        for pixel in range(values.shape[1]):
            value = values[factor, pixel]
            if np.isnan(value):
                continue
            at = min(max((value - low) * scale, 0.0), float(last))
            counts[factor, inside[pixel], int(at)] += 1


@numba.njit(nogil=True, cache=True)
def complete_of(values, here):
    """uint8 (pixels,): 1 where every factor of `values` (p, pixels) has data and `here` is 1."""
    found = here.copy()
    for factor in range(values.shape[0]):
        for pixel in range(values.shape[1]):
            found[pixel] &= np.isfinite(values[factor, pixel])
    return found


@numba.njit(nogil=True, cache=True)
def shifted(buffer, values, shift, counts):
    """Write `values` minus `shift` into the first rows of `buffer`, `counts` into its last."""
    for factor in range(values.shape[0]):
        low = shift[factor]
        for pixel in range(values.shape[1]):
            value = values[factor, pixel] - low
            buffer[factor, pixel] = value if counts[pixel] else 0.0
    for pixel in range(values.shape[1]):
        buffer[-1, pixel] = counts[pixel]


@numba.njit(nogil=True, cache=True)
def one_hot(buffer, layer, counts, first, low, rows):
    """Write a 1 into the row of each pixel's class; its `first` row is the lowest of them."""
    for row in range(first, rows.max() + 1):
        for pixel in range(layer.shape[0]):
            buffer[row, pixel] = 0.0
    for pixel in range(layer.shape[0]):
        if counts[pixel]:
            code = int(layer[pixel] - low)
            if 0 <= code < rows.shape[0] and rows[code] >= 0:
                buffer[rows[code], pixel] = 1.0


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
