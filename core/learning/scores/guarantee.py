"""A threshold with a guaranteed recall: conformal risk control over blocks of held-out ground.

The blocks of the held-out ground that hold landslides are split at random into two halves. The
first chooses the threshold, the second says what it reaches; the validation part, which chose the
epoch, is in neither. A block's loss is the share of its landslide pixels that the mask misses, and
the threshold is the highest one whose corrected mean loss stays within what was asked for.

What is guaranteed: over such splits, the mean recall of a block that was not used is at least the
one wanted. It holds as far as blocks are exchangeable, that is, as far as the next block is drawn
from the same kind of ground: for the rest of this held-out part by construction, for another
watershed by hope. It is a mean over blocks, not a promise for every block, and not the recall of
all pixels together, where a large landslide counts for more.

Source: Angelopoulos, Bates, Fisch, Lei and Schuster (2024), "Conformal risk control", ICLR.
"""

from dataclasses import asdict, dataclass
from math import ceil
from typing import Any

import numpy as np

from core.display.bins import BINS
from core.errors import SlideScopeError
from core.learning.prediction import products
from core.learning.scores import evaluation, metrics
from core.learning.scores.operating_point import OperatingPoint
from core.runs.store import Run

SEED = 2024
WORDS = "guarantee"


@dataclass(frozen=True)
class Guarantee:
    """A threshold for a `wanted` mean recall: what it reaches on the `calibration_blocks` that
    chose it, and on the `check_blocks` that did not, of which also the `pooled_recall` and
    `precision` of all their pixels are told."""

    wanted: float
    threshold: float
    calibration_blocks: int
    calibration_recall: float
    check_blocks: int
    check_recall: float
    pooled_recall: float
    precision: float

    @property
    def words(self) -> str:
        """One sentence on what holds."""
        return (
            f"At p >= {self.threshold:g} a block of held-out ground has a mean recall of at least "
            f"{self.wanted:g}, as far as blocks are exchangeable: chosen on "
            f"{self.calibration_blocks} blocks, {self.check_recall:.3f} on the other "
            f"{self.check_blocks}."
        )

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "words": self.words}

    @property
    def point(self) -> OperatingPoint:
        """What is kept with the run; recall and precision are those of the blocks that checked."""
        recall, precision = self.pooled_recall, self.precision
        both = recall + precision
        f1 = 2 * recall * precision / both if both else 0.0
        return OperatingPoint("guarantee", self.threshold, self.wanted, recall, f1)


def of_run(run: Run, wanted: float, scene: str | None = None) -> Guarantee:
    """Return the threshold that guarantees a recall on ground like the run's held-out blocks."""
    check_recall(wanted)
    if not run.predicted(scene):
        raise SlideScopeError(
            f"Run '{run.id}' has no prediction for scene '{scene or run.test_scene}', whose "
            f"held-out blocks choose the threshold: run `python -m core predict {run.id}` first."
        )
    folder = run.prediction(scene)
    if run.config.brought and not run.config.learned_from:
        raise SlideScopeError(
            f"Where the map of run '{run.id}' was trained is not known, so no ground of it is held "
            "out and no recall can be guaranteed: bring it again with --split-of RUN."
        )
    # Never training ground: where the run held nothing out of this scene, that is said.
    area: metrics.Area = "test" if folder.name in run.config.learned_from else "all"
    evaluation.check_area(run, folder.name, area)
    counts, part = products.load_counts(folder)
    layout = evaluation.layout_of(run, folder.name)
    blocks = layout.blocks(counts, metrics.in_area(part, area))
    return of_blocks(blocks, wanted)


def of_text(run: Run, text: str, scene: str | None = None) -> Guarantee:
    """What `guarantee=0.9` asks for."""
    try:
        wanted = float(text.partition("=")[2])
    except ValueError:
        raise SlideScopeError(
            f"--at '{text}' says no recall: write guarantee= and a share, such as guarantee=0.9."
        ) from None
    return of_run(run, wanted, scene)


def of_blocks(blocks: np.ndarray, wanted: float) -> Guarantee:
    """The same of counts (blocks, 200, 2) of held-out ground."""
    holding = blocks[blocks[..., 1].any(axis=-1)]
    first, second = halves(len(holding), wanted)
    calibration, check = holding[first], holding[second]
    chosen = threshold(calibration, wanted)
    tp, fp, fn, _ = (int(v.sum()) for v in metrics.confusion(check, chosen))
    return Guarantee(
        wanted=wanted,
        threshold=chosen,
        calibration_blocks=len(calibration),
        calibration_recall=float(recalls(calibration, chosen).mean()),
        check_blocks=len(check),
        check_recall=float(recalls(check, chosen).mean()),
        pooled_recall=tp / max(tp + fn, 1),
        precision=tp / max(tp + fp, 1),
    )


def threshold(calibration: np.ndarray, wanted: float) -> float:
    """Return the highest threshold of counts (n, 200, 2), each with landslides, at which
    (sum of the blocks' missed shares + 1) / (n + 1) is at most 1 - `wanted`.

    The 1 stands for the block to come, of which the worst is taken.

    >>> blocks = np.zeros((9, 200, 2), int); blocks[:, 120, 1] = 10
    >>> threshold(blocks, 0.9), threshold(blocks, 0.5)
    (0.6, 0.6)
    """
    found = calibration[..., 1].cumsum(axis=-1) / calibration[..., 1].sum(axis=-1, keepdims=True)
    missed = np.append(0.0, found.sum(axis=0))  # at threshold 0, then at every further one
    corrected = (missed + 1) / (len(calibration) + 1)
    return int(np.flatnonzero(corrected <= 1 - wanted + 1e-12).max()) / BINS


def recalls(blocks: np.ndarray, at: float) -> np.ndarray:
    """Recall of each of counts (n, 200, 2) at a threshold, (n,)."""
    tp, _, fn, _ = metrics.confusion(blocks, at)
    return tp / np.maximum(tp + fn, 1)


def needed(wanted: float) -> int:
    """Blocks without which no threshold can promise so much.

    >>> needed(0.9), needed(0.5)
    (9, 1)
    """
    return ceil(1 / (1 - wanted) - 1 - 1e-9)


def halves(blocks: int, wanted: float) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the blocks that calibrate and of those that check: half and half at random, the
    first as many as are needed."""
    least = needed(wanted)
    if blocks < least + 1:
        reach = (blocks - 1) / max(blocks, 1)
        raise SlideScopeError(
            f"A recall of {wanted:g} cannot be guaranteed: it needs {least} held-out blocks with "
            f"landslides to choose the threshold and one more to check it, here are {blocks}; "
            f"ask for at most {np.floor(100 * reach) / 100:g}, or hold out more ground."
        )
    order = np.random.default_rng([SEED, blocks]).permutation(blocks)
    first = max(least, (blocks + 1) // 2)
    return order[:first], order[first:]


def check_recall(wanted: float) -> None:
    if not 0 < wanted < 1:
        raise SlideScopeError(
            f"Invalid recall {wanted:g}: what can be guaranteed lies above 0 and below 1; give "
            "such a one, for example 0.9."
        )
