"""The gap between the paper's split and the block split: what neighbouring tiles give away."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.numerals import fixed
from core.runs.store import Run

GAP_METRICS = {"f1": "F1", "iou_landslide": "landslide IoU"}
# Runs that agree in all of these differ in the split, and perhaps in settings that are named.
ALIKE = ("scene", "fingerprint", "inventory_version", "model", "dataset", "preset", "coding")
MAY_DIFFER = {
    "seed": "seed",
    "split_seed": "seed of the split",
    "epochs": "epochs",
    "batch": "batch",
    "learning_rate": "learning rate",
    "loss": "loss",
    "augmentation": "augmentation",
}


@dataclass(frozen=True)
class Gap:
    """`points` by metric: `paper` minus `block` in percentage points."""

    paper: Run
    block: Run
    points: dict[str, float]

    @property
    def differing(self) -> tuple[str, ...]:
        """Settings other than the split in which the two runs differ, in words."""
        one, other = self.paper.config, self.block.config
        return tuple(
            word
            for name, word in MAY_DIFFER.items()
            if getattr(one, name, None) != getattr(other, name, None)
        )

    @property
    def words(self) -> str:
        """What the gap is and what it means, in two sentences."""
        figures = " and ".join(
            f"{fixed(self.points[name], 1, signed=True)} points {word}"
            for name, word in GAP_METRICS.items()
        )
        said = f"Paper split minus block split: {figures} (each on its own held-out tiles)."
        if self.points["f1"] > 0:
            said += (
                " Tiles that touch training tiles are easier: the block figure is the one to expect"
                " on ground that nobody has mapped."
            )
        else:
            said += (
                " Here touching tiles gave nothing away that the choice of held-out tiles does not"
                " outweigh."
            )
        if self.differing:
            said += f" The two runs also differ in {', '.join(self.differing)}."
        return said


def gaps(runs: Sequence[Run]) -> list[Gap]:
    """A gap for each network, dataset and preset that was measured with both splits; `runs` newest
    first, the newest of each split counts."""
    found: dict[tuple, dict[str, Run]] = {}
    for run in runs:
        if run.config.fold or not run.config.has_network or run.config.test_scene:
            continue
        if run.metrics() is None:
            continue
        key = tuple(getattr(run.config, name) for name in ALIKE)
        found.setdefault(key, {}).setdefault(run.config.split, run)
    return [_gap(pair["paper"], pair["block"]) for pair in found.values() if len(pair) == 2]


def gap_of(run: Run, runs: Sequence[Run]) -> Gap | None:
    """The gap between `run` and the newest run that differs from it in the split."""
    others = [other for other in runs if other.config.split != run.config.split]
    found = gaps([run, *others])
    return found[0] if found and run.id in (found[0].paper.id, found[0].block.id) else None


def _gap(paper: Run, block: Run) -> Gap:
    theirs, ours = paper.needed_metrics(), block.needed_metrics()
    return Gap(paper, block, {n: 100 * (theirs[n] - ours[n]) for n in GAP_METRICS})
