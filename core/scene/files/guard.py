"""The path guard: which files may be opened, and by which reader.

GDAL follows URLs, archive and network prefixes, inline XML and VRTs to anywhere. Here a file must
be a real file in an allowed folder, its extension fixes the one driver that may read it, side-car
metadata (PAM) is not read, and its declared size is looked at before any pixel is.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import rasterio

from core.errors import Damaged, SlideScopeError
from core.scene.files import archives, contents, formats
from core.scene.files.formats import (  # noqa: F401 - who asks about files asks here
    KNOWN,
    MAX_BLOCK_BYTES,
    MAX_DECLARED_BYTES,
    MAX_VECTOR_BYTES,
    POINTS,
    RASTER_DRIVERS,
    SIDE_CARS,
    VECTOR_DRIVERS,
    data_of,
    is_geodatabase,
    raster_driver,
    suffix,
)
from core.scene.files.gdal_errors import GDAL_ERRORS

# rasterio takes bytes, GDAL's own option would take megabytes.
CACHE_BYTES = 256 * 1024**2

_REMOTE = re.compile(r"^\s*([a-z][a-z0-9+.-]+://|/vsi|<|\\\\)", re.IGNORECASE)
_MAGIC = {".shp": b"\x00\x00\x27\x0a", ".gpkg": b"SQLite format 3\x00", ".fgb": b"fgb"}
_KML = re.compile(rb"(<\?.*?\?>|<!--.*?-->|\s)*<(\w+:)?kml[\s>]", re.DOTALL)
# So much of a vector file is looked at before another reader sees it.
HEAD_BYTES = 65536


def gdal_options() -> rasterio.Env:
    """The settings under which every file is opened and read: no side-car, bounded cache."""
    return rasterio.Env(GDAL_PAM_ENABLED="NO", GDAL_CACHEMAX=CACHE_BYTES)


def check_file(text: str | Path, folders: Sequence[Path] | None = None) -> Path:
    """Return the real path of a file that may be opened.

    `folders`: the allowed ones, links followed; None allows any (the command line).
    """
    if _REMOTE.match(str(text)) or "\x00" in str(text):
        raise SlideScopeError(
            f"'{text}' is not a file on this machine: URLs, /vsi paths and inline text are "
            "refused; download the file and give its path."
        )
    path = named(text)
    if path.suffix.lower() == ".vrt":
        raise SlideScopeError(
            f"'{path.name}' is a VRT, which may point anywhere and is refused; "
            "convert it with `gdal_translate in.vrt out.tif` and give the GeoTIFF."
        )
    path = check_inside(path, folders)
    path = check_inside(data_of(path), folders)
    if not path.is_file() and not is_geodatabase(path):
        kind = "a folder" if path.is_dir() else "missing"
        raise SlideScopeError(f"File '{text}' is {kind}: give the path of one existing file.")
    return path


def named(text: str | Path) -> Path:
    """Return the path that a text names; refuse one that can be none on this machine."""
    try:
        path = Path(text).expanduser()
        path.exists()
    except (OSError, ValueError, RuntimeError) as error:
        short = f"{str(text)[:60]}..." if len(str(text)) > 60 else str(text)
        reason = getattr(error, "strerror", None) or "no such user or name"
        raise SlideScopeError(
            f"'{short}' cannot be the path of a file here ({reason.lower()}): give another."
        ) from error
    return path


def check_inside(path: Path, folders: Sequence[Path] | None) -> Path:
    """Return `path`, links followed, if it lies in an allowed folder; None allows any."""
    real = path.resolve()
    if folders is not None and not any(real.is_relative_to(Path(f).resolve()) for f in folders):
        raise SlideScopeError(
            f"'{path}' is outside the folders that pages may open; upload the file, or let the "
            "operator name its folder in SLIDESCOPE_DATA."
        )
    return real


def is_vector(path: str | Path) -> bool:
    """Whether a file holds polygons, by its extension; an archive by what is in it."""
    if archives.is_archive(path):
        return archives.holds_polygons(path)
    return formats.is_vector(path)


def is_points(path: str | Path) -> bool:
    """Whether a file is a table of points, by its extension; an archive by what is in it."""
    if archives.is_archive(path):
        return archives.holds_tables(path)
    return suffix(path) in POINTS and not formats.is_text_grid(path)


def check_raster(text: str | Path, folders: Sequence[Path] | None = None) -> tuple[Path, str]:
    """Return (path, GDAL driver) of a raster file that may be opened."""
    path = check_file(text, folders)
    driver = raster_driver(path)
    if driver is None:
        raise SlideScopeError(
            f"'{path.name}' is not a raster that SlideScope reads: {formats.cure(path)} (known are "
            f"{', '.join(k for k in KNOWN if k not in VECTOR_DRIVERS)})."
        )
    return path, driver


def check_vector(text: str | Path, folders: Sequence[Path] | None = None) -> Path:
    """Return the path of a vector file whose content agrees with its extension."""
    path = check_file(text, folders)
    kind = suffix(path)
    if kind not in VECTOR_DRIVERS:
        raise SlideScopeError(
            f"'{path.name}' holds no polygons that SlideScope reads: known are "
            f"{', '.join(VECTOR_DRIVERS)}; {formats.cure(path)}."
        )
    if is_geodatabase(path) and not any(path.glob("*.gdbtable")):
        raise SlideScopeError(
            f"Folder '{path.name}' is no file geodatabase inside (it has no .gdbtable): copy it "
            "again as a whole."
        )
    size = sum(p.stat().st_size for p in (path.iterdir() if path.is_dir() else [path]))
    if size > MAX_VECTOR_BYTES:
        raise SlideScopeError(
            f"'{path.name}' has {size / 1e9:.1f} GB: vector files over "
            f"{MAX_VECTOR_BYTES / 1e9:.1f} GB are refused; cut it to the area."
        )
    if not path.is_dir():
        with open(path, "rb") as file:
            check_magic(file.read(HEAD_BYTES), path.name)
        contents.check(path)
    if kind == ".gpkg" and formats.holds_tiles_alone(path):
        raise SlideScopeError(
            f"'{path.name}' holds raster tiles and no polygons or points: turn it into GeoTIFF "
            f"with `gdal_translate {path.name} {path.stem}.tif` and give that."
        )
    missing = [e for e in (".shx", ".dbf") if kind == ".shp" and not _beside(path, e)]
    if missing:
        raise SlideScopeError(
            f"Shapefile '{path.name}' comes without {' and '.join(missing)}: its parts belong "
            "together; give all of them in one folder."
        )
    return path


def check_magic(head: bytes, name: str) -> None:
    """Refuse a vector file whose first bytes are another format's: OGR would follow those."""
    kind, start = suffix(name), head.lstrip(b"\xef\xbb\xbf \r\n\t")
    if kind in formats.GEOJSON:
        # GDAL runs what a "streamed algorithm" says.
        good = start[:1] == b"{" and b"gdal_streamed_alg" not in head
    elif kind == ".kml":
        good = bool(_KML.match(start)) and b"<!ENTITY" not in head
    else:
        good = head.startswith(_MAGIC.get(kind, b""))
    if not good:
        raise SlideScopeError(
            f"'{name}' is not a {VECTOR_DRIVERS[kind]} file inside, whatever its name: export it "
            "again."
        )


