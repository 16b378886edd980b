"""The landslide inventory on the grid: reference mask and outlines.

Polygons are burnt by pixel centre; those that get no pixel are counted (design: Decisions).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
import shapely
from rasterio.features import shapes
from rasterio.windows import Window

from core import atomic, stored
from core.errors import NotFound, SlideScopeError
from core.jobs.report import Report
from core.scene import store
from core.scene.align.mosaic import AlignedMosaic
from core.scene.files import vectors
from core.scene.files.raster import Raster, open_band
from core.scene.files.source import Source
from core.scene.grid import Grid
from core.scene.plan.layout import SceneGrid
from core.scene.plan.masks import Meaning, of_values, several
from core.scene.polygons import Burner, box_of, on_grid
from core.scene.store import IMPORTED, Scene

ABOUT = "version.json"


ROWS = 256
MOST_VALUES = 1000


def outlines_of(path: Path, layout: SceneGrid | Scene) -> gpd.GeoDataFrame:
    """Trace the landslides of a mask raster, pixels joined across corners too; in a tile scene
    tile by tile, as nothing crosses a tile's border."""
    grid = layout.grid
    found: list[shapely.Geometry] = []
    rows = layout.tile if layout.kind == "tiles" else grid.height
    with rasterio.open(path, driver="GTiff") as source:
        for row in range(0, grid.height, rows):
            window = Window(0, row, grid.width, min(rows, grid.height - row))
            mask = source.read(1, window=window)
            affine = grid.window(window).affine
            traced = shapes(mask, mask=mask == 1, connectivity=8, transform=affine)
            found.extend(shapely.geometry.shape(shape) for shape, _ in traced)
    data = {"id": np.arange(1, len(found) + 1), "has_pixel": np.ones(len(found), np.int64)}
    return gpd.GeoDataFrame(data, geometry=found, crs=grid.crs)


def write_outlines(path: Path, outlines: gpd.GeoDataFrame, grid: Grid) -> None:
    """Write polygons with id, area_ha (only where the CRS is metric) and has_pixel."""
    pixel_km2 = grid.pixel_km2
    if pixel_km2 is not None:
        x, y = grid.resolution
        outlines["area_ha"] = outlines.area * (pixel_km2 / (x * y)) * 100
    vectors.write(path, outlines, "landslides")


def rows_of(grid: Grid) -> Iterator[Window]:
    for row in range(0, grid.height, ROWS):
        yield Window(0, row, grid.width, min(ROWS, grid.height - row))


def mask_file(path: Path, grid: Grid):
    return rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=grid.width,
        height=grid.height,
        count=1,
        dtype="uint8",
        crs=grid.crs,
        transform=grid.affine,
        tiled=True,
        blockxsize=128,
        blockysize=128,
        compress="DEFLATE",
    )


@dataclass(frozen=True)
class Counts:
    """Polygons in the scene, those of them without a pixel, those outside it, landslide pixels."""

    polygons: int
    without_pixel: int
    outside: int
    pixels: int


def write(
    source: Source,
    layout: SceneGrid,
    folder: Path,
    report: Report,
    mask: Raster | None = None,
    meaning: Meaning | None = None,
) -> tuple[dict, list[str]]:
    """Write outlines.gpkg and mask.tif (uint8, 1 = landslide); return the scene's inventory entry
    and sentences about it. `mask`: the raster that `source` names, as it was decided to be read,
    `meaning` what its values mean; without one every value but 0 is a landslide."""
    folder.mkdir(parents=True)
    grid = layout.grid
    if vectors.is_vector(source):
        counts, outlines = _burn_polygons(source, grid, folder / "mask.tif", report)
    else:
        raster, meaning = mask or open_band(source), meaning or Meaning(None)
        counts, outlines = _copy_mask(source, raster, meaning, layout, folder / "mask.tif", report)
    write_outlines(folder / "outlines.gpkg", outlines, grid)
    entry = {
        "version": IMPORTED,
        "source": str(source),
        "polygons": counts.polygons,
        "polygons_without_pixel": counts.without_pixel,
        "landslide_share": counts.pixels / (grid.width * grid.height),
    }
    if source.radius == 0:
        entry["points"] = True
    return entry, _sentences(counts)


def _sentences(counts: Counts) -> list[str]:
    notes = []
    if counts.without_pixel:
        share = counts.without_pixel / counts.polygons
        notes.append(
            f"{counts.without_pixel} of {counts.polygons} landslide polygons ({100 * share:.0f} %) "
            "hold no pixel centre and are left out of the reference mask."
        )
    if counts.outside:
        notes.append(f"Landslide polygons outside the scene, left out: {counts.outside}.")
    return notes


