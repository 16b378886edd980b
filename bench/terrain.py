"""Terrain on one array against xarray-spatial's three calls and against copying the arrays.

    python bench/terrain.py [--size 8192] [--repeats 5]

First it is asserted that both sides compute the same slope; then they take turns and the medians
are compared. xarray-spatial's three calls use one thread, so ours is told with one as well. Peak
memory is not compared: both hold the input and three outputs.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from core.scene.align.terrain import terrain

CELL = 12.5


def hills(size: int) -> np.ndarray:
    """float32 (size, size) metres: ridges of several lengths, nowhere flat."""
    at = np.arange(size, dtype=np.float32)
    x, y = at[None], at[:, None]
    waves = ((90, 70, 400), (23, 31, 60), (7.3, 5.9, 9))
    return np.float32(2000) + sum(
        np.float32(height) * np.sin(x / np.float32(a)) * np.cos(y / np.float32(b))
        for a, b, height in waves
    ).astype(np.float32)


def peer(z: np.ndarray) -> Callable[[], list]:
    """xarray-spatial's slope, aspect and curvature of the same array."""
    import xarray
    import xrspatial

    size = len(z)
    at = np.arange(size) * CELL
    raster = xarray.DataArray(
        z, dims=("y", "x"), coords={"y": -at, "x": at}, attrs={"res": (CELL, CELL)}
    )
    return lambda: [
        np.asarray(call(raster))
        for call in (xrspatial.slope, xrspatial.aspect, xrspatial.curvature)
    ]


def check(ours, theirs) -> float:
    """Largest difference in slope away from the edges; the two must agree."""
    inner = np.s_[2:-2, 2:-2]
    difference = float(np.nanmax(np.abs(ours[0][inner] - theirs[0][inner])))
    assert difference < 0.01, f"slopes differ by {difference} degrees"
    return difference


def seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def main() -> dict:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=8192, help="pixels a side")
    parser.add_argument("--repeats", type=int, default=5)
    args = parser.parse_args()
    z = hills(args.size)
    cell = np.full(args.size, CELL)
    sides = {
        "ours": lambda: terrain(z, cell, cell),
        "ours, one thread": lambda: terrain(z, cell, cell, threads=1),
        "copy": lambda: [z.copy() for _ in range(4)],
    }
    difference = None
    try:
        theirs = sides["xarray-spatial"] = peer(z)
        difference = check(sides["ours"](), theirs())
    except ImportError as error:
        print(f"No xarray-spatial ({error}): pip install -r requirements-bench.txt")
    for call in sides.values():
        call()
    times = {name: [] for name in sides}
    for _ in range(args.repeats):
        for name, call in sides.items():
            # Once untimed: the memory that another side gave back comes in small pages at first.
            call()
            times[name].append(seconds(call))
    middle = {name: median(values) for name, values in times.items()}
    for name, value in middle.items():
        print(f"{name:<16}{value:8.3f} s  {z.size / 1e6 / value:8.1f} Mpx/s")
    rival = middle.get("xarray-spatial")
    return {
        "speed_vs_xarray_spatial": round(rival / middle["ours"], 2) if rival else None,
        "speed_one_thread": round(rival / middle["ours, one thread"], 2) if rival else None,
        "time_vs_copy": round(middle["ours"] / middle["copy"], 3),
        "slope_difference": difference,
        "pixels": z.size,
        "threads": os.cpu_count(),
    }


if __name__ == "__main__":
    print(json.dumps(main()))
