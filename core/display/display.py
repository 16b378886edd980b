"""Display rasters: what the map shows, prepared once in the worker.

scenes/<name>/display/<layer>.tif        8 bit, 0 = no data; see `core.display.raster`
scenes/<name>/display/layers.json        what their values mean
scenes/<name>/display/outlines.json      the reference inventory as GeoJSON
<prediction>/display/probability.tif     the bins of `core.display.bins`
<prediction>/display/uncertainty.tif     1..255 for a standard deviation of 0..0.3, where asked for
<prediction>/display/applicability.tif   1..255 for a dissimilarity of 0 up to twice its threshold
"""

import math
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import geopandas as gpd
import numpy as np
import rasterio
from rasterio.features import shapes
from rasterio.warp import transform_bounds
from rasterio.windows import Window
from shapely import affinity
from shapely.geometry import shape

from core import access, atomic, disk
from core.cluster.pool import Pool
from core.display import bins, raster, stretch
from core.display.raster import georeferenced
from core.display.stretch import Stretch
from core.factors import ELEVATION
from core.jobs.report import Report, part, silent
from core.language.translation import message
from core.scene.files.guard import CACHE_BYTES
from core.scene.grid import Grid
from core.scene.store import Scene

# A factor name has no hyphen, so these never meet one.
HILLSHADE, TRUE_COLOUR, REFERENCE = "hill-shade", "true-colour", "reference-mask"
FALSE_COLOUR = "false-colour"
# Put together from the display rasters of three bands: nothing is stored for them.
COLOURS = {TRUE_COLOUR: ("red", "green", "blue"), FALSE_COLOUR: ("nir", "red", "green")}


@dataclass(frozen=True)
class LayerPlan:
    """One layer to be: what to read, how to show it.

    `factor` is the band of the stack it is made of, none for the reference mask. True colour has
    no raster of its own: its tiles are put together from those of the three bands.
    """

    id: str
    title: str
    kind: str
    unit: str
    factor: str | None = None
    scale: stretch.Stretch | stretch.Classes | None = None
    classes: tuple[tuple[int, str], ...] = ()
    smoothing: raster.Smoothing = "nearest"

    def describe(self) -> dict:
        linear = self.scale if isinstance(self.scale, stretch.Stretch) else None
        return {
            "id": self.id,
            "title": self.title,
            "kind": self.kind,
            "unit": self.unit,
            "lo": float(linear.lo) if linear else None,
            "hi": float(linear.hi) if linear else None,
            "classes": [list(item) for item in self.classes],
        }


DECIMALS = 6  # of a degree: a tenth of a metre

EARTH_M = 2 * math.pi * 6378137.0
UNCERTAINTY, UNCERTAINTY_RANGE = "uncertainty", (0.0, 0.3)
APPLICABILITY, SHOWN_TO = "applicability", "shown_to"


def prepare_scene(scene: Scene, report: Report = silent, pool: Pool | None = None) -> None:
    """Write the display folder of `scene`: every factor, hillshade, true colour, reference; `pool`:
    who draws, in place of this process."""
    plans = plans_of(scene)
    access.need(access.EDITOR, "preparing map layers")
    with (
        atomic.whole_folder(scene.path / "display") as folder,
        disk.scratch(".display.", scene.path) as scratch,
    ):
        report("preparing map layers", 0.0)
        drawn = [plan for plan in plans if plan.kind != "rgb"]
        if pool and scene.kind == "area":
            from core.display import tasks  # here: it takes what is below

            tasks.write(scene, drawn, scratch, folder, pool, part(report, 0.0, 0.95))
        else:
            _write_plain(scene, drawn, scratch)
            on_earth = raster.georeferenced(scene)
            _write_all(drawn, scratch, folder, on_earth, part(report, 0.2, 0.95))
        if scene.mask_path is not None:
            report("preparing map layers: reference outlines", 0.95)
            _write_reference(scene, folder / "outlines.json")
        atomic.write_json(folder / "layers.json", _description(scene, plans, folder))


def _write_all(
    plans: list[LayerPlan], scratch: Path, folder: Path, on_earth: bool, report: Report
) -> None:
    """Layers side by side: warping one keeps one core busy."""

    def write(plan: LayerPlan) -> str:
        plain = scratch / f"{plan.id}.tif"
        raster.write(plain, folder / plain.name, plan.smoothing, on_earth)
        plain.unlink()
        return plan.title

    with ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
        for n, title in enumerate(pool.map(write, plans)):
            report(f"preparing map layers: {title}", (n + 1) / len(plans))


