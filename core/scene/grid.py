"""The grid: coordinate reference system + transform + shape."""

from dataclasses import dataclass

from rasterio.crs import CRS
from rasterio.transform import Affine, array_bounds
from rasterio.windows import Window

from core.scene import ground


@dataclass(frozen=True)
class Grid:
    """A north-up raster grid; `crs` is WKT or `EPSG:n`, or None for a plain pixel grid.

    >>> grid = Grid("EPSG:32643", (30.0, 0.0, 1000.0, 0.0, -30.0, 5000.0), width=20, height=10)
    >>> grid.bounds
    (1000.0, 4700.0, 1600.0, 5000.0)
    >>> grid.resolution
    (30.0, 30.0)
    """

    crs: str | None
    transform: tuple[float, float, float, float, float, float]
    width: int
    height: int

    @property
    def affine(self) -> Affine:
        return Affine(*self.transform)

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        return self.height, self.width

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """(left, bottom, right, top) in units of the CRS."""
        left, bottom, right, top = array_bounds(self.height, self.width, self.affine)
        return float(left), float(bottom), float(right), float(top)

    @property
    def resolution(self) -> tuple[float, float]:
        """(x, y) size of a pixel in units of the CRS."""
        return abs(self.transform[0]), abs(self.transform[4])

    @property
    def is_projected(self) -> bool:
        return self.crs is not None and CRS.from_user_input(self.crs).is_projected

    @property
    def pixel_metres(self) -> tuple[float, float] | None:
        """(x, y) size of a pixel in metres on the ground at the grid's middle, None where the CRS
        is not metric.

        >>> mercator = Grid("EPSG:3857", (20.0, 0, 0, 0, -20.0, 8399737.9), width=2, height=2)
        >>> [round(side, 1) for side in mercator.pixel_metres]
        [10.0, 10.0]
        """
        if not self.is_projected:
            return None
        metre = CRS.from_user_input(self.crs).linear_units_factor[1]
        x, y = self.affine * (self.width / 2, self.height / 2)
        along, across = ground.scale_at(str(self.crs), x, y)
        across_x, down_y = self.resolution
        return across_x * metre * along, down_y * metre * across

    @property
    def pixel_km2(self) -> float | None:
        """Area of a pixel on the ground in square kilometres, None where the CRS is not metric."""
        sides = self.pixel_metres
        return None if sides is None else sides[0] * sides[1] / 1e6

    def window(self, window: Window) -> "Grid":
        """Return the grid of a pixel window."""
        affine = self.affine * Affine.translation(window.col_off, window.row_off)
        return Grid(self.crs, tuple(affine)[:6], int(window.width), int(window.height))

    def to_json(self) -> dict:
        return {
            "crs": self.crs,
            "transform": list(self.transform),
            "width": self.width,
            "height": self.height,
        }

    @staticmethod
    def from_json(value: dict) -> "Grid":
        a, b, c, d, e, f = map(float, value["transform"])
        return Grid(value["crs"], (a, b, c, d, e, f), int(value["width"]), int(value["height"]))
