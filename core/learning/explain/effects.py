"""How a network's probability follows one factor: accumulated local effects (ALE).

Source: Apley and Zhu 2020, *Journal of the Royal Statistical Society B* 82, 1059-1086. The values
of a factor fall into bins. The pixels of a bin are moved to its lower and to its upper edge, so by
no more than the bin is wide and never to where the other factors make no sense; what their
probability gains between both is averaged and added up from bin to bin. A curve of partial
dependence would ask for steep river beds and flat scarps instead.

A network sees more than the pixel, so the bins take turns: while one moves, the rest of the tile
stays as it is. Were all of them moved at once, the rim of a landslide would be told to gain what
its middle does, whose bin is far wider.

Classes have no order and bearings no ends: categorical and circular factors have no curve.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from core.jobs.report import Report, silent
from core.learning.explain.channel_importance import BATCH, Stack, predict
from core.learning.tiles.channels import encode

# Narrow at both ends: there lie landslides, and a tenth of all pixels would be too coarse.
SHARES = (0, 0.001, 0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.995, 0.999, 1)
# Each is predicted twice for every bin of every factor that it has pixels in.
TILES = 16


def curves(
    built: Any, stack: Stack, shares: Sequence[float] = SHARES, report: Report = silent
) -> list[dict]:
    """A row for each factor with an order: {factor, values: edges of the bins in the factor's unit
    (bins + 1), effect: of the probability there (bins + 1), its mean over the pixels 0, pixels: in
    each bin (bins)}. A factor that is the same everywhere has none.

    The bins lie between the quantiles `shares` of up to `TILES` tiles, spread over the stack.
    """
    stack = _some(stack)
    ordered = [
        column
        for column in range(len(stack.factors))
        if not (stack.categorical[column] or stack.circular[column])
    ]
    rows = []
    for number, column in enumerate(ordered):
        name, many = stack.factors[column], len(ordered)
        report(f"Effect of {name}: factor {number + 1} of {many}", number / many)
        edges = _edges(stack, column, shares)
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


def _some(stack: Stack) -> Stack:
    kept = np.unique(np.linspace(0, len(stack) - 1, TILES).round().astype(int))
    return replace(
        stack,
        values=stack.values[kept],
        reference=stack.reference[kept],
        usable=stack.usable[kept],
    )


def _edges(stack: Stack, column: int, shares: Sequence[float]) -> np.ndarray:
    """The quantiles `shares` of a factor, the lowest and the highest value among them.

    Values that many pixels share are one edge: then there are fewer bins.
    """
    values = stack.values[..., column][stack.usable]
    values = values[np.isfinite(values)]
    return np.unique(np.quantile(values, shares)) if values.size else np.empty(0)


def _gains(
    built: Any, stack: Stack, column: int, edges: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Sum of the gains of probability across each bin, and the number of its pixels."""
    bins = len(edges) - 1
    own = stack.values[..., column]
    place = np.clip(np.searchsorted(edges, own, side="right") - 1, 0, bins - 1)
    # A pixel without data, or not scored, is in no bin.
    place[~(stack.usable & np.isfinite(own))] = -1
    gained, pixels = np.zeros(bins), np.zeros(bins, np.int64)
    for number in range(bins):
        inside = place == number
        pixels[number] = inside.sum()
        for part in _batches(np.flatnonzero(inside.any(axis=(1, 2)))):
            low, high = (
                _moved(built, stack, column, part, inside[part], edges[number + side])
                for side in (0, 1)
            )
            gained[number] += (high - low)[inside[part]].sum(dtype=np.float64)
    return gained, pixels


def _batches(tiles: np.ndarray) -> Iterator[np.ndarray]:
    for start in range(0, len(tiles), BATCH):
        yield tiles[start : start + BATCH]


def _moved(
    built: Any, stack: Stack, column: int, part: np.ndarray, inside: np.ndarray, to: float
) -> np.ndarray:
    """Probabilities of the tiles `part` where the pixels `inside` have the value `to`."""
    values = stack.values[part]
    values[..., column][inside] = to
    return predict(built, encode(values, stack.factors, stack.channels))
