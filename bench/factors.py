"""How fast and in how little memory are correlation and VIF of many factors?

    python bench/factors.py [--mpx 100] [--repeats 5] [--large 400] [--no-memory]

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
import sys
import tempfile
from pathlib import Path
from statistics import median

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.factors_scene import NAMES, make, pattern, side_of
from bench.factors_sides import SIDES, serve
from bench.worker import Worker

OPTIONS = ("folder", "size")


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
    size = side_of(mpx)
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
        wish.folder, wish.size = folder, side_of(wish.mpx)
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
