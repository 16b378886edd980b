"""MMLSv2 as two tile scenes of ours, and the record of what has been scored on them."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import rasterio

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core import atomic
from core.__main__ import main as core
from core.scene import store as scenes

PROJECT = Path(__file__).resolve().parent.parent
DATA = PROJECT.parent / "shared" / "data" / "mmls2"
WORKSPACE = PROJECT / "workspace"
TRAIN, TEST = "mmls2-train", "mmls2-val"
TILE, MISSING = 128, 65535
BANDS = {
    "red": "{part}_rgb.tif:1",
    "green": "{part}_rgb.tif:2",
    "blue": "{part}_rgb.tif:3",
    "gray": "{part}_gray_thermal.tif:1",
    "thermal": "{part}_gray_thermal.tif:2",
}
_where: dict[str, Path] = {}


def use(data: Path, workspace: Path) -> None:
    """Say where the data lies and where everything is written."""
    if not (data / "train_mask.tif").exists():
        sys.exit(f"No MMLSv2 data in '{data}': name its folder with --data.")
    _where.update(data=data, workspace=workspace)
    os.environ["SLIDESCOPE_WORKSPACE"] = str(workspace)


def prepare() -> None:
    """Import both parts, seven bands each, unless they are there."""
    for name, part in ((TRAIN, "train"), (TEST, "val")):
        if name not in scenes.names():
            with tempfile.TemporaryDirectory() as folder:
                _import(name, part, Path(folder))


def _import(name: str, part: str, folder: Path) -> None:
    elevation, slope = cleaned(_where["data"], part, folder)
    argv = ["import", name, "--tiles", str(TILE)]
    for factor, source in BANDS.items():
        argv += ["--factor", f"{factor}={_where['data'] / source.format(part=part)}"]
    argv += ["--factor", f"elevation={elevation}", "--factor", f"slope={slope}"]
    if core([*argv, "--inventory", str(_where["data"] / f"{part}_mask.tif")]):
        sys.exit(f"The import of {name} failed.")


def cleaned(data: Path, part: str, folder: Path) -> tuple[Path, Path]:
    """Write elevation above the tile's mean (m) and slope (degrees, gaps: the tile's median).

    The absolute height tells which part of Mars a tile is from; landslides are told by relief.
    Gaps are filled, because every pixel is scored.
    """
    height = strip(data / f"{part}_dem_m.tif")
    steep = strip(data / f"{part}_slope_decideg.tif")
    height -= height.mean(axis=(1, 2), keepdims=True)
    for tile in steep:
        tile[tile == MISSING] = np.median(tile[tile != MISSING])
    paths = folder / "elevation.tif", folder / "slope.tif"
    for path, values in zip(paths, (height, steep / 10)):
        save(path, values.reshape(-1, TILE))
    return paths


def strip(path: Path) -> np.ndarray:
    """float32 (tiles, 128, 128) of a strip of tiles one below the other."""
    with rasterio.open(path) as file:
        return file.read(1).astype(np.float32).reshape(-1, TILE, TILE)


def save(path: Path, values: np.ndarray) -> None:
    height, width = values.shape
    shape = {"height": height, "width": width, "count": 1, "dtype": "float32"}
    with rasterio.open(path, "w", driver="GTiff", **shape) as file:
        file.write(values.astype(np.float32), 1)


def record() -> dict:
    return atomic.read_json(_where["workspace"] / "mmls2.json") or {}


def recall(kind: str, key: str) -> dict | None:
    return record().get(kind, {}).get(key)


def remember(kind: str, key: str, row: dict) -> None:
    found = record()
    found.setdefault(kind, {})[key] = row
    atomic.write_json(_where["workspace"] / "mmls2.json", found)
