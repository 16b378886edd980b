"""How a network's probability follows one factor: accumulated local effects (ALE).

Source: Apley and Zhu 2020, *Journal of the Royal Statistical Society B* 82, 1059-1086. The values
of a factor fall into bins of equal numbers of pixels. Each pixel is moved to the lower and to the
upper edge of its own bin, so by no more than the bin is wide and never to where the other factors
make no sense; what the probability gains between both is averaged in each bin and added up from bin
to bin. A curve of partial dependence would ask for steep river beds and flat scarps instead.

Here a network sees more than the pixel: all pixels of a tile move at once, each within its own bin,
so a curve tells what a small change of the whole neighbourhood does.

Classes have no order and bearings no ends: categorical and circular factors have no curve.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from core.jobs.report import Report, silent
from core.learning.explain.channel_importance import BATCH, Stack, predict
from core.learning.tiles.channels import encode

BINS = 20


def curves(built: Any, stack: Stack, bins: int = BINS, report: Report = silent) -> list[dict]:
    """A row for each factor with an order: {factor, values: edges of the bins in the factor's unit
    (bins + 1), effect: of the probability there (bins + 1), its mean over the pixels 0, pixels: in
    each bin (bins)}. A factor that is the same everywhere has none.
    """
    ordered = [
        column
        for column in range(len(stack.factors))
        if not (stack.categorical[column] or stack.circular[column])
    ]
    rows = []
    for number, column in enumerate(ordered):
        name, many = stack.factors[column], len(ordered)
        report(f"Effect of {name}: factor {number + 1} of {many}", number / many)
        edges = _edges(stack, column, bins)
        if len(edges) < 2:
            continue
        gained, pixels = _gains(built, stack, column, edges)
        found = accumulated(gained, pixels)
        rows.append(
            {
                "factor": name,
                "values": edges.tolist(),
                "effect": found.tolist(),
                "pixels": pixels.tolist(),
            }
        )
    return rows


def accumulated(gained: np.ndarray, pixels: np.ndarray) -> np.ndarray:
    """float (bins + 1,): mean gains (sum `gained`, number `pixels` of each bin) added up, less
    their mean over the pixels, a pixel taken as halfway through its bin.

    >>> accumulated(np.array([2.0, 4.0]), np.array([2, 2])).tolist()
    [-1.25, -0.25, 1.75]
    """
    steps = np.divide(gained, pixels, out=np.zeros(len(pixels)), where=pixels > 0)
    effect = np.concatenate([[0.0], np.cumsum(steps)])
    middle = (effect[1:] + effect[:-1]) / 2
    return effect - (middle * pixels).sum() / max(pixels.sum(), 1)


def _edges(stack: Stack, column: int, bins: int) -> np.ndarray:
    """Edges of up to `bins` bins of equal numbers of pixels, from the lowest value to the highest.

    Values that many pixels share are one edge: then there are fewer bins.
    """
    values = stack.values[..., column][stack.usable]
    values = values[np.isfinite(values)]
    if not values.size:
        return np.empty(0)
    return np.unique(np.quantile(values, np.linspace(0, 1, bins + 1)))


def _gains(
    built: Any, stack: Stack, column: int, edges: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Sum of the gains of probability across each bin, and the number of its pixels."""
    bins = len(edges) - 1
    gained, pixels = np.zeros(bins), np.zeros(bins, np.int64)
    for values, usable in _batches(stack):
        own = values[..., column]
        place = np.clip(np.searchsorted(edges, own, side="right") - 1, 0, bins - 1)
        sides = []
        for side in (0, 1):
            moved = values.copy()
            moved[..., column] = np.where(np.isnan(own), np.nan, edges[place + side])
            sides.append(predict(built, encode(moved, stack.factors, stack.channels)))
        counted = usable & np.isfinite(own)
        gain = (sides[1] - sides[0])[counted].astype(np.float64)
        gained += np.bincount(place[counted], gain, bins)
        pixels += np.bincount(place[counted], minlength=bins)
    return gained, pixels


def _batches(stack: Stack) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for start in range(0, len(stack), BATCH):
        yield stack.values[start : start + BATCH], stack.usable[start : start + BATCH]
