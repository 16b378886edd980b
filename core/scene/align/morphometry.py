"""More of the shape of the ground: profile and plan curvature, ruggedness, position.

Curvatures after Zevenbergen and Thorne (1987), "Quantitative analysis of land surface topography",
with ArcGIS's signs and unit (1/100 m): profile curvature is negative where the ground bulges along
the slope, plan curvature positive where it bulges across; plan - profile is the general curvature
of `terrain`. Ruggedness (TRI): root
of the summed squared differences to the eight neighbours (Riley, DeGloria and Elliot 1999).
Position (TPI): the pixel less the mean of its eight neighbours (Weiss 2001).
"""

import numba
import numpy as np


def morphometry(elevation: np.ndarray, dx: np.ndarray, dy: np.ndarray) -> dict[str, np.ndarray]:
    """Return profile_curvature, plan_curvature, tri and tpi, each float32 (height, width).

    elevation: float32 (height, width) in metres, NaN = no data, row 0 in the north.
    dx, dy: float64 (height,), metres between columns and between rows.
    The outermost pixels and the neighbours of no data have none. Flat ground has no direction: both
    curvatures are 0 there.
    """
    height, width = elevation.shape
    found = np.full((4, height, width), np.nan, np.float32)
    _kernel(
        np.ascontiguousarray(elevation, np.float32),
        np.ascontiguousarray(dx, np.float64),
        np.ascontiguousarray(dy, np.float64),
        found,
    )
    return dict(zip(("profile_curvature", "plan_curvature", "tri", "tpi"), found))


@numba.njit(cache=True, nogil=True)
def _kernel(z, dx, dy, found):  # pragma: no cover (compiled)
    height, width = z.shape
    for i in range(1, height - 1):
        x, y = dx[i], dy[i]
        for j in range(1, width - 1):
            c = np.float64(z[i, j])
            total, squares = 0.0, 0.0
            for k in range(-1, 2):
                for m in range(-1, 2):
                    step = z[i + k, j + m] - c
                    total += step
                    squares += step * step
            # A neighbour without data makes both sums NaN, and so all four.
            found[2, i, j] = np.sqrt(squares)
            found[3, i, j] = -total / 8.0
            n, s, w, e = z[i - 1, j], z[i + 1, j], z[i, j - 1], z[i, j + 1]
            d = ((w + e) / 2.0 - c) / (x * x)
            f = ((n + s) / 2.0 - c) / (y * y)
            mixed = (z[i - 1, j + 1] + z[i + 1, j - 1] - z[i - 1, j - 1] - z[i + 1, j + 1]) / (
                4.0 * x * y
            )
            g, h = (e - w) / (2.0 * x), (n - s) / (2.0 * y)
            steep = g * g + h * h
            if steep > 0.0:
                along = (d * g * g + f * h * h + mixed * g * h) / steep
                across = (d * h * h + f * g * g - mixed * g * h) / steep
                found[0, i, j] = 200.0 * along + 0.0 * total
                found[1, i, j] = -200.0 * across + 0.0 * total
            else:
                found[0, i, j] = 0.0 * total
                found[1, i, j] = 0.0 * total
