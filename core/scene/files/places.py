"""Where the points of a table lie: its columns of longitudes and latitudes, or of eastings and
northings."""

import re

import geopandas as gpd
from rasterio.crs import CRS

from core.errors import SlideScopeError
from core.scene.files import tables
from core.scene.files.tables import Table, tidy

# Column names in the order of trust, as `tidy` writes them.
LONGITUDE = (
    *("longitude", "lon", "long", "lng", "x_geo", "xgeo", "lon_deg", "pnt_lon", "longitude_deg"),
    *("longitude_wgs84", "lon_wgs84", "wgs84_lon", "geo_lon", "lon_dd", "dd_lon", "经度", "东经"),
)
LATITUDE = (
    *("latitude", "lat", "lati", "y_geo", "ygeo", "lat_deg", "pnt_lat", "latitude_deg"),
    *("latitude_wgs84", "lat_wgs84", "wgs84_lat", "geo_lat", "lat_dd", "dd_lat", "纬度", "北纬"),
)
EASTING = (
    *("easting", "east", "x", "utm_x", "x_utm", "utm_e", "e_utm", "utm_east", "utm_easting"),
    *("point_x", "xcoord", "x_coord", "coord_x", "x_m", "东坐标", "东向坐标"),
)
NORTHING = (
    *("northing", "north", "y", "utm_y", "y_utm", "utm_n", "n_utm", "utm_north", "utm_northing"),
    *("point_y", "ycoord", "y_coord", "coord_y", "y_m", "北坐标", "北向坐标"),
)
# What --columns calls each column.
X_ROLES = ("lon", "longitude", "x", "east", "easting")
Y_ROLES = ("lat", "latitude", "y", "north", "northing")
VALUE_ROLES = ("rate", "value", "v", "vel")


def roles_of(table: Table) -> dict[str, int]:
    """The columns that --columns names: x, y and value -> its place."""
    found = {}
    for role, asked in table.source.columns:
        place = table.column(asked)
        if place is None:
            raise SlideScopeError(
                f"'{table.label}' has no column '{asked}': it has {listed(table)}; name one of "
                "these, or give its number from 1."
            )
        kind = "x" if role in X_ROLES else "y" if role in Y_ROLES else "value"
        found[kind] = place
    return found


def listed(table: Table, most: int = 12) -> str:
    """The columns of a table, in words."""
    if not table.names:
        return f"no header and {table.width} columns ({', '.join(table.first[:most])} first)"
    more = ", ..." if len(table.names) > most else ""
    return ", ".join(table.names[:most]) + more


def place_columns(
    table: Table, roles: dict[str, int], crs: str | None
) -> tuple[int, int, CRS, list[str]]:
    """The columns of the place, its reference system, and sentences about both."""
    lower = {tidy(n): i for i, n in reversed(list(enumerate(table.names)))}
    degrees = _pair(lower, LONGITUDE, LATITUDE) or _pair_by_words(lower)
    planar = _pair(lower, EASTING, NORTHING)
    asked = CRS.from_user_input(crs) if crs else None
    chosen: tuple[int, int] | None
    if "x" in roles and "y" in roles:
        chosen = roles["x"], roles["y"]
    else:
        metric = asked is not None and asked.is_projected
        chosen = (planar or degrees) if metric else (degrees or planar)
    if chosen is None:
        raise SlideScopeError(_no_place(table))
    x, y = chosen
    title = f"{table.title(x)} and {table.title(y)}"
    like = _like_degrees(table, chosen)
    if asked is not None and asked.is_projected and like and chosen == degrees:
        raise SlideScopeError(
            f"'{table.label}' has its places in degrees ({title}), and {crs} is in metres: leave "
            "--crs out, or name columns of eastings and northings with --columns."
        )
    if asked is not None:
        return x, y, asked, []
    named = {role for role, _ in table.source.columns}
    by_name = chosen == degrees or {"lon", "longitude", "lat", "latitude"} & named
    if by_name and not like and max(abs(_value(table, place)) for place in chosen) > 360:
        raise SlideScopeError(
            f"'{table.label}': {title} are no longitudes and latitudes by their numbers "
            f"({_first(table, chosen)}): name their reference system with --crs NAME=EPSG:N."
        )
    if by_name:
        _check_order(table, chosen)
        return x, y, CRS.from_epsg(4326), []
    point = tidy(table.title(x)) == "point_x"
    if like and (point or "x" in roles):
        told = f"{title} of '{table.label}' are taken for degrees (EPSG:4326) by their numbers."
        return x, y, CRS.from_epsg(4326), [told]
    hint = "EPSG:4326, by its numbers" if like else "EGMS: EPSG:3035"
    raise SlideScopeError(
        f"'{table.label}' gives {title} without a coordinate reference system: name it with "
        f"--crs NAME=EPSG:N ({hint})."
    )


