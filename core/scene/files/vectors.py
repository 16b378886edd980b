"""Reading vector data: from a file, or from one inside a zip archive."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from rasterio.crs import CRS

from core.errors import SlideScopeError
from core.scene.files import (
    archives,
    contents,
    encoding,
    formats,
    guard,
    layers,
    outlines,
    places,
    shifts,
    systems,
    tables,
)
from core.scene.files.encoding import Encoding
from core.scene.files.source import Source

# Beyond it lies nothing on the earth, in whatever unit.
FARTHEST = 1e12
# A text that is not in UTF-8 is turned into it in memory.
MAX_TEXT_BYTES = 256 * 1024**2


def read_features(source: Source, folders: Sequence[Path] | None = None):
    """Return the features of a vector file, or the points of a table, as a GeoDataFrame (2-D,
    empty ones left out)."""
    if guard.is_points(source.leaf):
        table = tables.look(source, folders)
        frame = places.frame(table, source.crs)
        _check_place(frame, table.label)
        return _moved(frame, source.shift) if source.shift else frame
    path, name = opening(source, folders)
    try:
        frame = _read(source, path, name)
    except layers.ERRORS as error:
        if formats.suffix(name) == ".gpkg" and not layers.every(name):
            raise SlideScopeError(
                f"'{path.name}' holds no vector layer: if it holds rasters, turn each into a "
                f"GeoTIFF with `gdal_translate {path.name} out.tif`."
            ) from error
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
        link = " (a link to a place in the net is not followed: save the folder it shows as KML)"
        raise SlideScopeError(
            f"'{path.name}' holds no geometry at all{link * (formats.suffix(name) == '.kml')}: "
            "give another file."
        )
    _check_numbers(frame, path.name)
    _check_place(frame, path.name)
    return _moved(frame, source.shift) if source.shift else frame


def _check_numbers(frame, file: str) -> None:
    """Refuse coordinates that no reference system has: what follows would not end, or overflow."""
    bounds = shapely.bounds(frame.geometry.to_numpy())
    with np.errstate(invalid="ignore"):
        good = (np.abs(bounds) <= FARTHEST).all(axis=1)
    if not good.all():
        value = bounds[~good][0]
        worst = next(float(v) for v in value if not abs(v) <= FARTHEST)
        raise SlideScopeError(
            f"'{file}' has {int((~good).sum())} features with coordinates that are no places "
            f"({worst:g} among them): it is damaged, or its unit is wrong; export it again."
        )


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


def _read(source: Source, path: Path, name: str):
    """The features of the layer that is meant, their text in the encoding that it is in."""
    wanted: list[str | int | None] = [source.layer]
    several = layers.listed(name)
    if formats.suffix(name) in layers.FOLDERS and source.layer is None:
        # Folders of a drawing may have one name.
        wanted = [*range(len(layers.every(name)))] or wanted
    elif source.layer is None and len(several) == 1:
        wanted = [several[0].name]
    elif source.layer is None and several:
        raise layers.ask(source, [layer.name for layer in several])
    text = text_of(source, path)
    if text is not None and formats.suffix(name) in formats.GEOJSON:
        return _transcoded(source, path, name, text)
    how = {"force_2d": True, "on_invalid": "ignore"}
    if text is None or text.how == "plain":
        found = [pyogrio.read_dataframe(name, layer=layer, **how) for layer in wanted]
        return found[0] if len(found) == 1 else pd.concat(found, ignore_index=True)
    # Each byte a character: what it stands for is decided here.
    frame = pyogrio.read_dataframe(name, encoding="ISO-8859-1", **how)
    frame = frame.rename(columns={c: _decoded(c, text) for c in frame.columns})
    for column in frame.columns:
        if column != "geometry" and frame[column].dtype.kind not in "iufbMm":
            frame[column] = frame[column].map(lambda value: _decoded(value, text))
    return frame


def _transcoded(source: Source, path: Path, name: str, text: Encoding):
    """The features of a GeoJSON that is not in UTF-8, as the format has it."""
    if archives.is_archive(path):
        with archives.copied(path, archives.member(path, source.part, formats.GEOJSON, "")) as file:
            raw = file.read(MAX_TEXT_BYTES + 1)
    else:
        with open(path, "rb") as file:
            raw = file.read(MAX_TEXT_BYTES + 1)
    if len(raw) > MAX_TEXT_BYTES:
        raise SlideScopeError(
            f"'{path.name}' is not in UTF-8 and too large to be turned into it: export it again as "
            "GeoPackage."
        )
    return pyogrio.read_dataframe(text.decode(raw).encode(), force_2d=True, on_invalid="ignore")


def _decoded(value, text: Encoding):
    return text.decode(value.encode("latin-1")) if isinstance(value, str) else value


def text_of(source: Source, path: Path) -> Encoding | None:
    """The encoding of a shapefile's attributes, or of a GeoJSON that is not in UTF-8; None for
    what is always in UTF-8."""
    if formats.suffix(source.leaf) in formats.GEOJSON and not archives.is_archive(path):
        with open(path, "rb") as file:
            found = encoding.of_bytes(file.read(encoding.SAMPLE_BYTES))
        found = Encoding(source.encoding, "asked") if source.encoding else found
        return None if found.name.startswith("utf-8") else found
    if formats.suffix(source.leaf) != ".shp" and not _only_shapefile(source, path):
        return None
    raw, declared = _dbf(source, path)
    if len(raw) < 32:
        return None
    texts = encoding.dbf_texts(raw)
    found = encoding.of_dbf(raw, texts, declared)
    if source.encoding:
        if not encoding.can_be(source.encoding, texts):
            raise SlideScopeError(
                f"The text of '{path.name}' is not in {source.encoding}: its bytes suggest "
                f"{found.name}; give that, or leave --encoding out."
            )
        return Encoding(source.encoding, "asked")
    return found


def _only_shapefile(source: Source, path: Path) -> bool:
    if not archives.is_archive(path) or source.part:
        return False
    found = [m for m in archives.members(path) if formats.suffix(m) in formats.VECTOR_DRIVERS]
    return len(found) == 1 and formats.suffix(found[0]) == ".shp"


def _dbf(source: Source, path: Path) -> tuple[bytes, str]:
    """The first bytes of a shapefile's .dbf, and what its .cpg says."""
    if archives.is_archive(path):
        shape = archives.member(path, source.part, (".shp",), "shapefile")
        beside = (archives.beside(path, shape, e) for e in (".dbf", ".cpg"))
        sizes = (encoding.SAMPLE_BYTES, 64)
        raw, page = (archives.head(path, n, s) if n else b"" for n, s in zip(beside, sizes))
        return raw, page.decode("ascii", "ignore").strip()
    found = []
    for extension, size in ((".dbf", encoding.SAMPLE_BYTES), (".cpg", 64)):
        ways = (path.with_suffix(e) for e in (extension, extension.upper()))
        part = next((p for p in ways if p.is_file()), None)
        found.append(part.open("rb").read(size) if part else b"")
    return found[0], found[1].decode("ascii", "ignore").strip()


