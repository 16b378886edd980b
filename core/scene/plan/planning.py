"""From a request to a plan: every file looked at, the grid chosen, nothing decoded yet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from rasterio.crs import CRS

from core.errors import SlideScopeError
from core.factors import (
    DEFORMATION,
    EARLIER,
    ELEVATION,
    FROM_BANDS,
    FROM_ORBIT,
    FROM_TWO_ORBITS,
    QUALITY,
    WATER,
    in_order,
)
from core.scene.files import shifts, systems, vectors
from core.scene.files.points import Points
from core.scene.files.raster import Raster, open_band, short_crs
from core.scene.files.source import Source
from core.scene.files.vectors import read_polygons
from core.scene.grid import Grid
from core.scene.insar.orbit import Orbit
from core.scene.plan import choices, classes, datum, distances, layout, longitudes
from core.scene.plan.derivation import ANGLES, Angle, Derivation, derive
from core.scene.plan.inputs import Inputs, kind_of, open_all
from core.scene.plan.layout import SceneGrid
from core.scene.plan.masks import Meaning
from core.scene.plan.override import Override
from core.scene.plan.overrides import INVENTORY, SECOND, of_file
from core.scene.plan.request import ImportRequest, check_factor_name, check_request
from core.scene.plan.units import Unit
from core.scene.polygons import MAX_CLASSES, class_burner, too_many

# What is derived and not of the elevation.
ELSEWHERE = (*FROM_BANDS, *FROM_ORBIT, *FROM_TWO_ORBITS)


@dataclass(frozen=True)
class ImportPlan:
    """What is done to make the scene `name`; nothing of the request is left to decide.

    `files` are those of each factor as they were named, `landslides` the inventory's; `rasters`,
    `vectors` and `points` share out the factors by the type of their files; `derived` are those to
    be made from others, with `orbits`, `angles`, `second` and `second_angles`; `names` all factors
    in order; `distances` the layers that some are the distance to; `categorical` those of classes;
    `units` of each file of a raster or of points; `overrides` what the user decided otherwise than
    the files say; `inventory` polygons or a raster mask, as decided on, `mask` what the values of
    that mean; `class_names` and `class_colours` by factor and code of rasters of classes, where
    they are known."""

    name: str
    files: dict[str, tuple[Source, ...]]
    landslides: Source | None
    categorical: frozenset[str]
    overrides: dict[str, Override]
    layout: layout.SceneGrid
    rasters: dict[str, tuple[Raster, ...]]
    vectors: dict[str, tuple[Source, ...]]
    points: dict[str, Points]
    derived: tuple[str, ...]
    names: tuple[str, ...]
    notes: tuple[str, ...]
    units: dict[str, tuple[Unit, ...]]
    orbits: tuple[Orbit | None, Orbit | None] = (None, None)
    angles: tuple[Angle, ...] = ()
    second: Raster | Points | None = None
    second_angles: tuple[Angle, ...] = ()
    inventory: Source | Raster | None = None
    mask: Meaning | None = None
    class_names: dict[str, dict[int, str]] = field(default_factory=dict)
    class_colours: dict[str, dict[int, str]] = field(default_factory=dict)
    distances: dict[str, tuple[Source, ...]] = field(default_factory=dict)

    @property
    def on_elevation(self) -> tuple[str, ...]:
        """The derived factors that are made on the DEM's own pixels."""
        return tuple(n for n in self.derived if n not in ELSEWHERE)

    def kind(self, name: str) -> str:
        return "categorical" if name in self.vectors else kind_of(self.categorical, name)

    def kernel(self, name: str) -> str:
        """How a factor is resampled where it must be."""
        kind = self.kind(name)
        asked = self.overrides.get(name, Override()).kernel
        return asked or ("nearest" if kind == "categorical" else "bilinear")

    def fill(self, name: str) -> float | None:
        """What gaps of a factor become, None: they stay."""
        return self.overrides.get(name, Override()).fill

    def source(self, name: str) -> str:
        """Where a factor comes from, in words."""
        if name in self.on_elevation:
            return f"derived from {self.source(ELEVATION)}"
        if name in FROM_BANDS and name in self.derived:
            bands = ("red", "nir", *(EARLIER if name == "ndvi_change" else ()))
            return f"derived from {' and '.join(self.source(band) for band in bands)}"
        if name in self.derived:
            return f"derived from the geometry {self.orbits[0]}"
        if name in self.distances:
            return f"distance to {', '.join(str(s) for s in self.distances[name])}"
        return ", ".join(str(s) for s in self.files[name])

    @property
    def synthetic(self) -> bool:
        return any(r.synthetic for files in self.rasters.values() for r in files)


