"""The lattice of a grid: the size of its pixels, and the whole ones within an extent."""

import math

import numpy as np
from rasterio.crs import CRS

from core.errors import SlideScopeError
from core.scene.files.sources import Raster
from core.scene.grid import Grid
from core.scene.plan.extent import Bounds, own_cell
from core.scene.plan.request import ImportRequest

DEFAULT_RESOLUTION_M = 12.5
MAX_PIXELS = 1_000_000_000
# Two rasters of one survey differ by fractions of a millimetre; a hundredth of a pixel is none.
SNAP = 0.01


def cell(request: ImportRequest, base: Raster, crs: CRS) -> tuple[tuple[float, float], tuple]:
    """Return (x, y) size of a pixel in units of `crs`, and a sentence about the choice."""
    metre = crs.linear_units_factor[1]
    if request.resolution:
        return (request.resolution / metre,) * 2, ()
    own = own_cell(base, crs)
    if max(own) * metre > DEFAULT_RESOLUTION_M * (1 + 1e-6):
        return own, (
            f"The grid has pixels of {max(own) * metre:.2f} m, as '{base.path.name}' has: finer "
            f"ones, such as the default {DEFAULT_RESOLUTION_M} m, would add nothing.",
        )
    if np.allclose(np.array(own) * metre, DEFAULT_RESOLUTION_M, rtol=1e-6):
        return own, ()
    return (DEFAULT_RESOLUTION_M / metre,) * 2, ()


def lattice(crs: str, size, origin, bounds: Bounds) -> Grid:
    """The whole pixels of the lattice through `origin` that lie within `bounds`."""
    (dx, dy), (x, y) = size, origin
    left, right = math.ceil((bounds[0] - x) / dx - SNAP), math.floor((bounds[2] - x) / dx + SNAP)
    top, bottom = math.ceil((y - bounds[3]) / dy - SNAP), math.floor((y - bounds[1]) / dy + SNAP)
    if right <= left or bottom <= top:
        raise SlideScopeError(
            f"The rasters share {bounds[2] - bounds[0]:.4g} x {bounds[3] - bounds[1]:.4g} units of "
            f"ground, less than one pixel of {dx:.4g}: choose a finer --resolution or other files."
        )
    return Grid(crs, (dx, 0.0, x + left * dx, 0.0, -dy, y - top * dy), right - left, bottom - top)


def check_size(grid: Grid) -> None:
    pixels = grid.width * grid.height
    if pixels > MAX_PIXELS:
        raise SlideScopeError(
            f"The grid would have {grid.width} x {grid.height} = {pixels / 1e6:.0f} million "
            f"pixels: the limit is {MAX_PIXELS / 1e6:.0f} million; give a coarser --resolution or "
            "cut the rasters."
        )
