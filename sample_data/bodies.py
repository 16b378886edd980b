"""Outlines of moving bodies: a fall line, widened to a lobe of a given area."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from sample_data.grid import gradient

SMOOTHINGS = ((0, 3), (250, 8))  # bodies from this many cells on follow a surface this smooth
ATTEMPTS = 80
STEEPEST_CHANNEL = 2.5e6  # m2 of drainage area: bodies do not run across larger channels


@dataclass(frozen=True)
class Body:
    """One body in its window of the grid.

    `along` runs from 0 at the crown to 1 at the toe, `inside` is the distance in cells to the
    outline.
    """

    window: tuple[slice, slice]
    mask: np.ndarray
    along: np.ndarray
    inside: np.ndarray


@dataclass(frozen=True)
class Shape:
    """How bodies of one kind look: length to width ratio, and flow (neck and lobe) or not."""

    elongation: float
    flow: bool

    def width(self, along: np.ndarray) -> np.ndarray:
        """Relative half width at positions between crown (0) and toe (1)."""
        if self.flow:
            crown = 0.42 * np.exp(-(((along - 0.18) / 0.17) ** 2))
            return 0.60 + crown + 0.34 * np.exp(-(((along - 0.88) / 0.14) ** 2))
        return 0.62 + 0.45 * np.sin(np.pi * np.clip(along * 0.8 + 0.12, 0, 1))


def trace(gradients, stop, start, length: float, sign: int) -> list[tuple[float, float]]:
    """Unit steps along the fall line from `start`: down for sign 1, up for -1."""
    point, heading, points = np.array(start), None, []
    rows, cols = stop.shape
    for _ in range(int(length)):
        y, x = int(point[0]), int(point[1])
        if not (4 < y < rows - 5 and 4 < x < cols - 5):
            break
        uphill = np.array([gradients[0][y, x], gradients[1][y, x]])
        steep = np.hypot(*uphill)
        if steep < 0.10 or (sign > 0 and stop[y, x]):
            break
        want = -sign * uphill / steep
        heading = want if heading is None else 0.6 * heading + 0.4 * want
        if heading @ want < 0:
            break
        heading = heading / np.hypot(*heading)
        point = point + heading
        points.append((point[0], point[1]))
    return points


def fall_line(gradients, stop, start, length: float) -> np.ndarray:
    """Points (n, 2) from crown to toe through `start`, at most about `length` cells long."""
    down = trace(gradients, stop, start, 0.5 * length, 1)
    up = trace(gradients, stop, start, min(1.2 * length, length - len(down)), -1)
    points = np.array([*up[::-1], start, *down])
    return ndimage.gaussian_filter1d(points, 4, axis=0) if len(points) > 5 else points


def outline(path, area: int, shape: Shape, ragged, blocked) -> Body | None:
    """The `area` cells nearest to the path in units of its width; None if they meet `blocked`."""
    reach = int(len(path) * 0.6 + 12)
    low = np.maximum(path.min(0).astype(int) - reach, 0)
    high = np.minimum(path.max(0).astype(int) + reach, blocked.shape)
    window = (slice(low[0], high[0]), slice(low[1], high[1]))
    y, x = np.mgrid[window]
    distance, index = cKDTree(path).query(np.c_[y.ravel(), x.ravel()])
    along = (index / (len(path) - 1)).reshape(y.shape)
    rank = distance.reshape(y.shape) / shape.width(along) * (1 + 0.22 * ragged[window])
    rank = rank + 1e3 * blocked[window]
    if rank.size <= area:
        return None
    mask = rank <= np.partition(rank.ravel(), area)[area]
    parts, count = ndimage.label(mask)
    largest = 1 + int(np.argmax(ndimage.sum(mask, parts, range(1, count + 1))))
    mask = ndimage.binary_fill_holes(parts == largest)
    apart = ~(ndimage.binary_dilation(mask, iterations=2) & blocked[window]).any()
    if mask.sum() < 0.85 * area or not apart:
        return None
    return Body(window, mask, along, ndimage.distance_transform_edt(mask))


def place(elevation, weight, areas, shape: Shape, stop, blocked, ragged, draw) -> Iterator[Body]:
    """Yield a body for each area in cells, largest first, seeded where `weight` is high.

    `blocked` is extended by every body yielded; an area that finds no place in a number of
    attempts is left out. `stop` ends fall lines.
    """
    gradients = {}
    for _, smooth in SMOOTHINGS:
        _, east, north = gradient(ndimage.gaussian_filter(elevation, smooth))
        gradients[smooth] = (-north, east)
    half = weight[::2, ::2].astype(np.float64)
    chance = np.cumsum(half)
    for area in sorted((int(a) for a in areas), reverse=True):
        smooth = max(s for least, s in SMOOTHINGS if area >= least)
        for _ in range(ATTEMPTS):
            cell = int(np.searchsorted(chance, draw.random() * chance[-1]))
            start = (2.0 * (cell // half.shape[1]), 2.0 * (cell % half.shape[1]))
            length = np.sqrt(area * shape.elongation * np.exp(draw.normal(0, 0.28)))
            path = fall_line(gradients[smooth], stop, start, length)
            if len(path) < 0.75 * length:
                continue
            body = outline(path, area, shape, ragged, blocked)
            if body is not None:
                blocked[body.window] |= body.mask
                yield body
                break
