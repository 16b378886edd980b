"""Layers that a factor is the distance to: checked, and brought into the scene's system."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from rasterio.crs import CRS

from core.errors import SlideScopeError
from core.factors import DISTANCE, ELEVATION
from core.scene.files import systems, vectors
from core.scene.files.source import Source
from core.scene.grid import Grid
from core.scene.plan import datum
from core.scene.plan.layout import SceneGrid
from core.scene.plan.override import Override
from core.scene.plan.overrides import called, check_effect, of_file
from core.scene.plan.request import ImportRequest

# A layer counts up to so many of the scene's longer sides beside it; beyond, it is a mistake.
REACH = 0.5


@dataclass(frozen=True)
class Distances:
    """`sources` by factor, placed as it was decided; `notes` sentences about them."""

    sources: dict[str, tuple[Source, ...]]
    notes: tuple[str, ...]


def planned(request: ImportRequest, chosen: SceneGrid, derived: Sequence[str] = ()) -> Distances:
    """Look at every layer of the request; refuse what cannot be measured from, or would have the
    name of a `derived` factor."""
    found: dict[str, tuple[Source, ...]] = {}
    notes: list[str] = []
    for name, sources in request.distances.items():
        factor = f"{DISTANCE}{name}"
        _check_scene(factor, chosen)
        if factor in derived:
            raise SlideScopeError(
                f"Factor '{factor}' is given twice: it is derived from elevation, or measured from "
                f"the layer of --distance-to {name}; call the layer something else."
            )
        placed = tuple(
            _placed(factor, source, request.overrides, number)
            for number, source in enumerate(sources, 1)
        )
        with called(factor):
            notes += _looked_at(factor, placed, chosen.grid)
        found[factor] = placed
    return Distances(found, tuple(notes))


def _check_scene(name: str, chosen: SceneGrid) -> None:
    crs = chosen.grid.crs
    if chosen.kind == "tiles" or crs is None:
        raise SlideScopeError(
            f"'{name}' needs a scene with a coordinate reference system to place its layer in: "
            f"give an {ELEVATION} raster that has one, or leave it out."
        )
    if not CRS.from_user_input(crs).is_projected:
        raise SlideScopeError(
            f"'{name}' is measured in metres, and the grid of --like is in degrees: give a --like "
            "in a projected system, or leave --like out."
        )


def _placed(name: str, source: Source, overrides: Mapping[str, Override], number: int) -> Source:
    decided = of_file(overrides, name, number)
    check_effect(name, decided, "layer")
    if not vectors.is_vector(source):
        raise SlideScopeError(
            f"'{source}' is a raster: --distance-to measures from lines, polygons or points; turn "
            "it into a vector file, or give the distances as --factor."
        )
    encoding = decided.encoding or source.encoding
    return replace(source, crs=decided.crs or source.crs, shift=decided.shift, encoding=encoding)


def _looked_at(name: str, sources: tuple[Source, ...], grid: Grid) -> list[str]:
    """Sentences about what the layer holds."""
    scene = shapely.box(*grid.bounds)
    shapes = geometries(name, sources, grid)
    away = shapely.distance(shapes, scene)
    files = ", ".join(f"'{source}'" for source in sources)
    reach = REACH * max(grid.bounds[2] - grid.bounds[0], grid.bounds[3] - grid.bounds[1])
    if away.min() > reach:
        raise SlideScopeError(
            f"The layer of '{name}' ({files}) does not meet the scene: its nearest feature lies "
            f"{away.min() / 1000:.3g} km beside it; give the layer of this area, or its true "
            f"system with --crs {name}=EPSG:n."
        )
    there = int((away == 0).sum())
    notes = [
        f"{name}: metres to the nearest of {len(shapes)} features of {files}, {there} of them in "
        "the scene."
    ]
    for source in sources:
        way = datum.to_grid(vectors.system(source), grid)
        if way:
            notes.append(f"{name}: {way.told}{f'; {datum.cure(name)}' * way.ballpark}.")
    return notes


def geometries(name: str, sources: tuple[Source, ...], grid: Grid) -> np.ndarray:
    """The features of all files, (n,) geometries in the grid's system."""
    found = []
    for source in sources:
        frame = vectors.read_features(source)
        if frame.crs is None:
            left, bottom, right, top = map(float, frame.total_bounds)
            likely = systems.likely((left, bottom, right, top))
            raise SlideScopeError(
                f"'{source}' has no coordinate reference system while the scene has one: give its "
                f".prj file with it, or name it with --crs {name}={likely}."
            )
        shapes = frame.to_crs(grid.crs).geometry.to_numpy()
        # Collections are taken apart, what cannot be projected is left out.
        shapes = shapely.get_parts(shapes)
        found.append(shapes[np.isfinite(shapely.bounds(shapes)).all(axis=1)])
    every = np.concatenate(found)
    if not len(every):
        raise SlideScopeError(
            f"The layer of '{name}' has no feature that can be brought into the scene's system: "
            "check its coordinate reference system."
        )
    return every
