"""The deformation rate of an import that is given as a stack of interferograms.

The stack is inverted on its own grid. The rate, and the layers that say how good it is, come into
the scene as any other raster does, in place of the stack.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import rasterio
from rasterio.windows import Window

from core import paths
from core.cluster.pool import Pool
from core.errors import SlideScopeError
from core.factors import DEFORMATION, ELEVATION, FROM_ORBIT, FROM_TWO_ORBITS, QUALITY
from core.jobs.report import Report, part, silent
from core.scene import origin, polygons
from core.scene.align.mosaic import AlignedMosaic
from core.scene.files.source import Source
from core.scene.grid import Grid
from core.scene.interferograms import finding, geometry, products
from core.scene.interferograms import report as stack_report
from core.scene.interferograms.found import LeftOut
from core.scene.interferograms.stack import Stack
from core.scene.origin import FOLDER
from core.scene.plan import choices
from core.scene.plan.inputs import Terrain, inventory, opened, terrain_of
from core.scene.plan.override import Override
from core.scene.plan.overrides import INVENTORY, SECOND, of_file
from core.scene.plan.request import ImportRequest
from core.scene.sbas import chain, layers, tasks
from core.scene.sbas.settings import SbasSettings

# What a rate of ours is known to be already.
_SETTLED = ("unit", "scale", "nodata", "crs")


@dataclass(frozen=True)
class Resolved:
    """`request` with rasters in place of stacks; `told` what a dry run says of the stack of the
    first orbit, `notes` what the scene keeps of it."""

    request: ImportRequest
    told: dict | None = None
    notes: tuple[str, ...] = ()


def given_as_stack(request: ImportRequest) -> tuple[str, ...]:
    """Which of the two rates, `deformation` and `second`, are stacks."""
    asked = {DEFORMATION: request.factors.get(DEFORMATION, ())}
    asked[SECOND] = (request.second,) if request.second else ()
    return tuple(name for name, sources in asked.items() if finding.is_stack(sources))


def invert(
    request: ImportRequest, folder: Path, told: Report = silent, pool: Pool | None = None
) -> Resolved:
    """Invert the stacks of a request and write what comes of them below `folder`.

    A second stack gives its rate alone. What is done already lies in the workspace's cache until
    the end, so that a stopped or killed import goes on. `pool`: who inverts the blocks, in place of
    this process.
    """
    stacks, given = given_as_stack(request), request.factors.get(DEFORMATION, ())
    notes: list[str] = []
    left_out: tuple[LeftOut, ...] = ()
    ground = _ground(request) if stacks else request
    for n, name in enumerate(stacks):
        share = part(told, n / len(stacks), (n + 1) / len(stacks))
        place = folder / (FOLDER if name == DEFORMATION else f"{FOLDER}-{SECOND}")
        given_as = _given(request, name)
        with given_as.opened(share) as stack:
            place.mkdir(parents=True)
            outcome = chain.run(
                stack,
                settings_of(request),
                _heights(terrain_of(ground), stack),
                _inventory(ground, stack.grid),
                place,
                share,
                _scratch(request, name),
                tasks.Crew(pool, given_as) if pool else None,
            )
            request = _with_orbit(request, name, geometry.orbit(stack, place))
        named = "" if name == DEFORMATION else "second rate: "
        left_out = stack.left_out if name == DEFORMATION else left_out
        told_of = [*outcome.warnings, *stack.notes, *(each.sentence for each in stack.left_out)]
        notes += [f"{named}{sentence}" for sentence in dict.fromkeys(told_of)]
        request = _replaced(request, name, place, f"{len(stack.pairs)} interferograms")
    if DEFORMATION in stacks:
        origin.keep(folder, given, request, notes, left_out)
    return Resolved(request, notes=tuple(notes))


@contextmanager
def looked_at(request: ImportRequest, told: Report = silent) -> Iterator[Resolved]:
    """Look at the stacks of a request without inverting them: inside, the request has empty rasters
    on their grids, which a plan can be made of."""
    stacks, about = given_as_stack(request), None
    with tempfile.TemporaryDirectory(prefix="stack-") as folder:
        for name in stacks:
            place = Path(folder) / name
            place.mkdir()
            with _given(request, name).opened(told) as stack:
                if name == DEFORMATION:
                    about = stack_report.report(stack, _reference(request))
                    about["lines"] = stack_report.lines(about)
                request = _with_orbit(request, name, geometry.orbit(stack, place))
                nothing = np.zeros(stack.grid.shape, np.float32)
                layers.write(place, DEFORMATION, nothing, stack.grid)
                label = f"{len(stack.pairs)} interferograms"
            request = _replaced(request, name, place, label, quality=False)
        yield Resolved(request, about)


def settings_of(request: ImportRequest) -> SbasSettings:
    return SbasSettings(**{each.name: getattr(request, each.name) for each in fields(SbasSettings)})


def _given(request: ImportRequest, name: str) -> tasks.Given:
    sources = request.factors[DEFORMATION] if name == DEFORMATION else (request.second,)
    _check_overrides(request, name)
    files = [source.path for source in sources if source]
    return tasks.Given.of(name, files, settings_of(request), request.wavelength)


def _check_overrides(request: ImportRequest, name: str) -> None:
    given = [n for n in request.overrides.get(name, Override()).given() if n in _SETTLED]
    if given:
        raise SlideScopeError(
            f"--{given[0]} {name}=... has no effect: the rate is made of interferograms, in mm/yr "
            "and where they lie; leave it out."
        )


def _reference(request: ImportRequest) -> str | None:
    if request.reference_pixel is None:
        return None
    column, row = request.reference_pixel
    return f"pixel in column {column}, row {row}"


def _scratch(request: ImportRequest, name: str) -> Path:
    """Blocks that are done; the same import finds them again."""
    return paths.cache_folder() / FOLDER / f"{request.name}-{name}"


def _ground(request: ImportRequest) -> ImportRequest:
    """The elevation and inventory of a request, with their parts settled as for the scene."""
    known = {name: files for name, files in request.factors.items() if name == ELEVATION}
    return choices.settle(replace(request, factors=known, second=None))[0]


def _heights(terrain: Terrain, stack: Stack) -> np.ndarray | None:
    """(H, W) float32 metres on the stack's grid: of the import's elevation, else of the product's
    own raster; None without either."""
    grid = stack.grid
    whole = Window(0, 0, grid.width, grid.height)
    found = [opened(ELEVATION, file, decided).raster for file, decided in terrain.files]
    if found and all(raster.crs for raster in found):
        with AlignedMosaic(tuple(found), grid) as elevation:
            values = elevation.read(whole)
        return values if np.isfinite(values).any() else None
    for path in stack.found.geometry.get(products.DEM, ()):
        layer = stack.layer_of(path)
        if layer is not None:
            return layer.raw(slice(0, grid.height)).astype(np.float32)
    return None


def _inventory(request: ImportRequest, grid: Grid) -> np.ndarray | None:
    """(H, W) bool: mapped landslides on the stack's grid, which do not make its datum."""
    decided = of_file(request.overrides, INVENTORY)
    found, meaning = inventory(request.inventory, decided, terrain_of(request))
    whole = Window(0, 0, grid.width, grid.height)
    if isinstance(found, Source):
        shapes = polygons.on_grid(found, grid).geometry.to_numpy()
        if not len(shapes):
            return None
        ones = np.ones(len(shapes), np.int32)
        return polygons.Burner(shapes, ones, grid).read(whole, 0, "int32") > 0
    if found is None or meaning is None or found.crs is None:
        return None
    with AlignedMosaic((found,), grid, nearest=True) as mask:
        return meaning.is_landslide(mask.read(whole))


def _with_orbit(request: ImportRequest, name: str, found) -> ImportRequest:
    """The product's geometry where something is made of it, unless the user gives another."""
    if not set(request.added) & {*FROM_ORBIT, *FROM_TWO_ORBITS}:
        return request
    which = "orbit" if name == DEFORMATION else "second_orbit"
    return (
        request if found is None or getattr(request, which) else replace(request, **{which: found})
    )


def _replaced(
    request: ImportRequest, name: str, folder: Path, label: str, quality: bool = True
) -> ImportRequest:
    rate = Source(str(folder / f"{DEFORMATION}.tif"), label=label)
    if name == SECOND:
        return replace(request, second=rate)
    factors = {**request.factors, DEFORMATION: (rate,)}
    for layer in QUALITY if quality else ():
        path = folder / f"{layer}.tif"
        if not path.exists() or layer in factors:
            continue
        with rasterio.open(path, driver="GTiff") as file:
            last = file.count if file.count > 1 else None
            if not np.isfinite(file.read(file.count)).any():
                continue  # coherence of a product without any
        factors[layer] = (Source(str(path), last, label=label),)
    return replace(request, factors=factors)
