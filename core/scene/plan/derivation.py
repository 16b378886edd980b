"""Which factors are derived, from what, and what they need."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.errors import SlideScopeError
from core.factors import (
    DEFORMATION,
    EARLIER,
    ELEVATION,
    EXTRA,
    FROM_BANDS,
    FROM_ORBIT,
    FROM_TWO_ORBITS,
    MORE_TERRAIN,
    TERRAIN,
    WIDE_TERRAIN,
)
from core.scene.files.points import Points
from core.scene.files.raster import Raster
from core.scene.files.source import Source
from core.scene.files.vectors import is_vector
from core.scene.insar.orbit import Orbit
from core.scene.plan.inputs import Inputs, Terrain, decide_angle, opened, table, terrain_of
from core.scene.plan.layout import SceneGrid
from core.scene.plan.override import Override
from core.scene.plan.overrides import SECOND, of_file
from core.scene.plan.request import ImportRequest, angles_of
from core.scene.plan.units import HEADING, INCIDENCE, Unit

# A number, or a raster of it.
Angle = float | Raster
ANGLES = (INCIDENCE, HEADING)


@dataclass(frozen=True)
class Derivation:
    """`names` of the derived factors; `angles` and `second_angles` (incidence, heading) of the
    orbits, `second` the other orbit's rate, `notes` sentences about these, `units` of their
    files."""

    names: tuple[str, ...]
    angles: tuple[Angle, ...] = ()
    second: Raster | Points | None = None
    second_angles: tuple[Angle, ...] = ()
    notes: tuple[str, ...] = ()
    units: dict[str, tuple[Unit, ...]] = field(default_factory=dict)


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
    terrain = terrain_of(request)
    angles, known, notes = _angles(orbit, request.overrides, terrain)
    if request.second is None or not wanted & set(FROM_TWO_ORBITS):
        return Derivation(tuple(names), angles, notes=notes, units=known)
    second, unit, told = _second(request.second, of_file(request.overrides, SECOND))
    others, more, also = _angles(other, request.overrides, terrain, f"{SECOND}_")
    known |= more | {SECOND: (unit,)}
    return Derivation(tuple(names), angles, second, others, (*notes, *told, *also), known)


def _second(source: Source, override: Override) -> tuple[Raster | Points, Unit, tuple[str, ...]]:
    """The rate of the other orbit, in mm/yr towards its satellite."""
    if is_vector(source):
        found, unit, notes = table(SECOND, (source,), override)
        return found, unit, tuple(map(_of_second, notes))
    decided = opened(SECOND, source, override)
    return decided.raster, decided.unit, tuple(map(_of_second, decided.notes))


def _of_second(note: str) -> str:
    return note.replace(f"{SECOND}: ", "second orbit's deformation: ", 1)


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
    of_ground = name in (*MORE_TERRAIN, *WIDE_TERRAIN)
    if of_ground and ELEVATION not in found.rasters:
        raise SlideScopeError(f"--add {name} needs an elevation raster: give --elevation.")
    have = {*request.factors, *names}
    if name == "ndvi_change" and not set(EARLIER) <= have:
        raise SlideScopeError(
            f"--add {name} needs the bands of an earlier date too: give --factor red_before=FILE "
            "and --factor nir_before=FILE."
        )
    if name in FROM_BANDS and not {"red", "nir"} <= have:
        raise SlideScopeError(
            f"--add {name} needs the red and near infrared bands: give --red and --nir."
        )
    if name in FROM_ORBIT and not {"slope", "aspect"} <= have:
        raise SlideScopeError(
            f"--add {name} needs slope and aspect: give --elevation, or both as files."
        )
    if name in (*FROM_ORBIT, *FROM_TWO_ORBITS) and request.orbit is None:
        raise SlideScopeError(
            f"--add {name} needs the radar's geometry: give --orbit incidence=...,heading=... "
            "(numbers in degrees, or rasters)."
        )
    of_rate = name in (*FROM_ORBIT, *FROM_TWO_ORBITS) and name != "visibility"
    if of_rate and DEFORMATION not in have:
        raise SlideScopeError(f"--add {name} needs a deformation rate: give --deformation.")
    if name in FROM_TWO_ORBITS and not (request.second and request.second_orbit):
        raise SlideScopeError(
            f"--add {name} needs the rate of a second orbit: give --second FILE and --second-orbit "
            "incidence=...,heading=..."
        )


def _angles(
    orbit: Orbit | None, overrides: Mapping[str, Override], terrain: Terrain, prefix: str = ""
) -> tuple[tuple[Angle, ...], dict[str, tuple[Unit, ...]], tuple[str, ...]]:
    """(incidence, heading) in degrees, the units of those that are rasters, and sentences."""
    angles: list[Angle] = []
    units: dict[str, tuple[Unit, ...]] = {}
    notes: list[str] = []
    for which, given in angles_of(orbit).items():
        if isinstance(given, float):
            angles.append(given)
            continue
        key = f"{prefix}{which}"
        look = orbit.look if orbit else "right"
        raster, unit, told = decide_angle(which, key, given, of_file(overrides, key), terrain, look)
        angles.append(raster)
        units[key] = (unit,)
        notes += told
    return tuple(angles), units, tuple(notes)
