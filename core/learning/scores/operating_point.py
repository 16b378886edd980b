"""The threshold a run is to be used at, chosen on its validation part, never on its test part; a
guaranteed recall alone is chosen on half of the held-out blocks and checked on the other half.

runs/<id>/operating_point.json    {kind, wanted, threshold, recall, f1, part}
"""

from dataclasses import asdict, dataclass
from typing import Literal, TypedDict

import numpy as np

from core import atomic, audit, stored
from core.display.bins import BINS
from core.errors import SlideScopeError
from core.learning.prediction import products
from core.learning.scores import metrics
from core.learning.training import validation
from core.runs import run_files
from core.runs.store import Run
from core.shapes import Share

FILE = "operating_point.json"
HALF = 0.5
Kind = Literal["half", "best-f1", "recall", "guarantee"]
# On what each kind is chosen.
PARTS: dict[Kind, str] = {"guarantee": "half of the held-out blocks"}


@dataclass(frozen=True)
class OperatingPoint:
    """`threshold` a multiple of .005; `wanted` the recall asked for; `recall` and `f1` what it
    reaches on the validation part, None for the plain 0.5."""

    kind: Kind
    threshold: float
    wanted: float | None = None
    recall: float | None = None
    f1: float | None = None


class Kept(TypedDict):
    """operating_point.json, which can be chosen again where it is damaged."""

    kind: Kind
    threshold: Share
    wanted: float | None
    recall: float | None
    f1: float | None


def choose(run: Run, kind: Kind, wanted: float | None = None) -> OperatingPoint:
    """Return 0.5 (`half`), the best F1, or the highest threshold whose recall is at least
    `wanted`, 0..1: both on the validation tiles of the scene that the run was trained on. What
    chooses a guaranteed recall is `core.learning.scores.guarantee`."""
    if kind == "half":
        return OperatingPoint(kind, HALF)
    if kind == "guarantee":
        raise ValueError("A guaranteed recall is chosen on held-out blocks, never on validation.")
    counts = validation_counts(run)
    if kind == "best-f1":
        threshold, _ = metrics.best_f1(counts)
    else:
        threshold = highest_with_recall(counts, wanted)
    found = metrics.scores(counts, threshold)
    kept = wanted if kind == "recall" else None
    return OperatingPoint(kind, threshold, kept, found["recall"], found["f1"])


def named(run: Run, text: str) -> OperatingPoint:
    """What `best-f1`, `half` or `recall=0.8` chooses."""
    kind, _, wanted = text.partition("=")
    if kind in ("half", "best-f1") and not wanted:
        return choose(run, "half" if kind == "half" else "best-f1")
    try:
        share = float(wanted) if kind == "recall" else None
    except ValueError:
        share = None
    if share is None:
        raise SlideScopeError(
            f"--at '{text}' chooses no threshold: it is best-f1, half, recall= or guarantee= and a "
            "share such as recall=0.8; give one of these."
        )
    return choose(run, "recall", share)


def start(run: Run) -> OperatingPoint:
    """Where a map of the run opens: at the choice that was kept, else at the best F1 on its
    validation part (never on the test part), else, where that holds no landslide, at 0.5."""
    kept = load(run)
    if kept is not None:
        return kept
    try:
        return choose(run, "best-f1")
    except SlideScopeError:
        return OperatingPoint("half", HALF)


def kept_threshold(run: Run) -> float:
    """The threshold that was kept with the run, else 0.5: what its figures are measured at."""
    kept = load(run)
    return HALF if kept is None else kept.threshold


def words(point: OperatingPoint) -> str:
    """How the threshold was chosen, to stand after it; empty for the plain 0.5.

    >>> words(OperatingPoint("best-f1", 0.235)), words(OperatingPoint("recall", 0.1, 0.8))
    ('best F1 on validation', 'recall 0.8 on validation')
    >>> words(OperatingPoint("half", 0.5))
    ''
    """
    if point.kind == "guarantee":
        return f"mean recall {point.wanted or 0.0:g} guaranteed on held-out blocks"
    if point.kind == "recall":
        return f"recall {point.wanted or 0.0:g} on validation"
    return "best F1 on validation" if point.kind == "best-f1" else ""


def highest_with_recall(counts: np.ndarray, wanted: float | None) -> float:
    """Return the highest threshold of counts (200, 2) with a recall of at least `wanted`.

    >>> counts = np.zeros((200, 2), int); counts[[20, 120, 180], 1] = 2, 3, 5
    >>> highest_with_recall(counts, 0.8), highest_with_recall(counts, 0.5)
    (0.6, 0.9)
    """
    if wanted is None or not 0 < wanted <= 1:
        raise SlideScopeError(
            f"Invalid recall {wanted}: it must lie above 0 and reach at most 1; give such a one."
        )
    found = counts[::-1, 1].cumsum()[::-1]
    reached = np.flatnonzero(found >= wanted * found[0] - 1e-9)
    return int(reached.max()) / BINS


def store(run: Run, point: OperatingPoint) -> None:
    """Keep the choice with the run."""
    part = PARTS.get(point.kind, "validation")
    with audit.changing("keep threshold", run.id):
        atomic.write_json(run.path / FILE, {**asdict(point), "part": part})


def load(run: Run) -> OperatingPoint | None:
    """The choice that was kept, None where none was made."""
    value = stored.usable(run.path / FILE, Kept)
    return OperatingPoint(**{k: value[k] for k in Kept.__annotations__}) if value else None


def validation_counts(run: Run) -> np.ndarray:
    """Counts (200, 2) of the validation tiles: of the map where there is one, else of the squares
    that the training measured at its end (on other scenes than the map's, say)."""
    folder = run.prediction(run.config.scene)
    kept = validation.kept(run.path)
    if not (folder / run_files.COUNTS).exists() and kept is not None and kept[:, 1].any():
        return kept.astype(np.int64)
    if not (folder / run_files.COUNTS).exists():
        raise SlideScopeError(
            f"Run '{run.id}' has no prediction for '{run.config.scene}', whose validation tiles "
            f"choose the threshold: run `python -m core predict {run.id} --scene "
            f"{run.config.scene}` first."
        )
    counts, part = products.load_counts(folder)
    found = metrics.area_counts(counts, part, "validation")
    if not found[:, 1].any():
        raise SlideScopeError(
            f"No landslide lies in the validation tiles of run '{run.id}', and the test part "
            "never chooses a threshold: keep 0.5 or move the slider by hand."
        )
    return found
