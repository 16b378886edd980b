"""The files of a request, each looked at and told apart by kind: raster, polygons, points."""

import re
from collections.abc import Set
from dataclasses import dataclass, replace

import numpy as np
from rasterio.crs import CRS

from core.errors import SlideScopeError
from core.factors import ELEVATION, FACTORS, factor
from core.scene.align import orthorectify
from core.scene.align.point_reader import RADIUS_M
from core.scene.files import guard, points, sampling
from core.scene.files.class_field import choice
from core.scene.files.points import Points
from core.scene.files.raster import KEEP, Raster, open_band, wrap
from core.scene.files.source import Source
from core.scene.files.vectors import check_vector, is_vector, polygons_and_notes
from core.scene.plan import declared, masks, satellite
from core.scene.plan.layout import DEFAULT_RESOLUTION_M, target_crs
from core.scene.plan.masks import Meaning
from core.scene.plan.override import Override
from core.scene.plan.overrides import (
    INVENTORY,
    called,
    check_effect,
    check_fill,
    check_kernel,
    of_file,
)
from core.scene.plan.request import ImportRequest
from core.scene.plan.units import Unit
from core.scene.polygons import MAX_CLASSES, count_classes


@dataclass(frozen=True)
class Decided:
    """`raster` as it will be read (its `unscale` brings values to the factor's unit), the `unit`
    its file is in, and sentences about what was guessed or read from metadata."""

    raster: Raster
    unit: Unit
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Terrain:
    """The import's own elevation, on which an image without a map grid is warped: its files with
    what is decided about each, and the scene's `pixel` in metres."""

    files: tuple[tuple[Source, Override], ...]
    pixel: float


def terrain_of(request: ImportRequest) -> Terrain:
    sources = request.factors.get(ELEVATION, ())
    own = (of_file(request.overrides, ELEVATION, n) for n in range(1, len(sources) + 1))
    return Terrain(tuple(zip(sources, own)), request.resolution or DEFAULT_RESOLUTION_M)


def opened(
    name: str, source: Source, override: Override, terrain: Terrain | None = None
) -> Decided:
    """A raster of factor `name`, looked at in the reference system that is decided on."""
    return decide(name, located(name, source, override, terrain), override)


def located(
    name: str, source: Source, override: Override, terrain: Terrain | None = None
) -> Raster:
    """The raster that `source` names, as its file has it, in the place that is decided on; `name`
    is what options call it. An image without a map grid is warped on the `terrain`."""
    with called(name):
        placed = replace(source, crs=override.crs, shift=override.shift)
        raster = _orthorectified(name, placed, terrain) if terrain else None
        return raster or open_band(placed)


def _told_of_place(name: str, raster: Raster) -> list[str]:
    return [f"{name}: {told.replace('NAME=', f'{name}=')}." for told in raster.told]


def _orthorectified(name: str, source: Source, terrain: Terrain) -> Raster | None:
    """A satellite image that has only RPC, warped with the scene's own elevation."""
    if name == ELEVATION or not terrain.files or not orthorectify.is_needed(source):
        return None
    dem = [opened(ELEVATION, file, decided).raster for file, decided in terrain.files]
    # Finer pixels than half of the scene's are lost on the way anyway.
    return orthorectify.warped(source, dem, target_crs(dem[0]), terrain.pixel / 2)


def decide(name: str, raster: Raster, override: Override) -> Decided:
    """Settle how a file of factor `name` is read."""
    notes = _told_of_place(name, raster)
    raster = overridden(raster, override)
    raster, scaled = _scaled(name, raster, override)
    unit, told = declared.unit(name, raster, override)
    notes += [*scaled, *told]
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


_SINKING = re.compile(r"沉降|subsid|settle|sink", re.IGNORECASE)


def decide_angle(
    which: str, key: str, source: Source, override: Override, terrain: Terrain, look: str
) -> tuple[Raster, Unit, list[str]]:
    """Settle how a raster of an orbit's incidence or heading is read: in degrees. `key` is what
    options call it, `look` the side that the radar looks to."""
    check_effect(key, override, "angle")
    raster = located(key, source, override, terrain)
    told = _told_of_place(key, raster)
    raster = overridden(raster, override)
    if override.scale:
        raster = replace(raster, unscale=override.scale)
    unit, notes = declared.angle(which, key, raster, override.unit, look)
    scale, offset = raster.unscale
    unscale = scale * unit.times, offset * unit.times + unit.plus
    return replace(raster, unscale=unscale, form=unit.form), unit, [*told, *notes]


def turned_round(name: str, file: str) -> str:
    return (
        f"{name}: positive rates of '{file}' mean away from the satellite; they are turned round, "
        "so that positive is towards it."
    )


