"""Room on the disk: asked for before something large is written, and looked after behind it where
a library does not say that a write has failed."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import Damaged, SlideScopeError

# What small files beside it, and others who write, may need.
SPARE = 2 << 20
# A block of a raster that found no room leaves as much free as it would have taken.
NEARLY_FULL = 8 << 20
# How a GeoTIFF begins, small or big, in either order of bytes.
TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def check_room(folder: Path, needed: int, what: str) -> None:
    """Raise a SlideScopeError unless `needed` bytes, and a little more, fit where `folder` is."""
    free = shutil.disk_usage(_there(folder)).free
    if free < needed + SPARE:
        raise SlideScopeError(
            f"The disk is full: {what} needs {_mb(needed + SPARE)} MB and {_mb(free)} MB are free; "
            "free some space, then go on with it."
        )


@contextmanager
def kept_whole(written: Path) -> Iterator[None]:
    """Raise the system's own error for a full disk where one kept the block from writing the file
    or folder `written`: GDAL with several threads says nothing of it, and others say something
    else."""
    try:
        yield
    except Exception as error:
        if _may_be_of_it(error) and (_is_full(written.parent) or _cut_short(written)):
            raise _no_space(written) from error
        raise
    short = _cut_short(written)
    if short:
        raise _no_space(short)


def _may_be_of_it(error: Exception) -> bool:
    """Whether a library that writes or reads files says so, not a defect or a user's input."""
    of_files = type(error).__module__.partition(".")[0] in ("rasterio", "pyogrio", "h5py")
    return of_files or isinstance(error, OSError | RuntimeError | Damaged)


@contextmanager
def scratch(prefix: str = "slidescope-", parent: Path | None = None) -> Iterator[Path]:
    """A folder for half-made rasters, beside those to come where `parent` is given, gone at the
    end."""
    with tempfile.TemporaryDirectory(prefix=prefix, dir=parent) as name, kept_whole(Path(name)):
        yield Path(name)


def _no_space(path: Path) -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))


def _is_full(folder: Path) -> bool:
    return shutil.disk_usage(_there(folder)).free < NEARLY_FULL


def _cut_short(written: Path) -> Path | None:
    """The first raster in a file or folder that ends before what its directory names."""
    found = written.rglob("*.tif") if written.is_dir() else [written]
    rasters = (path for path in found if path.suffix == ".tif" and path.is_file())
    return next((path for path in rasters if not _is_whole(path)), None)


def _is_whole(path: Path) -> bool:
    """Whether every block of a GeoTIFF lies within the file; nothing of it is read."""
    import rasterio  # here: whoever wrote one has it
    from rasterio.enums import Interleaving

    size = path.stat().st_size
    try:
        with rasterio.open(path) as file:
            height, width = file.block_shapes[0]
            planes = file.count if file.interleaving == Interleaving.band else 1
            places = (
                f"{column}_{row}"
                for row in range(-(-file.height // height))
                for column in range(-(-file.width // width))
            )
            bands = range(1, planes + 1)
            return all(_block_end(file, at, band) <= size for at in places for band in bands)
    except rasterio.errors.RasterioIOError:
        with open(path, "rb") as begun:
            return begun.read(4) not in (b"", *TIFF)


def _block_end(file, at: str, band: int) -> int:
    """Where a block ends in the file; 0 of one that was never written."""
    begin, length = (
        int(file.get_tag_item(f"BLOCK_{what}_{at}", "TIFF", bidx=band) or 0)
        for what in ("OFFSET", "SIZE")
    )
    return begin + length


def _there(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    return next(each for each in (folder, *folder.parents) if each.exists())


def _mb(size: int) -> str:
    """
    >>> _mb(600_000), _mb(25_000_000)
    ('0.6', '25.0')
    """
    return f"{size / 1e6:.1f}"
