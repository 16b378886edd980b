"""From interferograms to a rate: against a per-pixel inversion, and against reading the files.

    python bench/sbas.py [--size 1024] [--rival 1500] [--repeats 2]

A synthetic stack of the paper's shape (103 dates, 303 pairs) lies as tiled deflate GeoTIFFs in a
temporary folder (2 GB). The inversion is timed on one thread against weighted least squares a
pixel, written the usual way (as MintPy does); both are first checked to agree. The whole import,
from files to layers, is timed against reading every file once, on all cores. Peak memory is that
of a process of its own, with 4 million pixels and 303 pairs in tiles of 512 rows.

Goals: inversion >= 100 x as fast; import <= 2.5 x the time of reading without the search for
cycles, <= 8 x with it; peak < 1000 MB.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
import rasterio
from rasterio.windows import Window
from scipy import linalg, ndimage
from threadpoolctl import threadpool_limits

from core.scene.grid import Grid
from core.scene.interferograms.network import SENTINEL1_WAVELENGTH_M, Network
from core.scene.sbas import chain
from core.scene.sbas.inversion import invert
from core.scene.sbas.settings import SbasSettings
from tests import interferograms

NET = interferograms.network(103, 870, 3, 26)
BASE, TILE = 256, 128
CACHE_MB = 64
MOST_DIFFERENT_MM_YR = 0.001


@dataclass
class FileStack:
    """A stack of single files, read by several threads, every file by one at a time."""

    network: Network
    phase: list[rasterio.DatasetReader]
    coherence: list[rasterio.DatasetReader]
    row_block: int = TILE
    wavelength_m: float = SENTINEL1_WAVELENGTH_M

    @property
    def grid(self) -> Grid:
        first = self.phase[0]
        return Grid("EPSG:32643", tuple(first.transform)[:6], first.width, first.height)

    @property
    def has_coherence(self) -> np.ndarray:
        return np.ones(len(self.phase), bool)

    def read(self, rows: slice, pairs: Sequence[int] | None = None):
        chosen = range(len(self.phase)) if pairs is None else pairs
        height, width = rows.stop - rows.start, self.grid.width
        both = np.empty((2, len(chosen), height, width), np.float32)
        window = Window(0, rows.start, width, height)

        def one(at: tuple[int, int]) -> None:
            kind, n = at
            files = (self.phase, self.coherence)[kind]
            out = both[kind, n]
            files[chosen[n]].read(1, window=window, out=out)
            out[out == 0] = np.nan

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(one, [(k, n) for n in range(len(chosen)) for k in (0, 1)]))
        return both[0], both[1]


def write(folder: Path, stack: interferograms.Stack, size: int) -> tuple[list[Path], list[Path]]:
    """The stack's pairs, repeated over `size` pixels a side, as files."""
    how = {"driver": "GTiff", "width": size, "height": size, "count": 1, "dtype": "float32"}
    how |= {"tiled": True, "blockxsize": TILE, "blockysize": TILE, "compress": "deflate"}
    how |= {"zlevel": 1, "nodata": 0, "crs": "EPSG:32643", "transform": stack.grid.affine}

    def one(at: tuple[str, int]) -> Path:
        kind, m = at
        path = folder / f"{m:03d}_{kind}.tif"
        values = np.nan_to_num((stack.phase if kind == "unw" else stack.coherence)[m])
        with rasterio.open(path, "w", **how) as out:
            out.write(np.tile(values, (size // BASE, size // BASE)), 1)
        return path

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        names = [
            list(pool.map(one, [(k, m) for m in range(len(NET.pairs))])) for k in ("unw", "cc")
        ]
    return names[0], names[1]


def seconds(call) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def pixel_by_pixel(phase: np.ndarray, coherence: np.ndarray) -> np.ndarray:
    """(P,) rates: weighted least squares of velocities a pixel, as MintPy's `ifgram_inversion`
    does, then a line through the dates."""
    steps = np.diff(NET.years)
    design = np.zeros((len(NET.pairs), len(steps)))
    for m, (a, b) in enumerate(NET.pairs):
        design[m, a:b] = steps[a:b]
    line = np.linalg.pinv(np.stack([np.ones_like(NET.years), NET.years], 1))
    c = np.clip(coherence.astype(np.float64), 0.05, 0.999)
    root = np.sqrt(2 * c**2 / (1 - c**2))
    series = np.zeros((len(NET.dates), phase.shape[1]))
    for p in range(phase.shape[1]):
        weight = root[:, p : p + 1]
        velocity = linalg.lstsq(design * weight, phase[:, p : p + 1] * weight, cond=1e-5)[0]
        series[1:, p] = np.cumsum(velocity[:, 0] * steps)
    return line[1] @ series


def against_rival(stack: interferograms.Stack, pixels: int) -> float:
    """How many times as fast, on one thread; both must agree."""
    phase = stack.phase.reshape(len(NET.pairs), -1)
    whole = np.flatnonzero(np.isfinite(phase).all(0))
    phase = np.ascontiguousarray(phase[:, whole])
    coherence = np.ascontiguousarray(stack.coherence.reshape(len(phase), -1)[:, whole])
    how = {"weights": "coherence", "series": True, "threads": 1}
    mm = 1 / abs(interferograms.RADIANS_PER_MM)
    with threadpool_limits(1):
        ours = invert(NET, phase[:, :pixels], coherence[:, :pixels], **how).rate
        theirs = pixel_by_pixel(phase[:, :pixels], coherence[:, :pixels])
        apart = float(np.abs(ours - theirs).max() * mm)
        assert apart < MOST_DIFFERENT_MM_YR, f"rates differ by {apart} mm/yr"
        mine = min(seconds(lambda: invert(NET, phase, coherence, **how)) for _ in range(3))
        usual = seconds(lambda: pixel_by_pixel(phase[:, :pixels], coherence[:, :pixels]))
    speeds = phase.shape[1] / mine, pixels / usual
    print(
        f"inversion {speeds[0]:,.0f} px/s, pixel by pixel {speeds[1]:,.0f} px/s; {apart:.1e} mm/yr"
    )
    return speeds[0] / speeds[1]


def against_reading(stack: interferograms.Stack, size: int, repeats: int) -> dict[str, float]:
    """Times of the import by that of reading every file once; the best of `repeats` each."""
    heights = np.tile(stack.heights, (size // BASE, size // BASE))
    times: dict[str, list[float]] = {"read": [], "plain": [], "cycles": []}
    with tempfile.TemporaryDirectory() as folder, rasterio.Env(GDAL_CACHEMAX=CACHE_MB):
        names = write(Path(folder), stack, size)
        files = [[rasterio.open(name) for name in kind] for kind in names]
        found = FileStack(NET, *files)

        def read() -> None:
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                list(pool.map(lambda file: file.read(1), [*files[0], *files[1]]))

        def whole(cycles: str) -> None:
            with tempfile.TemporaryDirectory() as out:
                chain.run(found, SbasSettings(cycles=cycles), heights, None, Path(out))

        for _ in range(repeats):
            times["read"].append(seconds(read))
            times["plain"].append(seconds(lambda: whole("none")))
            times["cycles"].append(seconds(lambda: whole("search")))
        for kind in files:
            for file in kind:
                file.close()
    best = {name: min(values) for name, values in times.items()}
    for name, value in best.items():
        print(f"{name:<8}{value:7.1f} s  {size * size / value:10,.0f} px/s")
    return best


@dataclass
class Endless:
    """4 million pixels of 303 pairs in high tiles, made when they are read."""

    made: interferograms.Stack
    size: int = 2048
    row_block: int = 512
    wavelength_m: float = SENTINEL1_WAVELENGTH_M

    @property
    def network(self) -> Network:
        return self.made.network

    @property
    def grid(self) -> Grid:
        return replace(self.made.grid, width=self.size, height=self.size)

    @property
    def has_coherence(self) -> np.ndarray:
        return np.ones(len(NET.pairs), bool)

    def read(self, rows: slice, pairs: Sequence[int] | None = None):
        at = np.ix_(
            range(len(NET.pairs)) if pairs is None else list(pairs),
            np.arange(rows.start, rows.stop) % len(self.made.rate),
            np.arange(self.size) % len(self.made.rate),
        )
        return self.made.phase[at], self.made.coherence[at]


def peak() -> None:
    """Print the peak memory of a process that imports 4 million pixels, in MB."""
    import resource

    stack = Endless(interferograms.make(NET, 0, 64, rates=(-60.0, 30.0)))
    heights = np.tile(stack.made.heights, (stack.size // 64, stack.size // 64))
    with tempfile.TemporaryDirectory() as out:
        chain.run(stack, SbasSettings(), heights, None, Path(out))
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"peak_mb": round(most / 1e6)}))


def truth(stack: interferograms.Stack) -> tuple[float, float]:
    """Root mean square error and coverage at two sigma on stable ground, of the map itself."""
    with tempfile.TemporaryDirectory() as out:
        chain.run(stack, SbasSettings(), stack.heights, None, Path(out))
        with rasterio.open(Path(out) / "deformation.tif") as file:
            away = file.read(1) - stack.rate
        with rasterio.open(Path(out) / "rate_error.tif") as file:
            error = file.read(1)
    kept = np.isfinite(away)
    stable = kept & ~ndimage.binary_dilation(stack.slides > 0, iterations=2)
    within = np.abs(away[stable]) < 2 * error[stable]
    return float(np.sqrt((away[kept] ** 2).mean())), float(within.mean())


def main() -> dict:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=1024, help="pixels a side, a multiple of 256")
    parser.add_argument("--rival", type=int, default=1500, help="pixels inverted one by one")
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--peak", action="store_true", help="measure memory alone")
    args = parser.parse_args()
    if args.peak:
        peak()
        sys.exit()
    stack = interferograms.make(NET, 0, BASE)
    rmse, coverage = truth(stack)
    speed = against_rival(stack, args.rival)
    best = against_reading(stack, args.size, args.repeats)
    done = subprocess.run(
        [sys.executable, __file__, "--peak"], capture_output=True, text=True, check=True
    )
    memory = json.loads(done.stdout.splitlines()[-1])
    return {
        "speed_vs_wls": round(speed),
        "time_vs_decode": round(best["plain"] / best["read"], 2),
        "time_vs_decode_cycles": round(best["cycles"] / best["read"], 2),
        "peak_mb": memory["peak_mb"],
        "rmse_mm_yr": round(rmse, 2),
        "coverage_2sigma": round(coverage, 3),
    }


if __name__ == "__main__":
    print(json.dumps(main()))
