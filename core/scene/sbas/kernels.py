"""The loops over pixels, dates and pairs that numba compiles.

All in one file: numba's cache of a compiled function follows the file that the function is in, and
would miss a change of what it calls elsewhere.

Pixels go through in lanes of `LANES` side by side, each lane for itself: what a pixel gets never
depends on its neighbours, on the size of a block or on the number of threads. Arrays of a chunk
end in (LANES,).
"""

from typing import Any

import numba
import numpy as np

# Whole vectors of every processor; a chunk's pairs and dates together fit into its second cache.
LANES = 64
KERNEL: dict[str, Any] = {
    "cache": True,
    "nogil": True,
    "error_model": "numpy",
    "fastmath": {"contract", "nsz", "arcp"},
}
# Arrays are copied in loops: `a[:] = b` brings along numba's error for other shapes, whose words
# take 5 s to compile.
# Coherence outside of these says no more: a weight neither of nothing nor of everything.
LEAST_COHERENCE, MOST_COHERENCE = 0.05, 0.999
# What pulls the velocities between dates to 0, as a share of the mean weight: its limit is the
# solution of least velocity (Berardino et al. 2002), so gaps need no pseudo-inverse.
EPSILON = 1e-8
# Of the L1 solution: least squares, each time reweighted, and radians below which a residual counts
# the same.
ROUNDS, LEAST_RESIDUAL = 8, 0.3
# Rows of a chunk's figures.
COUNT, MEAN_COHERENCE, MEAN_WEIGHT, STACKED, LEVER, TEMPORAL, VARIANCE, DATES, FIGURES = range(9)


@numba.njit(**KERNEL)
def fit_chunks(series, columns, first, last, rate, error):  # pragma: no cover (compiled)
    terms, dates = columns.shape
    pixels = series.shape[1]
    x, has = np.zeros((dates, LANES)), np.zeros((dates, LANES))
    normal, right = np.zeros((terms, terms, LANES)), np.zeros((terms, 2, LANES))
    got, off, g = np.zeros(LANES), np.zeros(LANES), np.zeros((dates, LANES))
    for chunk in range(first, last):
        start = chunk * LANES
        count = min(LANES, pixels - start)
        for c in range(dates):
            for k in range(LANES):
                value = np.float64(series[c, start + k]) if k < count else np.nan
                known = value == value
                has[c, k] = 1.0 if known else 0.0
                x[c, k] = value if known else 0.0
        functional(columns, has, normal, right, g)
        line(columns, x, has, normal, right, g, got, off)
        for k in range(count):
            rate[start + k], error[start + k] = got[k], off[k]


@numba.njit(**KERNEL)
def functional(columns, has, normal, right, g):  # pragma: no cover (compiled)
    """The weights `g` (N, LANES) that give the rate as sum(g x), and the factor of the normal
    matrix in `normal`: L' of L D L', 1 / D on its diagonal."""
    terms, dates = columns.shape
    normal[:] = 0.0
    for c in range(dates):
        for a in range(terms):
            for b in range(a + 1):
                both = columns[a, c] * columns[b, c]
                for k in range(LANES):
                    normal[a, b, k] += has[c, k] * both
    for a in range(terms):
        for k in range(LANES):
            normal[a, a, k] = 1.0 / normal[a, a, k]
        for b in range(a + 1, terms):
            for c in range(b, terms):
                for k in range(LANES):
                    normal[c, b, k] -= normal[c, a, k] * normal[b, a, k] * normal[a, a, k]
        for b in range(a + 1, terms):
            for k in range(LANES):
                normal[b, a, k] *= normal[a, a, k]
    right[:, 0] = 0.0
    right[1, 0] = 1.0
    _back(normal, right, 0)
    g[:] = 0.0
    for c in range(dates):
        for a in range(terms):
            for k in range(LANES):
                g[c, k] += has[c, k] * columns[a, c] * right[a, 0, k]