def overridden(raster: Raster, override: Override) -> Raster:
    """The raster with the no-data value that was decided on."""
    if override.nodata == KEEP:
        return raster
    _check_held(raster, override.nodata)
    nodata = raster.nodata if isinstance(override.nodata, str) else override.nodata
    return _wrapped(raster, override.nodata, nodata)


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
    check_kinds(request.categorical)
    terrain = terrain_of(request)
    vectors: dict[str, tuple[Source, ...]] = {}
    tables: dict[str, Points] = {}
    decided: dict[str, tuple[Decided, ...]] = {}
    known: dict[str, tuple[Unit, ...]] = {}
    notes: list[str] = []
    for name, sources in request.factors.items():
        kind = kind_of_files(request.categorical, name, sources)
        for number in range(1, len(sources) + 1):
            check_effect(name, of_file(request.overrides, name, number), kind)
        override = request.overrides.get(name, Override())
        check_fill(name, override.fill, kind_of(request.categorical, name))
        if kind == "polygons":
            vectors[name] = tuple(
                _placed(source, of_file(request.overrides, name, number))
                for number, source in enumerate(sources, 1)
            )
        elif kind == "points":
            tables[name], unit, told = table(name, sources, of_file(request.overrides, name))
            known[name] = (unit,)
            notes += told
        else:
            check_kernel(name, override.kernel, kind_of(request.categorical, name))
            decided[name] = tuple(
                opened(name, source, of_file(request.overrides, name, number), terrain)
                for number, source in enumerate(sources, 1)
            )
            known[name] = tuple(d.unit for d in decided[name])
            notes += _of_types(name, [d.raster for d in decided[name]])
    many = set()
    for name, sources in vectors.items():
        with called(name):
            count, told = _classes(name, sources)
        notes += told
        if count > MAX_CLASSES:
            many.add(name)
    landslides, mask = inventory(request.inventory, of_file(request.overrides, INVENTORY), terrain)
    return Inputs(
        rasters={name: tuple(d.raster for d in files) for name, files in decided.items()},
        vectors=vectors,
        points=tables,
        units=known,
        inventory=landslides,
        mask=mask,
        many=frozenset(many),
        notes=(*_told(decided), *notes, *(mask.notes if mask else ())),
    )


def _classes(name: str, sources: tuple[Source, ...]) -> tuple[int, list[str]]:
    """How many classes the polygons of the first file have, and sentences about all files; fails
    where there is no attribute with them."""
    count, notes = 0, []
    for number, source in enumerate(sources):
        frame, told = polygons_and_notes(source)
        field, chosen = choice(frame, source, name)
        notes += [f"{name}: {sentence}" for sentence in (*told, *filter(None, [chosen]))]
        if not number:
            count = count_classes(frame, field, source)
    return count, notes


def _of_types(name: str, files: list[Raster]) -> list[str]:
    """A sentence where files of one factor hold whole numbers and decimals, perhaps two things."""
    whole = [r for r in files if not r.dtype.startswith("float")]
    if not whole or len(whole) == len(files):
        return []
    other = next(r for r in files if r not in whole)
    return [
        f"{name}: '{whole[0].path.name}' holds whole numbers ({whole[0].dtype}) and "
        f"'{other.path.name}' decimals ({other.dtype}): put files together only if they are one "
        "quantity in one unit."
    ]


def kind_of(categorical: Set[str], name: str) -> str:
    return "categorical" if name in categorical else factor(name).kind


def check_kinds(categorical: Set[str]) -> None:
    for name in categorical:
        if name in FACTORS and not FACTORS[name].categorical:
            raise SlideScopeError(
                f"--categorical names '{name}', which is always a number: leave it out or call the "
                "factor something else."
            )


def kind_of_files(categorical: Set[str], name: str, sources: tuple[Source, ...]) -> str:
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
    if kind == "points" and (len(sources) > 1 or kind_of(categorical, name) != "continuous"):
        raise SlideScopeError(
            f"Factor '{name}' is given {len(sources)} files, points among them: a file of points "
            "stands alone and holds rates or other numbers; give one file."
        )
    return kind


def _kind(source: Source) -> str:
    if guard.is_points(source.leaf):
        return "points"
    if not guard.is_vector(source.leaf):
        return "raster"
    return "points" if points.holds_points(source) else "polygons"


def _placed(source: Source, override: Override) -> Source:
    """Polygons, in the reference system that is decided on."""
    return replace(source, crs=override.crs, shift=override.shift)


def table(
    name: str, sources: tuple[Source, ...], override: Override
) -> tuple[Points, Unit, list[str]]:
    """A file of points, its values to be brought to the factor's unit; its unit, and sentences."""
    source = sources[0]
    with called(name):
        found = points.read(replace(source, shift=override.shift), override.crs)
    file = found.path.name
    found, left = _without(name, found, override.nodata)
    unit, notes = declared.of_points(name, found, override)
    notes += left
    if unit.warning:
        notes.append(f"{name}: {unit.warning.sentence(name)}")
    notes += [f"{name}: {sentence}" for sentence in found.notes]
    if not found.sure:
        notes.append(
            f"{name}: column '{found.column}' of '{file}' is taken for its values, which its name "
            f"only suggests; name another as {file}:COLUMN."
        )
    notes.append(
        f"{name}: {len(found.values)} points of '{file}', column '{found.column}', are gridded by "
        f"inverse distance within {RADIUS_M:g} m or two pixels."
    )
    if override.sign == "away":
        notes.append(turned_round(name, file))
    elif override.sign is None and _SINKING.search(found.column):
        notes.append(
            f"{name}: column '{found.column}' speaks of sinking, which many tables count as "
            f"positive; here positive is towards the satellite: if so, give --sign {name}=away."
        )
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


def inventory(
    source: Source | None, override: Override, terrain: Terrain
) -> tuple[Source | Raster | None, Meaning | None]:
    """The inventory, whose part is settled, as it will be read, and what the values of a raster
    mean; fail on an unreadable one before the long work, not after it."""
    if source is None:
        return None, None
    if is_vector(source):
        check_effect(INVENTORY, override, "outlines")
        with called(INVENTORY):
            for file in source.files:
                check_vector(file)
        return source, None
    check_effect(INVENTORY, override, "mask")
    raster = located(INVENTORY, source, override, terrain)
    told = _told_of_place(INVENTORY, raster)
    raster = overridden(raster, override)
    meant = masks.meaning(raster, sampling.take(raster), override.landslide_value)
    return raster, replace(meant, notes=(*told, *meant.notes))


def _told(decided: dict[str, tuple[Decided, ...]]) -> list[str]:
    """What deciding had to say, each sentence once."""
    return list(dict.fromkeys(n for files in decided.values() for d in files for n in d.notes))
