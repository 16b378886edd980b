"""Size classes of landslides; the paper speaks of "small landslides" and gives no figure."""

from dataclasses import dataclass

from core.scene.grid import Grid

# Hectares; on a grid without a metric CRS the same in pixels of 12.5 m (64 a hectare).
SMALL_HA, LARGE_HA = 1.0, 5.0
PIXELS_A_HA = 64


@dataclass(frozen=True)
class SizeClass:
    """Landslides of `least` <= size < `most` (None: no limit), in `unit` ha or px."""

    name: str
    least: float
    most: float | None
    unit: str

    def holds(self, size: float) -> bool:
        return self.least <= size and (self.most is None or size < self.most)

    @property
    def words(self) -> str:
        """
        >>> [c.words for c in classes(Grid(None, (1, 0, 0, 0, -1, 0), 9, 9))]
        ['small: under 64 px', 'medium: 64 to 320 px', 'large: 320 px and more']
        """
        if not self.least:
            return f"{self.name}: under {self.most:g} {self.unit}"
        if self.most is None:
            return f"{self.name}: {self.least:g} {self.unit} and more"
        return f"{self.name}: {self.least:g} to {self.most:g} {self.unit}"


def classes(grid: Grid) -> tuple[SizeClass, ...]:
    """Small, medium and large, in hectares where the grid is metric, else in pixels."""
    metric = grid.pixel_km2 is not None
    unit, factor = ("ha", 1.0) if metric else ("px", PIXELS_A_HA)
    small, large = SMALL_HA * factor, LARGE_HA * factor
    return (
        SizeClass("small", 0.0, small, unit),
        SizeClass("medium", small, large, unit),
        SizeClass("large", large, None, unit),
    )


def area_ha(pixels: int, grid: Grid) -> float | None:
    """Area of so many pixels in hectares, None on a grid without metres.

    >>> area_ha(64, Grid("EPSG:32643", (12.5, 0, 0, 0, -12.5, 0), 9, 9))
    1.0
    """
    return None if grid.pixel_km2 is None else round(pixels * grid.pixel_km2 * 100, 6)