def read_polygons(source: Source, folders: Sequence[Path] | None = None):
    """Return the polygons of a vector file as `read_features` does: those of `source.value`, lines
    that close and points with a radius among them; refuse a file of any other geometry."""
    return polygons_and_notes(source, folders)[0]


def polygons_and_notes(source: Source, folders: Sequence[Path] | None = None):
    """The same, and sentences about what was made of it."""
    return outlines.polygons(read_features(source, folders), source)


def is_vector(source: Source) -> bool:
    """Whether a source is made of geometries: a vector file or a table of points, in an archive
    too."""
    return guard.is_vector(source.leaf) or guard.is_points(source.leaf)


def check_vector(source: Source, folders: Sequence[Path] | None = None) -> None:
    """Fail on a file that cannot be what it says or where it says, without reading its polygons."""
    if guard.is_points(source.leaf):
        tables.look(source, folders)
        return
    path, name = opening(source, folders)
    about = _about(name, source.layer)
    bounds = about.get("total_bounds")
    crs = systems.parse(source.crs or about.get("crs") or "")
    if crs is not None and bounds is not None:
        systems.check_earth(crs, path.name)
        left, bottom, right, top = map(float, bounds)
        systems.check_coordinates(crs, (left, bottom, right, top), path.name)


def system(source: Source) -> CRS | None:
    """The reference system of a vector file, or the one that is decided on."""
    if source.crs:
        return systems.parse(source.crs)
    if guard.is_points(source.leaf):
        frame = read_features(source)
        return systems.parse(frame.crs.to_wkt())
    return systems.parse(_about(opening(source, None)[1], source.layer).get("crs") or "")


def extent_without_system(source: Source) -> systems.Bounds | None:
    """The extent of a vector file that names no reference system; None for one that does."""
    if source.crs or guard.is_points(source.leaf):
        return None
    about = _about(opening(source, None)[1], source.layer)
    bounds = about.get("total_bounds")
    if not about or about.get("crs") or bounds is None:
        return None
    left, bottom, right, top = map(float, bounds)
    return left, bottom, right, top


def _about(name: str, layer: str | None) -> dict:
    """What a file declares; nothing of one that is damaged, which is told where it is read."""
    try:
        return pyogrio.read_info(name, layer=0 if layer is None else layer, force_total_bounds=True)
    except layers.ERRORS:
        return {}


def opening(source: Source, folders: Sequence[Path] | None) -> tuple[Path, str]:
    """The file on disk, and the name by which it is opened."""
    if not archives.is_archive(source.path):
        path = guard.check_vector(source.path, folders)
        return path, str(path)
    path = guard.check_file(source.path, folders)
    found = archives.member(path, source.part, tuple(formats.VECTOR_DRIVERS), "vector file")
    if formats.suffix(found) != ".gdb":
        guard.check_magic(archives.head(path, found, guard.HEAD_BYTES), found)
        contents.check_member(path, found)
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
