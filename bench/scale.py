"""What a second worker brings, whether it changes anything, and what a task costs beside its work.

    python bench/scale.py [--size 10000] [--large 30000] [--folder DIR]

A scene of size x size pixels and ten factors is made; its statistics, the map of the shipped
FCADenseNet and an import of a DEM of as many pixels are computed by this process, by one dask
worker of one thread and by two. `identical` says whether all three gave the same numbers, bit by
bit. A task's overhead is what an empty task takes, as a share of what a task of the pass takes.
With --large the memory benches run at that size. The machine should do nothing else. The last line
is one JSON object: {speedup_statistics, speedup_predict, speedup_import, identical, task_overhead,
peak_mb_30000, ...}.
"""

import argparse
import hashlib
import json
import operator
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import core.arithmetic  # noqa: F401 - before anything loads numpy
from bench.factors_scene import make, pattern
from bench.import_memory import write
from core import paths, processes
from core.analysis.one_pass import statistics
from core.cluster import pool
from core.cluster.pool import Pool
from core.cluster.task import Task
from core.display import display
from core.jobs.report import silent
from core.learning.prediction import prediction
from core.runs import store as runs
from core.scene import importing, store
from core.scene.plan.request import ImportRequest, parse_sources

PROJECT = Path(__file__).resolve().parent.parent
NETWORK = "sample-fcadensenet-rs-dr-shipped"
SCENE = "scale"
EMPTY = 200


def statistics_of(workers: Pool | None) -> str:
    """The pass over the pixels of all factors."""
    found = statistics.compute(store.load(SCENE), pool=workers)
    counts = [each.counts.tobytes() for each in found.histograms.values()]
    drawn = found.balanced.values.tobytes() if found.balanced else b""
    return _hash(found.coded.gram.tobytes(), *counts, drawn)


def map_of(workers: Pool | None) -> str:
    """Probability, mask, outlines and map layer."""
    run = runs.load(NETWORK)
    found = prediction.predict(run, store.load(SCENE), silent, pool=workers)
    probability = run.prediction(SCENE) / "probability.tif"
    return _hash(probability.read_bytes(), str(found["landslides"]).encode())


def scene_of(workers: Pool | None) -> str:
    """Terrain, aligned stack and map layers of a DEM."""
    dem = parse_sources(str(paths.workspace() / "dem.tif"))
    request = ImportRequest("imported", factors={"elevation": dem}, replace=True)
    with store.create(request.name, True) as folder:
        made = importing.import_scene(request, folder, silent, (), workers)
        display.prepare_scene(made, silent, workers)
        layers = sorted((folder / "display").glob("*.tif"))
        return _hash(made.fingerprint.encode(), *(path.read_bytes() for path in layers))


WORK = {"statistics": statistics_of, "predict": map_of, "import": scene_of}


def _hash(*parts: bytes) -> str:
    made = hashlib.sha256()
    for part in parts:
        made.update(part)
    return made.hexdigest()


def prepare(size: int) -> None:
    """The scene, a network and a DEM, in the workspace."""
    paths.scenes_folder().mkdir(parents=True)
    make(paths.scenes_folder() / SCENE, size, pattern())
    shutil.copytree(paths.PRETRAINED / NETWORK, paths.runs_folder() / NETWORK)
    write(paths.workspace() / "dem.tif", round(size * 1.25))


def measured(work: dict[str, Callable]) -> tuple[dict, dict, dict]:
    """(seconds, hashes) by work and place, and what an empty task takes."""
    seconds: dict = {name: {} for name in work}
    hashes: dict = {name: {} for name in work}
    empty = {}
    for count in (0, 1, 2):
        where = f"dask:local:{count}" if count else "local"
        os.environ[processes.THREADS] = str(count or processes.cores())
        with pool.opened(where, silent) as workers:
            if workers:
                empty[where] = _empty(workers)
                statistics.compute(store.load(SCENE), pool=workers)  # libraries are loaded
            for name, act in work.items():
                started = time.monotonic()
                hashes[name][where] = act(workers)
                seconds[name][where] = round(time.monotonic() - started, 2)
                print(f"{name} on {where}: {seconds[name][where]} s", file=sys.stderr, flush=True)
    del os.environ[processes.THREADS]
    return seconds, hashes, empty


def _empty(workers: Pool) -> float:
    """Seconds of a task that does nothing."""
    tasks = [Task("nothing", operator.add, (1, 1)) for _ in range(EMPTY)]
    list(workers.results(tasks, silent, "Nothing"))
    started = time.monotonic()
    list(workers.results(tasks, silent, "Nothing"))
    return (time.monotonic() - started) / EMPTY


def peaks(size: int, folder: str | None) -> dict:
    """Peak memory of prediction and import at a size."""
    found = {}
    for name in ("predict", "import"):
        words = [sys.executable, f"bench/{name}_memory.py", "--size", str(size)]
        words += ["--folder", folder] if folder else []
        done = subprocess.run(words, cwd=PROJECT, stdout=subprocess.PIPE, text=True, check=True)
        found[name] = json.loads(done.stdout.splitlines()[-1])["peak_mb"]
    return found


def main() -> dict:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=10_000, help="pixels a side")
    parser.add_argument("--large", type=int, default=0, help="of the memory benches; 0: not run")
    parser.add_argument("--folder", help="where files are made: 15 GB at 10,000")
    parser.add_argument("--only", choices=WORK, action="append", help="of the three")
    wish = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=wish.folder, prefix="scale-") as folder:
        os.environ["SLIDESCOPE_WORKSPACE"] = folder
        prepare(wish.size)
        work = {name: WORK[name] for name in wish.only or WORK}
        seconds, hashes, empty = measured(work)
    one, two = "dask:local:1", "dask:local:2"
    found = {f"speedup_{n}": round(each[one] / each[two], 2) for n, each in seconds.items()}
    found["identical"] = all(len(set(each.values())) == 1 for each in hashes.values())
    found |= {"pixels": wish.size**2, "seconds": seconds}
    found["empty_task_s"] = {place: round(each, 5) for place, each in empty.items()}
    if "statistics" in seconds:
        from core.analysis.one_pass.tasks import TASK_PIXELS

        task = seconds["statistics"][one] / max(1, wish.size**2 / TASK_PIXELS)
        found["task_overhead"] = round(empty[one] / task, 4)
    if wish.large:
        every = peaks(wish.large, wish.folder)
        found |= {"peak_mb": every, f"peak_mb_{wish.large}": max(every.values())}
    return found


if __name__ == "__main__":
    print(json.dumps(main()))