def _check_order(table: Table, places: tuple[int, int]) -> None:
    x, y = (_value(table, place) for place in places)
    if abs(x) <= 90 < abs(y) <= 360:
        raise SlideScopeError(
            f"'{table.label}' has longitude and latitude swapped ({_first(table, places)} first): "
            f"give --columns NAME=lon={table.title(places[1])},lat={table.title(places[0])}."
        )


# What the name of a column says where it is not one of the usual ones.
_SAY_X = re.compile(r"经度|longitude|(^|_)(lon|lng)(_|$)")
_SAY_Y = re.compile(r"纬度|latitude|(^|_)lat(_|$)")


def _pair_by_words(lower: dict[str, int]) -> tuple[int, int] | None:
    """The only two columns whose names speak of longitude and latitude."""
    xs = [place for name, place in lower.items() if _SAY_X.search(name)]
    ys = [place for name, place in lower.items() if _SAY_Y.search(name)]
    return (xs[0], ys[0]) if len(xs) == len(ys) == 1 and xs != ys else None


def _pair(lower: dict[str, int], xs: tuple, ys: tuple) -> tuple[int, int] | None:
    x, y = (next((lower[w] for w in wanted if w in lower), None) for wanted in (xs, ys))
    return None if x is None or y is None else (x, y)


def _no_place(table: Table) -> str:
    if not table.names:
        return (
            f"'{table.label}' has {listed(table)}: number its columns from 1, as --columns "
            "NAME=lon=1,lat=2,rate=3."
        )
    if "，" in table.names[0]:
        return (
            f"'{table.label}' has full-width commas between its columns ({table.names[0]}): "
            "replace them by plain ones first."
        )
    return (
        f"'{table.label}' has no columns for longitude and latitude: it has {listed(table)}; name "
        "them as --columns NAME=lon=COLUMN,lat=COLUMN,rate=COLUMN."
    )


def _like_degrees(table: Table, places: tuple[int, int]) -> bool:
    """Whether the first row's place can be in degrees."""
    x, y = (_value(table, place) for place in places)
    return abs(x) <= 360 and abs(y) <= 90


def _value(table: Table, place: int) -> float:
    try:
        return float(table.first[place].replace(",", "."))
    except (IndexError, ValueError):
        return 0.0


def _first(table: Table, places: tuple[int, int]) -> str:
    return ", ".join(table.first[p] for p in places if p < len(table.first))


def check_degrees(table: Table, places: tuple[int, int]) -> None:
    cells = [table.first[p] for p in places if p < len(table.first)]
    if any(re.search(r"[°′″'度分]|\d\s*[EWNS]$", cell) for cell in cells):
        raise SlideScopeError(
            f"'{table.label}' gives places with signs or letters ('{cells[0]}'): turn them into "
            "decimal degrees, such as 102.9115, first."
        )


def frame(table: Table, crs: str | None) -> gpd.GeoDataFrame:
    """The points of a table, without their attributes."""
    x, y, system, _ = place_columns(table, roles_of(table), crs)
    found, _ = tables.numbers(table, (x, y))
    if not len(found):
        check_degrees(table, (x, y))
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(*found.T), crs=system.to_wkt())
