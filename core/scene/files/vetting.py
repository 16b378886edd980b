"""Files from anywhere are first looked at in a child that can be ended (`core.confined`).

What ends there within its bounds, and with the network given up, is then read where it is needed:
the same reading ends as well. A file that passed is not looked at again while it is unchanged.
"""

import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

from core import confined
from core.confined import progress
from core.errors import SlideScopeError
from core.scene.files import (
    archives,
    containers,
    formats,
    guard,
    layers,
    openings,
    outlines,
    raster,
    sampling,
    tables,
    vectors,
)
from core.scene.files.source import Source

MOST_PARTS = 50


def check(sources: Iterable[Source], tick: Callable[[], None] | None = None) -> None:
    """Raise a SlideScopeError for a file that takes more time or memory than one of its size
    should; `tick` is called meanwhile and may raise to end it."""
    for source in sources:
        for file in source.files:
            path = Path(file.path)
            try:
                about = path.stat()
            except (OSError, ValueError):
                continue  # told where it is opened
            key = (str(path), file.part, file.layer, about.st_mtime_ns, about.st_size)
            if key not in _known:
                _known[key] = _refusal(file, path, tick)
                if len(_known) > _MOST:
                    _known.pop(next(iter(_known)))
            if _known[key]:
                raise SlideScopeError(_known[key])


# What is known of files, by name and state: the sentence of a refusal, empty for one that passed.
_MOST = 1000
_known: dict[tuple, str] = {}


def _refusal(source: Source, path: Path, tick: Callable[[], None] | None) -> str:
    plain = Source(source.path, part=source.part, layer=source.layer)
    about = f"'{path.name}'"
    try:
        confined.call(look, plain, about=about, allowed=allowance(path), tick=tick)
    except SlideScopeError as error:
        return str(error.args[0])
    return ""


def allowance(path: Path) -> confined.Allowance:
    """What looking at a file may take; a block of a raster may be large where its file is small."""
    vector = formats.suffix(path) in (*formats.VECTOR_DRIVERS, *formats.POINTS)
    floor = confined.MEMORY if vector else confined.BLOCK_MEMORY
    return confined.of_bytes(_unpacked(path), floor)


def _unpacked(path: Path) -> int:
    """The size of a file, of an archive that of what it holds, as far as it is believed."""
    size = sum(p.stat().st_size for p in path.rglob("*")) if path.is_dir() else path.stat().st_size
    if not archives.is_archive(path):
        return size
    try:
        return min(archives.total(path), 20 * size)
    except (SlideScopeError, zipfile.BadZipFile, OSError):
        return size  # whoever opens it says what is wrong with it


def look(source: Source) -> None:
    """Read all that an import may read of a file. What is wrong with it is told where it is wanted:
    that may be in other words, or not at all."""
    for part in _parts(source):
        try:
            _look(Source(source.path, part=part, layer=source.layer))
        except SlideScopeError as error:
            if confined.lacks_memory(error):
                raise MemoryError from error


def _parts(source: Source) -> list[str | None]:
    if source.part is not None:
        return [source.part]
    try:
        path = guard.check_file(source.path)
        if archives.is_archive(path) or formats.container(path):
            return list(openings.parts(path))[:MOST_PARTS]
    except SlideScopeError:
        pass
    return [None]


def _look(source: Source) -> None:
    leaf = source.part if source.part and archives.is_archive(source.path) else source.path
    if guard.is_points(leaf):
        progress.doing("reading it as a table")
        table = tables.look(source)
        tables.numbers(table, range(min(3, table.width)))
    elif guard.is_vector(leaf):
        _look_at_features(source)
    else:
        _look_at_pixels(source)


def _look_at_features(source: Source) -> None:
    progress.doing("reading its features")
    _, name = vectors.opening(source, None)
    several = [layer.name for layer in layers.listed(name)]
    for layer in [source.layer] if source.layer or not several else several:
        frame = vectors.read_features(Source(source.path, part=source.part, layer=layer))
        shapes = frame.geometry
        shapes = shapes[shapes.geom_type.isin((*outlines.POLYGONS, "GeometryCollection"))]
        progress.doing("looking for polygons that cross themselves")
        broken = shapes[~shapes.is_valid]
        progress.doing("repairing polygons that cross themselves")
        broken.make_valid()


def _look_at_pixels(source: Source) -> None:
    progress.doing("opening it")
    path = guard.check_file(source.path)
    if formats.container(path) == "HDF5":
        _check_arrays(path)
        return
    opening = openings.find(source.path, source.part)
    with guard.gdal_options(), guard.open_checked(path, opening.name, opening.driver) as dataset:
        real = raster.first_band(dataset)
    progress.doing("reading some of its pixels")
    sampling.take(raster.open_band(Source(source.path, real, source.part)))


def _check_arrays(path: Path) -> None:
    containers.check_links(path)
    containers.arrays(path)
