"""The files of a request, each looked at and told apart by kind: raster, polygons, points."""

from dataclasses import dataclass, replace

from core.errors import SlideScopeError
from core.factors import DEFORMATION, FACTORS, factor
from core.scene.files import guard, points
from core.scene.files.points import Points
from core.scene.files.sources import Raster, open_band
from core.scene.files.vectors import check_vector, read_polygons
from core.scene.plan import units
from core.scene.plan.decisions import Decided, decide
from core.scene.plan.overrides import Override, check_kernel
from core.scene.plan.request import ImportRequest, Source
from core.scene.plan.units import Unit
from core.scene.polygons import class_field


@dataclass(frozen=True)
class Inputs:
    """`rasters`, `vectors` and `points` share out the factors by the type of their files; `units`
    of each raster's file; `notes` sentences about what was guessed."""

    rasters: dict[str, tuple[Raster, ...]]
    vectors: dict[str, tuple[Source, ...]]
    points: dict[str, Points]
    units: dict[str, tuple[Unit, ...]]
    notes: tuple[str, ...]


def open_all(request: ImportRequest) -> Inputs:
    """Look at every file of the request's factors and of its inventory; decode nothing but a
    sample where a unit must be guessed."""
    check_kinds(request)
    vectors, tables, decided, notes = {}, {}, {}, []
    for name, sources in request.factors.items():
        override = request.overrides.get(name, Override())
        if _all_vector(name, sources):
            vectors[name] = sources
        elif guard.is_points(sources[0].path):
            tables[name] = _table(name, sources, override, notes)
        else:
            check_kernel(name, override.kernel, kind_of(request, name))
            decided[name] = tuple(decide(name, open_band(s), override) for s in sources)
    _check_inventory(request)
    for sources in vectors.values():
        class_field(read_polygons(sources[0]), sources[0])
    return Inputs(
        rasters={name: tuple(d.raster for d in files) for name, files in decided.items()},
        vectors=vectors,
        points=tables,
        units={name: tuple(d.unit for d in files) for name, files in decided.items()},
        notes=(*_told(decided), *notes),
    )


def kind_of(request: ImportRequest, name: str) -> str:
    return "categorical" if name in request.categorical else factor(name).kind


def check_kinds(request: ImportRequest) -> None:
    for name in request.categorical:
        if name in FACTORS and not FACTORS[name].categorical:
            raise SlideScopeError(
                f"--categorical names '{name}', which is always a number: leave it out or call the "
                "factor something else."
            )


def _all_vector(name: str, sources: tuple[Source, ...]) -> bool:
    kinds = {guard.is_vector(source.path) for source in sources}
    if len(kinds) > 1:
        raise SlideScopeError(
            f"Factor '{name}' mixes vector and raster files: give files of one type."
        )
    if True in kinds and name in FACTORS and not FACTORS[name].categorical:
        raise SlideScopeError(
            f"Factor '{name}' is a number per pixel, '{sources[0]}' holds polygons: give a raster."
        )
    return True in kinds


def _table(name: str, sources: tuple[Source, ...], override: Override, notes: list) -> Points:
    """One table of points, its values brought to the factor's unit."""
    if len(sources) > 1 or kind_of_points(name) is None:
        raise SlideScopeError(
            f"Factor '{name}' is given {len(sources)} files, a table of points among them: a table "
            "stands alone and holds rates or other numbers; give one file."
        )
    found = points.read(sources[0], override.crs)
    if override.unit:
        unit = units.given(name, override.unit)
    elif name == DEFORMATION:
        unit = units.guess_rate(found.values, found.path.name)
    else:
        unit = units.usual(name)
    if unit.warning:
        notes.append(f"{name}: {unit.warning}")
    notes.append(
        f"{name}: {len(found.values)} points of '{found.path.name}', column '{found.column}', are "
        f"gridded by inverse distance within {points.RADIUS_M:g} m or two pixels."
    )
    return replace(found, times=unit.times)


def kind_of_points(name: str) -> str | None:
    """Classes and bearings cannot be averaged between points."""
    kind = factor(name).kind
    return kind if kind == "continuous" else None


def _check_inventory(request: ImportRequest) -> None:
    """Fail on an unreadable inventory before the long work, not after it."""
    if request.inventory is None:
        return
    if guard.is_vector(request.inventory.path):
        check_vector(request.inventory)
    else:
        open_band(request.inventory)


def _told(decided: dict[str, tuple[Decided, ...]]) -> list[str]:
    """What deciding had to say, each sentence once."""
    return list(dict.fromkeys(n for files in decided.values() for d in files for n in d.notes))
