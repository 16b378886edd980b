"""The files of a request, each looked at and told apart by kind: raster, polygons, points."""

from dataclasses import dataclass, replace

import numpy as np
from rasterio.crs import CRS

from core.errors import SlideScopeError
from core.factors import ELEVATION, FACTORS, factor
from core.scene.align.point_reader import RADIUS_M
from core.scene.files import guard, points, sampling
from core.scene.files.points import Points
from core.scene.files.raster import KEEP, Raster, open_band, wrap
from core.scene.files.source import Source
from core.scene.files.vectors import check_vector, read_polygons
from core.scene.insar.orbit import Orbit
from core.scene.plan import declared, masks, satellite
from core.scene.plan.masks import Meaning
from core.scene.plan.overrides import (
    INVENTORY,
    Override,
    check_effect,
    check_fill,
    check_kernel,
    of_file,
)
from core.scene.plan.request import ImportRequest
from core.scene.plan.units import Unit
from core.scene.polygons import MAX_CLASSES, check_classes


@dataclass(frozen=True)
class Decided:
    """`raster` as it will be read (its `unscale` brings values to the factor's unit), the `unit`
    its file is in, and sentences about what was guessed or read from metadata."""

    raster: Raster
    unit: Unit
    notes: tuple[str, ...] = ()


def decide(name: str, raster: Raster, override: Override) -> Decided:
    """Settle how a file of factor `name` is read."""
    raster = _overridden(raster, override)
    raster, notes = _scaled(name, raster, override)
    unit, told = declared.unit(name, raster, override)
    notes += told
    if unit.warning:
        notes.append(f"{name}: {unit.warning.sentence(name)}")
    if name == ELEVATION and unit.how == "usual" and _in_feet(raster.crs):
        notes.append(
            f"elevation: the coordinates of '{raster.path.name}' are in feet, its heights are "
            "taken as metres; if they are in feet too, give --unit elevation=ft."
        )
    times = unit.times
    if override.sign == "away":
        times = -times
        notes.append(turned_round(name, raster.path.name))
    scale, offset = raster.unscale
    unscale = scale * times, offset * times + unit.plus
    raster = replace(raster, unscale=unscale, form=unit.form)
    return Decided(raster, unit, tuple(notes))


def decide_angle(
    which: str, key: str, source: Source, override: Override, orbit: Orbit | None
) -> tuple[Raster, Unit, list[str]]:
    """Settle how a raster of an orbit's incidence or heading is read: in degrees. `key` is what
    options call it."""
    check_effect(key, override, "angle")
    raster = _overridden(open_band(source), override)
    if override.scale:
        raster = replace(raster, unscale=override.scale)
    look = orbit.look if orbit else "right"
    unit, notes = declared.angle(which, key, raster, override.unit, look)
    scale, offset = raster.unscale
    unscale = scale * unit.times, offset * unit.times + unit.plus
    return replace(raster, unscale=unscale, form=unit.form), unit, notes


def turned_round(name: str, file: str) -> str:
    return (
        f"{name}: positive rates of '{file}' mean away from the satellite; they are turned round, "
        "so that positive is towards it."
    )


def _overridden(raster: Raster, override: Override) -> Raster:
    crs = CRS.from_user_input(override.crs) if override.crs else raster.crs
    if override.nodata == KEEP and crs == raster.crs:
        return raster
    _check_held(raster, override.nodata)
    nodata = raster.nodata if isinstance(override.nodata, str) else override.nodata
    return _wrapped(replace(raster, crs=crs), override.nodata, nodata)


def _check_held(raster: Raster, nodata: float | str | None) -> None:
    """Refuse a no-data value that the raster's type cannot hold."""
    dtype = np.dtype(raster.dtype)
    if not isinstance(nodata, float) or dtype.kind == "f":
        return
    about = np.iinfo(dtype)
    if not (nodata == np.round(nodata) and about.min <= nodata <= about.max):
        raise SlideScopeError(
            f"--nodata {nodata:g} would do nothing: '{raster.label}' is of type {raster.dtype}, "
            f"whole numbers from {about.min} to {about.max}; give one of these, or leave it out."
        )


