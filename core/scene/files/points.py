"""Tables of measured points (lon, lat, rate).

Persistent-scatterer processors and services write such tables: EGMS, SARscape, StaMPS.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyogrio
from rasterio.crs import CRS

from core.errors import SlideScopeError
from core.scene.files import formats, guard, layers, places, shifts, systems, tables, vectors
from core.scene.files.source import Source

# Names in the order of trust, small letters.
RATE = (
    *("mean_velocity", "velocity", "vel", "rate", "v", "vlos", "v_los", "vel_los", "mean_vel"),
    *("形变速率", "平均形变速率", "年均形变速率", "年平均形变速率", "变形速率", "年平均速率"),
    *("年均速率", "平均速率", "速率", "速度"),
)
_SPEAKS = re.compile(r"vel|rate|defo|displ|mm_?(per_?)?y|速率|速度|形变|变形|沉降")
# What stands beside a rate in such tables: names, quality, heights, places, dates.
_COMPANION = re.compile(
    r"^(fid|id|pid|code|index|objectid|track|line|pixel|x|y|z|lon|lat|l|p)$"
    r"|std|sigma|rmse|coh|height|elev|dem|acc|seas|prec|east|north|longitude|latitude|^d?\d{8}$"
    r"|编号|序号|名称|高程|相干|误差|精度|标准差|中误差|经度|纬度|坐标|日期"
)


def choose(path: Path, asked: int | str | None, names: Sequence[str]) -> tuple[str, bool]:
    """Return the column with the rate, and whether that is sure: named, or called as rates are.

    >>> choose(Path("a.gpkg"), None, ("height", "mean_velocity"))
    ('mean_velocity', True)
    >>> choose(Path("a.gpkg"), None, ("height", "coherence", "VEL_V_mm"))
    ('VEL_V_mm', False)
    """
    lower = {tables.tidy(n): n for n in reversed(names)}
    column: str | None
    if isinstance(asked, str):
        column, sure = asked if asked in names else lower.get(tables.tidy(asked), asked), True
    else:
        column = first(lower, RATE)
        # Two that are called like rates, such as vel and rate, leave a doubt.
        sure = sum(text in RATE for text in lower) < 2
        if column is None:
            column, sure = _likely(lower), False
    if column is None or column not in names:
        speak = [n for text, n in lower.items() if _speaks(text)]
        what = f"no column '{column}'" if column else "no column that looks like a rate"
        if len(speak) > 1 and not column:
            what = f"several columns that may be the rate ({', '.join(speak[:12])})"
        one = speak[0] if speak else "COLUMN"
        raise SlideScopeError(
            f"'{path.name}' has {what}: it has {', '.join(names[:12]) or 'none'}; name it as "
            f"{path.name}:{one}."
        )
    return column, sure


def _likely(lower: dict[str, str]) -> str | None:
    """A column that speaks of a rate, or the only one that is no usual companion of one."""
    speak = [name for text, name in lower.items() if _speaks(text)]
    if speak:
        return speak[0] if len(speak) == 1 else None
    others = [name for text, name in lower.items() if not _COMPANION.search(text)]
    return others[0] if len(others) == 1 else None


def _speaks(text: str) -> bool:
    """Whether a column's name speaks of a rate, or of a component of one.

    >>> _speaks("vel_east"), _speaks("vel_std"), _speaks("los_east")
    (True, False, False)
    """
    component = re.search(r"vel|rate", text) and not re.search(r"std|sigma|rmse|acc", text)
    return bool(_SPEAKS.search(text) and (component or not _COMPANION.search(text)))


def first(lower: dict[str, str], wanted: tuple[str, ...]) -> str | None:
    return next((lower[w] for w in wanted if w in lower), None)


@dataclass(frozen=True)
class Points:
    """x, y in `crs`, `values` as the table has them, each (n,); `sure`: whether `column` is named
    or called as a rate is, `times` brings values to the factor's unit, `notes` sentences about how
    the file was read, `fields` the columns or numeric attributes that there are."""

    path: Path
    x: np.ndarray
    y: np.ndarray
    values: np.ndarray
    crs: CRS
    column: str
    sure: bool = True
    times: float = 1.0
    notes: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        x, y = self.x, self.y
        return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def read(source: Source, crs: str | None = None) -> Points:
    """Read the points of a table or of a vector file; `crs` where the file does not tell it."""
    found = (_read_table if guard.is_points(source.leaf) else _read_layer)(source, crs)
    # A layer was moved as it was read.
    if source.shift and guard.is_points(source.leaf):
        return _moved(found, source.shift)
    return found


def _moved(points: Points, shift: tuple[float, ...]) -> Points:
    left, bottom, right, top = points.bounds
    by = shifts.on_map(points.crs, (left + right) / 2, (bottom + top) / 2, shift)
    return replace(points, x=points.x + by[0], y=points.y + by[1])


def _read_table(source: Source, crs: str | None) -> Points:
    """Eastings and northings in a table do not tell their `crs`; longitudes and latitudes do."""
    table = tables.look(source)
    roles = places.roles_of(table)
    x, y, system, notes = places.place_columns(table, roles, crs)
    if "value" in roles:
        rate, sure = roles["value"], True
    else:
        rate, sure = _rate_column(table, source.band, (x, y))
    found, left_out = tables.numbers(table, (x, y, rate))
    if not len(found):
        places.check_degrees(table, (x, y))
    label = Path(table.label)
    if table.decimal == ",":
        notes.append(f"'{label}' has decimal commas.")
    if table.encoding.how not in ("plain", "asked") and "utf-8" not in table.encoding.name:
        notes.append(f"'{label}' is read as {table.encoding.name.upper()}.")
    if left_out:
        notes.append(
            f"{left_out} line{'s' if left_out > 1 else ''} of '{label}' without a number in each "
            f"of {table.title(x)}, {table.title(y)} and {table.title(rate)} left out."
        )
    made = checked(label, found, system, table.title(rate), sure)
    titles = tuple(map(table.title, range(table.width)))
    return replace(made, path=table.path, notes=tuple(notes), fields=titles)


def _rate_column(
    table: tables.Table, asked: int | str | None, at: tuple[int, int]
) -> tuple[int, bool]:
    if asked is not None:
        place = table.column(str(asked))
        if place is not None:
            return place, True
    if not table.names:
        raise SlideScopeError(
            f"'{table.label}' has {places.listed(table)}: say which is the rate, as --columns "
            "NAME=lon=1,lat=2,rate=3."
        )
    names = [n for i, n in enumerate(table.names) if i not in at]
    column, sure = choose(Path(table.label), None if asked is None else str(asked), names)
    if table.names.count(column) > 1:
        places_ = [str(n) for n, name in enumerate(table.names, 1) if name == column]
        raise SlideScopeError(
            f"'{table.label}' has {len(places_)} columns called '{column}' (numbers "
            f"{', '.join(places_)}): give the number, as {table.label}:{places_[0]}."
        )
    return table.names.index(column), sure


def columns(source: Source) -> list[str]:
    """Names of a table's columns, their numbers without a header; an empty list for one that
    cannot be read."""
    try:
        table = tables.look(source)
    except SlideScopeError:
        return []
    return [table.title(place) for place in range(table.width)]


def checked(path: Path, numbers: np.ndarray, crs: CRS, column: str, sure: bool = True) -> Points:
    """The points of (x, y, value) rows, refused where they cannot be what they say."""
    if not len(numbers):
        raise SlideScopeError(
            f"'{path.name}' holds no point with numbers in all three columns: check its decimal "
            "sign (a point) and separator."
        )
    x, y, values = numbers.T
    systems.check_earth(crs, path.name)
    extent = float(x.min()), float(y.min()), float(x.max()), float(y.max())
    systems.check_coordinates(crs, extent, path.name)
    return Points(path, x, y, values, crs, column, sure)


def holds_points(source: Source, folders: Sequence[Path] | None = None) -> bool:
    """Whether a vector file holds points, by what it declares; False for one that is damaged."""
    _, name = vectors.opening(source, folders)
    wanted: list[str | int | None] = [source.layer]
    if source.layer is None and formats.suffix(name) in layers.FOLDERS:
        wanted = [*range(len(layers.every(name)))]
    elif source.layer is None and (known := layers.listed(name)):
        wanted = [known[0].name]
    try:
        kinds = [kind for layer in wanted for kind in _kinds(name, layer)]
    except (*layers.ERRORS, AttributeError):
        return False
    return bool(kinds) and sum("Point" in kind for kind in kinds) > len(kinds) / 2


def _kinds(name: str, layer: str | int | None) -> list[str]:
    """The kind of geometry that a layer declares, else those of its first features."""
    kind = pyogrio.read_info(name, layer=layer)["geometry_type"] or ""
    if kind not in ("Unknown", "GeometryCollection"):
        return [kind]
    some = pyogrio.read_dataframe(name, layer=layer, columns=[], max_features=100)
    return [str(kind) for kind in some.geometry.dropna().geom_type]


def layer_columns(source: Source, folders: Sequence[Path] | None = None) -> tuple[str, ...]:
    """Names of the attributes that hold numbers."""
    return _numeric_columns(vectors.read_features(source, folders))


def _read_layer(source: Source, crs: str | None) -> Points:
    """The points of a layer; the attribute with the rate is `source.band` or chosen by name."""
    path = Path(source.path)
    frame = vectors.read_features(source).explode(ignore_index=True)
    frame = frame[frame.geom_type == "Point"]
    column, sure = choose(path, source.band, _numeric_columns(frame))
    if frame.crs is None and crs is None:
        raise SlideScopeError(
            f"'{path.name}' has no coordinate reference system: name it with --crs NAME=EPSG:N, "
            "or give the .prj file with it."
        )
    system = CRS.from_user_input(crs) if crs else CRS.from_wkt(frame.crs.to_wkt())
    values = frame[column].to_numpy(np.float64, na_value=np.nan)
    numbers = np.column_stack((frame.geometry.x, frame.geometry.y, values))
    made = checked(path, numbers[np.isfinite(numbers).all(axis=1)], system, column, sure)
    return replace(made, fields=_numeric_columns(frame))


def _numeric_columns(frame) -> tuple[str, ...]:
    names = [c for c in frame.columns if c != frame.geometry.name]
    return tuple(n for n in names if frame[n].dtype.kind in "iuf")
