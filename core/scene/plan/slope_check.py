"""Whether slope and aspect are in the unit they are taken in: beside those of the elevation."""

import numpy as np
from rasterio.windows import Window

from core.scene.align.align import BLOCK_COLUMNS
from core.scene.align.mosaic import AlignedMosaic
from core.scene.align.terrain import cell_metres, terrain
from core.scene.files import guard
from core.scene.files.forms import to_degrees
from core.scene.files.raster import Raster, short_crs
from core.scene.grid import Grid
from core.scene.plan import units
from core.scene.plan.units import Problem, Unit

SIDE, FEWEST = 256, 200
# Shared form of the two, and how far off (as a logarithm) the taken and the better unit are.
ALIKE, OFF, NEAR = 0.6, 0.35, 0.25
# Half of a landscape is hardly ever steeper, in degrees, nor this many times its own elevation's.
STEEP, HIGHER = 42.0, 1.15
# Degrees between two aspects of the same ground, and of different conventions.
SAME, TURNED = 20.0, 40.0


def problem(
    slope: Raster, unit: Unit, values: np.ndarray, elevation: tuple[Raster, ...]
) -> Problem | None:
    """What is wrong with `unit`, if the slope of the `elevation` at the same place says another,
    or if half of the `values` (degrees, as taken) are steeper than a landscape is.

    Looks at the 256 x 256 pixels in the middle of the slope raster.
    """
    if unit.how == "given" or not values.size:
        return None
    ground = np.nan
    if elevation and _comparable(slope, elevation[0]):
        numbers, degrees, _ = _beside(slope, unit, elevation)
        steep = np.isfinite(numbers) & (degrees > 2)
        if steep.sum() >= FEWEST:
            numbers, degrees = numbers[steep], degrees[steep]
            if _alike(_degrees(numbers, unit.name), degrees):
                return _other(numbers, degrees, unit)
            ground = float(np.median(degrees))
    middle = float(np.median(values))
    if not STEEP < middle <= 90 or middle < HIGHER * ground:
        return None
    beside = f" (the elevation's own: {ground:.0f})" if np.isfinite(ground) else ""
    return Problem(
        f"half of slope is steeper than {middle:.0f} degrees{beside}, as if it were in percent",
        option="unit",
        value="percent",
        does="turns it into degrees",
    )


def of_aspect(aspect: Raster, unit: Unit, elevation: tuple[Raster, ...]) -> Problem | None:
    """What is wrong with the `unit` of an aspect, if that of the `elevation` says another."""
    if unit.how == "given" or not elevation or not _comparable(aspect, elevation[0]):
        return None
    numbers, slope, bearing = _beside(aspect, unit, elevation)
    steep = np.isfinite(numbers) & np.isfinite(bearing) & (slope > 5)
    if steep.sum() < FEWEST:
        return None
    numbers, bearing = numbers[steep], bearing[steep]
    apart = {}
    for name in units.KNOWN["aspect"]:
        other = units.made("aspect", name, "guessed")
        apart[name] = _turn(numbers * other.times + other.plus, bearing)
    best = min(apart, key=lambda name: apart[name])
    if apart[unit.name] < TURNED:
        return None
    if apart[best] < SAME:
        return Problem(
            f"aspect is {apart[unit.name]:.0f} degrees off that of the elevation, and "
            f"{apart[best]:.0f} if it is in {best}",
            option="unit",
            value=best,
            does="brings it to degrees clockwise from north",
        )
    if _turn(numbers + 180, bearing) < SAME and unit.name == "degrees":
        return Problem(
            "aspect points up the slope, not down as that of the elevation",
            advice=": leave it out, and aspect is derived from the elevation",
        )
    return None


def _turn(one: np.ndarray, other: np.ndarray) -> float:
    """The middle of the angles between two sets of bearings, degrees 0..180."""
    return float(np.median(np.abs((one - other + 180) % 360 - 180)))


def _alike(one: np.ndarray, other: np.ndarray) -> bool:
    with np.errstate(invalid="ignore", divide="ignore"):
        return bool(np.corrcoef(one, other)[0, 1] > ALIKE)


def _other(numbers: np.ndarray, ground: np.ndarray, unit: Unit) -> Problem | None:
    """A unit in which the numbers are the slope of the ground, where they are not in theirs."""
    ratios = {name: _ratio(_degrees(numbers, name), ground) for name in units.KNOWN["slope"]}
    best = min(ratios, key=lambda name: abs(np.log(ratios[name])))
    taken = ratios[unit.name]
    if abs(np.log(ratios[best])) > NEAR or abs(np.log(taken)) < OFF:
        return None
    return Problem(
        f"slope is {taken:.2g} times the slope of the elevation, and {ratios[best]:.2g} times if "
        f"it is in {best}",
        option="unit",
        value=best,
        does="turns it into degrees",
    )


def _comparable(slope: Raster, elevation: Raster) -> bool:
    placed = slope.crs is not None and elevation.crs is not None
    return placed and not slope.rotated and slope.transform.e < 0 < slope.transform.a


def _beside(
    slope: Raster, unit: Unit, elevation: tuple[Raster, ...]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The raster's numbers before its unit, and the elevation's slope and aspect at its pixels."""
    width, height = min(SIDE, slope.width, BLOCK_COLUMNS), min(SIDE, slope.height)
    window = Window((slope.width - width) // 2, (slope.height - height) // 2, width, height)
    whole = Grid(
        short_crs(slope.crs) if slope.crs else None,
        tuple(slope.transform)[:6],
        slope.width,
        slope.height,
    )
    grid = whole.window(window)
    with guard.gdal_options(), slope.open() as dataset, guard.reading(slope.path):
        raw = dataset.read(slope.band, window=window).astype(np.float64)
        raw[dataset.read_masks(slope.band, window=window) == 0] = np.nan
    scale, offset = slope.unscale
    with AlignedMosaic(elevation, grid) as dem:
        z = dem.read(Window(0, 0, width, height))
    dx, dy = cell_metres(grid)
    return (raw * scale + offset - unit.plus) / unit.times, *terrain(z, dx, dy)[:2]


def _degrees(numbers: np.ndarray, name: str) -> np.ndarray:
    unit = units.made("slope", name, "guessed")
    return to_degrees(numbers * unit.times, unit.form)


def _ratio(one: np.ndarray, other: np.ndarray) -> float:
    middle = float(np.median(one / other))
    return middle if 0 < middle < 1e6 else 1e6