@numba.njit(**KERNEL)
def _back(normal, right, side):  # pragma: no cover (compiled)
    terms = normal.shape[0]
    for a in range(terms):
        for b in range(a + 1, terms):
            for k in range(LANES):
                right[b, side, k] -= normal[b, a, k] * right[a, side, k]
    for a in range(terms - 1, -1, -1):
        for k in range(LANES):
            right[a, side, k] *= normal[a, a, k]
        for b in range(a + 1, terms):
            for k in range(LANES):
                right[a, side, k] -= normal[b, a, k] * right[b, side, k]


@numba.njit(**KERNEL)
def line(columns, x, has, normal, right, g, rate, error):  # pragma: no cover (compiled)
    """Rate and standard error of every lane, after `functional`."""
    terms, dates = columns.shape
    right[:, 1] = 0.0
    for c in range(dates):
        for a in range(terms):
            for k in range(LANES):
                right[a, 1, k] += has[c, k] * columns[a, c] * x[c, k]
    _back(normal, right, 1)
    squares, own, known = np.zeros(LANES), np.zeros(LANES), np.zeros(LANES)
    away = np.zeros(LANES)
    for c in range(dates):
        for k in range(LANES):
            away[k] = x[c, k]
        for a in range(terms):
            for k in range(LANES):
                away[k] -= columns[a, c] * right[a, 1, k]
        for k in range(LANES):
            squares[k] += has[c, k] * away[k] * away[k]
            own[k] += g[c, k] * g[c, k]
            known[k] += has[c, k]
    for k in range(LANES):
        over = known[k] > terms
        rate[k] = right[1, 1, k] if over else np.nan
        spare = known[k] - terms if over else 1.0
        error[k] = np.sqrt(squares[k] / spare * own[k]) if over else np.nan


@numba.njit(**KERNEL)
def assemble(first, second, y, w, steps, weight, band, right):  # pragma: no cover (compiled)
    """Fill `band` (N - 1, width + 1, LANES: [column, row - column]) and `right` (N - 1, LANES) from
    phases y and weights w (M, LANES); `weight` (LANES,) is the mean of the valid ones."""
    band[:] = 0.0
    right[:] = 0.0
    for m in range(first.size):
        i, j = first[m] - 1, second[m] - 1
        ym, wm = y[m], w[m]
        on_j, right_j = band[j, 0], right[j]
        for k in range(LANES):
            on_j[k] += wm[k]
            right_j[k] += wm[k] * ym[k]
        if i >= 0:
            on_i, off, right_i = band[i, 0], band[i, j - i], right[i]
            for k in range(LANES):
                on_i[k] += wm[k]
                off[k] -= wm[k]
                right_i[k] -= wm[k] * ym[k]
    middle = steps.mean()
    for e in range(steps.size):
        pull = EPSILON * (middle / steps[e]) ** 2
        for k in range(LANES):
            band[e, 0, k] += pull * weight[k]
        if e > 0:
            for k in range(LANES):
                band[e - 1, 0, k] += pull * weight[k]
                band[e - 1, 1, k] -= pull * weight[k]


@numba.njit(**KERNEL)
def factor(band):  # pragma: no cover (compiled)
    """L D L' in place: the columns of L below, 1 / D on the diagonal."""
    n, width = band.shape[0], band.shape[1] - 1
    part = np.zeros(LANES)
    for e in range(n):
        reach = min(width, n - 1 - e)
        pivot = band[e, 0]
        for k in range(LANES):
            pivot[k] = 1.0 / pivot[k]
        for a in range(1, reach + 1):
            here = band[e, a]
            for k in range(LANES):
                part[k] = here[k] * pivot[k]
            for b in range(a, reach + 1):
                there, other = band[e + a, b - a], band[e, b]
                for k in range(LANES):
                    there[k] -= other[k] * part[k]
            for k in range(LANES):
                here[k] = part[k]


