"""From a request to a plan: every file looked at, the grid chosen, nothing decoded yet."""

from dataclasses import dataclass, replace

from rasterio.crs import CRS

from core.errors import SlideScopeError
from core.factors import (
    DEFORMATION,
    ELEVATION,
    EXTRA,
    FROM_ORBIT,
    FROM_TWO_ORBITS,
    MORE_TERRAIN,
    TERRAIN,
    in_order,
)
from core.scene.files import guard
from core.scene.files.points import Points
from core.scene.files.raster import Raster, open_band, short_crs
from core.scene.files.source import Source
from core.scene.plan import layout
from core.scene.plan.inputs import Inputs, decide, kind_of, open_all, table
from core.scene.plan.layout import SceneGrid
from core.scene.plan.overrides import INVENTORY, SECOND, Override, of_file
from core.scene.plan.request import ImportRequest, check_factor_name, check_request
from core.scene.plan.units import Unit

# A number, or a raster of it.
Angle = float | Raster
ANGLES = ("incidence", "heading")


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


@dataclass(frozen=True)
class ImportPlan:
    """`rasters`, `vectors` and `points` share out the factors by the type of their files; `derived`
    are those to be made from others, with `angles`, `second` and `second_angles` of the orbits;
    `names` all factors in order; `units` of each file of a raster or of points; `inventory`
    polygons or a raster mask, as decided on."""

    request: ImportRequest
    layout: layout.SceneGrid
    rasters: dict[str, tuple[Raster, ...]]
    vectors: dict[str, tuple[Source, ...]]
    points: dict[str, Points]
    derived: tuple[str, ...]
    names: tuple[str, ...]
    notes: tuple[str, ...]
    units: dict[str, tuple[Unit, ...]]
    angles: tuple[Angle, ...] = ()
    second: Raster | Points | None = None
    second_angles: tuple[Angle, ...] = ()
    inventory: Source | Raster | None = None

    @property
    def on_elevation(self) -> tuple[str, ...]:
        """The derived factors that are made on the DEM's own pixels."""
        return tuple(n for n in self.derived if n not in (*FROM_ORBIT, *FROM_TWO_ORBITS))

    def kind(self, name: str) -> str:
        return "categorical" if name in self.vectors else kind_of(self.request, name)

    def kernel(self, name: str) -> str:
        """How a factor is resampled where it must be."""
        kind = self.kind(name)
        asked = self.request.overrides.get(name, Override()).kernel
        return asked or ("nearest" if kind == "categorical" else "bilinear")

    def fill(self, name: str) -> float | None:
        """What gaps of a factor become, None: they stay."""
        return self.request.overrides.get(name, Override()).fill

    def source(self, name: str) -> str:
        """Where a factor comes from, in words."""
        if name in self.on_elevation:
            return f"derived from {self.source(ELEVATION)}"
        if name in self.derived:
            return f"derived from the geometry {self.request.orbit}"
        return ", ".join(str(s) for s in self.request.factors[name])

    @property
    def synthetic(self) -> bool:
        return any(r.synthetic for files in self.rasters.values() for r in files)


def plan(request: ImportRequest) -> ImportPlan:
    """Look at every file of the request and decide what is to be done."""
    check_request(request)
    request = settled(request)
    for name in request.factors:
        check_factor_name(name)
    found = open_all(request)
    like = open_band(_first_band(request.like)) if request.like else None
    chosen = layout.choose(request, found.rasters, like)
    _check_placeable(found, chosen)
    rasters = found.rasters
    if chosen.grid.crs is None:
        rasters = {n: tuple(_placed(r, chosen) for r in files) for n, files in rasters.items()}
    derived = derive(request, found, chosen)
    _check_further(found, derived, chosen)
    return ImportPlan(
        request=request,
        layout=chosen,
        rasters=rasters,
        vectors=found.vectors,
        points=found.points,
        derived=derived.names,
        names=in_order([*request.factors, *derived.names]),
        notes=(
            *chosen.notes,
            *found.notes,
            *derived.notes,
            *_notes(rasters, chosen, derived.names),
            *_filled(request),
        ),
        units=found.units,
        angles=derived.angles,
        second=derived.second,
        second_angles=derived.second_angles,
        inventory=found.inventory,
    )


def _first_band(path: str) -> Source:
    """A grid is the same for all bands of a file."""
    return Source(path, 1)


