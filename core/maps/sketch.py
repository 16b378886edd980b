"""An area drawn upon the still of a scene, as `factors --area` takes it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from rasterio.warp import transform, transform_bounds

from core.display.raster import georeferenced
from core.scene.store import Scene

# 0.1 m in degrees.
DECIMALS = 6


@dataclass(frozen=True)
class Frame:
    """The sides of the still: in the scene's own reference system, without one in pixels."""

    left: float
    bottom: float
    right: float
    top: float


def frame(scene: Scene) -> Frame | None:
    """Return where the still lies; None for separate tiles, which have no place."""
    if scene.kind == "tiles":
        return None
    grid = scene.grid
    if not georeferenced(scene):
        return Frame(0.0, -float(grid.height), float(grid.width), 0.0)
    left, top = grid.affine * (0, 0)
    right, bottom = grid.affine * (grid.width, grid.height)
    return Frame(left, bottom, right, top)


def box(scene: Scene, x: Sequence[float], y: Sequence[float]) -> list[float]:
    """Return [west, south, east, north] in the map's coordinates of a box on the still."""
    ends = min(x), min(y), max(x), max(y)
    if georeferenced(scene):
        ends = transform_bounds(scene.grid.crs, "EPSG:4326", *ends)
    return [round(float(side), DECIMALS) for side in ends]


def polygon(scene: Scene, x: Sequence[float], y: Sequence[float]) -> str:
    """Return a line drawn on the still as GeoJSON in the map's coordinates."""
    if georeferenced(scene):
        x, y = transform(scene.grid.crs, "EPSG:4326", list(x), list(y))
    ring = [[round(float(a), DECIMALS), round(float(b), DECIMALS)] for a, b in zip(x, y)]
    ring = [at for at, before in zip(ring, [None, *ring]) if at != before]
    if ring[0] != ring[-1]:
        ring.append(ring[0])
    return json.dumps({"type": "Polygon", "coordinates": [ring]}, separators=(",", ":"))


def drawn(scene: Scene, selection: dict) -> str | None:
    """Return the `--area` text of what Plotly says was selected last, None for nothing."""
    for kind in ("box", "lasso"):
        for shape in (selection.get(kind) or [])[-1:]:
            x, y = shape["x"], shape["y"]
            if kind == "box":
                return "box:" + ",".join(f"{side:.{DECIMALS}f}" for side in box(scene, x, y))
            if len(x) >= 3:
                return "polygon:" + polygon(scene, x, y)
    return None
