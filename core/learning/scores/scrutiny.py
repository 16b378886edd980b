"""What reviewers ask of a map beyond its scores at one threshold, put together from its counts.

`core.learning.scores.ranking` and `core.learning.scores.calibration` compute it; what each figure
says, and its source, is in docs/reviewers.md.
"""

from typing import Any

import numpy as np

from core.errors import SlideScopeError
from core.learning.prediction import products
from core.learning.scores import (
    calibration,
    evaluation,
    intervals,
    metrics,
    operating_point,
    ranking,
)
from core.learning.scores.evaluation import BlockLayout
from core.runs.store import Run

SUCCESS, PREDICTION, MIXED = "success", "prediction", "mixed"
VALIDATION, UNKNOWN = "validation", "unknown"
RATE_WORDS = {
    SUCCESS: "success rate: ground that the network learned from",
    PREDICTION: "prediction rate: ground that it has not seen",
    MIXED: "both kinds of ground together",
    VALIDATION: "validation tiles: they chose the epoch, and the network did not learn from them",
    UNKNOWN: "ground of which it is not known whether the map's maker learned from it",
}
OWN_GROUND = (
    "This area holds tiles that the network or the recalibration learned from, on which it always "
    "looks good: choose --area test."
)


def of_run(
    run: Run,
    scene: str | None = None,
    area: metrics.Area = "test",
    breaks: ranking.Breaks = "equal",
    number: int = ranking.CLASSES,
) -> dict[str, Any]:
    """Return what reviewers ask of `run` on an area of `scene`, from the stored counts.

    Keys: area, area_words, pixels, landslide_pixels, rates (a row a curve: {name, words, rate_auc,
    roc_auc, intervals, area, landslides}), classes {breaks, rows}, boyce {index, windows}, brier
    (`calibration.parts` and the interval of the score) and recalibration {bins, before, after,
    why}: isotonic, fitted on the validation tiles and judged on the area; `bins` (200,) is what
    each bin of probability should have said, None with a reason in `why` where it cannot be fitted.
    """
    ranking.check_number(number)
    folder = run.prediction(scene)
    evaluation.check_area(run, folder.name, area)
    counts, part = products.load_counts(folder)
    layout = evaluation.layout_of(run, folder.name)
    total = metrics.area_counts(counts, part, area)
    _check_landslides(run, folder.name, area, total)
    index, windows = ranking.boyce(total)
    blocks = layout.blocks(counts, metrics.in_area(part, area))
    seen = folder.name in run.config.learned_from and area != "test"
    score = intervals.of_measure(blocks, lambda sums: {"brier": calibration.briers(sums)})
    return {
        "area": area,
        "area_words": evaluation.area_words(run, folder.name, area),
        "pixels": int(total.sum()),
        "landslide_pixels": int(total[:, 1].sum()),
        "rates": _rates(run, folder.name, area, counts, part, layout),
        "classes": {"breaks": breaks, "rows": ranking.classes(total, breaks, number)},
        "boyce": {"index": index, "windows": [list(each) for each in windows]},
        "brier": {**calibration.parts(total), "interval": score and list(score["brier"])},
        "recalibration": _recalibration(run, seen, total),
    }


def _check_landslides(run: Run, scene: str, area: metrics.Area, total: np.ndarray) -> None:
    if not total[:, 1].any():
        raise SlideScopeError(
            f"No landslide pixel lies in the area '{area}' of run '{run.id}' on scene '{scene}': "
            "rates, classes and calibration have nothing to be measured by; choose another --area."
        )


def _rates(
    run: Run,
    scene: str,
    area: metrics.Area,
    counts: np.ndarray,
    part: np.ndarray,
    layout: BlockLayout,
) -> list[dict]:
    """The curve of the area, and the success rate of the training tiles where there are any."""
    learned_here = scene in run.config.learned_from
    # Whose tiles a map that was brought is scored on says nothing of what its maker learned from.
    known = not run.config.brought
    asked = [(kind_of(learned_here, area) if known else UNKNOWN, area)]
    if known and learned_here and area != "train":
        asked.append((SUCCESS, "train"))
    rows = []
    for name, where in asked:
        total = metrics.area_counts(counts, part, where)
        if total[:, 1].any():
            blocks = layout.blocks(counts, metrics.in_area(part, where))
            rows.append(_rate(name, total, blocks))
    return rows


def kind_of(learned_here: bool, area: metrics.Area) -> str:
    """
    >>> kind_of(True, "test"), kind_of(True, "train"), kind_of(True, "all"), kind_of(False, "all")
    ('prediction', 'success', 'mixed', 'prediction')
    >>> kind_of(True, "validation")
    'validation'
    """
    if not learned_here or area == "test":
        return PREDICTION
    if area == "validation":
        return VALIDATION
    return SUCCESS if area == "train" else MIXED


def _rate(name: str, total: np.ndarray, blocks: np.ndarray) -> dict:
    area, landslides = ranking.rate_curve(total)
    under = {key: float(value) for key, value in ranking.areas_under(total).items()}
    sure = intervals.of_measure(blocks, ranking.areas_under)
    return {
        "name": name,
        "words": RATE_WORDS[name],
        **{key: value if np.isfinite(value) else None for key, value in under.items()},
        "intervals": sure and {key: list(ends) for key, ends in sure.items()},
        "area": area.round(6).tolist(),
        "landslides": landslides.round(6).tolist(),
    }


def _recalibration(run: Run, seen: bool, total: np.ndarray) -> dict:
    """What `of_run` has of it; `seen`: the area holds tiles that the network learned from or that
    the recalibration is fitted on."""
    before = {
        "brier": float(calibration.briers(total)),
        "ece": calibration.expected_error(total),
        "reliability": calibration.reliability(total),
    }
    nothing = {"bins": None, "before": before, "after": None}
    if seen:
        return {**nothing, "why": OWN_GROUND}
    try:
        table = calibration.isotonic(operating_point.validation_counts(run))
    except SlideScopeError as error:
        return {**nothing, "why": str(error)}
    after = calibration.recalibrated(total, table)
    return {"bins": table.round(6).tolist(), "before": before, "after": after, "why": None}
