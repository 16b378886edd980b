"""How fast and in how little memory are correlation and VIF of many factors?

    python bench/factors.py [--mpx 100] [--repeats 5] [--no-memory]

Makes a scene of ten factors on disk (block-compressed as an import writes it; noise on smooth
ground, so that it decodes as real rasters do) and lets four sides take turns, each in a process of
its own, with the file in the system's cache:

    ours     the product's pass: correlation, VIF, histograms of every factor in one go
    full     the same with the columns of recommended coding besides
    decode   the same blocks by the same two threads, only decoded
    pandas   the file read into a frame of float64 (which takes no more memory than it must), then
             df.corr(); no VIF, which only makes it faster

`speed_vs_pandas` is from the file to the result on both sides, `speed_vs_pandas_corr_alone` holds
our reading and adding up against df.corr() on a frame that is in memory already. First both
correlations are compared (1e-6: pandas adds 100 million unshifted numbers up). Where the machine
has not the memory for pandas, its frame is as large as it can be and its seconds and memory are
scaled to all pixels; `pandas_share_of_pixels` says so. The last line is one JSON object:
{speed_vs_pandas, memory_vs_pandas, time_vs_decode, peak_mb_at_10mpx, peak_mb_at_400mpx, ...}.
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import numpy as np
import psutil
import rasterio
from rasterio.windows import Window
from scipy import ndimage

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.worker import Worker
from core.scene import store
from core.scene.grid import Grid
from core.scene.store import BLOCK, Scene, SceneFactor

NAMES = (
    "blue", "green", "red", "nir", "elevation", "slope", "aspect", "curvature", "lithology",
    "deformation",
)  # fmt: skip
KINDS = {"aspect": "circular", "lithology": "categorical"}
PATTERN = 2048
# A frame of float64 and what corr() adds: a copy, a mask.
PANDAS_BYTES = 8 + 8 + 1
MOST_MEMORY = 0.85
OPTIONS = ("folder", "size")


def pattern() -> np.ndarray:
    """float32 (10, 2048, 2048): related, of the ranges and resolutions of real factors."""
    rng = np.random.default_rng(0)
    ground = [ndimage.gaussian_filter(n, 24, mode="wrap") for n in _noise(rng, 4)]
    ground = [(g - g.mean()) / g.std() for g in ground]
    rough = _noise(rng, 6)
    bands = [
        np.round(level + 300 * ground[i % 4] + 90 * rough[i])
        for i, level in enumerate((900, 1100, 1300, 2600))
    ]
    elevation = 2200 + 500 * ground[0] + 0.3 * rough[4]
    down, right = np.gradient(elevation, 12.5)
    slope = np.degrees(np.arctan(np.hypot(down, right)))
    aspect = np.degrees(np.arctan2(-right, down)) % 360
    curvature = -100 * (np.gradient(down, 12.5, axis=0) + np.gradient(right, 12.5, axis=1))
    lithology = np.digitize(ground[2], (-1, -0.3, 0.4, 1.2)) + 1.0
    deformation = 4 * ground[3] + 2 * rough[5] - 6 * (slope > 30)
    layers = [*bands, elevation, slope, aspect, curvature, lithology, deformation]
    return np.stack(layers).astype(np.float32)


def _noise(rng: np.random.Generator, count: int) -> np.ndarray:
    return rng.standard_normal((count, PATTERN, PATTERN))


def make(folder: Path, size: int, layers: np.ndarray) -> Scene:
    """Write a scene of size x size pixels, the pattern repeated, each time with a shift of its own
    so that no two repetitions are alike."""
    grid = Grid("EPSG:32648", (12.5, 0, 240000, 0, -12.5, 3020000), size, size)
    folder.mkdir()
    how = {"driver": "GTiff", "dtype": "float32", "count": len(layers), "nodata": np.nan}
    how |= {"width": size, "height": size, "crs": grid.crs, "transform": grid.affine}
    how |= {"tiled": True, "blockxsize": BLOCK, "blockysize": BLOCK, "interleave": "pixel"}
    how |= {"compress": "zstd", "zstd_level": 3, "predictor": 3, "BIGTIFF": "YES"}
    columns = np.arange(size) % PATTERN
    with rasterio.open(folder / "stack.tif", "w", **how, num_threads=2) as target:
        for top in range(0, size, 4 * BLOCK):
            rows = np.arange(top, min(top + 4 * BLOCK, size)) % PATTERN
            strip = np.roll(layers[:, rows], 37 * (top // BLOCK), axis=2)[:, :, columns]
            target.write(strip, window=Window(0, top, size, len(rows)))
    scene = _scene(folder, grid, layers)
    store.save(scene)
    return scene


def _scene(folder: Path, grid: Grid, layers: np.ndarray) -> Scene:
    factors = tuple(
        SceneFactor(
            name,
            KINDS.get(name, "continuous"),
            "",
            "bench/factors.py",
            1.0,
            float(layer.min()),
            float(layer.max()),
            tuple(float(q) for q in np.quantile(layer[::16, ::16], (0.02, 0.5, 0.98))),
        )
        for name, layer in zip(NAMES, layers)
    )
    return Scene(folder.name, folder, "area", 128, grid, factors, True, folder.name, "", None)


def side_ours(scene: Scene, recommended: bool = False):
    from core.analysis.one_pass import statistics
    from core.analysis.relations.collinearity import collinearity
    from core.analysis.relations.correlation import pearson

    def go():
        found = statistics.compute(scene, sample_pixels=0, recommended=recommended)
        matrix = pearson(found.complete)
        vif = [row.vif for row in collinearity(found.names, matrix).rows]
        return {"matrix": matrix.tolist(), "vif": vif}

    return go


def side_decode(scene: Scene):
    from core.analysis.one_pass import statistics

    windows = statistics.blocks(scene.grid)

    def work(number: int) -> int:
        part = windows[number :: statistics.THREADS]
        return sum(scene.read(scene.factor_names, window).size for window in part)

    def go():
        cache = rasterio.Env(GDAL_CACHEMAX=statistics.GDAL_CACHE_BYTES)
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


def compare(wish) -> dict:
    """Ours, decoding and pandas in turns on one scene."""
    sides = {name: Worker(__file__, wish, name, OPTIONS) for name in SIDES}
    ours, full, decode, pandas = sides.values()
    for side in (ours, full, decode):
        side.ask("go")  # compiled kernels loaded, the file in the system's cache
    mine = ours.ask("show")[2]
    theirs = []
    for _ in range(wish.repeats):
        for side in (ours, decode, full):
            side.go()
        theirs.append(pandas.ask("show")[2])
    share = theirs[0]["share"]
    difference = float(np.abs(np.array(mine["matrix"]) - theirs[0]["matrix"]).max())
    assert share < 1 or difference < 1e-6, f"Correlations differ by {difference}"
    peaks = {name: side.ask("peak") for name, side in sides.items()}
    for side in sides.values():
        side.end()
    corr, read = (median(t["seconds"][k] for t in theirs) / share for k in ("corr", "read"))
    seconds = {name: sides[name].seconds for name in ("ours", "full", "decode")}
    seconds |= {"pandas_read": read, "pandas_corr": corr}
    return {
        "speed_vs_pandas": round((read + corr) / ours.seconds, 2),
        "speed_vs_pandas_corr_alone": round(corr / ours.seconds, 2),
        "memory_vs_pandas": round(peaks["ours"] / (peaks["pandas"] / share), 4),
        # In pairs: what else the machine did then was alike for both.
        "time_vs_decode": _paired(ours, decode, 0),
        "time_vs_decode_both_codings": _paired(full, decode, 0),
        "processor_time_vs_decode": _paired(ours, decode, 1),
        "seconds": {name: round(value, 3) for name, value in seconds.items()},
        "peak_mb": {name: round(peak) for name, peak in peaks.items()},
        "pandas_share_of_pixels": round(share, 3),
        "largest_difference": difference if share == 1 else None,
        "vif": [round(v, 4) for v in mine["vif"]],
    }


def _paired(one: Worker, other: Worker, figure: int) -> float:
    return round(median(a[figure] / b[figure] for a, b in zip(one.times, other.times)), 3)


def peak_at(wish, mpx: float, layers: np.ndarray) -> int:
    """Peak memory of our side alone on a scene of so many megapixels, MB."""
    size = _size(mpx)
    folder = Path(wish.folder) / f"px{size}"
    made = not folder.exists()
    if made:
        make(folder, size, layers)
    alone = Worker(__file__, argparse.Namespace(**{**vars(wish), "size": size}), "ours", OPTIONS)
    alone.ask("go")
    peak = round(alone.ask("peak"))
    alone.end()
    if made:
        (folder / "stack.tif").unlink()
    return peak


def _size(mpx: float) -> int:
    """Side in whole blocks."""
    return max(2, round((mpx * 1e6) ** 0.5 / BLOCK)) * BLOCK


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mpx", type=float, default=100)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--large", type=float, default=400, help="megapixels of the memory check")
    parser.add_argument("--no-memory", action="store_true", help="leave out the 10 and 400 Mpx")
    parser.add_argument("--folder", help="where the scenes are made (default: a temporary one)")
    parser.add_argument("--size", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    wish = arguments()
    if wish.side:
        serve(wish.side, wish.folder, wish.size)
        return
    with tempfile.TemporaryDirectory(dir=wish.folder, prefix="factors-") as folder:
        wish.folder, wish.size = folder, _size(wish.mpx)
        layers = pattern()
        scene = make(Path(folder) / f"px{wish.size}", wish.size, layers)
        per_pixel = scene.stack_path.stat().st_size / (wish.size**2 * 4 * len(NAMES))
        result = {"mpx": round(wish.size**2 / 1e6, 1), "compressed_to": round(per_pixel, 3)}
        result |= compare(wish)
        scene.stack_path.unlink()
        if not wish.no_memory:
            result["peak_mb_at_10mpx"] = peak_at(wish, 10, layers)
            result[f"peak_mb_at_{wish.large:g}mpx"] = peak_at(wish, wish.large, layers)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
