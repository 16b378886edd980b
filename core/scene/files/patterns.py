"""Many files of one factor, named at once: a folder, a pattern, a Sentinel-2 product."""

import glob
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from core.errors import SlideScopeError
from core.scene.files import formats
from core.scene.plan.request import Source

MAX_FILES = 200
# Band of a Sentinel-2 product (a .SAFE folder) -> what its file's name ends with, finest first.
SENTINEL = {"blue": "B02", "green": "B03", "red": "B04", "nir": "B08"}
_RASTERS = (*formats.RASTER_DRIVERS, *formats.CONTAINERS, *formats.ARCHIVES)


def expand(name: str, sources: Iterable[Source]) -> tuple[Source, ...]:
    """Put the files that folders and patterns stand for in their place, in order of name."""
    return tuple(found for source in sources for found in _files(name, source))


def _files(name: str, source: Source) -> list[Source]:
    path = Path(source.path).expanduser()
    if path.is_dir():
        found = _in_product(name, path) if path.suffix.upper() == ".SAFE" else _in_folder(path)
    elif glob.has_magic(source.path) and not path.is_file():
        hits = (Path(p) for p in glob.iglob(str(path), recursive=True))
        found = sorted(p for p in hits if p.is_file() and formats.suffix(p) in formats.KNOWN)
    else:
        return [source]
    if not found:
        raise SlideScopeError(
            f"'{source.path}' stands for no file that SlideScope reads as {name}: check the folder "
            "or pattern, or name the files separated by commas."
        )
    if len(found) > MAX_FILES:
        raise SlideScopeError(
            f"'{source.path}' stands for {len(found)} files: a factor is put together from at most "
            f"{MAX_FILES}; give a narrower pattern."
        )
    return [replace(source, path=str(p)) for p in found]


def _in_folder(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if formats.suffix(p) in _RASTERS and p.is_file())


def _in_product(name: str, folder: Path) -> list[Path]:
    """The band of a Level-2A (10 m if there is one) or Level-1C product."""
    band = SENTINEL.get(name)
    if band is None:
        raise SlideScopeError(
            f"'{folder.name}' is a Sentinel-2 product: it gives {', '.join(SENTINEL)} by itself; "
            f"for {name} name the band's file in its IMG_DATA folder."
        )
    for ending in (f"*_{band}_10m.jp2", f"*_{band}.jp2", f"*_{band}_20m.jp2"):
        found = sorted(folder.glob(f"GRANULE/*/IMG_DATA/**/{ending}"))
        if found:
            return found
    return []
