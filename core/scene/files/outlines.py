"""From what a vector file holds to polygons: lines that close, points with a radius, strays."""

import re
from collections import Counter
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from core.errors import SlideScopeError
from core.scene.files.source import Source, typed

# The gap at which a line still closes, as a share of its length.
CLOSED = 1e-3
# What stands for a point of no radius until the grid is known, in metres.
TINY = 0.5
POLYGONS, LINES, POINTS = (
    ("Polygon", "MultiPolygon"),
    ("LineString", "MultiLineString", "LinearRing"),
    ("Point", "MultiPoint"),
)
_WORDS = {"Polygon": "polygon", "LineString": "line", "Point": "point"}
_NO = re.compile(
    r"0|no|non|n|false|f|none|null|background|stable(_ground)?|(non|no|not)_?(land)?slides?|other|"
    r"water|river|lake|road|building|forest|farmland|"
    r"否|无|非滑坡|背景|稳定|其他|水体|河流|道路|建筑|林地|耕地"
)
_PLAINLY = re.compile(r"landslides?|slides?|ls|landslip|滑坡|崩塌|泥石流|滑坡体")
_YES = re.compile(rf"1|yes|y|true|t|是|有|{_PLAINLY.pattern}")
# Attributes that say of each polygon whether it is a landslide, where nothing else is said.
_LABELS = re.compile(
    r"class|class_?id|labels?|(is_?)?landslides?|slide|dn|gridcode|raster_?val|value|val|target|"
    r"mask|gt|category|type|类别|类型|标签|(是否)?滑坡",
    re.IGNORECASE,
)
MOST = 12


def polygons(frame: gpd.GeoDataFrame, source: Source) -> tuple[gpd.GeoDataFrame, list[str]]:
    """The polygons of `frame`, those of `source.value` alone, and sentences about what was made of
    the rest of it."""
    name, notes = str(source), []
    frame = chosen(frame, source)
    frame = _without_collections(frame)
    if source.radius is not None:
        frame = frame.explode(ignore_index=True)
    kinds = frame.geom_type
    lines = kinds.isin(LINES)
    if lines.any():
        closed = lines & frame.geometry.map(_closes)
        if closed.any():
            frame.loc[closed, frame.geometry.name] = frame.geometry[closed].map(_closed)
            notes.append(f"{_count(int(closed.sum()), 'closed line')} of '{name}' became polygons.")
    points = kinds.isin(POINTS)
    if points.any() and source.radius is not None:
        frame = _with_radius(frame, points, source)
        if source.radius:
            count = int(points.sum())
            notes.append(
                f"{_count(count, 'point')} of '{name}' {'stands' if count == 1 else 'stand'} for "
                f"landslides of {source.radius:g} m radius."
            )
    return _without_strays(frame, source, notes)


def _without_strays(
    frame: gpd.GeoDataFrame, source: Source, notes: list[str]
) -> tuple[gpd.GeoDataFrame, list[str]]:
    good = frame.geom_type.isin(POLYGONS)
    if good.all():
        return frame, notes
    strays = frame[~good]
    counts = Counter(_plain(kind) for kind in strays.geom_type)
    what = " and ".join(_count(n, kind) for kind, n in counts.items())
    if good.sum() <= len(strays):
        raise _no_polygons(source, what, counts, int(good.sum()))
    notes.append(
        f"{what} of '{source}' {'are' if len(strays) > 1 else 'is'} left out"
        f"{_named(strays)}: the other {int(good.sum())} features are polygons."
    )
    return frame[good], notes


def _named(strays: gpd.GeoDataFrame) -> str:
    """What a few features are called."""
    lower = {c.lower(): c for c in strays.columns}
    column = next((lower[n] for n in ("name", "名称", "id", "fid") if n in lower), None)
    if column is None or len(strays) > 3:
        return ""
    return f" ({', '.join(str(v) for v in strays[column])})"


def _no_polygons(source: Source, what: str, counts: Counter, good: int) -> SlideScopeError:
    beside = f" beside {_count(good, 'polygon')}" if good else " and no polygon"
    told = f"'{source}' holds {what}{beside}: landslides and classes are areas"
    if counts["point"] >= counts["line"]:
        return SlideScopeError(
            f"{told}; as an inventory, --point-radius 30 makes each point a landslide of 30 m "
            f"radius, --inventory-points {typed(source)} takes them for statistics alone."
        )
    return SlideScopeError(
        f"{told}, and the lines do not close; turn them into polygons (in QGIS: Polygonize) or "
        "give another file."
    )


def _plain(kind: str) -> str:
    return _WORDS.get(kind.removeprefix("Multi").replace("LinearRing", "LineString"), "feature")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number != 1 else ''}"


