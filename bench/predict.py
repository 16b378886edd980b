"""How fast is a scene predicted, against the same network in PyTorch?

    python bench/predict.py [--preset paper] [--tile 128] [--repeats 7] [--scene sample]

Asserts first that both compute the same: copied weights, equal probabilities of the same tiles.
Then each side works in its own process, in turns, so that both are warm, meet the same machine
and never compute at once.

speed_vs_torch_* compares new pixels a second on a large scene: PyTorch (fp32, bf16 autocast, best:
the faster of both) predicts batches of 8 windows of 128 px of which the inner 96 x 96 count (the
usual overlap for a network whose channel gate pools over its window); we predict windows of the
product's layout for networks trained on squares of --tile px, of which the inner part counts, in
bfloat16 where the processor computes it (`numbers`); speed_f32_vs_torch_* is ours in float32.
Reading and joining are left out on both sides; shipped_mpx_per_s has them (the small shipped
network, its compilation included). tile_speed_vs_torch_* is the same without any layout: seconds
for the same 8 tiles of 128 px. On a shared machine look at cpu_vs_torch_*, too: processor time, not
clock.

mask_iou, f1_difference: the product's choice of numbers against plain Keras in float32 in the same
windows, on a trained network (--network, shipped) over 1024 x 1024 px of the synthetic scene;
layout_*: the default layout against one with other window borders. The last line is one JSON
object.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.worker import Worker

ROOT = Path(__file__).resolve().parent.parent

CHANNELS, TILE, TILES, KEEP = 10, 128, 8, 96
SHIPPED = "sample-fcadensenet-rs-dr-shipped"
OURS, THEIRS = ("window", "window_f32", "tile"), ("fp32", "bf16")
OPTIONS = ("model", "preset", "tile", "network", "threads", "size", "scene")
SLOW_S, SLOW = 20.0, 2  # repeats of PyTorch in bfloat16 where it is emulated


def windows_of(count: int, side: int) -> np.ndarray:
    draw = np.random.default_rng(0)
    return draw.normal(size=(count, side, side, CHANNELS)).astype(np.float32)


def build(wish):
    from core.learning.networks import network

    network.keras().utils.set_random_seed(1)
    from models import catalogue

    built = catalogue.build(wish.model, wish.preset, CHANNELS)
    draw = np.random.default_rng(2)
    nudge = lambda w: w + draw.uniform(0, 0.1, w.shape) * (w.ndim == 1)  # noqa: E731
    built.set_weights([nudge(w) for w in built.get_weights()])
    return built


def agree(wish) -> dict:
    """Raise AssertionError unless both sides give the same probabilities for the same tiles."""
    from bench import torch_twin
    from core.learning.prediction import inference

    built, x = build(wish), windows_of(TILES, TILE)
    twin = torch_twin.copy_weights(built, torch_twin.twin(wish.model, wish.preset, CHANNELS))
    ours = inference.fast(built, TILE, TILE, TILE)(x)
    gap = float(np.abs(ours - torch_twin.predict(twin, x)[..., 0]).max())
    assert gap < 1e-4, f"probabilities differ by {gap:.2e}"
    return {"probability_difference": gap}


def numbers_of(name: str):
    """What the product computes in: the best this processor has, or float32."""
    from core.learning.prediction import inference

    half = inference.computes_bfloat16() and not name.endswith("_f32")
    return inference.BFLOAT16 if half else inference.FLOAT32


def layout_of(wish, numbers):
    from core.learning.prediction import inference
    from core.learning.prediction.windows import WindowLayout

    return WindowLayout.of(wish.model, wish.tile, halved=numbers.name == inference.BFLOAT16.name)


def ours(wish, name: str):
    """A function that predicts as many windows as are worked on at once; and their number."""
    from core.learning.prediction import inference

    numbers = numbers_of(name)
    side = TILE if name.startswith("tile") else layout_of(wish, numbers).side
    infer = inference.fast(build(wish), side, side, wish.tile, numbers)
    streams = inference.streams() if inference.accelerated() else 1
    x, pool = windows_of(inference.batch_size(side, side), side), ThreadPoolExecutor(streams)
    return lambda: list(pool.map(infer, [x] * streams)), streams * len(x)


def theirs(wish, precision: str):
    import torch

    from bench import torch_twin

    torch.set_num_threads(wish.threads)
    module = torch_twin.twin(wish.model, wish.preset, CHANNELS).eval()
    x = torch_twin.to_torch(windows_of(TILES, TILE))

    def step() -> None:
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, precision == "bf16"):
            torch.sigmoid(module(x).float()).numpy()

    return step, TILES


def trained(wish) -> dict:
    """Masks of the shipped network: fast path against plain Keras, one layout against another."""
    from core import paths
    from core.learning.networks import network
    from core.learning.prediction import inference, prediction
    from core.learning.prediction.windows import WindowLayout
    from models import footprint

    scene = the_scene(wish)
    built, card = network.load(paths.PRETRAINED / wish.network / "model")
    numbers, asked = inference.FLOAT32, None
    if inference.computes_bfloat16():
        asked = prediction.compare(built, card, scene)
        if asked["accepted"]:
            numbers = inference.Format(inference.BFLOAT16.name, asked["shift"])
    fast = lambda *s: inference.fast(built, *s, card.tile, numbers)  # noqa: E731
    plain = lambda *s: inference.with_keras(footprint.widen(built, *s, card.tile))  # noqa: E731
    layout = layout_of(card, numbers)
    other = WindowLayout(
        480, layout.margin
    )  # three windows a side of 1024 px where the default has two
    started = time.perf_counter()
    mine = whole(scene, card, fast, layout)
    seconds = time.perf_counter() - started
    reference = scene.read_mask()[: wish.size, : wish.size] == 1
    expected, moved = whole(scene, card, plain, layout), whole(scene, card, fast, other)
    iou, difference = inference.same_masks(mine >= 0.5, expected >= 0.5, reference)
    layout_iou, _ = inference.same_masks(mine >= 0.5, moved >= 0.5, reference)
    assert (expected >= 0.5).any(), "no landslide in the predicted mask: nothing to compare"
    return {
        "trained_numbers": numbers.name,
        "bf16": asked,
        "mask_iou": round(iou, 5),
        "f1_difference": round(difference, 6),
        "mask_pixels": int((expected >= 0.5).sum()),
        "layout_difference": round(float(np.abs(mine - moved).max()), 4),
        "layout_iou": round(layout_iou, 4),
        "shipped_mpx_per_s": round(mine.size / 1e6 / seconds, 3),
    }


def whole(scene, card, engine, layout) -> np.ndarray:
    """Probability of the scene by the product's own code, NaN (no data) as 0."""
    from core.learning.prediction import prediction, windows

    plan = windows.plan(scene, card.tile, layout)
    infer = engine(plan.height, plan.width)
    answers = lambda raw: {"probability": infer(windows.encoded(raw, card))}  # noqa: E731
    with tempfile.TemporaryDirectory() as folder:
        made = windows.Strips(Path(folder))
        prediction.predict_strips(answers, card, scene, plan, made)
        return np.nan_to_num(
            np.concatenate([np.load(p) for p in sorted(made.folder.glob("*.npy"))])
        )


