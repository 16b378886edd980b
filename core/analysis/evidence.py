"""Evidence per class: frequency ratio, weights of evidence, ROC curve and information gain.

Everything comes from the pixel counts of classes, outside and inside landslides. Pixels of one
landslide are not independent; so significance counts landslides: pixels are divided by the mean
landslide's before they enter a variance.

Frequency ratio: Lee & Pradhan (2007). Weights of evidence: Bonham-Carter (1994), chapter 9.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from rasterio.windows import Window

from core.analysis.areas.area import WHOLE, Area, reader
from core.analysis.classing import Classing
from core.analysis.control import Shifted, compare
from core.analysis.one_pass.histogram import FineHistogram
from core.scene.connected import Connected
from core.scene.store import Scene, SceneFactor

ROWS = 256


@dataclass(frozen=True)
class Evidence:
    """Of one class; None where a side without pixels leaves the figure undefined.

    `frequency_ratio` is the landslide share of the class over that of the area; `w_plus` and
    `w_minus` are the weights of being and of not being in the class, `contrast` their difference,
    `studentised` the contrast over its standard deviation.
    """

    frequency_ratio: float | None
    w_plus: float | None
    w_minus: float | None
    contrast: float | None
    studentised: float | None


def evidence(outside: Sequence[int], inside: Sequence[int], landslides: int) -> list[Evidence]:
    """Return the evidence of every class, given its pixels `outside` and `inside` landslides and
    the number of `landslides` that the pixels inside belong to.

    >>> rows = evidence([900, 100], [10, 90], landslides=10)
    >>> [round(row.frequency_ratio, 3) for row in rows]
    [0.121, 5.211]
    >>> round(rows[1].contrast, 3), round(rows[1].studentised, 2)
    (4.394, 3.97)
    """
    out, into = np.asarray(outside, float), np.asarray(inside, float)
    a_landslide = into.sum() / max(landslides, 1) or 1.0
    totals = float(out.sum()), float(into.sum()), float(a_landslide)
    return [_one(o, i, *totals) for o, i in zip(out.tolist(), into.tolist())]


def _one(out: float, into: float, all_out: float, all_in: float, a_landslide: float) -> Evidence:
    pixels, everything = out + into, all_out + all_in
    ratio = (into / pixels) / (all_in / everything) if pixels and all_in else None
    cells = (into, out, all_in - into, all_out - out)
    plus = _log_ratio(into / all_in, out / all_out) if all_in and all_out else None
    minus = _log_ratio(1 - into / all_in, 1 - out / all_out) if all_in and all_out else None
    if plus is None or minus is None:
        return Evidence(ratio, plus, minus, None, None)
    deviation = float(np.sqrt(sum(a_landslide / cell for cell in cells)))
    return Evidence(ratio, plus, minus, plus - minus, (plus - minus) / deviation)


def _log_ratio(above: float, below: float) -> float | None:
    return float(np.log(above / below)) if above > 0 and below > 0 else None


def roc(
    outside: Sequence[int], inside: Sequence[int]
) -> tuple[np.ndarray, np.ndarray, float] | None:
    """Return (false positive rate, true positive rate, AUC) of ranking the area by the classes'
    landslide share: how well this factor alone would tell landslides on the area it was fitted to;
    None where one side has no pixel.

    >>> roc([50, 50], [0, 10])[2]
    0.75
    """
    out, into = np.asarray(outside, float), np.asarray(inside, float)
    if not out.any() or not into.any():
        return None
    used = out + into > 0
    out, into = out[used], into[used]
    order = np.argsort(-into / (out + into), kind="stable")
    fpr = np.concatenate([[0.0], out[order].cumsum() / out.sum()])
    tpr = np.concatenate([[0.0], into[order].cumsum() / into.sum()])
    return fpr, tpr, float(np.trapezoid(tpr, fpr))


def information_gain(outside: Sequence[int], inside: Sequence[int]) -> float:
    """Return the share (0..1) of the entropy of landslide or not that the classes take away.

    >>> information_gain([50, 0], [0, 50]), information_gain([5, 5], [5, 5])
    (1.0, 0.0)
    """
    table = np.array([outside, inside], float)
    total = table.sum()
    before = _entropy(table.sum(axis=1))
    after = sum(_entropy(column) * column.sum() / total for column in table.T if column.sum())
    return float((before - after) / before) if before else 0.0


def _entropy(counts: np.ndarray) -> float:
    share = counts[counts > 0] / counts.sum()
    return float(-(share * np.log2(share)).sum())


def tables(
    factors: Sequence[SceneFactor],
    histograms: Mapping[str, FineHistogram],
    landslides: int,
    classing: Classing | None = None,
    shifted: Shifted | None = None,
) -> dict:
    """Return {breaks, landslides, factors: [table]}, factors with most information gain first.

    A table: {factor, unit, breaks, auc, information_gain, rank, control, roc: {fpr, tpr}, classes:
    [{label, pixels, landslide_pixels, share, frequency_ratio, w_plus, w_minus, contrast,
    studentised, landslides, chance_p}]} over the pixels where the factor has data. `landslides` of
    a class is its landslide pixels in units of the area's mean landslide; None stands where there
    is nothing to divide by. `control` and `chance_p` as `control.compare` gives them, of the
    inventory moved elsewhere.
    """
    classing = classing or Classing()
    found = [
        with_control(table(item, fine, landslides, classing), item, fine, classing, shifted)
        for item in factors
        for fine in (histograms[item.name],)
    ]
    found.sort(key=lambda t: -t["information_gain"])
    ranked = [{**t, "rank": n} for n, t in enumerate(found, 1)]
    return {"breaks": classing.to_json(), "landslides": landslides, "factors": ranked}


def with_control(
    table: dict,
    factor: SceneFactor,
    fine: FineHistogram,
    classing: Classing,
    shifted: Shifted | None,
) -> dict:
    """The table with what the moved inventory has on the same classes; None where none was."""
    about, chance = None, [None] * len(table["classes"])
    if shifted and factor.name in shifted.counts:
        groups = classing.groups(factor, fine)
        figures = table["information_gain"], table["auc"], shifted.counts[factor.name]
        about, chance = compare(groups, table["classes"], *figures)
    rows = [{**row, "chance_p": p} for row, p in zip(table["classes"], chance)]
    return {**table, "control": about, "classes": rows}


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


def count(scene: Scene, area: Area = WHOLE) -> int:
    """Landslides with a pixel in the area, strip by strip; 0 without an inventory."""
    if scene.mask_path is None:
        return 0
    rows = scene.tile if scene.kind == "tiles" else ROWS
    pieces, seen = Connected(alone=scene.kind == "tiles"), [np.zeros(0, bool)]
    for top in range(0, scene.grid.height, rows):
        window = Window(0, top, scene.grid.width, min(rows, scene.grid.height - top))
        mask = scene.read_mask(window) == 1
        here = mask
        if area.parts and mask.any():
            nothing = np.zeros((0, *mask.shape), np.float32)
            here = mask & area.mask(scene, window, reader(scene, (), nothing, window))
        labels, found = pieces.add(mask)
        seen.append(np.bincount(labels[here], minlength=found + 1)[1:] > 0)
    if not pieces.count:
        return 0
    _, group = pieces.groups()
    return len(np.unique(group[np.concatenate(seen)]))
