"""Alignment against rasterio's reproject and gdalwarp, and against decoding alone.

    python bench/align.py [--size 8000] [--repeats 5]

Same CRS: a raster of 10 m pixels onto a grid of 12.5 m. Reprojection: the same from geographic
coordinates into UTM, against `gdalwarp -multi` with the same kernel, threads and XSCALE / YSCALE;
files lie in memory where there is /dev/shm. `block_difference` is the largest change of any value
when the same grid is read in other windows; it must be 0.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
import rasterio
from rasterio.transform import Affine
from rasterio.warp import Resampling, reproject
from rasterio.windows import Window

from core.scene.align.align import BLOCK_COLUMNS, BLOCK_ROWS, scales
from core.scene.align.mosaic import AlignedMosaic
from core.scene.files.raster import Raster, open_band
from core.scene.files.source import Source
from core.scene.grid import Grid

UTM, X, Y = "EPSG:32648", 240000.0, 3020000.0
THREADS = os.cpu_count() or 1


def write(path: Path, size: int, crs: str, place: Affine) -> Raster:
    """Smooth ground and noise, in compressed tiles as real files are."""
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=size,
        height=size,
        count=1,
        dtype="float32",
        crs=crs,
        transform=place,
        tiled=True,
        blockxsize=512,
        blockysize=512,
        compress="ZSTD",
        predictor=3,
        nodata=-9999,
    ) as target:
        rng = np.random.default_rng(0)
        for row in range(0, size, 512):
            rows = np.arange(row, min(row + 512, size))[:, None]
            values = 2000 + 300 * np.sin(rows / 90) * np.cos(np.arange(size) / 70)
            values = (values + rng.normal(size=values.shape)).astype(np.float32)
            target.write(values, 1, window=Window(0, row, size, len(rows)))
    return open_band(Source(str(path)))


def aligned(raster: Raster, grid: Grid, rows: int = BLOCK_ROWS, columns: int = BLOCK_COLUMNS):
    """Read the whole grid as an import does, in pieces shared out among threads."""
    found = np.empty(grid.shape, np.float32)
    pieces = [
        Window(c, r, min(columns, grid.width - c), min(rows, grid.height - r))
        for r in range(0, grid.height, rows)
        for c in range(0, grid.width, columns)
    ]
    with AlignedMosaic((raster,), grid) as mosaic, ThreadPoolExecutor(THREADS) as pool:

        def work(piece: Window) -> None:
            found[piece.toslices()] = mosaic.read(piece)

        list(pool.map(work, pieces))
    return found


def peer(raster: Raster, grid: Grid) -> np.ndarray:
    """rasterio's reproject of the whole, with the same kernel, threads and scales."""
    found = np.full(grid.shape, np.nan, np.float32)
    with rasterio.open(raster.path) as source:
        reproject(
            rasterio.band(source, 1),
            found,
            dst_transform=grid.affine,
            dst_crs=grid.crs,
            dst_nodata=np.nan,
            resampling=Resampling.bilinear,
            num_threads=THREADS,
            **dict(zip(("XSCALE", "YSCALE"), map(str, scales(raster, grid)))),
        )
    return found


def gdalwarp(raster: Raster, grid: Grid, target: Path) -> np.ndarray:
    """`gdalwarp -multi`; reading its result back is part of the way to an array."""
    across, down = scales(raster, grid)
    left, bottom, right, top = grid.bounds
    command = ["gdalwarp", "-q", "-overwrite", "-multi", "-r", "bilinear", "-t_srs", grid.crs]
    command += ["-te", *map(str, (left, bottom, right, top))]
    command += ["-ts", str(grid.width), str(grid.height), "-dstnodata", "nan", "-et", "0.125"]
    command += ["-wo", f"NUM_THREADS={THREADS}", "-wo", f"XSCALE={across}", "-wo", f"YSCALE={down}"]
    subprocess.run([*command, str(raster.path), str(target)], check=True)
    with rasterio.open(target) as found:
        return found.read(1)


def decoded(raster: Raster) -> np.ndarray:
    """Decoding alone, with the same number of threads."""
    with rasterio.open(raster.path, num_threads=THREADS) as source:
        return source.read(1)


def check(ours: np.ndarray, theirs: np.ndarray, what: str, tolerance: float) -> None:
    """Fail unless both sides have the same values, in metres of ground with 1 m of noise."""
    both = np.isfinite(ours) & np.isfinite(theirs)
    assert both.mean() > 0.9 * np.isfinite(theirs).mean(), f"{what}: other pixels have data"
    inner = np.s_[8:-8, 8:-8]
    difference = np.abs(ours - theirs)[inner][both[inner]]
    most = float(np.quantile(difference, 0.999))
    assert most < tolerance, f"{what}: values differ by {most}"


def medians(sides: dict[str, Callable[[], object]], repeats: int) -> dict[str, float]:
    """Median seconds of each side, in turns, after one round that is not counted."""
    times = {name: [] for name in sides}
    for turn in range(repeats + 1):
        for name, call in sides.items():
            start = time.perf_counter()
            call()
            if turn:
                times[name].append(time.perf_counter() - start)
    for name, values in times.items():
        print(f"{name:<28}{median(values):8.3f} s")
    return {name: median(values) for name, values in times.items()}


def main() -> dict:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=8000, help="pixels a side of the raster")
    parser.add_argument("--repeats", type=int, default=5)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=_in_memory()) as folder:
        return compare(Path(folder), args.size, args.repeats)


def _in_memory() -> str | None:
    """Files on a disk would measure the disk."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def compare(folder: Path, size: int, repeats: int) -> dict:
    metric = write(folder / "utm.tif", size, UTM, Affine(10, 0, X, 0, -10, Y))
    cells = int(size * 10 / 12.5) - 2
    grid = Grid(UTM, (12.5, 0, X + 4, 0, -12.5, Y - 3), cells, cells)
    degrees = write(
        folder / "wgs.tif", size, "EPSG:4326", Affine(0.0001, 0, 102.38, 0, -0.0001, 27.28)
    )
    far = Grid(UTM, (12.5, 0, X + 4000, 0, -12.5, Y - 4000), *(int(size * 0.75),) * 2)
    sides = {
        "same CRS, ours": lambda: aligned(metric, grid),
        "same CRS, reproject": lambda: peer(metric, grid),
        "decoding alone": lambda: decoded(metric),
        "reprojection, ours": lambda: aligned(degrees, far),
    }
    check(aligned(metric, grid), peer(metric, grid), "same CRS", 0.01)
    if shutil.which("gdalwarp"):
        target = folder / "warped.tif"
        # Both approximate the way between the systems to an eighth of a pixel, each from other
        # points, and neighbours differ by metres.
        check(aligned(degrees, far), gdalwarp(degrees, far, target), "reprojection", 0.5)
        sides["reprojection, gdalwarp"] = lambda: gdalwarp(degrees, far, target)
    block = max(
        float(np.nanmax(np.abs(aligned(raster, on, 300, 700) - aligned(raster, on))))
        for raster, on in ((metric, grid), (degrees, far))
    )
    found = medians(sides, repeats)
    ours, warped = found["same CRS, ours"], found.get("reprojection, gdalwarp")
    return {
        "speed_vs_reproject": round(found["same CRS, reproject"] / ours, 2),
        "speed_vs_gdalwarp": round(warped / found["reprojection, ours"], 2) if warped else None,
        "time_vs_decode": round(ours / found["decoding alone"], 2),
        "block_difference": block,
        "pixels": cells * cells,
        "threads": THREADS,
    }


if __name__ == "__main__":
    print(json.dumps(main()))