def _wrapped(raster: Raster, asked: float | str | None, nodata: float | None) -> Raster:
    with guard.gdal_options(), raster.open() as dataset:
        text = wrap(dataset, raster.opened or str(raster.path), raster.crs, raster.transform, asked)
    return replace(raster, nodata=nodata, opened=text, driver="VRT")


def _scaled(name: str, raster: Raster, override: Override) -> tuple[Raster, list[str]]:
    """The raster with the scale that is decided on, that its product has or its tags name."""
    if override.scale:
        return replace(raster, unscale=override.scale), []
    if override.unit is None and raster.unscale == (1.0, 0.0) and satellite.is_product(raster):
        if override.nodata == KEEP and raster.nodata is None:
            raster = _wrapped(raster, 0.0, 0.0)
        scaled, told = satellite.scaled(name, raster)
        return scaled, list(told)
    scale, offset = satellite.tagged(raster)
    if (scale, offset) == (1.0, 0.0):
        return raster, []
    told = f"{name}: '{raster.path.name}' names a scale of {scale:g} and an offset of {offset:g}"
    return replace(raster, unscale=(scale, offset)), [f"{told} in its tags: they are used."]


def _in_feet(crs: CRS | None) -> bool:
    return crs is not None and crs.is_projected and "foot" in crs.linear_units.lower()


@dataclass(frozen=True)
class Inputs:
    """`rasters`, `vectors` and `points` share out the factors by the type of their files; `units`
    of each file of a raster or of points; `inventory` polygons or a raster mask, `mask` what the
    values of that mean; `many` the factors of polygons with more classes than are told apart, in
    the scene or beyond; `notes` sentences about what was guessed."""

    rasters: dict[str, tuple[Raster, ...]]
    vectors: dict[str, tuple[Source, ...]]
    points: dict[str, Points]
    units: dict[str, tuple[Unit, ...]]
    inventory: Source | Raster | None
    mask: Meaning | None
    many: frozenset[str]
    notes: tuple[str, ...]


