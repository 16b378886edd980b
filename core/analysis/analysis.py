"""The analysis of a scene: what `factors --json` prints and the Factors page reads."""

import numpy as np

from core.analysis import control, evidence, store
from core.analysis.areas.area import WHOLE, Area
from core.analysis.classing import explore
from core.analysis.evidence import tables
from core.analysis.forests import HELD_OUT, SHUFFLES, TREES, blocks_of
from core.analysis.importance import CONTROL, DROPS, NULL, NULLS, REPEATS, importance
from core.analysis.one_pass.histogram import FineHistogram
from core.analysis.one_pass.moments import Moments
from core.analysis.one_pass.sample import BalancedSample
from core.analysis.one_pass.statistics import SAMPLE_PIXELS, Statistics, Wish, check_pixels, usable
from core.analysis.relations.collinearity import pearson
from core.analysis.relations.whatif import codings
from core.analysis.store import Stored, causative_of, load, relations
from core.cluster.pool import Pool
from core.errors import SlideScopeError
from core.jobs.report import Report, part, silent
from core.scene.store import Scene

QUANTILES = (0.02, 0.25, 0.5, 0.75, 0.98)

__all__ = ["SAMPLE_PIXELS", "analyse", "load"]

# What takes the time: the pass reads every pixel, the forests read a sample.
PASS_SHARE, FORESTS_FROM = 0.3, 0.45


def analyse(
    scene: Scene,
    pixels: int = SAMPLE_PIXELS,
    seed: int = 0,
    report: Report = silent,
    area: Area = WHOLE,
    drop_column: bool = False,
    also: tuple[str, ...] = (),
    pool: Pool | None = None,
) -> dict:
    """Compute, store and return the analysis of every factor of the scene; `pool`: who reads the
    pixels and grows the forests, in place of this process."""
    check_pixels(pixels)
    wish = Wish(pixels, seed, area, drop_column, also)
    found, left_out = usable(scene, wish, part(report, 0, PASS_SHARE), pool=pool)
    factors = [scene.factor(name) for name in found.names]
    coded = found.correlations
    related = _relations(found.names, found.complete, found.pixels)
    store.save_relations(scene, related, coded, area)
    number = evidence.count(scene, area)
    moving = part(report, PASS_SHARE, FORESTS_FROM)
    shifted = control.measure(scene, found.histograms, area, seed, moving, pool)
    result = {
        "scene": scene.name,
        "synthetic": scene.synthetic,
        "area": _area(scene, area, found.pixels),
        "also": list(also),
        **related,
        "factors": summaries(found),
        "excluded": left_out,
        "without_deformation": _without_deformation(found),
        "coding": codings(coded, factors),
        **_importance(scene, found, wish, part(report, FORESTS_FROM, 1), pool),
        "explorer": {item.name: explore(item, found.histograms[item.name]) for item in factors},
        "evidence": _evidence(factors, found, number, shifted) if scene.mask_path else None,
    }
    store.save(scene, Stored(result, found.histograms, coded, shifted), area)
    return result


def _evidence(factors, found: Statistics, number: int, shifted: control.Shifted | None) -> dict:
    return tables(factors, found.histograms, number, shifted=shifted)


def _area(scene: Scene, area: Area, pixels: int) -> dict:
    """The area in words, as keys, and its share of the scene's pixels."""
    share = pixels / (scene.grid.width * scene.grid.height)
    parts = [{"key": p.key, "words": p.words} for p in area.parts]
    return {"words": area.words, "parts": parts, "pixels": pixels, "share": share}


def _relations(names, moments: Moments, pixels: int) -> dict:
    return {
        "n": moments.n,
        "dropped_share": 1 - moments.n / pixels,
        **relations(names, pearson(moments)),
    }


def _without_deformation(found: Statistics) -> dict | None:
    if found.others == found.names or not found.others:
        return None
    return _relations(found.others, found.without_deformation, found.pixels)


def _importance(
    scene: Scene, found: Statistics, wish: Wish, report: Report, pool: Pool | None
) -> dict:
    """Importance of all factors and of the causative ones, or one sentence why there is none."""
    none = {"importance": None, "auc": None, "null_auc": None}
    none |= {"causative": None, "sampling": None}
    balanced = found.balanced
    if balanced is None:
        reason = (
            f"Importance was not computed: scene '{scene.name}' has no landslide inventory; "
            "import it again with one."
        )
        return {**none, "importance_reason": reason}
    blocks = blocks_of(balanced, scene.tile, scene.kind, scene.grid.width)

    def measure(names, report):
        columns = [found.names.index(n) for n in names]
        about = {"report": report, "drop_column": wish.drop_column, "pool": pool}
        return importance(balanced, columns, names, blocks, wish.seed, **about)

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
        "null_auc": every.null_auc,
        "importance_reason": every.held_out_reason,
        "causative": {"importance": six.rows, "auc": six.auc} if six else None,
        "sampling": _sampling(balanced, wish, every.block_px, blocks.buffer if blocks else 0),
    }


def _sampling(balanced: BalancedSample, wish: Wish, block_px: int | None, buffer_px: int) -> dict:
    """How importance was measured, for whoever wants to repeat or doubt it."""
    label = balanced.label
    return {
        "pixels": len(label),
        "asked": wish.pixels,
        "landslide": int((label == 1).sum()),
        "other": int((label == 0).sum()),
        "ratio": "1:1",
        "seed": wish.seed,
        "forests": REPEATS,
        "trees": TREES,
        "shuffles": SHUFFLES,
        "held_out_share": HELD_OUT if block_px else 0.0,
        "block_px": block_px,
        "buffer_px": buffer_px if block_px else 0,
        "control": CONTROL,
        "null": NULL,
        "null_forests": NULLS,
        "drop_column_forests": DROPS if wish.drop_column else 0,
        "coding": "paper",
    }


def summaries(found: Statistics) -> list[dict]:
    """Return {factor, n, no_data_share, mean, sd, quantiles, quantile_error} of every factor.

    `mean` and `sd` are listwise; `n` and the quantiles are of the pixels where the factor itself
    has data. A quantile is off by at most `quantile_error`, half a bin of the histogram.
    """
    moments = found.complete
    deviation = np.sqrt(np.maximum(np.diag(moments.covariance), 0))
    rows = []
    for name, mean, sd in zip(found.names, moments.mean, deviation):
        fine = found.histograms[name]
        n = int(fine.counts.sum())
        rows.append(
            {
                "factor": name,
                "n": n,
                "no_data_share": 1 - n / found.pixels,
                "mean": float(mean),
                "sd": float(sd),
                "quantiles": quantiles(fine),
                "quantile_error": fine.width / 2,
            }
        )
    return rows


def quantiles(fine: FineHistogram) -> dict[str, float]:
    """Middles of the bins that hold them.

    >>> quantiles(FineHistogram(0.0, 1.0, np.array([[1, 1, 1, 1], [0, 0, 0, 0]])))["0.5"]
    1.5
    """
    middles = {q: fine.low + (fine.bin_of(q) + 0.5) * fine.width for q in QUANTILES}
    return {f"{q:g}": float(middle) for q, middle in middles.items()}
