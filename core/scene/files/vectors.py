"""Reading vector data: from a file, or from one inside a zip archive."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError
from rasterio.crs import CRS

from core.errors import SlideScopeError
from core.scene.files import archives, formats, guard, shifts, systems
from core.scene.files.source import Source


def read_features(source: Source, folders: Sequence[Path] | None = None):
    """Return the features of a vector file as a GeoDataFrame (2-D, empty ones left out)."""
    path, name = opening(source, folders)
    try:
        frame = pyogrio.read_dataframe(name, force_2d=True, on_invalid="ignore")
    except (DataSourceError, DataLayerError, ValueError) as error:
        raise SlideScopeError(
            f"'{path.name}' cannot be read as vector data: it is damaged or another format; "
            "export it again as GeoPackage."
        ) from error
    if "geometry" not in frame:
        raise SlideScopeError(
            f"'{path.name}' is a table without geometry: it has no place on a map; give "
            "another file."
        )
    if source.crs:
        frame = frame.set_crs(source.crs, allow_override=True)
    frame = frame[frame.geometry.notna() & ~frame.geometry.is_empty]
    if frame.empty:
        raise SlideScopeError(f"'{path.name}' holds no geometry at all: give another file.")
    _check_place(frame, path.name)
    return _moved(frame, source.shift) if source.shift else frame


def _moved(frame, shift: tuple[float, ...]):
    left, bottom, right, top = map(float, frame.total_bounds)
    crs = CRS.from_wkt(frame.crs.to_wkt()) if frame.crs is not None else None
    by = shifts.on_map(crs, (left + right) / 2, (bottom + top) / 2, shift)
    return frame.set_geometry(frame.geometry.translate(*by))


def _check_place(frame, file: str) -> None:
    if frame.crs is None:
        return
    crs = CRS.from_wkt(frame.crs.to_wkt())
    systems.check_earth(crs, file)
    left, bottom, right, top = map(float, frame.total_bounds)
    systems.check_coordinates(crs, (left, bottom, right, top), file)


def read_polygons(source: Source, folders: Sequence[Path] | None = None):
    """Return the polygons of a vector file as `read_features` does; refuse any other geometry."""
    frame = read_features(source, folders)
    kinds = set(frame.geom_type)
    if not kinds <= {"Polygon", "MultiPolygon"}:
        other = sorted(kinds - {"Polygon", "MultiPolygon"})[0]
        raise SlideScopeError(
            f"'{Path(source.path).name}' holds geometry of type {other}: an inventory or a "
            "lithology map has polygons; choose another file."
        )
    return frame


def check_vector(source: Source, folders: Sequence[Path] | None = None) -> None:
    """Fail on a file that cannot be what it says or where it says, without reading its polygons."""
    path, name = opening(source, folders)
    about = _about(name)
    bounds = about.get("total_bounds")
    crs = systems.parse(source.crs or about.get("crs") or "")
    if crs is not None and bounds is not None:
        systems.check_earth(crs, path.name)
        left, bottom, right, top = map(float, bounds)
        systems.check_coordinates(crs, (left, bottom, right, top), path.name)


def system(source: Source) -> CRS | None:
    """The reference system of a vector file, or the one that is decided on."""
    return systems.parse(source.crs or _about(opening(source, None)[1]).get("crs") or "")


def _about(name: str) -> dict:
    """What a file declares; nothing of one that is damaged, which is told where it is read."""
    try:
        return pyogrio.read_info(name, force_total_bounds=True)
    except (DataSourceError, DataLayerError, ValueError):
        return {}


def opening(source: Source, folders: Sequence[Path] | None) -> tuple[Path, str]:
    """The file on disk, and the name by which it is opened."""
    if not archives.is_archive(source.path):
        path = guard.check_vector(source.path, folders)
        return path, str(path)
    path = guard.check_file(source.path, folders)
    found = archives.member(path, source.part, tuple(formats.VECTOR_DRIVERS), "vector file")
    guard.check_magic(archives.head(path, found), found)
    return path, archives.inside(path, found)


# What GDAL before 3.7 reads without a warning and its validator passes; 1.4 is GDAL's default.
VERSION = "1.3"


def write(target: Path, frame: gpd.GeoDataFrame, layer: str, mode: str = "w", **how) -> None:
    """Write `frame` into `layer` of the GeoPackage `target`; `mode` "a" appends to what is there,
    `how` is what pyogrio takes besides."""
    created = {"VERSION": VERSION} if mode == "w" else {}
    with warnings.catch_warnings():
        # A plain pixel grid has no CRS to write, and means it.
        warnings.filterwarnings("ignore", "'crs' was not provided")
        frame.to_file(target, driver="GPKG", layer=layer, mode=mode, **created, **how)