@numba.njit(**KERNEL)
def substitute(band, right):  # pragma: no cover (compiled)
    """Solve with the factor: `right` (N - 1, LANES) becomes the solution."""
    n, width = band.shape[0], band.shape[1] - 1
    for e in range(n):
        here = right[e]
        for a in range(1, min(width, n - 1 - e) + 1):
            there, part = right[e + a], band[e, a]
            for k in range(LANES):
                there[k] -= part[k] * here[k]
    for e in range(n - 1, -1, -1):
        here, pivot = right[e], band[e, 0]
        for k in range(LANES):
            here[k] *= pivot[k]
        for a in range(1, min(width, n - 1 - e) + 1):
            there, part = right[e + a], band[e, a]
            for k in range(LANES):
                here[k] -= part[k] * there[k]


@numba.njit(**KERNEL)
def invert_chunks(
    phase, coherence, zero, weigh, first, second, spans, width, years, columns, rest,
    begin, end, real, counts, series,
):  # fmt: skip  # pragma: no cover (compiled)
    pairs, pixels, dates, terms = first.size, phase.shape[1], columns.shape[1], columns.shape[0]
    y, w, has = np.zeros((pairs, LANES)), np.zeros((pairs, LANES)), np.zeros((dates, LANES))
    band, x = np.zeros((dates - 1, width + 1, LANES)), np.zeros((dates, LANES))
    g, q, figures = np.zeros((dates, LANES)), np.zeros((dates, LANES)), np.zeros((FIGURES, LANES))
    normal, right = np.zeros((terms, terms, LANES)), np.zeros((terms, 2, LANES))
    steps = years[1:] - years[:-1]
    rate, off, islands = np.zeros(LANES), np.zeros(LANES), np.zeros(LANES, np.int16)
    for chunk in range(begin, end):
        start = chunk * LANES
        count = min(LANES, pixels - start)
        _load(phase, coherence, zero, weigh, start, count, y, w, figures)
        _join(first, second, w, has, islands, figures)
        _stack(spans, y, w, figures, rest)
        assemble(first, second, y, w, steps, figures[MEAN_WEIGHT], band, x[1:])
        factor(band)
        substitute(band, x[1:])
        if rest:
            for k in range(LANES):
                has[:, k] = 1.0 if figures[COUNT, k] > 0.0 else 0.0
        functional(columns, has, normal, right, g)
        for c in range(g.shape[0]):
            for k in range(LANES):
                q[c, k] = g[c, k]
        substitute(band, q[1:])
        q[0] = 0.0
        _residuals(first, second, spans, y, w, x, q, figures, rest)
        for c in range(dates):
            for k in range(LANES):
                x[c, k] += figures[STACKED, k] * years[c]
        line(columns, x, has, normal, right, g, rate, off)
        _store(start, count, islands, rate, off, figures, real, counts)
        if series.size:
            for c in range(dates):
                for k in range(count):
                    series[c, start + k] = x[c, k] if has[c, k] > 0.0 else np.nan
        x[0] = 0.0


@numba.njit(**KERNEL)
def _load(
    phase, coherence, zero, weigh, start, count, y, w, figures
):  # fmt: skip  # pragma: no cover (compiled)
    """Phases about the reference and weights of a chunk, 0 and 0 where there is no data."""
    known, weight = np.zeros(LANES), np.zeros(LANES)
    figures[:] = 0.0
    for m in range(y.shape[0]):
        ym, wm = y[m], w[m]
        for k in range(LANES):
            ym[k] = np.nan
            known[k] = np.nan
        for k in range(count):
            ym[k] = phase[m, start + k]
        if weigh:
            for k in range(count):
                known[k] = coherence[m, start + k]
        for k in range(LANES):
            valid = ym[k] == ym[k]
            ym[k] = ym[k] - zero[m] if valid else 0.0
            wm[k] = 1.0 if valid else 0.0
            figures[COUNT, k] += wm[k]
            read = valid and known[k] == known[k]
            figures[MEAN_COHERENCE, k] += known[k] if read else 0.0
            weight[k] += 1.0 if read else 0.0
        if weigh == 2:
            for k in range(LANES):
                c = known[k] if known[k] > LEAST_COHERENCE else LEAST_COHERENCE
                c = min(c, MOST_COHERENCE)
                wm[k] *= 2.0 * c * c / (1.0 - c * c)
        for k in range(LANES):
            figures[MEAN_WEIGHT, k] += wm[k]
    for k in range(LANES):
        figures[MEAN_COHERENCE, k] /= weight[k]
        if figures[COUNT, k] > 0.0:
            figures[MEAN_WEIGHT, k] /= figures[COUNT, k]
        else:
            figures[MEAN_WEIGHT, k] = 1.0