def _check_placeable(found: Inputs, chosen: layout.SceneGrid) -> None:
    """Polygons and points are placed by coordinates."""
    for name in (*found.vectors, *found.points):
        if chosen.kind == "tiles":
            raise SlideScopeError(
                f"Factor '{name}' is a vector file: a tile scene has no coordinates to place it "
                "with; give a raster of tiles."
            )
        if name in found.points and chosen.grid.crs is None:
            raise SlideScopeError(
                f"Factor '{name}' is made of points: the rasters have no coordinate reference "
                "system to place them in; give rasters with one."
            )


def _check_further(found: Inputs, derived: Derivation, chosen: layout.SceneGrid) -> None:
    """Rasters that are no factors lie on the scene by coordinates, or by pixels, as it does."""
    if chosen.kind == "tiles":
        return
    further = {
        INVENTORY: found.inventory,
        SECOND: derived.second,
        **{f"{name} of --orbit": angle for name, angle in zip(ANGLES, derived.angles)},
        **{f"{n} of --second-orbit": angle for n, angle in zip(ANGLES, derived.second_angles)},
    }
    for name, raster in further.items():
        if isinstance(raster, Raster) and (raster.crs is None) != (chosen.grid.crs is None):
            lacks, scene = ("lacks", "has one") if chosen.grid.crs else ("has", "has none")
            option = name in (INVENTORY, SECOND) and chosen.grid.crs
            cure = f"; name it with --crs {name}=EPSG:n" if option else ""
            raise SlideScopeError(
                f"The {name} '{raster.path.name}' {lacks} a coordinate reference system, the scene "
                f"{scene}: both need one, or none{cure}."
            )


def _placed(raster: Raster, chosen: layout.SceneGrid) -> Raster:
    """On a plain pixel grid a raster's pixels are the grid's, whatever its file says."""
    return replace(raster, crs=None, transform=chosen.grid.affine)


def _notes(rasters: dict, chosen: layout.SceneGrid, derived: tuple[str, ...]) -> list[str]:
    notes = []
    for name, files in rasters.items():
        for raster in files:
            if raster.rotated:
                notes.append(f"{name}: '{raster.path.name}' is rotated and is turned north-up.")
            elif raster.crs is not None and raster.crs != CRS.from_user_input(chosen.grid.crs):
                crs = short_crs(raster.crs)
                notes.append(f"{name}: '{raster.path.name}' is reprojected from {_short(crs)}.")
    ground = tuple(n for n in derived if n not in (*FROM_ORBIT, *FROM_TWO_ORBITS))
    if ground:
        notes.append(f"{_listed(ground)} derived from elevation, on its own pixels.")
    if "visibility" in derived:
        notes.append(
            "Visibility finds active layover and shadow only: a pixel in the shadow of another "
            "slope is not known to be one."
        )
    if any(n in derived for n in FROM_TWO_ORBITS):
        notes.append("East and up are made of two orbits: motion to the north is taken as 0.")
    return notes


def _filled(request: ImportRequest) -> list[str]:
    fills = {name: item.fill for name, item in request.overrides.items() if item.fill is not None}
    return [f"{name}: gaps are filled with {value:g}, as asked." for name, value in fills.items()]


def _short(crs: str) -> str:
    return crs if len(crs) < 40 else "another coordinate reference system"


def _listed(names: tuple[str, ...]) -> str:
    words = (
        ", ".join(n.replace("_", " ") for n in names[:-1])
        + (" and " if len(names) > 1 else "")
        + names[-1].replace("_", " ")
    )
    return words[0].upper() + words[1:]


def settled(request: ImportRequest) -> ImportRequest:
    """Return the request with the orbits' signs among its overrides.

    Rates are stored positive towards the satellite, whatever their files say. The second orbit's
    rate is read as the first's (unit, scale, no-data value) where nothing else is decided.
    """
    overrides = dict(request.overrides)
    first = overrides.get(DEFORMATION, Override())
    if request.second:
        own = overrides.get(SECOND, Override())
        inherited = first.without(("sign", "crs", "kernel"))
        overrides[SECOND] = replace(inherited, **_differing(own))
    for name, orbit in ((DEFORMATION, request.orbit), (SECOND, request.second_orbit)):
        if orbit is None or orbit.positive == "towards":
            continue
        old = overrides.get(name, Override())
        if old.sign == "towards":
            raise SlideScopeError(
                f"--sign {name}=towards and its orbit's positive=away contradict each other: a "
                "positive rate means one of them; leave the wrong one out."
            )
        overrides[name] = replace(old, sign="away")
    if DEFORMATION not in request.factors:
        overrides.pop(DEFORMATION, None)
    return replace(request, overrides=overrides)


def _differing(own: Override) -> dict:
    return {name: getattr(own, name) for name in own.given()}
