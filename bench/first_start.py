"""How long a first start takes: from nothing to a scene with the maps and cards of all networks.

    python bench/first_start.py [--workspace DIR] [--warm]

Runs `python -m core prepare` in an empty workspace with an empty compiler cache (numba), as on a
fresh machine, and watches what a page would show. The last line is one JSON object:
{seconds_to_scene, seconds_to_first_run, seconds_to_all_runs, seconds_in_all, cpu_seconds, cpus}.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core import paths

POLL_S = 0.1


def watch(workspace: Path, cache: Path | None) -> dict[str, float | None]:
    """Run `prepare` in `workspace` and return when each thing could be seen, in seconds."""
    environment = {**os.environ, "SLIDESCOPE_WORKSPACE": str(workspace)}
    if cache:
        environment["NUMBA_CACHE_DIR"] = str(cache)
    networks = len(list(paths.PRETRAINED.glob("*/config.json")))
    seen: dict[str, float | None] = dict.fromkeys(
        ("seconds_to_scene", "seconds_to_first_run", "seconds_to_all_runs")
    )
    started = time.monotonic()
    worker = subprocess.Popen(
        [sys.executable, "-m", "core", "prepare"], cwd=paths.PROJECT, env=environment
    )
    while True:
        ended = worker.poll() is not None
        cards = len(list(workspace.glob("runs/[!.]*/predictions/[!.]*/metrics.json")))
        there = {
            "seconds_to_scene": (workspace / "scenes" / "sample" / "scene.json").exists(),
            "seconds_to_first_run": cards >= 1,
            "seconds_to_all_runs": cards >= networks,
        }
        for name, done in there.items():
            if done and seen[name] is None:
                seen[name] = round(time.monotonic() - started, 1)
        if ended:
            break
        time.sleep(POLL_S)
    if worker.returncode:
        sys.exit(f"`prepare` ended with status {worker.returncode}.")
    # Beside processor time one sees whether the machine had other things to do.
    spent = os.times()
    cpu = round(spent.children_user + spent.children_system, 1)
    return {**seen, "seconds_in_all": round(time.monotonic() - started, 1), "cpu_seconds": cpu}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workspace", type=Path, help="an empty folder (default: a temporary one)")
    parser.add_argument("--warm", action="store_true", help="keep the compiler's cache")
    wish = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        workspace = (wish.workspace or Path(scratch) / "workspace").resolve()
        if workspace.exists() and any(workspace.iterdir()):
            sys.exit(f"'{workspace}' is not empty: a first start needs an empty workspace.")
        found = watch(workspace, None if wish.warm else Path(scratch) / "numba")
    print(json.dumps({**found, "cpus": os.cpu_count()}))


if __name__ == "__main__":
    main()