@numba.njit(**KERNEL)
def _join(first, second, w, has, islands, figures):  # pragma: no cover (compiled)
    """Mark the dates that have a pair, and count the islands they form."""
    dates = has.shape[0]
    has[:] = 0.0
    back, alone = np.zeros((dates, LANES)), np.zeros(LANES)
    for m in range(first.size):
        i, j = has[first[m]], has[second[m]]
        earlier = back[second[m]]
        for k in range(LANES):
            valid = 1.0 if w[m, k] > 0.0 else 0.0
            i[k] = max(i[k], valid)
            j[k] = max(j[k], valid)
            earlier[k] = max(earlier[k], valid)
    for c in range(dates):
        for k in range(LANES):
            figures[DATES, k] += has[c, k]
            alone[k] += has[c, k] * (1.0 - back[c, k])
    for k in range(LANES):
        # Where every date but one has a pair back in time, they all lead back to that one.
        islands[k] = int(alone[k]) if alone[k] < 2.0 else _islands(first, second, w, has, k)


@numba.njit(**KERNEL)
def _islands(first, second, w, has, k):  # pragma: no cover (compiled)
    root = np.arange(has.shape[0])
    count = 0
    for c in range(has.shape[0]):
        count += int(has[c, k])
    for m in range(first.size):
        if w[m, k] > 0.0:
            i, j = first[m], second[m]
            while root[i] != i:
                i = root[i]
            while root[j] != j:
                j = root[j]
            if i != j:
                root[max(i, j)] = min(i, j)
                count -= 1
    return count


@numba.njit(**KERNEL)
def _stack(spans, y, w, figures, rest):  # pragma: no cover (compiled)
    """The stacked rate sum(w y span) / sum(w span^2), taken off y unless series are to rest."""
    if rest:
        return
    for m in range(spans.size):
        for k in range(LANES):
            figures[STACKED, k] += w[m, k] * y[m, k] * spans[m]
            figures[LEVER, k] += w[m, k] * spans[m] * spans[m]
    for k in range(LANES):
        figures[STACKED, k] /= figures[LEVER, k] if figures[LEVER, k] > 0.0 else 1.0
    for m in range(spans.size):
        for k in range(LANES):
            y[m, k] -= figures[STACKED, k] * spans[m]


@numba.njit(**KERNEL)
def _residuals(first, second, spans, y, w, x, q, figures, rest):  # pragma: no cover (compiled)
    """Temporal coherence, and the variance of the rate that the noise of the pairs makes.

    With h = w (q_j - q_i) the rate answers to a pair as h + (1 - sum(h span)) w span / sum(w
    span^2): the inversion's share and the stacked rate's (noise: Agram and Simons 2015). Unlike
    g' N^-1 g that stays finite across gaps, and is the same where there are none.
    """
    real, imaginary, squares = np.zeros(LANES), np.zeros(LANES), np.zeros(LANES)
    noise, covered, e = np.zeros(LANES), np.zeros(LANES), np.zeros(LANES)
    for m in range(first.size):
        i, j, wm, ym = first[m], second[m], w[m], y[m]
        xi, xj, qi, qj = x[i], x[j], q[i], q[j]
        for k in range(LANES):
            e[k] = ym[k] - (xj[k] - xi[k])
            step = qj[k] - qi[k]
            squares[k] += wm[k] * e[k] * e[k]
            noise[k] += wm[k] * step * step
            covered[k] += wm[k] * step * spans[m]
        _turn(e, wm, real, imaginary)
    for k in range(LANES):
        left = 0.0 if rest else 1.0 - covered[k]
        lever = figures[LEVER, k] if figures[LEVER, k] > 0.0 else 1.0
        noise[k] += 2.0 * left / lever * covered[k] + left * left / lever
        figures[VARIANCE, k] = noise[k] * squares[k]
        size = np.sqrt(real[k] * real[k] + imaginary[k] * imaginary[k])
        figures[TEMPORAL, k] = size / figures[COUNT, k]


