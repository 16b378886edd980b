"""What the hash of a raster costs beside writing it: a map of 100 Mpx as `predict` writes it, then
its SHA-256 right after and once more, and looking at size and time of change alone.

python -m bench.digests [--side 10000] [--folder DIR]
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import rasterio
from rasterio.windows import Window

from core import atomic, digests
from core.learning.prediction import products
from core.scene.grid import Grid


def write(path: Path, side: int) -> None:
    """A float32 map of smooth shapes and noise, in strips."""
    grid = Grid("EPSG:32648", (12.5, 0, 240000, 0, -12.5, 3020000), side, side)
    rng = np.random.default_rng(1)
    columns = np.arange(side, dtype=np.float32)
    with rasterio.open(path, "w", **products.profile(grid, "float32", np.nan)) as sink:
        for top in range(0, side, 256):
            rows = np.arange(top, min(top + 256, side), dtype=np.float32)[:, None]
            shape = np.sin(rows / 90) * np.cos(columns / 70)
            values = 1 / (1 + np.exp(4 - 3 * shape - rng.standard_normal(shape.shape)))
            sink.write(values.astype(np.float32), 1, window=Window(0, top, *shape.shape[::-1]))


def seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--side", type=int, default=10_000)
    asked.add_argument("--folder", type=Path)
    args = asked.parse_args()
    with tempfile.TemporaryDirectory(dir=args.folder) as folder:
        with atomic.whole_folder(Path(folder) / "map", record=True) as map_folder:
            path = map_folder / "probability.tif"
            print(f"writing     {seconds(lambda: write(path, args.side)):8.2f} s")
            print(f"size        {path.stat().st_size / 1e6:8.1f} MB")
            print(f"SHA-256     {seconds(lambda: digests.of(path)):8.2f} s")
        path = Path(folder) / "map" / "probability.tif"
        print(f"full check  {seconds(lambda: digests.state(path, full=True)):8.2f} s")
        print(f"cheap check {1e6 * seconds(lambda: digests.state(path)):8.0f} us")


if __name__ == "__main__":
    main()
