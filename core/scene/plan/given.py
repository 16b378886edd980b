"""Every file that an import is given, as it is named: what is looked at before anything is done."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from core import confined
from core.errors import SlideScopeError
from core.scene.files import formats, tile_folder, vetting
from core.scene.files.source import Source
from core.scene.interferograms import finding
from core.scene.plan import alignment, planning
from core.scene.plan.request import ImportRequest, angles_of


def check(request: ImportRequest, tick: Callable[[], None] | None = None) -> None:
    """Have every file looked at by a child that can be ended; `tick` may raise meanwhile."""
    vetting.check(files(request), tick)
    if request.tile_folder:
        check_tiles(request.tile_folder, tick)


def check_tiles(folder: str, tick: Callable[[], None] | None = None) -> None:
    """The same for a folder of tiles."""
    allowed = confined.for_files([folder], confined.BLOCK_MEMORY)
    about = f"Folder '{Path(folder).name}'"
    confined.call(look_at_tiles, folder, about=about, allowed=allowed, tick=tick)


def report(request: ImportRequest) -> dict[str, Any]:
    """What the import would do, as a dry run says it, found out by a child."""
    check(request)
    return by_child(_report, request)


def _report(request: ImportRequest) -> dict[str, Any]:
    return alignment.report(planning.plan(request))


def by_child(function: Callable[[ImportRequest], dict[str, Any]], request: ImportRequest) -> Any:
    """What the function says of a request, as a child that can be ended has found out; that is
    JSON. The files have been looked at one by one."""
    every = [source.path for source in files(request)]
    allowed = confined.for_files(every, confined.BLOCK_MEMORY)
    return confined.call(function, request, about="What is to be imported", allowed=allowed)


def look_at_tiles(folder: str) -> None:
    """Find the tiles in a folder; what is wrong with them is told where they are wanted."""
    try:
        tile_folder.find(folder)
    except SlideScopeError as error:
        if confined.lacks_memory(error):
            raise MemoryError from error


def files(request: ImportRequest) -> Iterator[Source]:
    """The sources of a request, folders of interferograms as their files."""
    for sources in request.factors.values():
        yield from _each(sources)
    for sources in request.distances.values():
        yield from _each(sources)
    extra = (request.inventory, request.inventory_points, request.second)
    yield from _each([file for source in extra if source for file in source.files])
    for orbit in (request.orbit, request.second_orbit):
        yield from (a for a in angles_of(orbit).values() if isinstance(a, Source))
    if request.like:
        yield Source(request.like)


def _each(sources) -> Iterator[Source]:
    for source in sources:
        path = Path(source.path)
        if path.is_dir() and not (formats.is_arcinfo(path) or formats.is_geodatabase(path)):
            yield from _pairs(path)
        else:
            yield source


def _pairs(folder: Path) -> Iterator[Source]:
    try:
        found = finding.find(folder)
    except SlideScopeError:
        return
    for pair in found.pairs if found else ():
        yield from (Source(str(p)) for p in (pair.phase, pair.coherence) if p is not None)
