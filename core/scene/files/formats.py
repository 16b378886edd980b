"""The kinds of files that are read, by extension: each has one driver that may read it."""

import sqlite3
from contextlib import closing
from pathlib import Path, PurePath

RASTER_DRIVERS = {
    ".tif": "GTiff",
    ".tiff": "GTiff",
    ".jp2": "JP2OpenJPEG",
    ".asc": "AAIGrid",
    ".img": "ENVI",
    ".dat": "ENVI",
    ".bsq": "ENVI",
    ".bil": "ENVI",
    ".bip": "ENVI",
    ".flt": "EHdr",
    ".hgt": "SRTMHGT",
    ".dt0": "DTED",
    ".dt1": "DTED",
    ".dt2": "DTED",
    ".sdat": "SAGA",
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".envi": "ENVI",
    ".grd": "GSBG",
    ".adf": "AIG",
}
VECTOR_DRIVERS = {
    ".shp": "ESRI Shapefile",
    ".gpkg": "GPKG",
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".kml": "LIBKML",
    ".fgb": "FlatGeobuf",
    ".gdb": "OpenFileGDB",
}
GEOJSON = (".geojson", ".json")
# Files with several rasters inside, each with a name.
CONTAINERS = {".nc": "netCDF", ".nc4": "netCDF", ".h5": "HDF5", ".hdf5": "HDF5", ".he5": "HDF5"}
ARCHIVES = (".zip", ".kmz")
# Tables of measured points.
POINTS = (".csv", ".txt", ".tsv", ".xlsx")
PLAIN_TEXT = (".txt",)
# Files that travel with a shapefile or raster and are never opened on their own.
SIDE_CARS = (
    ".shx",
    ".dbf",
    ".prj",
    ".cpg",
    ".sbn",
    ".sbx",
    ".qix",
    ".tfw",
    ".hdr",
    ".sgrd",
    ".gri",
    ".qml",
    ".clr",
    ".xml",
)

PARTED = (*CONTAINERS, *ARCHIVES)
KNOWN = (*RASTER_DRIVERS, *VECTOR_DRIVERS, *PARTED, *POINTS)

MAX_DECLARED_BYTES = 32 * 1024**3
MAX_VECTOR_BYTES = 2 * 1024**3
MAX_BLOCK_BYTES = 1024**3


def suffix(path: str | PurePath) -> str:
    """
    >>> suffix("C:/data/DEM.TIF")
    '.tif'
    """
    return PurePath(path).suffix.lower()


def raster_driver(path: Path) -> str | None:
    """The driver of a raster file, by its extension and its first bytes; None where it is none."""
    head = _head(path)
    found = by_magic(suffix(path), head)
    if found not in ("ENVI", None):
        return found
    if suffix(path) in (*VECTOR_DRIVERS, *PARTED, *SIDE_CARS):
        return None
    # A flat binary file may have ENVI's header or ESRI's, and any name.
    for header in (path.with_suffix(".hdr"), path.with_name(path.name + ".hdr")):
        if header.is_file() and header != path:
            envi = _head(header).startswith(b"ENVI")
            return "ENVI" if envi else ("EHdr" if found else None)
    return found


def by_magic(extension: str, head: bytes) -> str | None:
    """The driver of a raster by its extension, and where several formats share that by its first
    bytes; None where it is no raster.

    >>> by_magic(".img", b"EHFA_HEADER_TAG"), by_magic(".grd", b"DSAA 2 2"), by_magic(".csv", b"x")
    ('HFA', 'GSAG', None)
    """
    driver = RASTER_DRIVERS.get(extension)
    if extension == ".img" and head.startswith(b"EHFA_HEADER_TAG"):
        return "HFA"
    if extension in (".grd", ".asc", ".txt"):
        start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
        found = next((d for sign, d in _TEXT_GRIDS.items() if start.startswith(sign)), None)
        return found or (driver if extension == ".asc" else None)
    return driver


# First bytes, in small letters, of grids that share extensions.
_TEXT_GRIDS = {
    b"dsbb": "GSBG",
    b"dsrb": "GS7BG",
    b"dsaa": "GSAG",
    b"[general]": "RRASTER",
    b"ncols": "AAIGrid",
    b"nrows": "AAIGrid",
    b"north:": "GRASSASCIIGrid",
    b"south:": "GRASSASCIIGrid",
}