def prepare_prediction(folder: Path, scene: Scene, layer: str = "probability") -> None:
    """Write folder/display/<layer>.tif from folder/<layer>.tif: probability, uncertainty or
    applicability, whose tags say where its colours end."""
    target = folder / "display" / f"{layer}.tif"
    target.parent.mkdir(parents=True, exist_ok=True)
    with (
        rasterio.Env(GDAL_CACHEMAX=CACHE_BYTES),
        disk.scratch(".display.", folder) as scratch,
        rasterio.open(folder / f"{layer}.tif") as source,
    ):
        plain = Path(scratch) / target.name
        shown = _display_of(layer, source.tags())
        with rasterio.open(plain, "w", **raster.plain_profile(scene.grid)) as sink:
            for window in raster.strips(scene.grid, 4):
                sink.write(shown(source.read(1, window=window)), 1, window=window)
        raster.write(plain, target, "nearest", raster.georeferenced(scene))


def _display_of(layer: str, tags: Mapping[str, str]) -> Callable[[np.ndarray], np.ndarray]:
    """What turns a prediction's raster into display values."""
    if layer == UNCERTAINTY:
        return Stretch(*UNCERTAINTY_RANGE).to_display
    if layer == APPLICABILITY:
        return Stretch(0.0, float(tags[SHOWN_TO])).to_display
    return bins.to_display


def _write_plain(scene: Scene, plans: list[LayerPlan], scratch: Path) -> None:
    """One pass over the stack into uncompressed 8-bit rasters, one a plan."""
    paths = {plan.id: scratch / f"{plan.id}.tif" for plan in plans}
    windows = raster.strips(scene.grid, 4 * len(scene.factor_names))
    draw(scene, plans, paths, scene.grid, list(windows))


def draw(
    scene: Scene, plans: list[LayerPlan], paths: Mapping[str, Path], grid: Grid, windows: list
) -> None:
    """Write windows of the scene, which begin with the rows of `grid`, as display values into an
    uncompressed raster a plan."""
    names, profile, top = scene.factor_names, raster.plain_profile(grid), windows[0].row_off
    with rasterio.Env(GDAL_CACHEMAX=CACHE_BYTES), ExitStack() as stack:
        sinks = {
            plan.id: stack.enter_context(rasterio.open(paths[plan.id], "w", **profile))
            for plan in plans
        }
        for window in windows:
            padded, rows = _padded(scene, window)
            values = scene.read(names, padded)
            here = Window(0, window.row_off - top, window.width, window.height)
            for plan in plans:
                layer = values[..., names.index(plan.factor)] if plan.factor else None
                shown = _shown(scene, plan, layer, rows, window)
                sinks[plan.id].write(shown, 1, window=here)


def _padded(scene: Scene, window: Window) -> tuple[Window, slice]:
    """The window with a row more above and below where there is one, for the hillshade; and the
    rows that are the window itself."""
    top = max(0, window.row_off - 1)
    bottom = min(scene.grid.height, window.row_off + window.height + 1)
    padded = Window(0, top, window.width, bottom - top)
    first = window.row_off - top
    return padded, slice(first, first + window.height)


def _shown(
    scene: Scene, plan: LayerPlan, layer: np.ndarray | None, rows: slice, window: Window
) -> np.ndarray:
    """Return uint8 (height, width) of one strip; `layer` are the factor's padded rows."""
    if layer is None or plan.scale is None:  # the reference mask, which is made of no factor
        return (scene.read_mask(window) == 1).astype(np.uint8) + 1
    if plan.kind == "grey":
        return plan.scale.to_display(_hillshade(scene, layer, rows, window))
    return plan.scale.to_display(layer[rows])


def _hillshade(scene: Scene, elevation: np.ndarray, rows: slice, window: Window) -> np.ndarray:
    pixel = stretch.pixel_metres(scene.grid)
    if scene.kind == "area":
        return stretch.shade(elevation, pixel)[rows]
    own, tiles = elevation[rows], range(0, window.height, scene.tile)
    return np.concatenate([stretch.shade(own[t : t + scene.tile], pixel) for t in tiles])


