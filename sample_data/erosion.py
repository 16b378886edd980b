"""Rivers cut, slopes slide: the two rules that shape the relief."""

from __future__ import annotations

import numpy as np
from numba import njit

AREA_EXPONENT = 0.45
HILLSLOPE_AREA = 1.5e4  # m2 added to the drainage area: smaller gives gullies, larger draped cloth


@njit(cache=True)
def ceiling(height, cell, rows, cols, rise):
    """Highest elevation a cell may have over its lower neighbours for a slope of `rise` a cell.

    The eikonal update: the limit is the same in all directions, where a limit per neighbour
    would fold the terrain along the eight grid directions like paper.
    """
    y, x = cell // cols, cell % cols
    p = min(
        height[cell - 1] if x > 0 else 1e9,
        height[cell + 1] if x < cols - 1 else 1e9,
    )
    q = min(
        height[cell - cols] if y > 0 else 1e9,
        height[cell + cols] if y < rows - 1 else 1e9,
    )
    if abs(p - q) >= rise:
        return min(p, q) + rise
    return 0.5 * (p + q + np.sqrt(2 * rise * rise - (p - q) ** 2))


@njit(cache=True)
def incise(elevation, outlet, order, receiver, area, erodibility, uplift, critical, step, spacing):
    """One implicit stream-power step in place: uplift, incision, slope limit, no pits.

    Braun and Willett (2013) for slope exponent 1. `elevation` and `spacing` in metres, `area` in
    m2, `critical` the tangent of the steepest stable slope; `step` and `uplift` in model units.
    """
    rows, cols = elevation.shape
    height = elevation.ravel()
    for cell in order:
        if outlet[cell]:
            continue
        down = receiver[cell]
        straight = abs(cell - down) == 1 or abs(cell - down) == cols
        distance = spacing if straight else 1.4142135623730951 * spacing
        cut = erodibility[cell] * step * (area[cell] + HILLSLOPE_AREA) ** AREA_EXPONENT / distance
        risen = (height[cell] + uplift[cell] * step + cut * height[down]) / (1 + cut)
        limit = ceiling(height, cell, rows, cols, critical[cell] * spacing)
        height[cell] = max(min(risen, limit), height[down] + 2e-4 * distance)


@njit(cache=True)
def relax(elevation, order, critical, spacing):
    """One exact slope limit in place; `order` ascends, so lower neighbours are already final."""
    rows, cols = elevation.shape
    height = elevation.ravel()
    for cell in order:
        limit = ceiling(height, cell, rows, cols, critical[cell] * spacing)
        height[cell] = min(height[cell], limit)
