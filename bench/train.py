"""How long is a training step, against the same network in PyTorch?

    python bench/train.py [--model fcadensenet] [--preset paper] [--batch 8] [--repeats 7]
    python bench/train.py --preset quick --tile 64 --batch 24 --dropout 0    (the quick recipe)

Asserts first that both compute the same: copied weights, then equal predictions and, without
dropout, equal losses of two training steps. Then each side trains in its own process, one step
at a time and in turns, so that both are warm, meet the same machine and never compute at once.
PyTorch runs channels last, in float32 and under bfloat16 autocast, each with and without the
glibc settings that keep its memory from going back to the system after every tensor; ratios are
against the better of the two. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from statistics import median

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.worker import Worker

CHANNELS, RATE = 10, 1e-3
GLIBC = (
    "glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=8589934592:"
    "glibc.malloc.trim_threshold=17179869184:glibc.malloc.arena_max=1"
)
PRECISIONS = {"fp32": "float32", "bf16": "bfloat16"}
OPTIONS = ("model", "preset", "batch", "tile", "threads", "dropout")
SLOW = 2  # rounds for bfloat16 where the processor lacks it and a step takes SLOW_S or more
SLOW_S = 30.0


def batch(wish) -> tuple[np.ndarray, np.ndarray]:
    """Seeded tiles (batch, tile, tile, channels) and their masks (batch, tile, tile, 1)."""
    draw = np.random.default_rng(0)
    x = draw.normal(size=(wish.batch, wish.tile, wish.tile, CHANNELS)).astype(np.float32)
    return x, (x[..., :1] > 1).astype(np.float32)


def build(wish, **options):
    """The network as a run trains it, on the device and with the settings of the product."""
    from core.learning.networks import network

    keras = network.keras()
    keras.utils.set_random_seed(1)
    from models import catalogue, losses
    from models.adam import Adam

    built = catalogue.build(wish.model, wish.preset, CHANNELS, tile=wish.tile, **options)
    # All pixels count here, so the mask itself is the loss's target.
    built.compile(Adam(RATE), losses.of_name("bce"), jit_compile=False)
    return built


def changed(wish) -> dict:
    """What differs from the preset's arguments."""
    return {} if wish.dropout < 0 else {"dropout": wish.dropout}


def torch_step(module, wish, precision: str):
    """A function that trains `module` by one step and returns its loss."""
    import torch

    from bench import torch_twin

    x, y = (torch_twin.to_torch(array) for array in batch(wish))
    criterion = torch.nn.BCEWithLogitsLoss()
    # Keras's epsilon, so that both take the same steps.
    optimizer = torch.optim.Adam(module.parameters(), lr=RATE, eps=1e-7)
    module.train()

    def step() -> float:
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
            logits = module(x)
        loss = criterion(logits.float(), y)
        loss.backward()
        optimizer.step()
        return float(loss.detach())

    return step


def agree(wish) -> dict:
    """Raise AssertionError unless both sides compute the same; the largest differences."""
    from bench import torch_twin

    ours = build(wish, dropout=0.0)
    # Weights as after some training: none at the zero or one that it starts from.
    draw = np.random.default_rng(2)
    nudge = lambda w: w + draw.uniform(0, 0.1, w.shape) * (w.ndim == 1)  # noqa: E731
    ours.set_weights([nudge(w) for w in ours.get_weights()])
    theirs = torch_twin.twin(wish.model, wish.preset, CHANNELS, dropout=0.0)
    torch_twin.copy_weights(ours, theirs)
    x, y = batch(wish)
    probability = np.abs(np.asarray(ours(x, training=False)) - torch_twin.predict(theirs, x)).max()
    assert probability < 1e-4, f"predictions differ by {probability:.2e}"
    ours.compile(ours.optimizer, ours.loss, run_eagerly=True)
    step = torch_step(theirs, wish, "fp32")
    pairs = [(float(ours.train_on_batch(x, y)), step()) for _ in range(2)]
    loss = max(abs(a - b) / b for a, b in pairs)
    assert loss < 1e-3, f"losses of two training steps differ: {pairs}"
    return {"probability_difference": float(probability), "loss_difference": loss}


def side(wish) -> None:
    """A worker: a first step, then one step for each line `go`; `end` asks for peak memory."""
    if wish.side == "agree":
        return print(json.dumps(agree(wish)), flush=True)
    if wish.side == "ours":
        built, tiles = build(wish, **changed(wish)), batch(wish)
        step = lambda: built.train_on_batch(*tiles)  # noqa: E731
    else:
        import torch

        from bench import torch_twin

        torch.set_num_threads(wish.threads)
        twin = torch_twin.twin(wish.model, wish.preset, CHANNELS, **changed(wish))
        step = torch_step(twin, wish, wish.side)
    print(json.dumps(timed(step)), flush=True)
    for line in sys.stdin:
        print(json.dumps(timed(step) if line == "go\n" else peak_gib()), flush=True)