@numba.njit(**KERNEL)
def _turn(e, w, real, imaginary):  # pragma: no cover (compiled)
    """Add cosine and sine of the residuals, by Taylor series of half the angle (within 1e-9): they
    go through in vectors, which the library's do not."""
    for k in range(LANES):
        turns = np.floor(e[k] * (0.5 / np.pi) + 0.5)
        half = 0.5 * (e[k] - turns * (2.0 * np.pi))
        s = half * half
        sine = 1.0 - s / 156.0
        sine = 1.0 - s * sine * (1.0 / 110.0)
        sine = 1.0 - s * sine * (1.0 / 72.0)
        sine = 1.0 - s * sine * (1.0 / 42.0)
        sine = 1.0 - s * sine * (1.0 / 20.0)
        sine = half * (1.0 - s * sine * (1.0 / 6.0))
        cosine = 1.0 - s * (1.0 / 182.0)
        cosine = 1.0 - s * cosine * (1.0 / 132.0)
        cosine = 1.0 - s * cosine * (1.0 / 90.0)
        cosine = 1.0 - s * cosine * (1.0 / 56.0)
        cosine = 1.0 - s * cosine * (1.0 / 30.0)
        cosine = 1.0 - s * cosine * (1.0 / 12.0)
        cosine = 1.0 - s * cosine * 0.5
        valid = 1.0 if w[k] > 0.0 else 0.0
        real[k] += valid * (1.0 - 2.0 * sine * sine)
        imaginary[k] += valid * 2.0 * sine * cosine


@numba.njit(**KERNEL)
def _store(
    start, count, islands, rate, off, figures, real, counts
):  # fmt: skip  # pragma: no cover (compiled)
    for k in range(count):
        dates = figures[DATES, k]
        to = start + k
        counts[0, to], counts[1, to], counts[2, to] = figures[COUNT, k], dates, islands[k]
        # Unknowns: every island's dates but one.
        spare = figures[COUNT, k] - (dates - islands[k])
        variance = figures[VARIANCE, k] / spare if spare > 0.0 else np.nan
        real[0, to], real[1, to] = rate[k], off[k]
        real[2, to] = np.sqrt(variance) if off[k] == off[k] else np.nan
        real[3, to] = figures[TEMPORAL, k] if dates > 0.0 else np.nan
        real[4, to] = figures[MEAN_COHERENCE, k]


@numba.njit(**KERNEL)
def search_chunks(
    phase, zero, index, first, second, short, trusted, lean, width, years, begin, end, cycles, left
):  # fmt: skip  # pragma: no cover (compiled)
    """Whole cycles (M, F) of the pixels `index` (F,) that are to come off, and in `left` (M, F) the
    residuals of the first L1 solution; either may be empty and is not sought then."""
    pairs, dates = first.size, years.size
    y, w, part = np.zeros((pairs, LANES)), np.zeros((pairs, LANES)), np.zeros((pairs, LANES))
    e, root = np.zeros((pairs, LANES)), np.zeros((dates, LANES), np.int16)
    band, x = np.zeros((dates - 1, width + 1, LANES)), np.zeros((dates, LANES))
    steps, long = years[1:] - years[:-1], not short.all()
    for chunk in range(begin, end):
        start = chunk * LANES
        count = min(LANES, index.size - start)
        _gather(phase, zero, index, start, count, y, w)
        if left.size:
            _least_absolute(first, second, y, w, steps, band, x, part, e)
            for m in range(pairs):
                for k in range(count):
                    left[m, start + k] = e[m, k] if w[m, k] > 0.0 else np.nan
        if not cycles.size:
            continue
        if long:
            _trust(trusted, lean, w, part)
            _roots(first, second, part, root)
            _least_absolute(first, second, y, part.copy(), steps, band, x, part, e)
            _round(first, second, y, w, e, root, short, True, start, count, cycles)
        for _ in range(2):
            _least_absolute(first, second, y, w, steps, band, x, part, e)
            if not _round(first, second, y, w, e, root, short, False, start, count, cycles):
                break


