"""What is done with a raster file: its no-data value, unit and place, as found or as overridden."""

from dataclasses import dataclass, replace

from rasterio.crs import CRS

from core.factors import DEFORMATION, ELEVATION
from core.scene.files import guard, sampling, sentinel2, wrapping
from core.scene.files.sources import Raster
from core.scene.plan import units
from core.scene.plan.overrides import Override
from core.scene.plan.units import Unit


@dataclass(frozen=True)
class Decided:
    """`raster` as it will be read (its `unscale` brings values to the factor's unit), the `unit`
    its file is in, and sentences about what was guessed or read from metadata."""

    raster: Raster
    unit: Unit
    notes: tuple[str, ...] = ()


def decide(name: str, raster: Raster, override: Override) -> Decided:
    """Settle how a file of factor `name` is read."""
    notes: list[str] = []
    raster = _overridden(raster, override)
    if override.scale:
        raster = replace(raster, unscale=override.scale)
    elif sentinel2.is_band(raster.path) and raster.unscale == (1.0, 0.0):
        raster, notes = _sentinel(name, raster, override)
    unit = _unit(name, raster, override)
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
    raster = replace(raster, unscale=(scale * times, offset * times))
    return Decided(raster, unit, tuple(notes))


def turned_round(name: str, file: str) -> str:
    return (
        f"{name}: positive rates of '{file}' mean away from the satellite; they are turned round, "
        "so that positive is towards it."
    )


def _overridden(raster: Raster, override: Override) -> Raster:
    crs = CRS.from_user_input(override.crs) if override.crs else raster.crs
    if override.nodata == wrapping.KEEP and crs == raster.crs:
        return raster
    nodata = raster.nodata if isinstance(override.nodata, str) else override.nodata
    return _wrapped(replace(raster, crs=crs), override.nodata, nodata)


def _wrapped(raster: Raster, asked: float | str | None, nodata: float | None) -> Raster:
    with guard.gdal_options(), raster.open() as dataset:
        text = wrapping.wrap(
            dataset, raster.opened or str(raster.path), raster.crs, raster.transform, asked
        )
    return replace(raster, nodata=nodata, opened=text, driver="VRT")


def _sentinel(name: str, raster: Raster, override: Override) -> tuple[Raster, list[str]]:
    found = sentinel2.scaling(raster.path)
    raster = replace(raster, unscale=(found.scale, found.offset))
    if override.nodata == wrapping.KEEP and raster.nodata is None:
        raster = _wrapped(raster, 0.0, 0.0)
    if found.warning:
        return raster, [f"{name}: {found.warning}"]
    about = f"processing baseline {found.baseline}" if found.baseline else "its metadata"
    return raster, [
        f"{name}: {found.offset:g} is added to '{raster.path.name}' ({about}); 0 is no data."
    ]


def _unit(name: str, raster: Raster, override: Override) -> Unit:
    if override.unit:
        return units.given(name, override.unit)
    known = units.declared(name, raster.unit)
    if known:
        return known
    if name == DEFORMATION:
        return units.guess_rate(sampling.take(raster).values, raster.path.name)
    return units.usual(name)


def _in_feet(crs: CRS | None) -> bool:
    return crs is not None and crs.is_projected and "foot" in crs.linear_units.lower()