def _burn_polygons(
    source: Source, grid: Grid, path: Path, report: Report
) -> tuple[Counts, gpd.GeoDataFrame]:
    frame = on_grid(source, grid)
    inside = frame[frame.intersects(box_of(grid))]
    if inside.empty:
        raise SlideScopeError(
            f"The inventory '{source}' has {len(frame)} polygons and none of them lies in the "
            "scene; check its coordinate reference system or choose another."
        )
    # Small ones last, so that overlap does not hide them.
    inside = inside.iloc[np.argsort(-inside.area.to_numpy(), kind="stable")]
    geometries = inside.geometry.to_numpy()
    numbers = np.arange(1, len(geometries) + 1, dtype=np.int32)
    burner = Burner(geometries, numbers, grid)
    found = np.zeros(len(geometries) + 1, np.int64)
    with mask_file(path, grid) as target:
        for window in rows_of(grid):
            report("burning the landslide inventory", window.row_off / grid.height)
            ids = burner.read(window, 0, "int32")
            found += np.bincount(ids.ravel(), minlength=len(found))
            target.write((ids > 0).astype(np.uint8), 1, window=window)
    pixels = int(found[1:].sum())
    if pixels == grid.width * grid.height:
        raise SlideScopeError(
            f"The inventory '{source}' covers every pixel of the scene: that is a study area, not "
            "its landslides; choose another layer or file."
        )
    if not pixels:
        raise SlideScopeError(
            f"The inventory '{source}' has {len(inside)} polygons in the scene but all of them are "
            "smaller than a pixel; choose a finer --resolution."
        )
    held = found[1:] > 0
    for i in np.flatnonzero(~held):
        held[i] = holds_pixel(geometries[i], grid)
    outlines = gpd.GeoDataFrame(
        {"id": numbers, "has_pixel": held.astype(int)}, geometry=geometries, crs=grid.crs
    )
    outside = len(frame) - len(inside)
    return Counts(len(inside), int((~held).sum()), outside, pixels), outlines


def holds_pixel(geometry, grid: Grid) -> bool:
    """Whether a polygon hidden under others holds a pixel's centre all the same."""
    left, bottom, right, top = geometry.bounds
    inverse = ~grid.affine
    columns, rows = zip(inverse * (left, top), inverse * (right, bottom))
    column, row = max(math.floor(min(columns)), 0), max(math.floor(min(rows)), 0)
    width = min(math.ceil(max(columns)), grid.width) - column
    height = min(math.ceil(max(rows)), grid.height) - row
    if width <= 0 or height <= 0:
        return False
    window = Window(column, row, width, height)
    return bool(Burner(np.array([geometry]), np.array([1]), grid).read(window, 0, "uint8").any())


def _copy_mask(
    source: Source,
    raster: Raster,
    meaning: Meaning,
    layout: SceneGrid,
    path: Path,
    report: Report,
) -> tuple[Counts, gpd.GeoDataFrame]:
    grid = layout.grid
    if (raster.crs is None) != (grid.crs is None) and layout.kind == "area":
        raise SlideScopeError(
            f"The inventory '{source}' {'lacks' if grid.crs else 'has'} a coordinate reference "
            f"system, the scene {'has one' if grid.crs else 'has none'}: both need one, or none."
        )
    if grid.crs is None and raster.shape != grid.shape:
        raise SlideScopeError(
            f"The inventory '{source}' has {raster.width} x {raster.height} pixels, the scene "
            f"{grid.width} x {grid.height}: without coordinates both must have the same."
        )
    pixels = 0
    plain = raster if layout.kind == "area" else _without_place(raster, grid)
    with AlignedMosaic((plain,), grid, nearest=True) as mask, mask_file(path, grid) as target:
        if meaning.known and meaning.landslide is None:
            # No landslide was among the pixels that were looked at.
            meaning = of_values(raster.label, *_values(mask, grid))
        for window in rows_of(grid):
            report("copying the landslide mask", window.row_off / grid.height)
            values = mask.read(window)
            landslide = meaning.is_landslide(values)
            if others := meaning.surprises(values):
                raise several(raster.label, [0.0, *(meaning.landslide or ()), *others])
            pixels += int(landslide.sum())
            target.write(landslide.astype(np.uint8), 1, window=window)
    if not pixels:
        raise SlideScopeError(
            f"The inventory '{source}' marks no landslide in the scene: a mask is 0 elsewhere and "
            "another number on landslides; check its place and values."
        )
    if pixels == grid.width * grid.height:
        raise SlideScopeError(
            f"The inventory '{source}' marks every pixel of the scene as landslide: a mask is 0 "
            "elsewhere; choose another band or file."
        )
    outlines = outlines_of(path, layout)
    return Counts(len(outlines), 0, 0, pixels), outlines