def _beside(path: Path, extension: str) -> bool:
    return any(path.with_suffix(e).is_file() for e in (extension, extension.upper()))


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what GDAL says about a broken file into one sentence."""
    try:
        yield
    except (*GDAL_ERRORS, OSError) as error:
        reason = " ".join(str(error).replace(str(path), path.name).split())[:160].rstrip(".")
        raise Damaged(
            f"'{path.name}' cannot be read as a raster ({reason}): it is damaged or another "
            "format; export it again as GeoTIFF."
        ) from error


def opened(name: str, driver: str, threads: int = 1) -> rasterio.io.DatasetReader:
    """Open what `core.scene.files.openings` named, with the one driver that may.

    `threads` decode the blocks of a GeoTIFF at once; the other drivers know no such option.
    """
    options = {"num_threads": threads} if threads > 1 and driver == "GTiff" else {}
    return rasterio.open(name, driver=driver, sharing=False, **options)


def open_raster(
    text: str | Path, folders: Sequence[Path] | None = None
) -> rasterio.io.DatasetReader:
    """Open a raster file with the one driver of its extension, its declared size checked."""
    path, driver = check_raster(text, folders)
    return open_checked(path, str(path), driver)


def open_checked(path: Path, name: str, driver: str) -> rasterio.io.DatasetReader:
    """Open `name`, which is `path` or a part of it, and check the size it declares."""
    with reading(path):
        source = opened(name, driver)
    try:
        check_declared_size(source, path)
    except SlideScopeError:
        source.close()
        raise
    return source


def check_declared_size(source: rasterio.io.DatasetReader, path: Path) -> None:
    """Refuse a raster that is too large to decode, before anything of it is decoded."""
    if not source.count:
        raise SlideScopeError(
            f"'{path.name}' holds no band: a factor is a raster with values; give another file."
        )
    item = max(_item_size(dtype) for dtype in source.dtypes)
    declared = source.width * source.height * source.count * item
    rows, columns = source.block_shapes[0]
    block = rows * columns * item * source.count
    if declared > MAX_DECLARED_BYTES:
        raise SlideScopeError(
            f"'{path.name}' declares {source.width} x {source.height} pixels in {source.count} "
            f"bands, {declared / 1e9:.0f} GB: over {MAX_DECLARED_BYTES / 1e9:.0f} GB is refused; "
            "cut it to the area or give a coarser one."
        )
    if block > MAX_BLOCK_BYTES:
        raise SlideScopeError(
            f"'{path.name}' is stored in one piece of {block / 1e9:.1f} GB: blocks over "
            f"{MAX_BLOCK_BYTES / 1e9:.1f} GB are refused; rewrite it with "
            "`gdal_translate -co TILED=YES`."
        )


def _item_size(dtype: str) -> int:
    """Bytes a value; GDAL's complex integers have no numpy name."""
    return 8 if dtype.startswith("complex_") else np.dtype(dtype).itemsize