def the_scene(wish):
    """The corner of a stored synthetic scene; it is made in a temporary workspace if need be."""
    from dataclasses import replace

    from core.scene import store

    if wish.scene not in store.names():
        os.environ["SLIDESCOPE_WORKSPACE"] = tempfile.mkdtemp(prefix="slidescope-bench-")
        argv = ["sample", f"--size={wish.size}", "--import", wish.scene]
        subprocess.run(
            [sys.executable, "-m", "core", *argv], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
        )
    scene = store.load(wish.scene)
    height, width = (min(wish.size, n) for n in scene.grid.shape)
    return replace(scene, grid=replace(scene.grid, height=height, width=width))


def side(wish) -> None:
    """A worker: a first step, then one for each line `go`."""
    if wish.side in ("agree", "trained"):
        return print(json.dumps({"agree": agree, "trained": trained}[wish.side](wish)), flush=True)
    made = ours(wish, wish.side) if wish.side in OURS else theirs(wish, wish.side)
    step, count = made
    step()
    print(json.dumps(count), flush=True)
    for _ in sys.stdin:
        # Processor seconds, too: on a shared machine they say more than the clock.
        started, worked = time.perf_counter(), time.process_time()
        step()
        spent = time.perf_counter() - started, time.process_time() - worked
        print(json.dumps([s / count for s in spent]), flush=True)


