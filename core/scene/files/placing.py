"""Where a raster lies: what its file says, what lies beside it, what was decided."""

from dataclasses import dataclass, replace
from pathlib import Path

from rasterio.crs import CRS
from rasterio.transform import Affine, array_bounds

from core.errors import SlideScopeError
from core.scene.files import formats, side_cars, systems

_WORLD = "a world file ({}: six lines)"


@dataclass(frozen=True)
class Place:
    """System, transform and no-data value of a band as they will be used; `unscale` and `unit`
    None and "" where only the file tells; `told` sentences without a full stop about what does not
    come from the file itself."""

    crs: CRS | None
    transform: Affine
    nodata: float | None
    unscale: tuple[float, float] | None = None
    unit: str = ""
    told: tuple[str, ...] = ()


def settle(dataset, band: int, path: Path, part: str | None, decided: str | None) -> Place:
    """The place of a raster; `part`: its name in an archive; `decided`: a system that is decided
    on, whatever the file says. Refuses a place that is impossible."""
    found = Place(dataset.crs or None, dataset.transform, dataset.nodatavals[band - 1])
    if part is None or formats.suffix(part) in formats.RASTER_DRIVERS:
        found = _with_pam(found, band, path, part)
        found = _with_system(found, path, part, decided)
        found = _with_world(found, path, part)
    if decided:
        found = replace(found, crs=CRS.from_user_input(decided))
    _check(dataset, found, path, decided)
    return _wrapped_round(found, dataset)


def _with_pam(found: Place, band: int, path: Path, part: str | None) -> Place:
    """As GDAL's own tools do: what an .aux.xml says comes before what the file says."""
    pam = side_cars.pam(path, part, band)
    if pam is None:
        return found
    read = []
    if pam.crs is not None and pam.crs != found.crs:
        found = replace(found, crs=pam.crs)
        read.append(f"the reference system {systems.name_of(pam.crs)}")
    if pam.transform is not None and not pam.transform.almost_equals(found.transform, 1e-9):
        found = replace(found, transform=pam.transform)
        read.append("its place")
    if pam.nodata is not None and pam.nodata != found.nodata:
        found = replace(found, nodata=pam.nodata)
        read.append(f"the no-data value {pam.nodata:g}")
    if pam.unscale is not None and pam.unscale != (1.0, 0.0):
        found = replace(found, unscale=pam.unscale)
        read.append(f"scale {pam.unscale[0]:g} and offset {pam.unscale[1]:g}")
    if pam.unit:
        found = replace(found, unit=pam.unit)
    verb = "comes" if len(read) == 1 else "come"
    told = [f"{' and '.join(read)} of '{path.name}' {verb} from '{pam.name}'"] if read else []
    if pam.unread:
        told.append(f"'{pam.name}' also holds {pam.unread}, which are not read")
    return replace(found, told=(*found.told, *told))


def _with_system(found: Place, path: Path, part: str | None, decided: str | None) -> Place:
    """A .prj beside a raster that names no system itself."""
    if found.crs is not None or decided:
        return found
    beside = side_cars.system(path, part)
    if beside is None:
        return found
    name, crs = beside
    if crs is None:
        told = (
            f"'{name}' beside '{path.name}' holds no reference system that can be read: name it "
            "with --crs NAME=EPSG:n"
        )
        return replace(found, told=(*found.told, told))
    told = f"the reference system {systems.name_of(crs)} of '{path.name}' comes from '{name}'"
    return replace(found, crs=crs, told=(*found.told, told))


def _with_world(found: Place, path: Path, part: str | None) -> Place:
    """A world file: what the raster lacks; one that says another place is told, not read."""
    beside = side_cars.world(path, part)
    if beside is None:
        return found
    name, transform = beside
    if found.transform == Affine.identity():
        told = f"the place of '{path.name}' comes from '{name}'"
        return replace(found, transform=transform, told=(*found.told, told))
    cell = abs(found.transform.a) + abs(found.transform.b)
    if transform.almost_equals(found.transform, 0.51 * cell):
        return found
    told = (
        f"'{name}' says another place than '{path.name}' itself ({transform.c:.10g}, "
        f"{transform.f:.10g} instead of {found.transform.c:.10g}, {found.transform.f:.10g}) and "
        "is not read"
    )
    return replace(found, told=(*found.told, told))


