"""The evidence of every factor as tables: what each class says, and how factors rank.

Computed from the fine histograms of an analysis, so other class breaks cost no pixel.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from core.analysis.evidence.classing import Classing
from core.analysis.evidence.evidence import evidence, information_gain, roc
from core.analysis.one_pass.histogram import FineHistogram
from core.scene.store import SceneFactor


def tables(
    factors: Sequence[SceneFactor],
    histograms: Mapping[str, FineHistogram],
    landslides: int,
    classing: Classing | None = None,
) -> dict:
    """Return {breaks, landslides, factors: [table]}, factors with most information gain first.

    A table: {factor, unit, breaks, auc, information_gain, rank, roc: {fpr, tpr}, classes: [{label,
    pixels, landslide_pixels, share, frequency_ratio, w_plus, w_minus, contrast, studentised,
    landslides}]} over the pixels where the factor has data. `landslides` of a class is its
    landslide pixels in units of the area's mean landslide; None stands where there is nothing to
    divide by.
    """
    classing = classing or Classing()
    found = [table(item, histograms[item.name], landslides, classing) for item in factors]
    found.sort(key=lambda t: -t["information_gain"])
    ranked = [{**t, "rank": n} for n, t in enumerate(found, 1)]
    return {"breaks": classing.to_json(), "landslides": landslides, "factors": ranked}


def table(factor: SceneFactor, fine: FineHistogram, landslides: int, classing: Classing) -> dict:
    """The evidence of one factor, without its rank."""
    rows = classing.rows(factor, fine)
    inside = [row["landslide_pixels"] for row in rows]
    outside = [row["pixels"] - row["landslide_pixels"] for row in rows]
    a_landslide = sum(inside) / landslides if landslides else 0
    for row, found in zip(rows, evidence(outside, inside, landslides)):
        row |= asdict(found)
        row["landslides"] = row["landslide_pixels"] / a_landslide if a_landslide else 0.0
    curve = roc(outside, inside)
    return {
        "factor": factor.name,
        "unit": factor.unit,
        "breaks": classing.method_of(factor),
        "auc": curve[2] if curve else None,
        "information_gain": information_gain(outside, inside),
        "roc": {"fpr": curve[0].tolist(), "tpr": curve[1].tolist()} if curve else None,
        "classes": rows,
    }
