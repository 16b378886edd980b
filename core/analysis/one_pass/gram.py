"""The Gram matrix of a block, in one compiled loop over pieces that stay in a core's cache.

A row of ones rides along, so count, sums and products come out of one pass; a pixel that does not
count is zero in every row. Of the classes of a categorical factor only those that a piece has get
a row: maps have few classes in a place, and the work grows with the square of the rows.
"""

import numba
import numpy as np

# 256 pixels x 12 rows in float64 are 24 KB.
PIECE = 256
# Products are taken three rows by three: nine sums and six values fit a core's registers.
TILE = 3
# Taylor's terms of sine and cosine up to 45 degrees: less than 1e-15 is left.
_SINE = tuple((-1) ** k / float(np.prod(np.arange(1.0, 2 * k + 2))) for k in range(8))
_COSINE = tuple((-1) ** k / float(np.prod(np.arange(1.0, 2 * k + 1))) for k in range(9))


@numba.njit(nogil=True, cache=True)
def add(gram, values, counts, shift, angles, classes, tables):
    """Add the products of the pixels of `values` (p, pixels) that `counts` (pixels,) has a 1 for.

    Every pair of columns is added once, above or below the diagonal of `gram` (columns + 2,
    columns + 2), whose last two are the ones and what fills a tile up. `shift` (p,). `angles`
    (a, 3): factor, column of its sine and of its cosine. `classes` (c, 2): factor, its lowest
    code; `tables` (c, codes): the column of each code from there on, -1 where it has none.
    """
    rows = np.zeros((len(gram) + TILE, PIECE))
    at = np.empty(len(rows), np.int64)
    row_of = np.full(len(gram), -1, np.int64)
    for start in range(0, values.shape[1], PIECE):
        stop = min(start + PIECE, values.shape[1])
        here = counts[start:stop]
        rows[:, stop - start :] = 0.0
        used = _plain(rows, at, values, start, here, shift)
        at[0] = len(gram) - 2
        for factor, sine, cosine in angles:
            _turn(rows[used], rows[used + 1], values[factor, start:stop], rows[0])
            at[used], at[used + 1] = sine, cosine
            used += 2
        for which in range(len(classes)):
            factor, low = classes[which]
            layer, table = values[factor, start:stop], tables[which]
            used = _classes(rows, at, used, layer, here, low, table, row_of)
        while used % TILE:
            rows[used] = 0.0
            at[used] = len(gram) - 1
            used += 1
        _products(gram, rows, at, used)


@numba.njit(nogil=True, cache=True)
def _plain(rows, at, values, start, counts, shift):
    """The ones, then every factor less its shift; return how many rows these are."""
    # Slices along a row, which the compiler knows to lie in one piece.
    ones = rows[0, : len(counts)]
    for pixel in range(len(ones)):
        ones[pixel] = counts[pixel]
    for factor in range(len(values)):
        row, low = rows[factor + 1, : len(ones)], shift[factor]
        layer = values[factor, start : start + len(ones)]
        for pixel in range(len(ones)):
            value = np.float64(layer[pixel]) - low
            row[pixel] = value if ones[pixel] > 0.0 else 0.0
        at[factor + 1] = factor
    return len(values) + 1


@numba.njit(nogil=True, cache=True)
def _turn(sine, cosine, degrees, ones):
    """Sine and cosine of `degrees`, by their series around the nearest multiple of 90."""
    for pixel in range(len(degrees)):
        angle = np.float64(degrees[pixel]) if ones[pixel] > 0.0 else 0.0
        quarter = np.floor(angle / 90.0 + 0.5)
        rest = (angle - 90.0 * quarter) * (np.pi / 180.0)
        square = rest * rest
        s, c = 0.0, 0.0
        for term in _SINE[::-1]:
            s = s * square + term
        for term in _COSINE[::-1]:
            c = c * square + term
        s *= rest
        quarter = quarter - 4.0 * np.floor(quarter / 4.0)
        odd = quarter == 1.0 or quarter == 3.0
        one, other = (c, s) if odd else (s, c)
        sine[pixel] = (one if quarter < 2.0 else -one) * ones[pixel]
        turned = quarter == 1.0 or quarter == 2.0
        cosine[pixel] = (-other if turned else other) * ones[pixel]


@numba.njit(nogil=True, cache=True)
def _classes(rows, at, used, layer, counts, low, table, row_of):
    """A row of 0 and 1 for each class that is here; return how many rows are used then."""
    first = used
    for pixel in range(len(counts)):
        code = int(layer[pixel] - low) if counts[pixel] else -1
        column = table[code] if 0 <= code < len(table) else -1
        if column < 0:
            continue
        if row_of[column] < 0:
            row_of[column], at[used] = used, column
            rows[used] = 0.0
            used += 1
        rows[row_of[column], pixel] = 1.0
    for row in range(first, used):
        row_of[at[row]] = -1
    return used


# Sums may be taken in any order: four or eight of them at a time.
@numba.njit(nogil=True, cache=True, fastmath={"reassoc", "contract"})
def _products(gram, rows, at, used):
    for i in range(0, used, TILE):
        a0, a1, a2 = rows[i], rows[i + 1], rows[i + 2]
        for j in range(0, i + 1, TILE):
            b0, b1, b2 = rows[j], rows[j + 1], rows[j + 2]
            s00 = s01 = s02 = s10 = s11 = s12 = s20 = s21 = s22 = 0.0
            for k in range(len(a0)):
                x0, x1, x2, y0, y1, y2 = a0[k], a1[k], a2[k], b0[k], b1[k], b2[k]
                s00 += x0 * y0
                s01 += x0 * y1
                s02 += x0 * y2
                s10 += x1 * y0
                s11 += x1 * y1
                s12 += x1 * y2
                s20 += x2 * y0
                s21 += x2 * y1
                s22 += x2 * y2
            tile = ((s00, s01, s02), (s10, s11, s12), (s20, s21, s22))
            for u in range(TILE):
                for v in range(TILE):
                    if i + u >= j + v:
                        gram[at[i + u], at[j + v]] += tile[u][v]