def once(wish, name: str) -> dict:
    worker = Worker(__file__, wish, name, OPTIONS)
    worker.end()
    return worker.first


def measure(wish) -> dict:
    figures = {"model": wish.model, "preset": wish.preset, "tile": wish.tile}
    figures |= {"threads": wish.threads, "numbers": numbers_of("window").name}
    figures |= once(wish, "agree") | once(wish, "trained")
    print(f"Both compute the same: largest difference {figures['probability_difference']:.1e}")
    workers = {name: Worker(__file__, wish, name, OPTIONS) for name in (*OURS, *THEIRS)}
    for turn in range(wish.repeats):
        for name, worker in workers.items():
            slow = name == "bf16" and turn >= SLOW and worker.seconds * TILES > SLOW_S
            if not slow:
                worker.go()
    for worker in workers.values():
        worker.end()
    for name, worker in workers.items():
        print(f"{name}: {worker.seconds:.3f} s a window, processor {worker.worked:.3f} s")
    figures |= ratios(wish, workers)
    layout = layout_of(wish, numbers_of("window"))
    figures["window"], figures["margin"] = layout.side, layout.margin
    figures["repeats"] = {name: len(worker.times) for name, worker in workers.items()}
    return figures


def ratios(wish, workers) -> dict:
    """New pixels a second of ours over PyTorch's, by the clock and by processor time."""
    kept = dict.fromkeys((*OURS, *THEIRS), KEEP**2)
    for name in ("window", "window_f32"):
        layout = layout_of(wish, numbers_of(name))
        kept[name] = (layout.side - 2 * layout.margin) ** 2
    clock = {name: kept[name] / worker.seconds for name, worker in workers.items()}
    worked = {name: kept[name] / worker.worked for name, worker in workers.items()}
    found = {}
    for speed, word in ((clock, "speed"), (worked, "cpu")):
        speed["best"] = max(speed[name] for name in THEIRS)
        for other in (*THEIRS, "best"):
            found[f"{word}_vs_torch_{other}"] = round(speed["window"] / speed[other], 3)
            found[f"{word}_f32_vs_torch_{other}"] = round(speed["window_f32"] / speed[other], 3)
            found[f"tile_{word}_vs_torch_{other}"] = round(speed["tile"] / speed[other], 3)
    found["mpx_per_s"] = round(clock["window"] / 1e6, 4)
    found["torch_best_mpx_per_s"] = round(clock["best"] / 1e6, 4)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="fcadensenet")
    parser.add_argument("--preset", default="paper")
    parser.add_argument("--tile", type=int, default=TILE, help="squares it was trained on, pixels")
    parser.add_argument(
        "--network", default=SHIPPED, help="shipped network whose masks are compared"
    )
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--size", type=int, default=1024, help="pixels of the scene's corner")
    parser.add_argument("--scene", default="sample")
    parser.add_argument("--side", help=argparse.SUPPRESS)
    wish = parser.parse_args()
    if wish.side:
        side(wish)
    else:
        print(json.dumps(measure(wish)))


if __name__ == "__main__":
    main()