def open_all(request: ImportRequest) -> Inputs:
    """Look at every file of the request's factors and of its inventory; decode nothing but a
    sample where a unit must be guessed."""
    check_kinds(request)
    vectors: dict[str, tuple[Source, ...]] = {}
    tables: dict[str, Points] = {}
    decided: dict[str, tuple[Decided, ...]] = {}
    known: dict[str, tuple[Unit, ...]] = {}
    notes: list[str] = []
    for name, sources in request.factors.items():
        kind = kind_of_files(request, name, sources)
        for number in range(1, len(sources) + 1):
            check_effect(name, of_file(request.overrides, name, number), kind)
        override = request.overrides.get(name, Override())
        check_fill(name, override.fill, kind_of(request, name))
        if kind == "polygons":
            vectors[name] = tuple(_placed(request, name, s, n) for n, s in enumerate(sources, 1))
        elif kind == "points":
            tables[name], unit, told = table(name, sources, of_file(request.overrides, name))
            known[name] = (unit,)
            notes += told
        else:
            check_kernel(name, override.kernel, kind_of(request, name))
            decided[name] = tuple(
                decide(name, open_band(source), of_file(request.overrides, name, number))
                for number, source in enumerate(sources, 1)
            )
            known[name] = tuple(d.unit for d in decided[name])
    many = {n for n, files in vectors.items() if _classes(files[0]) > MAX_CLASSES}
    inventory, mask = _inventory(request)
    return Inputs(
        rasters={name: tuple(d.raster for d in files) for name, files in decided.items()},
        vectors=vectors,
        points=tables,
        units=known,
        inventory=inventory,
        mask=mask,
        many=frozenset(many),
        notes=(*_told(decided), *notes, *(mask.notes if mask else ())),
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


def kind_of_files(request: ImportRequest, name: str, sources: tuple[Source, ...]) -> str:
    """`raster`, `polygons` or `points`; refuse what the factor cannot be made of."""
    kinds = {_kind(source) for source in sources}
    if len(kinds) > 1:
        raise SlideScopeError(
            f"Factor '{name}' mixes vector and raster files: give files of one type."
        )
    (kind,) = kinds
    if kind == "polygons" and name in FACTORS and not FACTORS[name].categorical:
        raise SlideScopeError(
            f"Factor '{name}' is a number per pixel, '{sources[0]}' holds polygons: give a raster."
        )
    # Classes and bearings cannot be averaged between points.
    if kind == "points" and (len(sources) > 1 or kind_of(request, name) != "continuous"):
        raise SlideScopeError(
            f"Factor '{name}' is given {len(sources)} files, points among them: a file of points "
            "stands alone and holds rates or other numbers; give one file."
        )
    return kind


def _kind(source: Source) -> str:
    if guard.is_points(source.path):
        return "points"
    if not guard.is_vector(source.path):
        return "raster"
    return "points" if points.holds_points(source) else "polygons"


def _classes(source: Source) -> int:
    return check_classes(read_polygons(source), source)


def _placed(request: ImportRequest, name: str, source: Source, number: int) -> Source:
    """Polygons, in the reference system that is decided on."""
    return replace(source, crs=of_file(request.overrides, name, number).crs)


def table(
    name: str, sources: tuple[Source, ...], override: Override
) -> tuple[Points, Unit, list[str]]:
    """A file of points, its values to be brought to the factor's unit; its unit, and sentences."""
    source = sources[0]
    found = points.read(source, override.crs)
    file = found.path.name
    found, left = _without(name, found, override.nodata)
    unit, notes = declared.of_points(name, found, override)
    notes += left
    if unit.warning:
        notes.append(f"{name}: {unit.warning.sentence(name)}")
    if not found.sure:
        notes.append(
            f"{name}: column '{found.column}' of '{file}' is taken for the rate, which its name "
            f"only suggests; name another as {file}:COLUMN."
        )
    notes.append(
        f"{name}: {len(found.values)} points of '{file}', column '{found.column}', are gridded by "
        f"inverse distance within {RADIUS_M:g} m or two pixels."
    )
    if override.sign == "away":
        notes.append(turned_round(name, file))
    times, plus = override.scale or (1.0, 0.0)
    sign = -1 if override.sign == "away" else 1
    found = replace(found, values=found.values * times + plus, times=sign * unit.times)
    return found, unit, notes


def _without(name: str, found: Points, nodata: float | str | None) -> tuple[Points, list[str]]:
    """The points without those that hold the no-data value which is decided on."""
    if not isinstance(nodata, float):
        return found, []
    hit = np.isclose(found.values, nodata, rtol=1e-6, atol=0)
    if not hit.any() or hit.all():
        some = "no" if not hit.any() else "every"
        raise SlideScopeError(
            f"--nodata {name}={nodata:g}: {some} point of '{found.path.name}' has that value in "
            f"column '{found.column}' ({found.values.min():g} to {found.values.max():g}); leave "
            "the option out or give another value."
        )
    kept = ~hit
    told = (
        f"{name}: {int(hit.sum())} points of '{found.path.name}' hold {nodata:g} and are left out."
    )
    return (
        replace(found, x=found.x[kept], y=found.y[kept], values=found.values[kept]),
        [told],
    )


def _inventory(request: ImportRequest) -> tuple[Source | Raster | None, Meaning | None]:
    """Fail on an unreadable inventory before the long work, not after it."""
    source = request.inventory
    if source is None:
        return None, None
    override = of_file(request.overrides, INVENTORY)
    if guard.is_vector(source.path):
        check_effect(INVENTORY, override, "outlines")
        check_vector(source)
        return replace(source, crs=override.crs), None
    check_effect(INVENTORY, override, "mask")
    raster = _overridden(open_band(source), override)
    return raster, masks.meaning(raster, sampling.take(raster), override.landslide_value)


def _told(decided: dict[str, tuple[Decided, ...]]) -> list[str]:
    """What deciding had to say, each sentence once."""
    return list(dict.fromkeys(n for files in decided.values() for d in files for n in d.notes))
