"""An area from text: what `factors --area` is given, checked against the scene."""

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path

import shapely
from rasterio.crs import CRS
from rasterio.warp import transform_geom

from core.analysis.areas.area import Area, Buffer, Landslides, OneClass, Part, Shape, map_grid
from core.analysis.one_pass.coding import class_codes
from core.errors import SlideScopeError
from core.scene.files import guard
from core.scene.store import Scene

DEGREES = "EPSG:4326"
# Points along each side of a box, which is no box in another reference system.
EDGE = 20
# Wider and the rows to read around a block outweigh the block.
MOST_BUFFER_PX = 500
KINDS = "box:W,S,E,N, polygon:FILE, landslides, outside, buffer:METRES, class:FACTOR=CLASS"


def parse(scene: Scene, texts: Sequence[str], folders: Sequence[Path] | None = None) -> Area:
    """Return the area of `texts` on this scene; `folders` as the path guard takes them."""
    return Area(tuple(_part(scene, text.strip(), folders) for text in texts))


def choices(scene: Scene) -> dict[str, str]:
    """The conditions a scene offers besides a shape and a buffer: text -> words."""
    found: dict[str, str] = {}
    if scene.mask_path is not None:
        found |= {"landslides": "inside landslides", "outside": "outside landslides"}
    for item in scene.factors:
        if item.kind == "categorical":
            for code in class_codes(item):
                title = item.called.get(f"{code:g}", f"{code:g}")
                found[f"class:{item.name}={code:g}"] = f"{item.known.title}: {title}"
    return found


def _part(scene: Scene, text: str, folders) -> Part:
    kind, _, rest = text.partition(":")
    if kind == "polygon" and rest:
        return _polygon(scene, rest, folders)
    if kind in ("landslides", "outside") and not rest:
        _check_inventory(scene, text)
        return Landslides(kind == "landslides")
    readers: dict[str, Callable[[Scene, str], Part]] = {
        "box": _box,
        "buffer": _buffer,
        "class": _class,
    }
    if kind not in readers or not rest:
        raise SlideScopeError(f"Unknown area '{text}': an area is one of {KINDS}; give such a one.")
    return readers[kind](scene, rest)


def _numbers(text: str, count: int) -> list[float] | None:
    try:
        found = [float(word) for word in text.split(",")]
    except ValueError:
        return None
    return found if len(found) == count and all(map(math.isfinite, found)) else None


def _box(scene: Scene, text: str) -> Shape:
    sides = _numbers(text, 4)
    if sides is None or sides[0] >= sides[2] or sides[1] >= sides[3]:
        raise SlideScopeError(
            f"Invalid box '{text}': it is west,south,east,north in the map's coordinates, the "
            "first two the smaller; give four numbers."
        )
    box = shapely.segmentize(shapely.box(*sides), min(sides[2] - sides[0], 1e9) / EDGE)
    return _shape(scene, box, f"box {', '.join(f'{side:.6g}' for side in sides)}")


def _polygon(scene: Scene, text: str, folders) -> Shape:
    if text.lstrip().startswith("{"):
        shape = _geojson(text)
        sides = ", ".join(f"{side:.6g}" for side in shape.bounds)
        return _shape(scene, shape, f"drawn polygon within {sides}")
    from core.scene.files.source import Source
    from core.scene.polygons import on_grid  # here: it draws in GeoPandas

    path = guard.check_vector(text, folders)
    frame = on_grid(Source(str(path)), map_grid(scene))
    return _inside(scene, shapely.union_all(frame.geometry.to_numpy()), f"polygons of {path.name}")


def _geojson(text: str) -> shapely.Geometry:
    try:
        value = json.loads(text)
        found = value.get("features", [value])
        shapes = [shapely.from_geojson(json.dumps(f.get("geometry", f))) for f in found]
    except (ValueError, AttributeError, TypeError, shapely.errors.ShapelyError):
        shapes = []
    polygons = [s for s in shapes if s is not None and s.geom_type in ("Polygon", "MultiPolygon")]
    if not polygons or len(polygons) < len(shapes):
        raise SlideScopeError(
            f"The drawn area '{text[:40]}' is no GeoJSON polygon: draw it again, or give "
            "polygon:FILE."
        )
    return shapely.union_all([shapely.make_valid(polygon) for polygon in polygons])


def _shape(scene: Scene, geometry: shapely.Geometry, words: str) -> Shape:
    """A geometry in the map's coordinates: degrees where the scene lies on the Earth."""
    grid = map_grid(scene)
    if grid.crs is not None:
        moved = transform_geom(DEGREES, CRS.from_user_input(grid.crs), geometry.__geo_interface__)
        geometry = shapely.make_valid(shapely.geometry.shape(moved))
    return _inside(scene, geometry, words)


def _inside(scene: Scene, geometry: shapely.Geometry, words: str) -> Shape:
    from core.scene.polygons import box_of  # here: it draws in GeoPandas

    if not geometry.intersects(box_of(map_grid(scene))):
        raise SlideScopeError(
            f"The area '{words}' does not touch scene '{scene.name}': an area has to lie in the "
            "scene; check its coordinates or choose another."
        )
    return Shape(geometry, words)


def _buffer(scene: Scene, text: str) -> Buffer:
    _check_inventory(scene, f"buffer:{text}")
    if scene.kind == "tiles":
        raise SlideScopeError(
            f"Scene '{scene.name}' is of independent tiles: a buffer would reach from one into the "
            "next; choose landslides or outside."
        )
    columns, rows = scene.grid.pixel_metres or (1.0, 1.0)
    side = (rows, columns)
    reach = _numbers(text, 1)
    if reach is None or not 0 < reach[0] <= MOST_BUFFER_PX * min(side):
        unit = "metres" if scene.grid.is_projected else "pixels"
        raise SlideScopeError(
            f"Invalid buffer '{text}': in scene '{scene.name}' it is a number of {unit} above 0, "
            f"at most {MOST_BUFFER_PX * min(side):g}; choose one in between."
        )
    return Buffer(reach[0], "m" if scene.grid.is_projected else "px", side)


def _class(scene: Scene, text: str) -> OneClass:
    name, _, wanted = text.rpartition("=")
    factor = scene.factor(name)
    if factor.kind != "categorical":
        raise SlideScopeError(
            f"Factor '{name}' has no classes: class:FACTOR=CLASS takes a categorical factor; "
            "choose one of these or draw a polygon."
        )
    legend = factor.called
    codes = [code for code, title in legend.items() if wanted in (code, title)]
    number = None if legend else _numbers(wanted, 1)
    if codes:
        code = float(codes[0])
    elif number:
        code = number[0]
    else:
        known = ", ".join(f"{code} ({title})" for code, title in legend.items())
        raise SlideScopeError(
            f"Factor '{name}' has no class '{wanted}'"
            + (f": it has {known}; choose one of these." if known else ": give its number.")
        )
    return OneClass(name, code, f"{name} {legend.get(f'{code:g}', f'{code:g}')}")


def _check_inventory(scene: Scene, text: str) -> None:
    if scene.mask_path is None:
        raise SlideScopeError(
            f"Area '{text}' needs landslides and scene '{scene.name}' has no inventory: import it "
            "again with one, or choose another area."
        )
