"""Display rasters: what the map shows, prepared once in the worker.

scenes/<name>/display/<layer>.tif        8 bit, 0 = no data; see `core.maps.raster`
scenes/<name>/display/layers.json        what their values mean (`Display`)
scenes/<name>/display/outlines.json      the reference inventory as GeoJSON
<prediction>/display/probability.tif     the bins of `core.learning.bins`
"""

import math
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np
import rasterio
from rasterio.warp import transform_bounds
from rasterio.windows import Window

from core import atomic
from core.factors import ELEVATION
from core.jobs.report import Report, silent
from core.learning import bins
from core.maps import hillshade, outlines, raster, stretch
from core.scene.grid import Grid
from core.scene.store import BLOCK, Scene

HILLSHADE, TRUE_COLOUR, REFERENCE = "hillshade", "true_colour", "reference"
TRUE_COLOUR_BANDS = ("red", "green", "blue")
STRIP_BYTES = 64 << 20
EARTH_M = 2 * math.pi * 6378137.0


@dataclass(frozen=True)
class Plan:
    """One display raster to be: what to read, how to show it.

    `factors` are the bands of the stack it is made of; `scale` one Stretch or Classes each.
    """

    id: str
    title: str
    kind: str
    unit: str
    factors: tuple[str, ...]
    scale: tuple[stretch.Stretch | stretch.Classes, ...]
    classes: tuple[tuple[int, str], ...] = ()
    smoothing: raster.Smoothing = "nearest"

    def describe(self) -> dict:
        first = self.scale[0] if self.scale else None
        linear = isinstance(first, stretch.Stretch) and len(self.scale) == 1
        return {
            "id": self.id,
            "title": self.title,
            "kind": self.kind,
            "unit": self.unit,
            "lo": float(first.lo) if linear else None,
            "hi": float(first.hi) if linear else None,
            "classes": [list(item) for item in self.classes],
        }


def prepare_scene(scene: Scene, report: Report = silent) -> None:
    """Write the display folder of `scene`: every factor, hillshade, true colour, reference."""
    plans = _plans(scene)
    with atomic.whole_folder(scene.path / "display") as folder, _scratch(scene.path) as name:
        scratch = Path(name)
        report("preparing map layers", 0.0)
        _write_plain(scene, plans, scratch)
        on_earth = raster.georeferenced(scene)
        for n, plan in enumerate(plans):
            report(f"preparing map layer {plan.title}", (n + 1) / (len(plans) + 2))
            plain = scratch / f"{plan.id}.tif"
            raster.write(plain, folder / plain.name, plan.smoothing, on_earth)
            plain.unlink()
        if scene.mask_path is not None:
            report("preparing map layer Reference outlines", (len(plans) + 1) / (len(plans) + 2))
            outlines.write(scene, folder / "outlines.json")
        atomic.write_json(folder / "layers.json", _description(scene, plans, folder))


def prepare_prediction(folder: Path, scene: Scene) -> None:
    """Write folder/display/probability.tif from folder/probability.tif."""
    target = folder / "display" / "probability.tif"
    target.parent.mkdir(parents=True, exist_ok=True)
    with _scratch(folder) as scratch, rasterio.open(folder / "probability.tif") as source:
        plain = Path(scratch) / "probability.tif"
        with rasterio.open(plain, "w", **raster.plain_profile(scene.grid, 1)) as sink:
            for window in strips(scene.grid, 4):
                sink.write(bins.to_display(source.read(1, window=window)), 1, window=window)
        raster.write(plain, target, "nearest", raster.georeferenced(scene))


