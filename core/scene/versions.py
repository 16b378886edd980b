"""Versions of a scene's inventory: each a folder that is written once.

scenes/<name>/inventory/1/        what was imported (`core.scene.inventory`)
scenes/<name>/inventory/<n>/      outlines.gpkg and mask.tif as in 1, and version.json: what a
                                  scene says of its inventory, and how it was made
"""

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio

from core import atomic
from core.errors import SlideScopeError
from core.scene import inventory, store
from core.scene.polygons import Burner
from core.scene.store import Scene

ABOUT = "version.json"


def numbers(scene: Scene) -> list[int]:
    """The versions that are there, in order; none without an inventory."""
    found = scene.path.glob("inventory/*/mask.tif")
    return sorted(int(f.parent.name) for f in found if f.parent.name.isdigit())


def at(scene: Scene, number: int | None) -> Scene:
    """Return the scene with that version of its inventory; None: the imported one."""
    imported = store.load_folder(scene.path)
    if number is None or (imported.inventory and number == imported.inventory["version"]):
        return imported
    entry = atomic.read_json(scene.path / "inventory" / str(number) / ABOUT)
    if entry is None:
        known = ", ".join(map(str, numbers(scene))) or "none"
        raise SlideScopeError(
            f"Scene '{scene.name}' has no inventory version {number}: it has {known}; choose one "
            f"or make one with `python -m core review {scene.name} --version`."
        )
    return replace(imported, inventory=entry)


def outlines(scene: Scene) -> gpd.GeoDataFrame:
    """The outlines of the version that the scene is at."""
    stored = scene.needed_mask.with_name("outlines.gpkg")
    if stored.exists():
        return gpd.read_file(stored)
    return inventory.outlines_of(scene.needed_mask, scene)


def add(scene: Scene, added: gpd.GeoDataFrame, about: dict[str, Any]) -> dict[str, Any]:
    """Write the next version: the imported inventory and the outlines `added`; return its entry.

    `added` is in the scene's coordinates, its further columns are kept; `about` goes into
    version.json. Who calls this holds the scene's review lock.
    """
    base, number = at(scene, None), max(numbers(scene)) + 1
    frame = _together(outlines(base), added, base)
    with atomic.whole_folder(scene.path / "inventory" / str(number)) as folder:
        pixels = _burn(base, added, folder / "mask.tif")
        inventory.write_outlines(folder / "outlines.gpkg", frame, base.grid)
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
    added = added.assign(
        has_pixel=[int(inventory.holds_pixel(g, scene.grid)) for g in added.geometry]
    )
    added["id"] = np.arange(1, len(added) + 1) + int(old["id"].max() if len(old) else 0)
    both = gpd.GeoDataFrame(pd.concat([old, added], ignore_index=True), crs=old.crs)
    return both.iloc[np.argsort(-both.area.to_numpy(), kind="stable")].reset_index(drop=True)


def _burn(scene: Scene, added: gpd.GeoDataFrame, path) -> int:
    """Write the scene's mask with the outlines on it; return its landslide pixels."""
    burner = Burner(added.geometry.to_numpy(), np.ones(len(added), np.uint8), scene.grid)
    pixels = 0
    with (
        rasterio.open(scene.mask_path, driver="GTiff") as source,
        inventory.mask_file(path, scene.grid) as target,
    ):
        for window in inventory.rows_of(scene.grid):
            mask = source.read(1, window=window) == 1
            mask |= burner.read(window, 0, "uint8") == 1
            pixels += int(mask.sum())
            target.write(mask.astype(np.uint8), 1, window=window)
    return pixels
