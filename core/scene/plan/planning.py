"""From a request to a plan: every file looked at, the grid chosen, nothing decoded yet."""

from dataclasses import dataclass, replace

from rasterio.crs import CRS

from core.errors import SlideScopeError
from core.factors import ELEVATION, FROM_ORBIT, FROM_TWO_ORBITS, in_order
from core.scene.align.align import offset_on
from core.scene.files.points import Points
from core.scene.files.sources import Raster, open_band, short_crs
from core.scene.plan import layout
from core.scene.plan.derivation import Angle, derive
from core.scene.plan.inputs import Inputs, kind_of, open_all
from core.scene.plan.overrides import Override
from core.scene.plan.request import ImportRequest, Source, check_factor_name, check_request
from core.scene.plan.units import Unit


@dataclass(frozen=True)
class Plan:
    """`rasters`, `vectors` and `points` share out the factors by the type of their files; `derived`
    are those to be made from others, with `angles`, `second` and `second_angles` of the orbits;
    `names` all factors in order; `units` of each raster's file."""

    request: ImportRequest
    layout: layout.Layout
    rasters: dict[str, tuple[Raster, ...]]
    vectors: dict[str, tuple[Source, ...]]
    points: dict[str, Points]
    derived: tuple[str, ...]
    names: tuple[str, ...]
    notes: tuple[str, ...]
    units: dict[str, tuple[Unit, ...]]
    angles: tuple[Angle, ...] = ()
    second: Raster | None = None
    second_angles: tuple[Angle, ...] = ()

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


def plan(request: ImportRequest) -> Plan:
    """Look at every file of the request and decide what is to be done."""
    check_request(request)
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
    return Plan(
        request=request,
        layout=chosen,
        rasters=rasters,
        vectors=found.vectors,
        points=found.points,
        derived=derived.names,
        names=in_order([*request.factors, *derived.names]),
        notes=(*chosen.notes, *found.notes, *_notes(rasters, chosen, derived.names)),
        units=found.units,
        angles=derived.angles,
        second=derived.second,
        second_angles=derived.second_angles,
    )


def _first_band(path: str) -> Source:
    """A grid is the same for all bands of a file."""
    return Source(path, 1)


def _check_placeable(found: Inputs, chosen: layout.Layout) -> None:
    """Polygons and points are placed by coordinates."""
    for name in (*found.vectors, *found.points):
        if chosen.kind == "tiles":
            raise SlideScopeError(
                f"Factor '{name}' is a vector file: a tile scene has no coordinates to place "
                "polygons with; give a raster of tiles."
            )
        if name in found.points and chosen.grid.crs is None:
            raise SlideScopeError(
                f"Factor '{name}' is a table of points: the rasters have no coordinate reference "
                "system to place them in; give rasters with one."
            )


def _placed(raster: Raster, chosen: layout.Layout) -> Raster:
    """On a plain pixel grid a raster's pixels are the grid's, whatever its file says."""
    return replace(raster, crs=None, transform=chosen.grid.affine)


def _notes(rasters: dict, chosen: layout.Layout, derived: tuple[str, ...]) -> list[str]:
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


def _short(crs: str) -> str:
    return crs if len(crs) < 40 else "another coordinate reference system"


def _listed(names: tuple[str, ...]) -> str:
    words = (
        ", ".join(n.replace("_", " ") for n in names[:-1])
        + (" and " if len(names) > 1 else "")
        + names[-1].replace("_", " ")
    )
    return words[0].upper() + words[1:]


def to_json(made: Plan) -> dict:
    """What `--dry-run` prints: the grid and what will be done to each factor."""
    grid = made.layout.grid
    steps = []
    for name in made.names:
        step = {"factor": name, "kind": made.kind(name), "source": made.source(name)}
        step["done"] = _what(made, name)
        steps.append(step)
    return {
        "scene": made.request.name,
        "kind": made.layout.kind,
        "width": grid.width,
        "height": grid.height,
        "crs": grid.crs,
        "resolution": grid.resolution[0],
        "factors": list(made.names),
        "plan": steps,
        "inventory": str(made.request.inventory) if made.request.inventory else None,
        "notes": list(made.notes),
        "dry_run": True,
    }


def _what(made: Plan, name: str) -> str:
    if name in made.on_elevation:
        return "derived on elevation's own pixels, then brought onto the grid"
    if name in made.derived:
        return "computed on the grid from the radar's geometry"
    if name in made.points:
        return "points gridded by inverse distance"
    if name in made.vectors:
        return "polygons burnt by pixel centre"
    if all(offset_on(raster, made.layout.grid) is not None for raster in made.rasters[name]):
        return "copied pixel by pixel"
    kind = made.kind(name)
    if kind == "circular":
        return "resampled through sine and cosine, bilinear"
    kernel = made.kernel(name)
    return f"resampled, {'nearest neighbour' if kernel == 'nearest' else kernel}"
