"""Peak memory of an import of a large raster, in a process of its own.

    python bench/import_memory.py [--size 30000]

A tiled DEM of 10 m pixels is written block by block, then imported onto 12.5 m with its terrain
factors by the command line; the peak is what the operating system counted for that process.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
import rasterio
from rasterio.transform import Affine
from rasterio.windows import Window

PROJECT = Path(__file__).resolve().parent.parent
SIDE = 1024


def write(path: Path, size: int) -> None:
    """A DEM of integer metres, which keeps the file small."""
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=size,
        height=size,
        count=1,
        dtype="int16",
        crs="EPSG:32648",
        transform=Affine(10, 0, 240000, 0, -10, 3020000),
        tiled=True,
        blockxsize=512,
        blockysize=512,
        compress="ZSTD",
        predictor=2,
        nodata=-9999,
    ) as target:
        across = np.arange(size) / 70
        for row in range(0, size, SIDE):
            rows = np.arange(row, min(row + SIDE, size))[:, None]
            values = 2000 + 700 * np.sin(rows / 90) * np.cos(across)
            target.write(values.astype(np.int16), 1, window=Window(0, row, size, len(rows)))


def main() -> dict:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=30000, help="pixels a side")
    parser.add_argument("--folder", help="where the files are made: 20 GB at full size")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=args.folder) as folder:
        dem = Path(folder) / "dem.tif"
        write(dem, args.size)
        command = [sys.executable, "-m", "core", "import", "large", "--elevation", str(dem)]
        done = subprocess.run(
            [*command, "--json"],
            cwd=PROJECT,
            env={**os.environ, "SLIDESCOPE_WORKSPACE": str(Path(folder) / "workspace")},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    made = json.loads(done.stdout.splitlines()[-1])
    # Of the only process waited for; kilobytes on Linux, bytes on a Mac.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    megabytes = peak / (1024**2 if sys.platform == "darwin" else 1024)
    return {
        "peak_mb": round(megabytes, 1),
        "pixels": args.size**2,
        "grid": [made["width"], made["height"]],
        "seconds": made["seconds"],
    }


if __name__ == "__main__":
    print(json.dumps(main()))