def plan(request: ImportRequest) -> ImportPlan:
    """Look at every file of the request and decide what is to be done."""
    check_request(request)
    request, chosen_parts = choices.settle(settled(request))
    for name in request.factors:
        check_factor_name(name)
    request, of_classes = classes.settled(request)
    found = open_all(request)
    like = open_band(_first_band(request.like)) if request.like else None
    found = replace(found, rasters=longitudes.beside(found.rasters, like))
    chosen = layout.choose(request.grid, found.rasters, like)
    _check_placeable(found, chosen)
    rasters = found.rasters
    if chosen.grid.crs is None:
        rasters = {n: tuple(_placed(r, chosen) for r in files) for n, files in rasters.items()}
    kinds = {name: kind_of(request.categorical, name) for name in rasters}
    _check_classes(kinds, found, chosen)
    legends = classes.legends(rasters, kinds)
    derived = derive(request, found, chosen)
    away = distances.planned(request, chosen, derived.names)
    _check_further(found, derived, chosen)
    return ImportPlan(
        name=request.name,
        files=request.factors,
        landslides=request.inventory,
        categorical=request.categorical,
        overrides=request.overrides,
        layout=chosen,
        rasters=rasters,
        vectors=found.vectors,
        points=found.points,
        derived=derived.names,
        names=in_order([*request.factors, *derived.names, *away.sources]),
        notes=(
            *chosen.notes,
            *chosen_parts,
            *of_classes,
            *found.notes,
            *legends.notes,
            *derived.notes,
            *away.notes,
            *_datums(request.overrides, replace(found, rasters=rasters), derived, chosen.grid),
            *_notes(rasters, chosen, derived.names),
            *_filled(request.overrides),
        ),
        units=found.units | derived.units,
        orbits=(request.orbit, request.second_orbit),
        angles=derived.angles,
        second=derived.second,
        second_angles=derived.second_angles,
        inventory=found.inventory,
        mask=found.mask,
        class_names=legends.names,
        class_colours=legends.colours,
        distances=away.sources,
    )


def _first_band(path: str) -> Source:
    """A grid is the same for all bands of a file."""
    return Source(path, 1)


def _check_classes(kinds: Mapping[str, str], found: Inputs, chosen: SceneGrid) -> None:
    """Refuse classes that the import could not tell apart, before it starts."""
    for name, files in found.rasters.items():
        if kinds[name] == "categorical":
            classes.check_codes(name, files[0])
    for name in found.many:
        sources = found.vectors[name]
        legend = class_burner(name, sources, chosen.grid)[1]
        if len(legend) > MAX_CLASSES:
            raise too_many(name, str(sources[0]), sources[0], read_polygons(sources[0]))


def _check_placeable(found: Inputs, chosen: layout.SceneGrid) -> None:
    """Polygons and points are placed by coordinates."""
    drawn = [(n, s) for n, sources in found.vectors.items() for s in sources]
    if isinstance(found.inventory, Source):
        drawn += [(INVENTORY, s) for s in found.inventory.files]
    for name, source in drawn:
        extent = vectors.extent_without_system(source) if chosen.grid.crs else None
        if extent:
            raise SlideScopeError(
                f"'{source}' has no coordinate reference system while the scene has one: give its "
                f".prj file with it, or name it with --crs {name}={systems.likely(extent)}."
            )
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
        **dict(zip(ANGLES, derived.angles)),
        **{f"{SECOND}_{n}": angle for n, angle in zip(ANGLES, derived.second_angles)},
    }
    for name, raster in further.items():
        if isinstance(raster, Raster) and (raster.crs is None) != (chosen.grid.crs is None):
            lacks, scene = ("lacks", "has one") if chosen.grid.crs else ("has", "has none")
            cure = f"; name it with --crs {name}=EPSG:n" if chosen.grid.crs else ""
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
            elif name in QUALITY:
                continue  # as the rate that they belong to
            elif raster.crs is not None and raster.crs != CRS.from_user_input(chosen.grid.crs):
                crs = short_crs(raster.crs)
                notes.append(f"{name}: '{raster.path.name}' is reprojected from {_short(crs)}.")
    ground = tuple(n for n in derived if n not in ELSEWHERE)
    if ground:
        notes.append(f"{_listed(ground)} derived from elevation, on its own pixels.")
    if set(derived) & set(WATER):
        notes.append(
            "Water is known within the elevation raster alone: what would run in from beside it is "
            "missing, and what lies below has too small a contributing area; give a raster that "
            "holds the whole watershed."
        )
    if "visibility" in derived:
        notes.append(
            "Visibility finds active layover and shadow only: a pixel in the shadow of another "
            "slope is not known to be one."
        )
    if any(n in derived for n in FROM_TWO_ORBITS):
        notes.append("East and up are made of two orbits: motion to the north is taken as 0.")
    return notes


def _datums(
    overrides: Mapping[str, Override], found: Inputs, derived: Derivation, grid: Grid
) -> tuple[str, ...]:
    """How the place of each input follows from its datum, and where that is not exact."""
    notes = [_moved(name, item) for name, item in overrides.items() if item.shift]
    for name, crs in _systems_of(found, derived):
        way = datum.to_grid(crs, grid)
        if way and not (way.ballpark and of_file(overrides, name).shift):
            notes.append(f"{name}: {way.told}{f'; {datum.cure(name)}' * way.ballpark}.")
    way = datum.to_map(grid)
    if way and way.ballpark:
        notes.append(
            f"The scene is in {way.source}: on a map of {way.target} its place may be off by tens "
            "of metres."
        )
    return tuple(dict.fromkeys(notes))


def _moved(name: str, item: Override) -> str:
    return f"{name}: {shifts.sentence(item.shift or ())}."


def _systems_of(found: Inputs, derived: Derivation) -> Iterator[tuple[str, CRS | None]]:
    """Name and reference system of every file that is brought onto the grid."""
    for name, files in found.rasters.items():
        yield from ((name, raster.crs) for raster in files)
    for name, points in found.points.items():
        yield name, points.crs
    for name, sources in found.vectors.items():
        yield from ((name, vectors.system(source)) for source in sources)
    if isinstance(found.inventory, Source):
        yield INVENTORY, vectors.system(found.inventory)
    elif found.inventory:
        yield INVENTORY, found.inventory.crs
    if derived.second:
        yield SECOND, derived.second.crs


def _filled(overrides: Mapping[str, Override]) -> list[str]:
    fills = {name: item.fill for name, item in overrides.items() if item.fill is not None}
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
        inherited = first.without(("sign", "crs", "shift", "kernel"))
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