def strips(grid: Grid, bytes_a_pixel: int) -> Iterator[Window]:
    """Windows over all columns, a multiple of a stack block high, of bounded memory."""
    rows = max(1, STRIP_BYTES // (bytes_a_pixel * grid.width * BLOCK)) * BLOCK
    for top in range(0, grid.height, rows):
        yield Window(0, top, grid.width, min(rows, grid.height - top))


def _plans(scene: Scene) -> list[Plan]:
    plans = []
    if ELEVATION in scene.factor_names:
        plans.append(Plan(HILLSHADE, "Hillshade", "grey", "", (ELEVATION,), (), (), "bilinear"))
    if set(TRUE_COLOUR_BANDS) <= set(scene.factor_names):
        scale = tuple(stretch.of(scene.factor(name)) for name in TRUE_COLOUR_BANDS)
        bands = TRUE_COLOUR_BANDS
        plans.append(Plan(TRUE_COLOUR, "True colour", "rgb", "", bands, scale, (), "bilinear"))
    plans += [_factor_plan(scene, name) for name in scene.factor_names]
    if scene.mask_path is not None:
        classes = ((1, "no landslide"), (2, "landslide"))
        plans.append(Plan(REFERENCE, "Reference mask", "mask", "", (), (), classes))
    return plans


def _factor_plan(scene: Scene, name: str) -> Plan:
    item = scene.factor(name)
    title, unit = item.known.title, item.unit
    if item.kind == "categorical":
        legend = {float(code): word for code, word in (item.legend or {}).items()}
        codes = sorted(legend) if legend else _codes(scene, name)
        shown = ((i + 1, legend.get(c, f"{c:g}")) for i, c in enumerate(codes[: stretch.STEPS]))
        scale = stretch.Classes(tuple(codes))
        return Plan(name, title, item.kind, unit, (name,), (scale,), tuple(shown))
    # A bearing must not be averaged: between 359 and 1 degrees lies north, not south.
    smoothing = "bilinear" if item.kind == "continuous" else "nearest"
    return Plan(name, title, item.kind, unit, (name,), (stretch.of(item),), (), smoothing)


def _codes(scene: Scene, name: str) -> list[float]:
    """The class codes that occur, for a factor without a legend."""
    found = np.zeros(0)
    for window in strips(scene.grid, 4 * len(scene.factors)):
        values = scene.read((name,), window)
        found = np.union1d(found, values[np.isfinite(values)])
    return found.tolist()


def _write_plain(scene: Scene, plans: list[Plan], scratch: Path) -> None:
    """One pass over the stack into uncompressed 8-bit rasters, one a plan."""
    names = scene.factor_names
    with ExitStack() as stack:
        sinks = {}
        for plan in plans:
            profile = raster.plain_profile(scene.grid, 3 if plan.kind == "rgb" else 1)
            path = scratch / f"{plan.id}.tif"
            sinks[plan.id] = stack.enter_context(rasterio.open(path, "w", **profile))
        for window in strips(scene.grid, 4 * len(names)):
            padded, margin = _padded(scene, window)
            values = scene.read(names, padded)
            for plan in plans:
                shown = _shown(scene, plan, values, margin, window)
                sinks[plan.id].write(shown, window=window)


def _padded(scene: Scene, window: Window) -> tuple[Window, slice]:
    """The window with a row more above and below where there is one, for the hillshade; and the
    rows that are the window itself."""
    top = max(0, window.row_off - 1)
    bottom = min(scene.grid.height, window.row_off + window.height + 1)
    padded = Window(0, top, window.width, bottom - top)
    first = window.row_off - top
    return padded, slice(first, first + window.height)


def _shown(scene: Scene, plan: Plan, values: np.ndarray, rows: slice, window: Window) -> np.ndarray:
    """Return uint8 (bands, height, width) of one strip."""
    if plan.id == REFERENCE and not plan.factors:
        return scene.read_mask(window)[None].astype(np.uint8).clip(0, 1) + 1
    layers = [values[..., scene.factor_names.index(name)] for name in plan.factors]
    if plan.kind == "grey":
        return _hillshade(scene, layers[0], rows, window)[None]
    shown = np.stack([s.to_display(layer[rows]) for s, layer in zip(plan.scale, layers)])
    if plan.kind == "rgb":
        shown[:, (shown == raster.NO_DATA).any(axis=0)] = raster.NO_DATA
    return shown


def _hillshade(scene: Scene, elevation: np.ndarray, rows: slice, window: Window) -> np.ndarray:
    pixel = hillshade.pixel_metres(scene.grid)
    if scene.kind == "area":
        lit = hillshade.shade(elevation, pixel)[rows]
    else:
        own = elevation[rows]
        tiles = range(0, window.height, scene.tile)
        lit = np.concatenate([hillshade.shade(own[t : t + scene.tile], pixel) for t in tiles])
    return stretch.Stretch(0.0, 1.0).to_display(lit)


def _description(scene: Scene, plans: list[Plan], folder: Path) -> dict:
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


def _scratch(parent: Path) -> tempfile.TemporaryDirectory:
    """A folder for half-made rasters, on the disk of those to come, gone at the end."""
    return tempfile.TemporaryDirectory(prefix=".display.", dir=parent)