@numba.njit(**KERNEL)
def _gather(phase, zero, index, start, count, y, w):  # pragma: no cover (compiled)
    y[:] = 0.0
    w[:] = 0.0
    for m in range(y.shape[0]):
        for k in range(count):
            value = phase[m, index[start + k]]
            if value == value:
                y[m, k] = value - zero[m]
                w[m, k] = 1.0


@numba.njit(**KERNEL)
def _trust(trusted, lean, w, part):  # pragma: no cover (compiled)
    """Weights `lean` (M,) of the pairs that are in one of the triplets `trusted` at their pixel."""
    part[:] = 0.0
    for t in range(trusted.shape[0]):
        a, b, c = trusted[t]
        for k in range(LANES):
            whole = w[a, k] * w[b, k] * w[c, k]
            part[a, k] = max(part[a, k], whole * lean[a])
            part[b, k] = max(part[b, k], whole * lean[b])
            part[c, k] = max(part[c, k], whole * lean[c])


@numba.njit(**KERNEL)
def _least_absolute(first, second, y, w, steps, band, x, part, e):  # pragma: no cover (compiled)
    """Phases of the dates with the least sum of absolute residuals, by least squares reweighted:
    `ROUNDS` of them; residuals of all pairs in `e`."""
    for m in range(first.size):
        for k in range(LANES):
            part[m, k] = w[m, k]
    one = np.ones(LANES)
    for _ in range(ROUNDS):
        assemble(first, second, y, part, steps, one, band, x[1:])
        factor(band)
        substitute(band, x[1:])
        for m in range(first.size):
            xi, xj, em, wm, pm, ym = x[first[m]], x[second[m]], e[m], w[m], part[m], y[m]
            for k in range(LANES):
                em[k] = ym[k] - (xj[k] - xi[k])
                pm[k] = wm[k] / max(abs(em[k]), LEAST_RESIDUAL)


@numba.njit(**KERNEL)
def _round(
    first, second, y, w, e, root, short, long_only, start, count, cycles
):  # fmt: skip  # pragma: no cover (compiled)
    """Take whole cycles of the residuals off y; say whether there were any. With `long_only` those
    of long pairs whose dates short pairs join."""
    found = False
    for m in range(first.size):
        if long_only and short[m]:
            continue
        for k in range(count):
            turns = np.floor(e[m, k] / (2.0 * np.pi) + 0.5)
            if turns == 0.0 or w[m, k] == 0.0:
                continue
            if long_only and root[first[m], k] != root[second[m], k]:
                continue
            y[m, k] -= 2.0 * np.pi * turns
            cycles[m, start + k] += np.int8(turns)
            found = True
    return found


@numba.njit(**KERNEL)
def _roots(first, second, w, root):  # pragma: no cover (compiled)
    """The earliest date that a date is joined to by pairs of weight, for every lane."""
    for c in range(root.shape[0]):
        root[c] = c
    for k in range(LANES):
        for m in range(first.size):
            if w[m, k] > 0.0:
                i, j = root[first[m], k], root[second[m], k]
                while root[i, k] != i:
                    i = root[i, k]
                while root[j, k] != j:
                    j = root[j, k]
                root[max(i, j), k] = min(i, j)
        for c in range(root.shape[0]):
            root[c, k] = root[root[c, k], k]