def container(path: Path) -> str | None:
    """The driver of a file with several rasters inside; GMT's .grd is a NetCDF file."""
    if suffix(path) == ".grd" and _head(path)[:4] in (b"CDF\x01", b"CDF\x02", b"\x89HDF"):
        return "netCDF"
    return CONTAINERS.get(suffix(path))


def is_text_grid(path: str | PurePath) -> bool:
    """Whether a .txt holds a grid, as ArcGIS exports it, and no table."""
    return suffix(path) == ".txt" and by_magic(".txt", _head(Path(path))) is not None


def is_vector(path: str | PurePath) -> bool:
    """Whether a file is of a vector format; a .json may be anything: by what it speaks of."""
    if suffix(path) == ".json":
        head = _head(Path(path), 65536)
        return not head or any(w in head for w in (b"Feature", b"geometry", b"Topology"))
    return suffix(path) in VECTOR_DRIVERS


def _head(path: Path, size: int = 512) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(size)
    except OSError:
        return b""


# Endings of ENVI's data beside a header.
_DATA = ("", ".dat", ".img", ".bsq", ".bil", ".bip", ".envi", ".bin", ".raw", ".flt")


def data_of(path: Path) -> Path:
    """The file with the numbers, for a header or a folder that stands for it: ENVI's .hdr, SAGA's
    .sgrd, the folder of an ArcInfo grid. Anything else as it is."""
    if path.is_dir() and is_arcinfo(path):
        return path / "hdr.adf"
    if suffix(path) == ".sgrd" and path.with_suffix(".sdat").is_file():
        return path.with_suffix(".sdat")
    if suffix(path) == ".hdr" and path.is_file():
        own = (path.with_suffix(e) for e in _DATA)
        # data.tif.hdr lies beside data.tif.
        return next((p for p in (path.with_suffix(""), *own) if p.is_file() and p != path), path)
    return path


def is_arcinfo(folder: Path) -> bool:
    """Whether a folder is an ArcInfo grid."""
    return (folder / "hdr.adf").is_file()


def is_geodatabase(path: Path) -> bool:
    """Whether a folder is an ESRI file geodatabase."""
    return suffix(path) == ".gdb" and path.is_dir()


def holds_tiles_alone(path: Path) -> bool:
    """Whether a GeoPackage holds tiles of rasters and no features."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as database:
            rows = database.execute("SELECT data_type FROM gpkg_contents").fetchmany(1000)
    except (sqlite3.Error, ValueError):
        return False
    kinds = {str(row[0]) for row in rows}
    return bool(kinds & {"tiles", "2d-gridded-coverage"}) and "features" not in kinds


_OTHER_VECTORS = (
    *(".tab", ".mif", ".gml", ".dxf", ".gpx", ".e00", ".parquet", ".geoparquet", ".sqlite"),
    *(".topojson", ".geojsonl", ".osm", ".pbf", ".dgn", ".vct"),
)
_PACKED = (".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz")
_POINTERS = (".lyr", ".lyrx", ".lpkx", ".mxd", ".aprx", ".qgs", ".qgz", ".qlr")


def cure(path: str | PurePath) -> str:
    """What makes a file that is not read one that is.

    >>> cure("rocks.tab")
    'turn it into GeoPackage with `ogr2ogr rocks.gpkg rocks.tab`'
    """
    name, ending = PurePath(path).name, suffix(path)
    stem = PurePath(path).stem
    if ending in _OTHER_VECTORS:
        return f"turn it into GeoPackage with `ogr2ogr {stem}.gpkg {name}`"
    if ending == ".mdb":
        return "export its feature class from ArcGIS as a shapefile or into a .gdb"
    if ending == ".dwg":
        return "save it as DXF and turn that into GeoPackage with `ogr2ogr`"
    if ending in _PACKED:
        return "unpack it and give what it holds"
    if ending in _POINTERS:
        return "it only points to data that lie elsewhere: give these"
    if ending in (".xls", ".ods"):
        return "save its sheet as .xlsx or .csv"
    if ending in (".laz", ".las"):
        return "make a DEM of it first, as GeoTIFF"
    return (
        f"turn a raster into GeoTIFF with `gdal_translate {name} {stem}.tif`, polygons or points "
        f"into GeoPackage with `ogr2ogr {stem}.gpkg {name}`"
    )
