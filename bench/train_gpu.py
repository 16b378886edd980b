"""How long is a training step on this GPU, in float32 and in mixed bfloat16?

    KERAS_BACKEND=jax python bench/train_gpu.py [--preset paper] [--batches 8] [--rounds 7]

The network, optimizer, loss and number format are those of a run
(`core.learning.training.recipe`), on random tiles that lie in the host's memory, one
`train_on_batch` after the other. Every side is a process of its own; all build their graphs at
once, then train in turns, `--steps` steps a round, never two at once. Raises an AssertionError
where a loss is no number or does not fall. float32 is what the backend makes of it: on
GPUs, convolutions through TF32. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.worker import Worker

CHANNELS, TILE, RATE, WARM = 10, 128, 1e-3, 5
OPTIONS = ("model", "preset", "precision", "batch", "steps")


def side(wish) -> None:
    """A worker: a first step, some to warm up, then `steps` for each line `go`."""
    from core.learning.networks import network
    from core.learning.training import recipe
    from core.runs.config import RunConfig

    about = {"epochs": 1, "batch": wish.batch, "learning_rate": RATE, "precision": wish.precision}
    config = RunConfig("", "", 1, True, wish.model, wish.preset, "rs-dr", (), **about)
    recipe.set_precision(config)
    built = network.build(config, CHANNELS, np.zeros(CHANNELS), np.ones(CHANNELS), 0.0)
    recipe.compile(built, config, steps=1000, prevalence=0.1)
    draw = np.random.default_rng(0)
    x = draw.normal(size=(wish.batch, TILE, TILE, CHANNELS)).astype(np.float32)
    y = (x[..., :1] > 1).astype(np.float32)
    losses = []

    def train(steps: int) -> tuple[float, float]:
        """(clock, processor) seconds a step; a loss that is read has waited for the GPU."""
        started, worked = time.perf_counter(), time.process_time()
        for _ in range(steps):
            built.reset_metrics()
            losses.append(float(built.train_on_batch(x, y)))
        return (time.perf_counter() - started) / steps, (time.process_time() - worked) / steps

    first = train(1)
    train(WARM)
    print(json.dumps(first), flush=True)
    for line in sys.stdin:
        print(json.dumps(train(wish.steps) if line == "go\n" else _ended(losses)), flush=True)


def _ended(losses: list[float]) -> dict:
    assert all(map(math.isfinite, losses)), losses
    assert np.mean(losses[-10:]) < np.mean(losses[:10]), losses
    return {"loss": [losses[0], losses[-1]], "steps": len(losses), "peak_gib": _peak_gib()}


def _peak_gib() -> float | None:
    """Most GPU memory that was in use, where the backend tells."""
    from core.learning.networks import device

    if device.backend() != "jax":
        return None
    import jax

    told = jax.local_devices()[0].memory_stats() or {}
    return round(told["peak_bytes_in_use"] / 2**30, 2) if told else None


def measure(wish) -> dict:
    """Figures of every precision and batch, printed as they come."""
    from core.learning.networks import device

    kinds = [
        SimpleNamespace(**{**vars(wish), "precision": precision, "batch": int(batch), "threads": 4})
        for batch in wish.batches.split(",")
        for precision in ("float32", "mixed")
    ]
    with ThreadPoolExecutor(len(kinds)) as pool:
        sides = list(pool.map(lambda k: Worker(__file__, k, "ours", OPTIONS), kinds))
    for _ in range(wish.rounds):
        for worker in sides:
            worker.go()
    found = {"device": device.detect().name, "backend": device.backend()}
    found |= {"model": wish.model, "preset": wish.preset, "sides": []}
    for kind, worker in zip(kinds, sides):
        times = sorted(passed for passed, _ in worker.times)
        row = {"precision": kind.precision, "batch": kind.batch, "step_s": round(worker.seconds, 5)}
        row |= {"tiles_per_s": round(kind.batch / worker.seconds, 1)}
        row |= {"first_step_s": round(worker.first[0], 1), "range_s": [times[0], times[-1]]}
        row |= {"processor_s_a_step": round(worker.worked, 5), **worker.ask("end")}
        worker.end()
        found["sides"].append(row)
        print(
            f"{row['precision']:8} batch {row['batch']:3}: {1e3 * row['step_s']:7.1f} ms a step "
            f"({1e3 * times[0]:.1f} to {1e3 * times[-1]:.1f}), {row['tiles_per_s']:7.1f} tiles/s, "
            f"loss {row['loss'][0]:.3f} -> {row['loss'][1]:.3f} in {row['steps']} steps, "
            f"peak {row['peak_gib']} GiB, first step {row['first_step_s']} s",
            flush=True,
        )
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="fcadensenet")
    parser.add_argument("--preset", default="paper")
    parser.add_argument("--batches", default="8", help="tiles a step, several with commas")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--steps", type=int, default=10, help="in a round")
    parser.add_argument("--side", help=argparse.SUPPRESS)
    parser.add_argument("--precision", help=argparse.SUPPRESS)
    parser.add_argument("--batch", type=int, help=argparse.SUPPRESS)
    wish = parser.parse_args()
    if wish.side:
        side(wish)
    else:
        print(json.dumps(measure(wish)))


if __name__ == "__main__":
    main()
