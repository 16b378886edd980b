"""The analysis of a scene: what `factors --json` prints and the Factors page reads."""

import numpy as np

from core.analysis import statistics, store
from core.analysis.correlation import pearson
from core.analysis.explorer import explore
from core.analysis.importance import (
    CONTROL,
    HELD_OUT,
    REPEATS,
    SHUFFLES,
    TREES,
    blocks_of,
    importance,
)
from core.analysis.moments import Moments
from core.analysis.statistics import Statistics
from core.analysis.store import causative_of, load, relations
from core.errors import SlideScopeError
from core.factors import DEFORMATION
from core.jobs.report import Report, part, silent
from core.scene.store import Scene

__all__ = ["analyse", "load"]

SAMPLE_PIXELS = 20_000
# What takes the time: the pass reads every pixel, the forests read a sample.
PASS_SHARE = 0.3


def analyse(
    scene: Scene, pixels: int = SAMPLE_PIXELS, seed: int = 0, report: Report = silent
) -> dict:
    """Compute, store and return the analysis of every factor of the scene."""
    check_pixels(pixels)
    excluded = [{"factor": f.name, "reason": "no data"} for f in scene.factors if not f.valid_share]
    found = statistics.compute(
        scene, sample_pixels=pixels, seed=seed, report=part(report, 0, PASS_SHARE)
    )
    found, too_few = _with_enough_pixels(scene, found, pixels, seed)
    excluded += too_few
    result = {
        "scene": scene.name,
        "synthetic": scene.synthetic,
        **_relations(found.names, found.complete, found.pixels),
        "factors": _summaries(found),
        "excluded": excluded,
        "without_deformation": _without_deformation(found),
        **_importance(scene, found, pixels, seed, part(report, PASS_SHARE, 1)),
        "explorer": {
            name: explore(scene.factor(name), fine) for name, fine in found.histograms.items()
        },
    }
    store.save(scene, result)
    return result


def check_pixels(pixels: int) -> None:
    if not 100 <= pixels <= 1_000_000:
        raise SlideScopeError(
            f"Invalid sample size {pixels}: importance is measured on 100 to 1000000 pixels; "
            "choose a number in between."
        )


def _with_enough_pixels(scene: Scene, found: Statistics, pixels: int, seed: int):
    """Leave deformation out where it spoils the listwise set; refuse a set without pixels."""
    least = len(found.names) + 1
    if found.complete.n >= least:
        return found, []
    if found.without_deformation.n < least:
        emptiest = min(
            (f for f in scene.factors if f.name in found.others), key=lambda f: f.valid_share
        )
        raise SlideScopeError(
            f"Scene '{scene.name}' has {found.without_deformation.n} pixels with data in all "
            f"{len(found.others)} factors: statistics need more pixels than factors; import it "
            f"again without '{emptiest.name}', which has data on "
            f"{100 * emptiest.valid_share:.1f} % of the scene."
        )
    reason = f"only {found.complete.n} pixels where all other factors have data"
    kept = statistics.compute(scene, found.others, pixels, seed)
    return kept, [{"factor": DEFORMATION, "reason": reason}]


def _relations(names, moments: Moments, pixels: int) -> dict:
    return {
        "n": moments.n,
        "dropped_share": 1 - moments.n / pixels,
        **relations(names, pearson(moments)),
    }


def _without_deformation(found: Statistics) -> dict | None:
    if DEFORMATION not in found.names or not found.others:
        return None
    return _relations(found.others, found.without_deformation, found.pixels)


def _summaries(found: Statistics) -> list[dict]:
    """Listwise mean and standard deviation, and each factor's own count."""
    deviation = np.sqrt(np.maximum(np.diag(found.complete.covariance), 0))
    rows = zip(found.names, found.complete.mean, deviation)
    return [
        {
            "factor": name,
            "n": int(found.histograms[name].counts.sum()),
            "mean": float(mean),
            "sd": float(sd),
        }
        for name, mean, sd in rows
    ]


def _importance(scene: Scene, found: Statistics, pixels: int, seed: int, report: Report) -> dict:
    """Importance of all factors and of the causative ones, or one sentence why there is none."""
    none = {"importance": None, "auc": None, "causative": None, "sampling": None}
    if found.balanced is None:
        reason = (
            f"Importance was not computed: scene '{scene.name}' has no landslide inventory; "
            "import it again with one."
        )
        return {**none, "importance_reason": reason}
    blocks = blocks_of(found.balanced, scene.tile, scene.kind, scene.grid.width)

    def measure(names, report):
        columns = [found.names.index(n) for n in names]
        return importance(found.balanced, columns, names, blocks, seed, report=report)

    try:
        every = measure(found.names, part(report, 0, 0.6))
    except SlideScopeError as error:
        return {**none, "importance_reason": str(error)}
    names = causative_of(found.names)
    six = every if names == list(found.names) else None
    if names and six is None:
        six = measure(names, part(report, 0.6, 1))
    return {
        "importance": every.rows,
        "auc": every.auc,
        "importance_reason": every.held_out_reason,
        "causative": {"importance": six.rows, "auc": six.auc} if six else None,
        "sampling": _sampling(found, pixels, seed, every.block_px),
    }


def _sampling(found: Statistics, pixels: int, seed: int, block_px: int | None) -> dict:
    """How importance was measured, for whoever wants to repeat or doubt it."""
    label = found.balanced.label
    return {
        "pixels": len(label),
        "asked": pixels,
        "landslide": int((label == 1).sum()),
        "other": int((label == 0).sum()),
        "ratio": "1:1",
        "seed": seed,
        "forests": REPEATS,
        "trees": TREES,
        "shuffles": SHUFFLES,
        "held_out_share": HELD_OUT if block_px else 0.0,
        "block_px": block_px,
        "control": CONTROL,
        "coding": "paper",
    }
