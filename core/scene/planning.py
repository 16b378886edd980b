"""From a request to a plan: every file looked at, the grid chosen, nothing decoded yet."""

from dataclasses import dataclass, replace

from rasterio.crs import CRS

from core.errors import SlideScopeError
from core.factors import ELEVATION, FACTORS, TERRAIN, factor, in_order
from core.scene import guard, layout
from core.scene.align import offset_on
from core.scene.decisions import Decided, decide
from core.scene.overrides import Override, check_kernel
from core.scene.polygons import class_field
from core.scene.request import ImportRequest, Source, check_factor_name, check_request
from core.scene.sources import Raster, open_band, short_crs
from core.scene.units import Unit
from core.scene.vectors import check_vector, read_polygons


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
    units: dict[str, tuple[Unit, ...]]

    def kind(self, name: str) -> str:
        return "categorical" if name in self.vectors else _kind(self.request, name)

    def kernel(self, name: str) -> str:
        """How a factor is resampled where it must be."""
        kind = self.kind(name)
        asked = self.request.overrides.get(name, Override()).kernel
        return asked or ("nearest" if kind == "categorical" else "bilinear")

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
    vectors, rasters, decided = {}, {}, {}
    for name, sources in request.factors.items():
        if _all_vector(name, sources):
            vectors[name] = sources
        else:
            decided[name] = tuple(
                decide(name, open_band(source), request.overrides.get(name, Override()))
                for source in sources
            )
            rasters[name] = tuple(item.raster for item in decided[name])
    like = open_band(_first_band(request.like)) if request.like else None
    for name in request.factors:
        kind = "categorical" if name in vectors else _kind(request, name)
        check_kernel(name, request.overrides.get(name, Override()).kernel, kind)
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
        notes=(*chosen.notes, *_told(decided), *_notes(rasters, chosen, derived)),
        units={name: tuple(item.unit for item in files) for name, files in decided.items()},
    )


def _kind(request: ImportRequest, name: str) -> str:
    return "categorical" if name in request.categorical else factor(name).kind


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
        check_vector(request.inventory)
    else:
        open_band(request.inventory)


def _placed(raster: Raster, chosen: layout.Layout) -> Raster:
    """On a plain pixel grid a raster's pixels are the grid's, whatever its file says."""
    return replace(raster, crs=None, transform=chosen.grid.affine)


def _derived(rasters: dict, chosen: layout.Layout, request: ImportRequest) -> tuple[str, ...]:
    if ELEVATION not in rasters or chosen.kind == "tiles" or chosen.grid.crs is None:
        return ()
    return tuple(name for name in TERRAIN if name not in request.factors)


def _told(decided: dict[str, tuple[Decided, ...]]) -> list[str]:
    """What deciding had to say, each sentence once."""
    return list(dict.fromkeys(n for files in decided.values() for d in files for n in d.notes))


def _notes(rasters: dict, chosen: layout.Layout, derived: tuple[str, ...]) -> list[str]:
    notes = []
    for name, files in rasters.items():
        for raster in files:
            if raster.rotated:
                notes.append(f"{name}: '{raster.path.name}' is rotated and is turned north-up.")
            elif raster.crs is not None and raster.crs != CRS.from_user_input(chosen.grid.crs):
                crs = short_crs(raster.crs)
                notes.append(f"{name}: '{raster.path.name}' is reprojected from {_short(crs)}.")
    if derived:
        notes.append(f"{_listed(derived)} derived from elevation, on its own pixels.")
    return notes


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
    if kind == "circular":
        return "resampled through sine and cosine, bilinear"
    kernel = made.kernel(name)
    return f"resampled, {'nearest neighbour' if kernel == 'nearest' else kernel}"
