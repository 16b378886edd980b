"""The outline of an object: the prediction's, grown or shrunk, or typed in by the user."""

import json
import math
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from rasterio.features import shapes
from rasterio.windows import Window
from scipy import ndimage

from core.errors import SlideScopeError
from core.objects.object import Object, pixels_of
from core.scene.connected import EIGHT
from core.scene.inventory import holds_pixel
from core.scene.polygons import box_of
from core.scene.store import Scene

MOST_PX = 50
MOST_CORNERS = 80  # that a hand can have the patience for
LONGEST = 200_000  # characters


def of_object(scene: Scene, probability: Path, item: Object, threshold: float, grow: int = 0):
    """The object's pixels as a polygon, `grow` pixels wider (narrower below 0)."""
    if not -MOST_PX <= grow <= MOST_PX:
        raise SlideScopeError(
            f"Invalid growth {grow}: an outline grows or shrinks by at most {MOST_PX} pixels; "
            "give such a number."
        )
    window, inside = pixels_of(scene, probability, item, threshold)
    window, inside = _changed(scene, window, inside, grow)
    if not inside.any():
        raise SlideScopeError(
            f"Nothing is left of object '{item.key}' when it shrinks by {-grow} pixels; give fewer."
        )
    affine = scene.grid.window(window).affine
    traced = shapes(inside.astype(np.uint8), mask=inside, connectivity=8, transform=affine)
    parts = [shapely.geometry.shape(shape) for shape, _ in traced]
    return parts[0] if len(parts) == 1 else shapely.union_all(shapely.make_valid(parts))


def to_edit(scene: Scene, probability: Path, item: Object, threshold: float):
    """The object's outline with few enough corners to be edited by hand: within half a pixel of
    the steps of its pixels, of a winding one further."""
    shape = of_object(scene, probability, item, threshold)
    tolerance = max(scene.grid.resolution) / 2
    simple = shape.simplify(tolerance)
    while shapely.get_num_coordinates(simple) > MOST_CORNERS and tolerance < shape.length:
        tolerance *= 1.5
        simple = shape.simplify(tolerance)
    return simple


def _changed(scene: Scene, window: Window, inside: np.ndarray, grow: int):
    """The window and mask after growing or shrinking, within the scene (the tile)."""
    if grow <= 0:
        shrunk = inside
        if grow:
            padded = np.pad(inside, 1)
            shrunk = ndimage.binary_erosion(padded, EIGHT, iterations=-grow)[1:-1, 1:-1]
        return window, shrunk
    rows = scene.tile if scene.kind == "tiles" else scene.grid.height
    first = window.row_off // rows * rows
    top, left = max(first, window.row_off - grow), max(0, window.col_off - grow)
    bottom = min(first + rows, scene.grid.height, window.row_off + window.height + grow)
    right = min(scene.grid.width, window.col_off + window.width + grow)
    wide = np.zeros((bottom - top, right - left), bool)
    row, column = window.row_off - top, window.col_off - left
    wide[row : row + inside.shape[0], column : column + inside.shape[1]] = inside
    grown = ndimage.binary_dilation(wide, EIGHT, iterations=grow)
    return Window(left, top, right - left, bottom - top), grown


def parse(text: str, scene: Scene):
    """Return the checked polygon that `text` is: WKT in the scene's coordinates, or a GeoJSON
    geometry or feature in degrees (pixel coordinates where the scene has no CRS)."""
    text = text.strip()
    try:
        if len(text) > LONGEST:
            raise ValueError("too long")
        geometry = _from_json(text, scene) if text.startswith("{") else shapely.from_wkt(text)
    except (ValueError, KeyError, TypeError, AttributeError, shapely.errors.ShapelyError) as error:
        raise SlideScopeError(
            f"The outline '{text[:40]}' cannot be read: it must be WKT in the scene's coordinates, "
            "such as POLYGON ((x y, ...)), or GeoJSON in degrees; correct it."
        ) from error
    return check(shapely.force_2d(geometry), scene)


def words(text: str, scene: Scene) -> str:
    """Corners and size of the outline that `text` is, checked."""
    shape = parse(text, scene)
    corners = shapely.get_num_coordinates(shape) - sum(1 + len(p.interiors) for p in _parts(shape))
    pixels = shape.area / abs(scene.grid.affine.determinant)
    size = f"{pixels:.0f} px"
    if scene.grid.pixel_km2:
        size = f"{100 * pixels * scene.grid.pixel_km2:.2f} ha"
    return f"{corners} corners, {size}"


def _from_json(text: str, scene: Scene):
    value = json.loads(text)
    geometry = shapely.geometry.shape(value.get("geometry") or value)
    if scene.grid.crs is None:
        return geometry
    return gpd.GeoSeries([geometry], crs="EPSG:4326").to_crs(scene.grid.crs).iloc[0]


def check(geometry, scene: Scene):
    """Return `geometry` if it can be a landslide of the scene, else say why not."""
    kind = geometry.geom_type if geometry is not None else "nothing"
    if kind not in ("Polygon", "MultiPolygon") or geometry.is_empty:
        raise SlideScopeError(f"The outline is a {kind}: a landslide is a polygon; give one.")
    if not all(math.isfinite(v) for v in geometry.bounds) or not geometry.is_valid:
        reason = shapely.is_valid_reason(geometry)
        raise SlideScopeError(
            f"The outline is no valid polygon ({reason}): it must not cross itself; correct it."
        )
    if not box_of(scene.grid).covers(geometry):
        raise SlideScopeError(
            f"The outline reaches out of scene '{scene.name}', which spans "
            f"{' '.join(f'{v:g}' for v in scene.grid.bounds)} (left, bottom, right, top): keep it "
            "inside."
        )
    if scene.kind == "tiles" and _tiles_touched(geometry, scene) > 1:
        raise SlideScopeError(
            f"The outline crosses the border of a tile of '{scene.name}': tiles are independent, "
            "so a landslide lies in one; cut it there."
        )
    if not any(holds_pixel(part, scene.grid) for part in _parts(geometry)):
        raise SlideScopeError(
            "The outline holds no pixel's centre: it would leave no trace in the mask; make it "
            "larger."
        )
    return geometry


def _parts(geometry) -> list:
    return list(geometry.geoms) if geometry.geom_type == "MultiPolygon" else [geometry]


def _tiles_touched(geometry, scene: Scene) -> int:
    _, bottom, _, top = geometry.bounds
    rows = sorted((~scene.grid.affine * (0.0, y))[1] for y in (top, bottom))
    return math.ceil(rows[1] / scene.tile) - math.floor(rows[0] / scene.tile)