def _description(scene: Scene, plans: list[LayerPlan], folder: Path) -> dict:
    """What layers.json holds: the layers, where they are, and their deepest zoom level."""
    value = {
        "version": uuid4().hex[:8],
        "georeferenced": raster.georeferenced(scene),
        "outlines": scene.mask_path is not None,
        "layers": [plan.describe() for plan in plans],
    }
    if not raster.georeferenced(scene):
        value["bounds"] = [[-scene.grid.height, 0], [0, scene.grid.width]]
        longest = max(scene.grid.shape)
        value["zoom"] = max(0, math.ceil(math.log2(longest / raster.TILE)))
        return value
    west, south, east, north = transform_bounds(scene.grid.crs, "EPSG:4326", *scene.grid.bounds)
    value["bounds"] = [[south, west], [north, east]]
    with rasterio.open(folder / f"{plans[0].id}.tif") as source:
        value["zoom"] = round(math.log2(EARTH_M / raster.TILE / source.transform.a))
    return value


def _write_reference(scene: Scene, target: Path) -> int:
    """Write the outlines, simplified by half a pixel, and return their number.

    Coordinates are longitude and latitude; on a pixel grid they are column and minus row, which
    is how Leaflet's CRS.Simple puts row 0 on top.
    """
    frame = _polygons(scene)
    frame.geometry = frame.geometry.simplify(max(scene.grid.resolution) / 2)
    if georeferenced(scene):
        frame = frame.to_crs("EPSG:4326")
    else:
        to_pixels = ~scene.grid.affine
        flipped = [to_pixels.a, to_pixels.b, -to_pixels.d, -to_pixels.e, to_pixels.c, -to_pixels.f]
        frame.geometry = [affinity.affine_transform(g, flipped) for g in frame.geometry]
    frame.geometry = frame.geometry.set_precision(10.0**-DECIMALS, mode="pointwise")
    atomic.write_text(target, frame[["geometry"]].to_json(drop_id=True))
    return len(frame)


def _polygons(scene: Scene) -> gpd.GeoDataFrame:
    """The inventory's polygons on the scene's CRS, or what the reference mask outlines."""
    stored = scene.needed_mask.with_name("outlines.gpkg")
    if stored.exists() and georeferenced(scene):
        frame = gpd.read_file(stored).to_crs(scene.grid.crs)
        return frame[frame.geometry.notna() & ~frame.geometry.is_empty]
    mask = scene.read_mask()
    values = mask.copy()
    if scene.kind == "tiles":
        # Neighbouring tiles get different values, so that no outline crosses their border.
        values += (np.arange(scene.grid.height) // scene.tile % 2).astype(np.uint8)[:, None]
    transform = scene.grid.affine
    found = shapes(values, mask=mask == 1, transform=transform, connectivity=8)
    return gpd.GeoDataFrame(geometry=[shape(g) for g, _ in found], crs=scene.grid.crs)


def plans_of(scene: Scene) -> list[LayerPlan]:
    """Return the plan of every factor, then hillshade, true colour and reference mask."""
    plans = [_factor_plan(scene, name) for name in scene.factor_names]
    if ELEVATION in scene.factor_names:
        shade = stretch.Stretch(0.0, 1.0)
        plans.append(
            LayerPlan(HILLSHADE, "Hillshade", "grey", "", ELEVATION, shade, (), "bilinear")
        )
    if set(COLOURS[TRUE_COLOUR]) <= set(scene.factor_names):
        plans.append(LayerPlan(TRUE_COLOUR, "True colour", "rgb", ""))
    if scene.mask_path is not None:
        classes = ((1, message("no landslide")), (2, message("landslide")))
        plans.append(LayerPlan(REFERENCE, "Reference mask", "mask", "", classes=classes))
    return plans


def _factor_plan(scene: Scene, name: str) -> LayerPlan:
    item = scene.factor(name)
    title, unit = item.known.title, item.unit
    if item.kind == "categorical":
        legend = {float(code): word for code, word in (item.legend or {}).items()}
        codes = sorted(legend) if legend else _codes(scene, name)
        shown = ((i + 1, legend.get(c, f"{c:g}")) for i, c in enumerate(codes[: stretch.STEPS]))
        scale = stretch.Classes(tuple(codes))
        return LayerPlan(name, title, item.kind, unit, name, scale, tuple(shown))
    # A bearing must not be averaged: between 359 and 1 degrees lies north, not south.
    smoothing: raster.Smoothing = "bilinear" if item.kind == "continuous" else "nearest"
    return LayerPlan(name, title, item.kind, unit, name, stretch.of(item), (), smoothing)


def _codes(scene: Scene, name: str) -> list[float]:
    """The class codes that occur, for a factor without a legend."""
    found = np.zeros(0)
    for window in raster.strips(scene.grid, 4 * len(scene.factors)):
        values = scene.read((name,), window)
        found = np.union1d(found, values[np.isfinite(values)])
    return found.tolist()