def _values(mask: AlignedMosaic, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """The values of a mask on the grid, and how many pixels hold each."""
    counts: dict[float, int] = {}
    for window in rows_of(grid):
        strip = mask.read(window)
        for value, count in zip(*np.unique(strip[np.isfinite(strip)], return_counts=True)):
            counts[float(value)] = counts.get(float(value), 0) + int(count)
        if len(counts) > MOST_VALUES:
            break
    found = sorted(counts)
    return np.array(found), np.array([counts[value] for value in found])


def _without_place(raster, grid: Grid):
    return replace(raster, crs=None, transform=grid.affine)


def numbers(scene: Scene) -> list[int]:
    """The versions that are there, in order; none without an inventory."""
    found = scene.path.glob("inventory/*/mask.tif")
    return sorted(int(f.parent.name) for f in found if f.parent.name.isdigit())


def at(scene: Scene, number: int | None) -> Scene:
    """Return the scene with that version of its inventory; None: the imported one."""
    imported = store.load_folder(scene.path)
    if number is None or (imported.inventory and number == imported.inventory["version"]):
        return imported
    of = f"version {number} of scene '{scene.name}'s inventory"
    entry = stored.read(scene.path / "inventory" / str(number) / ABOUT, store.Inventory, of)
    if entry is None:
        known = ", ".join(map(str, numbers(scene))) or "none"
        raise NotFound(
            f"Scene '{scene.name}' has no inventory version {number}: it has {known}; choose one "
            f"or make one with `python -m core review {scene.name} --version`."
        )
    return replace(imported, inventory=entry)


def outlines(scene: Scene) -> gpd.GeoDataFrame:
    """The outlines of the version that the scene is at."""
    stored = scene.needed_mask.with_name("outlines.gpkg")
    if stored.exists():
        return gpd.read_file(stored)
    return outlines_of(scene.needed_mask, scene)


def add(scene: Scene, added: gpd.GeoDataFrame, about: dict[str, Any]) -> dict[str, Any]:
    """Write the next version: the imported inventory and the outlines `added`; return its entry.

    `added` is in the scene's coordinates, its further columns are kept; `about` goes into
    version.json. Who calls this holds the scene's review lock.
    """
    base, number = at(scene, None), max(numbers(scene)) + 1
    frame = _together(outlines(base), added, base)
    with atomic.whole_folder(scene.path / "inventory" / str(number)) as folder:
        pixels = _burn(base, added, folder / "mask.tif")
        write_outlines(folder / "outlines.gpkg", frame, base.grid)
        entry = {
            "version": number,
            "source": f"{base.needed_inventory['source']} and {len(added)} reviewed outlines",
            "polygons": len(frame),
            "polygons_without_pixel": int((frame["has_pixel"] == 0).sum()),
            "landslide_share": pixels / (base.grid.width * base.grid.height),
            **about,
        }
        atomic.write_json(folder / ABOUT, entry)
    return entry


def _together(old: gpd.GeoDataFrame, added: gpd.GeoDataFrame, scene: Scene) -> gpd.GeoDataFrame:
    """Both, ids going on; small ones last, so that overlap does not hide them."""
    added = added.assign(has_pixel=[int(holds_pixel(g, scene.grid)) for g in added.geometry])
    added["id"] = np.arange(1, len(added) + 1) + int(old["id"].max() if len(old) else 0)
    both = gpd.GeoDataFrame(pd.concat([old, added], ignore_index=True), crs=old.crs)
    return both.iloc[np.argsort(-both.area.to_numpy(), kind="stable")].reset_index(drop=True)


def _burn(scene: Scene, added: gpd.GeoDataFrame, path) -> int:
    """Write the scene's mask with the outlines on it; return its landslide pixels."""
    burner = Burner(added.geometry.to_numpy(), np.ones(len(added), np.uint8), scene.grid)
    pixels = 0
    with (
        rasterio.open(scene.mask_path, driver="GTiff") as source,
        mask_file(path, scene.grid) as target,
    ):
        for window in rows_of(scene.grid):
            mask = source.read(1, window=window) == 1
            mask |= burner.read(window, 0, "uint8") == 1
            pixels += int(mask.sum())
            target.write(mask.astype(np.uint8), 1, window=window)
    return pixels
