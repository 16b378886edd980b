"""Factor explorer: histogram inside and outside landslides, and landslide share by class."""

import numpy as np

from core.analysis.evidence.breaks import breaks
from core.analysis.one_pass.histogram import FineHistogram
from core.scene.store import SceneFactor

BINS = 40
CLASSES = 10
TAIL = 0.001
MOST_CLASSES = 60


def explore(factor: SceneFactor, fine: FineHistogram) -> dict:
    """Return {kind, unit, edges, outside, inside, classes} over the pixels where the factor has
    data.

    `edges` (bins + 1) and counts per bin for numeric factors: `BINS` bins between the 0.1 % and
    99.9 % quantiles of either class, the outermost holding what lies beyond; empty for classes.
    `classes`: {label, pixels, landslide_pixels, share} a class code, or ten classes of about
    equal area.
    """
    base = {"kind": factor.kind, "unit": factor.unit}
    if factor.kind == "categorical":
        return {**base, "edges": [], "outside": [], "inside": [], "classes": by_code(factor, fine)}
    low = min(_side(fine, row).bin_of(TAIL) for row in _filled(fine))
    high = max(_side(fine, row).bin_of(1 - TAIL) for row in _filled(fine)) + 1
    cuts = np.unique(np.linspace(low, high, BINS + 1).round().astype(int))
    outside, inside = _regroup(fine.counts, cuts)
    return {
        **base,
        "edges": fine.edges[cuts].tolist(),
        "outside": outside,
        "inside": inside,
        "classes": by_quantile(fine),
    }


def by_code(factor: SceneFactor, fine: FineHistogram) -> list[dict]:
    """Landslide share of each class code, the largest `MOST_CLASSES` by area, in code order."""
    total = fine.counts.sum(axis=0)
    largest = np.sort(np.argsort(-total, kind="stable")[:MOST_CLASSES])
    rows = []
    for at in largest[total[largest] > 0]:
        code = f"{fine.low + 0.5 + at:g}"
        row = class_row((factor.legend or {}).get(code, code), fine.counts[:, at])
        rows.append({"code": code, **row})
    return rows


def by_quantile(fine: FineHistogram) -> list[dict]:
    """Landslide share in ten classes of about equal area (fewer where values repeat)."""
    return by_cuts(fine, breaks(fine, "quantile", CLASSES))


def by_cuts(fine: FineHistogram, cuts: np.ndarray) -> list[dict]:
    """Landslide share between the bins `cuts`."""
    outside, inside = _regroup(fine.counts, cuts)
    edges = fine.edges[cuts]
    return [
        {**class_row(f"{short(a)} to {short(b)}", (o, i)), "low": float(a), "high": float(b)}
        for a, b, o, i in zip(edges[:-1], edges[1:], outside, inside)
    ]


def short(value: float) -> str:
    """Three significant digits, whole numbers from 100 on, a true minus sign.

    >>> short(1234.56), short(-0.01234), short(0.0)
    ('1235', '−0.0123', '0')
    """
    text = f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return text.replace("-", "−")


def _regroup(counts: np.ndarray, cuts: np.ndarray) -> list[list[int]]:
    """Sum fine bins between `cuts`; what lies outside goes into the outermost groups."""
    starts = cuts[:-1].copy()
    starts[0] = 0
    return np.add.reduceat(counts, starts, axis=1).tolist()


def class_row(label: str, counts) -> dict:
    """{label, pixels, landslide_pixels, share} of (outside, inside)."""
    outside, inside = (int(c) for c in counts)
    pixels = outside + inside
    share = inside / pixels if pixels else 0.0
    return {"label": label, "pixels": pixels, "landslide_pixels": inside, "share": share}


def _filled(fine: FineHistogram) -> list[int]:
    return [row for row in (0, 1) if fine.counts[row].any()]


def _side(fine: FineHistogram, row: int) -> FineHistogram:
    return FineHistogram(fine.low, fine.width, fine.counts[row : row + 1])
