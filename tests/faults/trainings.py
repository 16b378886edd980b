"""Trainings of a tiny scene that are killed and resumed until they end."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.runs import store
from tests.faults import checks
from tests.faults.worker import Moment, kill, run

TRAIN = ("train", "tiny", "--model", "unet", "--dataset", "rs-dr", "--preset", "quick")
# Half of the kills are aimed at what lasts too short for chance to meet.
AIMED = (
    ("stage:Building the network", 5.0),
    ("stage:Training", 2.0),
    ("writing:model", 0.01),
    ("writing:last", 0.01),
    ("writing:tiny", 1.0),
    ("stage:Fitting the pixel baseline", 0.5),
)


@dataclass(frozen=True)
class Kill:
    """`met` is what the process was doing; `state` what `runs` says afterwards, None where there
    was no run yet; `epochs` of its history, `files` that were opened and read."""

    met: str
    state: str | None
    epochs: int
    files: int


def train(epochs: int) -> tuple[str, float]:
    """A training that nobody kills: (run, seconds)."""
    began = time.monotonic()
    return run(*TRAIN, "--epochs", str(epochs))["run"], time.monotonic() - began


def moments(kills: int, life: float, seed: int) -> Iterator[Moment]:
    """Moments without end: one at random over the whole life, one aimed, and so on."""
    rng = np.random.default_rng(seed)
    marks = [AIMED[i] for i in rng.permutation(np.arange(kills) % len(AIMED))]
    while True:
        for mark, longest in marks:
            yield Moment("start", float(rng.uniform(0, life)))
            yield Moment(mark, float(rng.uniform(0, longest)))


def chain(epochs: int, at: Iterator[Moment], limit: int) -> tuple[str, list[Kill]]:
    """Kill and resume one training until it ends, or `limit` kills are done; then let it end.

    Everything in `checks` is asserted after each kill. Returns the run and its kills.
    """
    known, kills, trained, done = set(checks.listed()), [], 0, False
    scene, run_id = checks.digests("tiny"), None
    while not done:
        argv = ("train", "--resume", run_id) if run_id else (*TRAIN, "--epochs", str(epochs))
        death = kill(argv, next(at) if len(kills) < limit else Moment("never"))
        rows = checks.listed()
        run_id = run_id or next(iter(set(rows) - known), None)
        if death.met is None:
            assert death.result, f"{run_id} did not end well: see faults.log"
            done = True
            continue
        files = checks.every_file_can_be_read()
        checks.every_hash_holds()
        assert checks.digests("tiny") == scene, "the scene has changed"
        if run_id:
            trained = checks.epochs_once(store.load(run_id), trained)
            assert rows[run_id]["state"] in ("interrupted", "done"), rows[run_id]
            done = rows[run_id]["state"] == "done"
        kills.append(Kill(death.met, rows[run_id]["state"] if run_id else None, trained, files))
    return run_id, kills