def _without_collections(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Collections give the polygons in them."""
    mixed = frame.geom_type == "GeometryCollection"
    if mixed.any():
        frame = frame.copy()
        frame.loc[mixed, frame.geometry.name] = frame.geometry[mixed].map(_areas)
    return frame


def _areas(collection) -> shapely.Geometry:
    found = [g for g in shapely.get_parts(collection) if g.geom_type in POLYGONS]
    parts = [p for g in found for p in shapely.get_parts(g)]
    return shapely.MultiPolygon(parts) if parts else collection


def _closes(line) -> bool:
    if line.geom_type not in LINES:
        return False
    return all(_is_ring(part) for part in shapely.get_parts(line))


def _is_ring(line) -> bool:
    places = shapely.get_coordinates(line)
    gap = float(np.hypot(*(places[0] - places[-1]))) if len(places) > 3 else np.inf
    return gap <= CLOSED * line.length


def _closed(line) -> shapely.Geometry:
    rings = [shapely.Polygon(shapely.get_coordinates(part)) for part in shapely.get_parts(line)]
    return rings[0] if len(rings) == 1 else shapely.MultiPolygon(rings)


def _with_radius(frame: gpd.GeoDataFrame, points: pd.Series, source: Source) -> gpd.GeoDataFrame:
    if frame.crs is None:
        raise SlideScopeError(
            f"'{source}' has points without a coordinate reference system, so a radius in metres "
            "has no meaning: name it with --crs inventory=EPSG:N."
        )
    frame = frame.copy()
    round_ = frame.geometry[points].to_crs(frame.estimate_utm_crs()).buffer(source.radius or TINY)
    frame.loc[points, frame.geometry.name] = round_.to_crs(frame.crs)
    return frame


def chosen(frame: gpd.GeoDataFrame, source: Source) -> gpd.GeoDataFrame:
    """The features whose attribute `source.band` has (one of) `source.value`."""
    if source.value is None:
        return frame
    field = attribute(frame, source)
    wanted = [_same(v) for v in source.value.split(",")]
    found = frame[frame[field].map(_same).isin([*wanted, _same(source.value)])]
    if found.empty:
        raise SlideScopeError(
            f"'{source.path}' has no feature whose {field} is {source.value}: there are "
            f"{_values(frame, field)}; choose one of these."
        )
    return found


def attribute(frame: gpd.GeoDataFrame, source: Source) -> str:
    """The name of the attribute `source.band`, large and small letters alike."""
    names = [c for c in frame.columns if c != frame.geometry.name]
    asked = str(source.band)
    if asked in names:
        return asked
    hits = [n for n in names if n.lower() == asked.lower()]
    if len(hits) != 1:
        raise SlideScopeError(
            f"'{source.path}' has no attribute '{asked}': it has {', '.join(names) or 'none'}; "
            "choose one of these."
        )
    return hits[0]


def _same(value) -> str:
    """
    >>> _same(1), _same(1.0), _same(" Landslide "), _same("01"), _same(None)
    ('1', '1', 'landslide', '01', '')
    """
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, (bool, np.bool_)):
        return str(int(value))
    text = str(value).strip().lower()
    return text[:-2] if text.endswith(".0") else text


def _values(frame: gpd.GeoDataFrame, field: str) -> str:
    every = [str(v) for v in frame[field].unique()]
    return ", ".join(every[:MOST]) + (", ..." if len(every) > MOST else "")


def landslides_alone(frame: gpd.GeoDataFrame, source: Source) -> tuple[str | None, str | None]:
    """(attribute, value) of the features that are landslides, (None, None) where all are.

    Fails where an attribute tells apart what is a landslide and what is none in words that are not
    known here.
    """
    if source.band is not None:
        field = attribute(frame, source)
        return _told_apart(frame, source, field, asked=True)
    for field in (c for c in frame.columns if c != frame.geometry.name):
        if _LABELS.fullmatch(str(field)) or _speaks(frame[field]):
            found = _told_apart(frame, source, str(field), asked=False)
            if found != (None, None):
                return found
    return None, None


def _speaks(column: pd.Series) -> bool:
    """Whether a column of few words holds both landslide and what is none."""
    if column.dtype.kind in "iufbM" or len(values := _distinct(column)) > MOST:
        return False
    words = [_word(v) for v in values]
    return any(map(_PLAINLY.fullmatch, words)) and any(map(_NO.fullmatch, words))


def _told_apart(
    frame: gpd.GeoDataFrame, source: Source, field: str, asked: bool
) -> tuple[str | None, str | None]:
    values = [v for v in _distinct(frame[field]) if v or asked]
    words = {v: _word(v) for v in values}
    yes = [v for v in values if _YES.fullmatch(words[v])]
    no = [v for v in values if not words[v] or _NO.fullmatch(words[v])]
    if len(values) == 1 and not no:
        return field, values[0] if asked else None
    if yes and no and len(yes) + len(no) == len(values):
        return field, ",".join(yes)
    if not asked and not no:
        return None, None
    if not asked and len(values) > MOST:
        return None, None
    some = ",".join([v for v in values if v and v not in no][:MOST]) or values[0]
    cure = typed(replace(source, band=field, value=some, more=()))
    raise SlideScopeError(
        f"'{source.path}' tells its features apart by {field} ({_values(frame, field)}), and not "
        f"all of these are landslides by name: say which are, as {cure}."
    )


def _distinct(column: pd.Series) -> list[str]:
    return list(dict.fromkeys(_same(v) for v in column.unique()))


def _word(value: str) -> str:
    return value.replace("-", "_").replace(" ", "_")
