"""The radar's geometry as a stack's product gives it, in the angles that `--orbit` takes.

HyP3: `lv_theta`, elevation of the line of sight above the horizon, and `lv_phi`, its direction from
the ground to the satellite, anticlockwise from east, both in radians (HyP3's InSAR product guide).
LiCSAR: `E`, `N`, `U`, the unit vector from the ground to the satellite. MintPy: `incidenceAngle`
and `azimuthAngle`, the latter from the ground to the satellite, anticlockwise from north, degrees.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import rasterio
from rasterio.windows import Window

from core import atomic
from core.errors import SlideScopeError
from core.scene.files import containers, guard
from core.scene.files.source import Source
from core.scene.insar.orbit import Orbit
from core.scene.interferograms import products, sidecars
from core.scene.interferograms.pixels import TiffLayer
from core.scene.interferograms.stack import Stack

ROWS = 256
MINTPY_FILE, MINTPY_ANGLES = "geometryGeo.h5", ("incidenceAngle", "azimuthAngle")
# Incidence and heading, degrees.
Angles = tuple[np.ndarray, np.ndarray]


def heading_of(bearing, look: str = "right") -> np.ndarray:
    """Direction of flight from the bearing of the satellite, both in degrees clockwise from north.

    Between -270 and 90, so that neither ascending (about -12) nor descending (about -168) headings
    jump by a turn within a raster.

    >>> [float(heading_of(b)) for b in (102.0, -102.0)], float(heading_of(78.0, "left"))
    ([-168.0, -12.0], -12.0)
    """
    turn = 90.0 if look == "right" else -90.0
    return (np.asarray(bearing) + turn + 270) % 360 - 270


def from_theta_phi(theta, phi, look: str = "right") -> Angles:
    """Incidence and heading in degrees from HyP3's angles in radians; NaN where both are 0.

    >>> [round(float(v), 3) for v in from_theta_phi(np.radians(50.8), np.radians(-12.0))]
    [39.2, -168.0]
    """
    theta, phi = np.asarray(theta, np.float64), np.asarray(phi, np.float64)
    bad = ((theta == 0) & (phi == 0)) | ~np.isfinite(theta + phi)
    incidence = np.where(bad, np.nan, 90 - np.degrees(theta))
    return incidence, np.where(bad, np.nan, heading_of(90 - np.degrees(phi), look))


def from_unit_vector(east, north, up, look: str = "right") -> Angles:
    """Incidence and heading in degrees from the unit vector from the ground to the satellite; NaN
    where all three are 0.

    >>> [round(float(v), 3) for v in from_unit_vector(0.5, 0.0, 0.75**0.5)]
    [30.0, -180.0]
    """
    east, north, up = (np.asarray(v, np.float64) for v in (east, north, up))
    length = np.sqrt(east**2 + north**2 + up**2)
    bad = ~(length > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        incidence = np.degrees(np.arccos(np.clip(up / length, -1, 1)))
    heading = heading_of(np.degrees(np.arctan2(east, north)), look)
    return np.where(bad, np.nan, incidence), np.where(bad, np.nan, heading)


def from_azimuth(incidence, azimuth, look: str = "right") -> Angles:
    """Incidence and heading in degrees from MintPy's angles; NaN where the incidence is 0.

    >>> [round(float(v), 3) for v in from_azimuth(39.2, -102.0)]
    [39.2, -168.0]
    """
    incidence, azimuth = np.asarray(incidence, np.float64), np.asarray(azimuth, np.float64)
    bad = (incidence == 0) | ~np.isfinite(incidence + azimuth)
    return np.where(bad, np.nan, incidence), np.where(bad, np.nan, heading_of(-azimuth, look))


def orbit(stack: Stack, folder: Path, look: str = "right") -> Orbit | None:
    """The geometry of a stack: rasters `incidence.tif` and `heading.tif` on its grid, written into
    `folder`, where the product has files of it; else numbers, where side-cars have both; else None.

    Raises SlideScopeError where such files are damaged, off the grid or not in radians.
    """
    source = _rows_of(stack, look)
    if source is None:
        incidence = stack.found.incidence or sidecars.number(stack.base.tag("INCIDENCE_DEGREES"))
        if incidence is None or stack.found.heading is None:
            return None
        return Orbit(incidence, stack.found.heading, look)
    paths = folder / "incidence.tif", folder / "heading.tif"
    with atomic.whole_file(paths[0]) as one, atomic.whole_file(paths[1]) as two:
        _write(stack, source, (one, two))
    return Orbit(Source(str(paths[0])), Source(str(paths[1])), look)


def _rows_of(stack: Stack, look: str) -> Callable[[slice], Angles] | None:
    """What gives the angles of some rows of the grid, None without files of geometry."""
    if stack.found.container is not None:
        path = stack.found.container.with_name(MINTPY_FILE)
        return _mintpy(stack, path, look) if path.is_file() else None
    for roles, to_angles in (
        ((products.THETA, products.PHI), from_theta_phi),
        ((products.EAST, products.NORTH, products.UP), from_unit_vector),
    ):
        layers = _layers(stack, roles)
        if layers:
            return partial(_from_layers, layers, to_angles, look)
    return None


def _layers(stack: Stack, roles: Sequence[str]) -> list[TiffLayer]:
    """The first set of files of these roles that lies on the grid; the geometry of one track is
    the same for all pairs but for metres of baseline."""
    known = stack.found.geometry
    sets = list(zip(*(known.get(role, ()) for role in roles)))
    for paths in sets:
        found = [stack.layer_of(path) for path in paths]
        there = [layer for layer in found if layer is not None]
        if len(there) == len(found):
            return there
    if sets:
        raise SlideScopeError(
            f"'{sets[0][0].name}' does not lie on the grid of the interferograms: give the "
            "geometry by --orbit, or the files of the same product."
        )
    return []


def _from_layers(
    layers: Sequence[TiffLayer], to_angles: Callable[..., Angles], look: str, rows: slice
) -> Angles:
    values = [layer.raw(rows).astype(np.float64) for layer in layers]
    return _checked(to_angles(*values, look), layers[0].label)


def _checked(angles: Angles, name: str) -> Angles:
    """Refuse what is no geometry of a radar, such as angles in degrees."""
    known = angles[0][np.isfinite(angles[0])]
    if known.size and not (known.min() > 0 and known.max() < 90):
        raise SlideScopeError(
            f"'{name}' gives incidence angles of {known.min():.4g} to {known.max():.4g} degrees: "
            "these lie between 0 and 90; give the geometry by --orbit."
        )
    return angles


def _mintpy(stack: Stack, path: Path, look: str) -> Callable[[slice], Angles] | None:
    guard.check_file(path, stack.folders)
    containers.check_links(path)
    if not set(MINTPY_ANGLES) <= set(containers.arrays(path)):
        return None
    t, base = stack.grid.transform, stack.base.transform
    row, column = round((t[5] - base.f) / base.e), round((t[2] - base.c) / base.a)

    def rows_of(rows: slice) -> Angles:
        part = slice(rows.start + row, rows.stop + row), slice(column, column + stack.grid.width)
        with containers.opened(path) as file:
            incidence, azimuth = (np.asarray(file[name][part]) for name in MINTPY_ANGLES)
        _check_shape(incidence, rows, stack, path)
        return _checked(from_azimuth(incidence, azimuth, look), path.name)

    return rows_of


def _check_shape(values: np.ndarray, rows: slice, stack: Stack, path: Path) -> None:
    if values.shape != (rows.stop - rows.start, stack.grid.width):
        raise SlideScopeError(
            f"'{path.name}' has fewer rows or columns than the interferograms: geocode both "
            "together with MintPy's geocode.py."
        )


def _write(stack: Stack, source: Callable[[slice], Angles], paths: Sequence[Path]) -> None:
    grid = stack.grid
    about = {
        "driver": "GTiff",
        "count": 1,
        "dtype": "float32",
        "width": grid.width,
        "height": grid.height,
        "crs": grid.crs,
        "transform": grid.affine,
        "nodata": np.nan,
        "compress": "deflate",
    }
    with rasterio.open(paths[0], "w", **about) as one, rasterio.open(paths[1], "w", **about) as two:
        for rows in _blocks(grid.height):
            window = Window(0, rows.start, grid.width, rows.stop - rows.start)
            for file, values in zip((one, two), source(rows)):
                file.write(values.astype(np.float32), 1, window=window)


def _blocks(height: int) -> Iterator[slice]:
    return (slice(row, min(row + ROWS, height)) for row in range(0, height, ROWS))
