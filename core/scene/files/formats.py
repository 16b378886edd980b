"""The kinds of files that are read, by extension: each has one driver that may read it."""

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
}
VECTOR_DRIVERS = {".shp": "ESRI Shapefile", ".gpkg": "GPKG", ".geojson": "GeoJSON"}
# Files with several rasters inside, each with a name.
CONTAINERS = {".nc": "netCDF", ".nc4": "netCDF", ".h5": "HDF5", ".hdf5": "HDF5", ".he5": "HDF5"}
ARCHIVES = (".zip",)
# Tables of measured points.
POINTS = (".csv", ".txt", ".tsv")
# Files that travel with a shapefile or raster and are never opened on their own.
SIDE_CARS = (".shx", ".dbf", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".tfw", ".hdr", ".sgrd")

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
    """The driver of a raster file; a flat binary one may have ENVI's header or ESRI's."""
    driver = RASTER_DRIVERS.get(suffix(path))
    if driver != "ENVI":
        return driver
    for header in (path.with_suffix(".hdr"), path.with_name(path.name + ".hdr")):
        if header.is_file():
            with open(header, "rb") as file:
                return "ENVI" if file.read(4) == b"ENVI" else "EHdr"
    return driver
