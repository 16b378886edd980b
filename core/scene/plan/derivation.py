"""Which factors are derived, from what, and what they need."""

from dataclasses import dataclass

from core.errors import SlideScopeError
from core.factors import (
    DEFORMATION,
    ELEVATION,
    EXTRA,
    FROM_ORBIT,
    FROM_TWO_ORBITS,
    MORE_TERRAIN,
    TERRAIN,
)
from core.scene.files import guard
from core.scene.files.points import Points
from core.scene.files.sources import Raster, open_band
from core.scene.plan.decisions import decide
from core.scene.plan.inputs import Inputs, table
from core.scene.plan.layout import SceneGrid
from core.scene.plan.overrides import SECOND, Override, of_file
from core.scene.plan.request import ImportRequest, Source

# A number, or a raster of it.
Angle = float | Raster


@dataclass(frozen=True)
class Derivation:
    """`names` of the derived factors; `angles` and `second_angles` (incidence, heading) of the
    orbits, `second` the other orbit's rate and `notes` sentences about it."""

    names: tuple[str, ...]
    angles: tuple[Angle, ...] = ()
    second: Raster | Points | None = None
    second_angles: tuple[Angle, ...] = ()
    notes: tuple[str, ...] = ()


def derive(request: ImportRequest, found: Inputs, chosen: SceneGrid) -> Derivation:
    """Settle what is derived; refuse what cannot be."""
    names = [*_by_default(request, found, chosen)]
    for name in request.added:
        _check(name, request, found, chosen, names)
        names.append(name)
    orbit, other = request.orbit, request.second_orbit
    wanted = set(names)
    if not wanted & {*FROM_ORBIT, *FROM_TWO_ORBITS}:
        return Derivation(tuple(names))
    angles = _angles(orbit)
    if request.second is None or not wanted & set(FROM_TWO_ORBITS):
        return Derivation(tuple(names), angles)
    second, notes = _second(request.second, of_file(request.overrides, SECOND))
    return Derivation(tuple(names), angles, second, _angles(other), notes)


def _second(source: Source, override: Override) -> tuple[Raster | Points, tuple[str, ...]]:
    """The rate of the other orbit, in mm/yr towards its satellite."""
    if guard.is_points(source.path) or guard.is_vector(source.path):
        found, _, notes = table(DEFORMATION, (source,), override)
        return found, tuple(f"second orbit's {note}" for note in notes)
    decided = decide(DEFORMATION, open_band(source), override)
    return decided.raster, tuple(f"second orbit's {note}" for note in decided.notes)


def _by_default(request: ImportRequest, found: Inputs, chosen: SceneGrid) -> list[str]:
    if ELEVATION not in found.rasters or chosen.kind == "tiles" or chosen.grid.crs is None:
        return []
    return [name for name in TERRAIN if name not in request.factors]


def _check(
    name: str, request: ImportRequest, found: Inputs, chosen: SceneGrid, names: list[str]
) -> None:
    if name not in EXTRA:
        raise SlideScopeError(f"--add {name} is unknown: there are {', '.join(EXTRA)}; choose one.")
    if name in request.factors or name in names:
        raise SlideScopeError(
            f"Factor '{name}' is given twice: it is a file or derived; leave one out."
        )
    if chosen.kind == "tiles" or chosen.grid.crs is None:
        raise SlideScopeError(
            f"--add {name} needs a scene with a coordinate reference system: leave it out."
        )
    if name in MORE_TERRAIN and ELEVATION not in found.rasters:
        raise SlideScopeError(f"--add {name} needs an elevation raster: give --elevation.")
    have = {*request.factors, *names}
    if name in FROM_ORBIT and not {"slope", "aspect"} <= have:
        raise SlideScopeError(
            f"--add {name} needs slope and aspect: give --elevation, or both as files."
        )
    if name in (*FROM_ORBIT, *FROM_TWO_ORBITS) and request.orbit is None:
        raise SlideScopeError(
            f"--add {name} needs the radar's geometry: give --orbit incidence=...,heading=... "
            "(numbers in degrees, or rasters)."
        )
    if name != "visibility" and name not in MORE_TERRAIN and DEFORMATION not in have:
        raise SlideScopeError(f"--add {name} needs a deformation rate: give --deformation.")
    if name in FROM_TWO_ORBITS and not (request.second and request.second_orbit):
        raise SlideScopeError(
            f"--add {name} needs the rate of a second orbit: give --second FILE and --second-orbit "
            "incidence=...,heading=..."
        )


def _angles(orbit) -> tuple[Angle, ...]:
    given = (orbit.incidence, orbit.heading)
    return tuple(a if isinstance(a, float) else open_band(a) for a in given)
