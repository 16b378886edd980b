"""Evidence per class: frequency ratio, weights of evidence, ROC curve and information gain.

Everything comes from the pixel counts of classes, outside and inside landslides. Pixels of one
landslide are not independent; so significance counts landslides: pixels are divided by the mean
landslide's before they enter a variance.

Frequency ratio: Lee & Pradhan (2007). Weights of evidence: Bonham-Carter (1994), chapter 9.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


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