def timed(step) -> tuple[float, float]:
    """Seconds that passed, and that the processors worked for this process."""
    started, worked = time.perf_counter(), time.process_time()
    step()
    return time.perf_counter() - started, time.process_time() - worked


def peak_gib() -> float:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def worker(wish, side: str, tuned: bool = False) -> Worker:
    return Worker(__file__, wish, side, OPTIONS, {"GLIBC_TUNABLES": GLIBC} if tuned else {})


def ended(side: Worker) -> float:
    """End a side and return its peak memory, GiB."""
    peak = side.ask("end")
    side.end()
    return peak


def rounds(workers: list[Worker], repeats: int) -> None:
    """Drive the workers in turns, one step each."""
    for _ in range(repeats):
        for worker in workers:
            worker.go()


def compare(wish, ours: Worker, precision: str) -> dict:
    """Steps of PyTorch in one precision, with and without the tunables, between steps of ours."""
    theirs = [worker(wish, precision, tuned) for tuned in (False, True)]
    ours.times = []
    slow = precision == "bf16" and min(side.first[0] for side in theirs) > SLOW_S
    rounds([ours, *theirs], min(SLOW, wish.repeats) if slow else wish.repeats)
    peaks = [ended(side) for side in theirs]
    plain, tuned = theirs
    best = min(theirs, key=lambda side: side.seconds)
    ratio, work = ours.seconds / best.seconds, ours.worked / min(w.worked for w in theirs)
    name = PRECISIONS[precision]
    print(f"PyTorch {name}: {spread(plain)}, peak {peaks[0]:.1f} GiB")
    print(f"PyTorch {name}, glibc tunables: {spread(tuned)}, peak {peaks[1]:.1f} GiB")
    print(f"SlideScope float32, in turns with them: {spread(ours)}")
    print(
        f"A training step takes {ratio:.2f} x the time of PyTorch {name} (and {work:.2f} x its "
        "processor time), measured against the better of its two figures, the one "
        f"{'with' if best is tuned else 'without'} the glibc tunables.",
        flush=True,
    )
    return {
        f"time_vs_torch_{precision}": round(ratio, 3),
        f"processor_time_vs_torch_{precision}": round(work, 3),
        f"torch_{precision}_s": round(plain.seconds, 3),
        f"torch_{precision}_tuned_s": round(tuned.seconds, 3),
        f"repeats_{precision}": len(ours.times),
    }


def spread(worker: Worker) -> str:
    times = [passed for passed, _ in worker.times]
    return (
        f"{median(times):.2f} s (median of {len(times)}, {min(times):.2f} to {max(times):.2f}; "
        f"{worker.worked:.2f} s of processor time)"
    )


def busy(wish) -> float:
    """Programs that wanted a processor in the last minute; says so where there are too many."""
    load = os.getloadavg()[0]
    if load > wish.threads / 2:
        print(
            f"This machine is busy (load {load:.1f} on {wish.threads} threads): waiting threads "
            "cost PyTorch most, so trust the processor time more than the ratios below."
        )
    return round(load, 1)


def measure(wish) -> dict:
    """All figures, printed as they come."""
    load = busy(wish)
    agreed = worker(wish, "agree")
    agreed.process.wait()
    print(f"Both compute the same: largest differences {agreed.first}", flush=True)
    ours = worker(wish, "ours")
    figures = {"model": wish.model, "preset": wish.preset, "batch": wish.batch}
    figures |= {"tile": wish.tile, "dropout": None if wish.dropout < 0 else wish.dropout}
    figures |= {"threads": wish.threads, "load": load, "first_step_s": round(ours.first[0], 1)}
    seconds: list[float] = []
    for precision in PRECISIONS:
        figures |= compare(wish, ours, precision)
        seconds += [passed for passed, _ in ours.times]
    peak = ended(ours)
    figures["step_s"] = round(median(seconds), 3)
    figures["peak_gib"] = round(peak, 2)
    figures["tiles_per_s"] = round(wish.batch / median(seconds), 2)
    print(f"SlideScope trains {figures['tiles_per_s']} tiles/s, peak {peak:.1f} GiB")
    return figures | agreed.first


def main() -> None:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="fcadensenet", help="fcadensenet, fc_densenet or unet")
    parser.add_argument("--preset", default="paper")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--tile", type=int, default=128)
    parser.add_argument("--dropout", type=float, default=-1, help="below 0: the preset's")
    parser.add_argument("--repeats", type=int, default=7, help="rounds: a step of every side each")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--side", help=argparse.SUPPRESS)
    wish = parser.parse_args()
    if wish.side:
        side(wish)
    else:
        print(json.dumps(measure(wish)))


if __name__ == "__main__":
    main()
