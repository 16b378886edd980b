"""From a request to a plan: every file looked at, the grid chosen, nothing decoded yet."""

from dataclasses import dataclass, replace

from rasterio.crs import CRS

from core.errors import SlideScopeError
from core.factors import ELEVATION, FACTORS, TERRAIN, factor, in_order
from core.scene import guard, layout
from core.scene.align import offset_on
from core.scene.polygons import class_field
from core.scene.request import ImportRequest, Source, check_factor_name, check_request
from core.scene.sources import Raster, open_band, read_polygons, short_crs


@dataclass(frozen=True)
class Plan:
    """`rasters` and `vectors` share out the factors by the type of their files; `derived` are the
    terrain factors to be made from elevation; `names` all factors in order."""

    request: ImportRequest
    layout: layout.Layout
    rasters: dict[str, tuple[Raster, ...]]
    vectors: dict[str, tuple[Source, ...]]
    derived: tuple[str, ...]
    names: tuple[str, ...]
    notes: tuple[str, ...]

    def kind(self, name: str) -> str:
        if name in self.vectors or name in self.request.categorical:
            return "categorical"
        return factor(name).kind

    def source(self, name: str) -> str:
        """Where a factor comes from, in words."""
        if name in self.derived:
            return f"derived from {self.source(ELEVATION)}"
        return ", ".join(str(s) for s in self.request.factors[name])

    @property
    def synthetic(self) -> bool:
        return any(r.synthetic for files in self.rasters.values() for r in files)


def plan(request: ImportRequest) -> Plan:
    """Look at every file of the request and decide what is to be done."""
    check_request(request)
    for name in request.factors:
        check_factor_name(name)
    _check_kinds(request)
    vectors, rasters = {}, {}
    for name, sources in request.factors.items():
        if _all_vector(name, sources):
            vectors[name] = sources
        else:
            rasters[name] = tuple(open_band(source) for source in sources)
    like = open_band(_first_band(request.like)) if request.like else None
    chosen = layout.choose(request, rasters, like)
    _check_inventory(request)
    for sources in vectors.values():
        class_field(read_polygons(sources[0]), sources[0])
    if chosen.kind == "tiles" and vectors:
        raise SlideScopeError(
            f"Factor '{next(iter(vectors))}' is a vector file: a tile scene has no coordinates to "
            "place polygons with; give a raster of tiles."
        )
    if chosen.grid.crs is None:
        rasters = {n: tuple(_placed(r, chosen) for r in files) for n, files in rasters.items()}
    derived = _derived(rasters, chosen, request)
    return Plan(
        request=request,
        layout=chosen,
        rasters=rasters,
        vectors=vectors,
        derived=derived,
        names=in_order([*request.factors, *derived]),
        notes=(*chosen.notes, *_notes(rasters, chosen, derived)),
    )


def _check_kinds(request: ImportRequest) -> None:
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


def _first_band(path: str) -> Source:
    """A grid is the same for all bands of a file."""
    return Source(path, 1)


def _check_inventory(request: ImportRequest) -> None:
    """Fail on an unreadable inventory before the long work, not after it."""
    if request.inventory is None:
        return
    if guard.is_vector(request.inventory.path):
        guard.check_vector(request.inventory.path)
    else:
        open_band(request.inventory)


def _placed(raster: Raster, chosen: layout.Layout) -> Raster:
    """On a plain pixel grid a raster's pixels are the grid's, whatever its file says."""
    return replace(raster, crs=None, transform=chosen.grid.affine)


def _derived(rasters: dict, chosen: layout.Layout, request: ImportRequest) -> tuple[str, ...]:
    if ELEVATION not in rasters or chosen.kind == "tiles" or chosen.grid.crs is None:
        return ()
    return tuple(name for name in TERRAIN if name not in request.factors)


def _notes(rasters: dict, chosen: layout.Layout, derived: tuple[str, ...]) -> list[str]:
    notes = []
    for name, files in rasters.items():
        for raster in files:
            if raster.rotated:
                notes.append(f"{name}: '{raster.path.name}' is rotated and is turned north-up.")
            elif raster.crs is not None and raster.crs.to_wkt() != _grid_wkt(chosen):
                crs = short_crs(raster.crs)
                notes.append(f"{name}: '{raster.path.name}' is reprojected from {_short(crs)}.")
    if derived:
        notes.append(f"{_listed(derived)} derived from elevation, on its own pixels.")
    return notes


def _grid_wkt(chosen: layout.Layout) -> str | None:
    return CRS.from_user_input(chosen.grid.crs).to_wkt() if chosen.grid.crs else None


def _short(crs: str) -> str:
    return crs if len(crs) < 40 else "another coordinate reference system"


def _listed(names: tuple[str, ...]) -> str:
    words = ", ".join(names[:-1]) + (" and " if len(names) > 1 else "") + names[-1]
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
    if name in made.derived:
        return "derived on elevation's own pixels, then brought onto the grid"
    if name in made.vectors:
        return "polygons burnt by pixel centre"
    if all(offset_on(raster, made.layout.grid) is not None for raster in made.rasters[name]):
        return "copied pixel by pixel"
    kind = made.kind(name)
    if kind == "categorical":
        return "resampled, nearest neighbour"
    if kind == "circular":
        return "resampled through sine and cosine, bilinear"
    return "resampled, bilinear"
