"""How long does the area of applicability take, against predicting the same scene?

    python bench/applicability.py [--scene sample] [--run RUN]

Without a run FCADenseNet (quick) learns from the scene for one epoch first. Both are the command's
own action in a process of its own (predict, then applicability), start included, in turns;
SLIDESCOPE_WORKSPACE is where scene and run lie, and the map is predicted anew. The last line is one
JSON object; seconds are of the clock, cpu_s of the processor, `ratio` is applicability over
prediction in processor seconds, the smaller of the repeats on each side.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def timed(argv: list[str]) -> dict[str, float]:
    """Run a command of ours; return its seconds of clock and processor."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(
        [sys.executable, "-m", "core", *argv], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
    )
    after, seconds = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - started
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"seconds": seconds, "cpu_s": cpu}


def trained(scene: str) -> str:
    """Train a quick network for one epoch; return its run."""
    argv = ["train", scene, "--model", "fcadensenet", "--preset", "quick", "--epochs", "1"]
    done = subprocess.run(
        [sys.executable, "-m", "core", *argv, "--json"],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(done.stdout.splitlines()[-1])["run"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run")
    parser.add_argument("--scene", default="sample")
    parser.add_argument("--repeats", type=int, default=2)
    asked = parser.parse_args()
    run = asked.run or trained(asked.scene)
    found: dict[str, list[dict]] = {"predict": [], "applicability": []}
    for _ in range(asked.repeats):
        for action, tries in found.items():
            tries.append(timed([action, run, "--scene", asked.scene]))
            print(action, json.dumps(tries[-1]), flush=True)
    best = {
        action: {key: round(min(each[key] for each in tries), 2) for key in tries[0]}
        for action, tries in found.items()
    }
    ratio = best["applicability"]["cpu_s"] / best["predict"]["cpu_s"]
    print(json.dumps({"cores": os.cpu_count(), **best, "ratio": round(ratio, 3)}))


if __name__ == "__main__":
    main()