def _check(dataset, found: Place, path: Path, decided: str | None) -> None:
    unplaced = _is_unplaced(found.transform, dataset.height)
    if unplaced and dataset.gcps[0]:
        raise SlideScopeError(
            f"'{path.name}' is placed by ground control points only: a factor needs a map grid; "
            f"warp it first, with `gdalwarp -order 1 -t_srs EPSG:n {path.name} warped.tif` (or "
            "-tps for a scanned map)."
        )
    if unplaced and dataset.rpcs:
        raise SlideScopeError(
            f"'{path.name}' is placed by rational polynomials (RPC) only: a factor needs a map "
            "grid; give --elevation, with which it is orthorectified, or do so first with "
            "`gdalwarp -rpc -to RPC_DEM=dem.tif`."
        )
    if found.transform == Affine.identity() and found.crs and not decided:
        raise SlideScopeError(
            f"'{path.name}' names a coordinate reference system but not its place in it (no "
            "geotransform): export it again with its coordinates, or as a plain picture without a "
            "system."
        )
    if unplaced and decided:
        worlds = side_cars.WORLDS.get(formats.suffix(path), (".wld",))
        world = f"{path.stem}{worlds[0]}"
        raise SlideScopeError(
            f"'{path.name}' has no geotransform, so --crs cannot place it (its pixel numbers would "
            f"become coordinates): put {_WORLD.format(world)} beside it, or write its corners with "
            f"`gdal_translate -a_srs {_code(decided)} -a_ullr LEFT TOP RIGHT BOTTOM {path.name} "
            "placed.tif`."
        )
    systems.check_earth(found.crs, path.name)
    left, bottom, right, top = array_bounds(dataset.height, dataset.width, found.transform)
    extent = min(left, right), min(bottom, top), max(left, right), max(bottom, top)
    cell = abs(found.transform.a) + abs(found.transform.b)
    systems.check_coordinates(found.crs, extent, path.name, cell)


def _is_unplaced(transform: Affine, height: int) -> bool:
    """Whether "coordinates" are only numbers of pixels.

    >>> _is_unplaced(Affine(1, 0, 0, 0, -1, 160), 160), _is_unplaced(Affine(1, 0, 7, 0, -1, 0), 9)
    (True, False)
    """
    a, b, c, d, e, f = transform[:6]
    if (abs(a), b, d, abs(e)) != (1, 0, 0, 1):
        return False
    return c in (0, -0.5, 0.5) and f in (0, -0.5, 0.5, height, height - 0.5, height + 0.5)


def _code(decided: str) -> str:
    return decided if len(decided) < 40 else "EPSG:n"


def _wrapped_round(found: Place, dataset) -> Place:
    """Longitudes beyond 180 as others write them: 253.9 is -106.1."""
    if found.crs is None or not found.crs.is_geographic:
        return found
    left, _, right, _ = array_bounds(dataset.height, dataset.width, found.transform)
    turns = turns_off((left + right) / 2)
    if not turns:
        return found
    transform = Affine.translation(-360.0 * turns, 0) * found.transform
    told = (
        f"longitudes of {min(left, right):.6g} to {max(left, right):.6g} are taken as "
        f"{min(left, right) - 360 * turns:.6g} to {max(left, right) - 360 * turns:.6g}"
    )
    return replace(found, transform=transform, told=(*found.told, told))


def turns_off(longitude: float) -> int:
    """How many whole turns lie between a longitude and -180..180.

    >>> turns_off(253.9), turns_off(-190.0), turns_off(180.0), turns_off(103.0)
    (1, -1, 0, 0)
    """
    return 0 if -180 <= longitude <= 180 else round(longitude / 360)
