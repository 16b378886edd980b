"""The sides that bench/factors.py lets take turns, each in a process of its own."""

import json
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import rasterio
from rasterio.windows import Window

from bench.factors_scene import NAMES
from core.scene import store
from core.scene.store import BLOCK, Scene

# A frame of float64 and what corr() adds: a copy, a mask.
PANDAS_BYTES = 8 + 8 + 1
MOST_MEMORY = 0.85


def side_ours(scene: Scene, recommended: bool = False):
    from core.analysis.one_pass import statistics
    from core.analysis.relations.collinearity import collinearity, pearson

    def go():
        found = statistics.compute(scene, sample_pixels=0, recommended=recommended)
        matrix = pearson(found.complete)
        vif = [row.vif for row in collinearity(found.names, matrix).rows]
        return {"matrix": matrix.tolist(), "vif": vif}

    return go


def side_decode(scene: Scene):
    from core.analysis.one_pass import statistics, tasks

    windows = tasks.blocks(scene.grid)

    def work(number: int) -> int:
        with scene.reading() as read:
            return sum(read(window).size for window in windows[number :: statistics.THREADS])

    def go():
        cache = rasterio.Env(GDAL_CACHEMAX=tasks.GDAL_CACHE_BYTES)
        with cache, ThreadPoolExecutor(statistics.THREADS) as pool:
            return {"values": sum(pool.map(work, range(statistics.THREADS)))}

    return go


def side_pandas(scene: Scene):
    import pandas as pd

    available = psutil.virtual_memory().available
    share = min(1.0, MOST_MEMORY * available / _pandas_bytes(scene.grid.width**2))
    rows = max(BLOCK, int(share * scene.grid.height) // BLOCK * BLOCK)

    def go():
        begun = time.perf_counter()
        frame = pd.DataFrame(_table(scene, rows), columns=list(NAMES), copy=False)
        read = time.perf_counter()
        matrix = frame.corr().to_numpy()
        done = time.perf_counter()
        seconds = {"read": read - begun, "corr": done - read}
        return {"matrix": matrix.tolist(), "share": rows / scene.grid.height, "seconds": seconds}

    return go


def _table(scene: Scene, rows: int) -> np.ndarray:
    """float64 (pixels, 10), a column after the other, as pandas keeps them."""
    table = np.empty((rows * scene.grid.width, len(NAMES)), order="F")
    with rasterio.open(scene.stack_path, driver="GTiff") as source:
        for top in range(0, rows, BLOCK):
            window = Window(0, top, scene.grid.width, BLOCK)
            values = source.read(window=window).reshape(len(NAMES), -1)
            start = top * scene.grid.width
            table[start : start + values.shape[1]] = values.T
    return table


def _pandas_bytes(pixels: int) -> int:
    return pixels * len(NAMES) * PANDAS_BYTES


SIDES = {
    "ours": side_ours,
    "full": lambda scene: side_ours(scene, recommended=True),
    "decode": side_decode,
    "pandas": side_pandas,
}


def peak_mb() -> float:
    """The most memory of this process alone: getrusage takes over what its parent had."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def serve(name: str, folder: str, size: int) -> None:
    """One side: ready, then a line in, the seconds and what came out."""
    scene = store.load_folder(Path(folder) / f"px{size}")
    go = SIDES[name](scene)
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        if line.strip() == "peak":
            print(json.dumps(peak_mb()), flush=True)
            continue
        begun, worked = time.perf_counter(), time.process_time()
        found = go()
        passed = (time.perf_counter() - begun, time.process_time() - worked)
        print(json.dumps([*passed, found] if line.strip() == "show" else passed), flush=True)
