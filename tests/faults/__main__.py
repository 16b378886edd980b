"""`python -m tests.faults`: kill trainings and imports at random moments, print what came of it.

Exit status 0 if nothing was lost; the last line is one JSON object.
"""

import argparse
import json
import os
import tempfile
import time
from collections import Counter
from dataclasses import asdict

from tests import tiny
from tests.faults import checks, imports, trainings

# design.md, Checkpoints: a resumed run equals an unbroken one.
TOLERANCE = 1e-5
PHASES = {
    "starting Python": "Python starts",
    "starting": "Python starts",
    "Reading": "scene and tiles are read",
    "Starting Keras": "Keras starts",
    "Building": "graphs are built",
    "Training": "epochs",
    "Loading the network": "prediction",
    "Predicting": "prediction",
    "Outlining": "prediction",
    "Fitting the pixel": "pixel baseline",
    "Measuring the pixel": "pixel baseline",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50, help="of trainings")
    parser.add_argument("--imports", type=int, default=10, help="kills of imports")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="slidescope-faults-") as folder:
        os.environ["SLIDESCOPE_WORKSPACE"] = folder
        print(json.dumps(measure(args)))


def measure(args: argparse.Namespace) -> dict:
    """Kill imports, then trainings; the sum so far is printed after each run that has ended."""
    began = time.monotonic()
    tiny.scene()
    imported = imports.kill_imports(args.imports, args.seed)
    reference, life = trainings.train(args.epochs)
    at, kills, ends = trainings.moments(args.kills, life, args.seed), [], []
    found = {"import_kills": Counter(imported), "unbroken_run_seconds": round(life, 1)}
    while len(kills) < args.kills:
        run_id, of_run = trainings.chain(args.epochs, at, args.kills - len(kills))
        kills += of_run
        ends.append(checks.farthest(run_id, reference))
        assert max(ends[-1].values()) <= TOLERANCE, ends[-1]
        found |= summed(kills, ends) | {"seconds": round(time.monotonic() - began)}
        print(json.dumps(found), flush=True)
    return {**found, "each": [asdict(kill) for kill in kills]}


def summed(kills: list[trainings.Kill], ends: list[dict[str, float]]) -> dict:
    return {
        "kills": len(kills),
        "runs": len(ends),
        "met": Counter(phase(kill.met) for kill in kills),
        "while_writing": Counter(writing(kill.met) for kill in kills),
        "states_afterwards": Counter(kill.state or "no run yet" for kill in kills),
        "files_read": sum(kill.files for kill in kills),
        "largest_difference": max(end["curves"] for end in ends),
        "largest_difference_of_the_map": max(end["probability"] for end in ends),
    }


def phase(met: str) -> str:
    """
    >>> phase("Training: epoch 2 of 8 (writing last)")
    'epochs'
    """
    words = met.split(" (writing")[0]
    return next((title for start, title in PHASES.items() if met.startswith(start)), words)


def writing(met: str) -> str:
    """
    >>> writing("Training: epoch 2 of 8 (writing last)")
    'last'
    """
    return met.partition(" (writing ")[2].rstrip(")") or "nothing"


if __name__ == "__main__":
    main()
