"""Mountain roads: cheapest ways that avoid steep grades, so that they follow the contours."""

from __future__ import annotations

import heapq

import numpy as np
from numba import njit
from scipy import ndimage

from sample_data.grid import CELL, gradient
from sample_data.noise import field

COARSE = 4  # cells of the road grid, 50 m
GRADE = 0.07  # tangent at which a step costs twice its length


@njit(cache=True)
def ways_to(height, cost, start, spacing, grade):
    """Predecessor of every cell on its cheapest way to `start` (Dijkstra), -1 at the start."""
    rows, cols = height.shape
    total = np.full(rows * cols, 1e30)
    previous = np.full(rows * cols, np.int64(-1))
    heap = [(0.0, np.int64(start))]
    total[start] = 0
    while len(heap):
        so_far, cell = heapq.heappop(heap)
        if so_far > total[cell]:
            continue
        y, x = cell // cols, cell % cols
        for j in range(max(0, y - 1), min(rows, y + 2)):
            for i in range(max(0, x - 1), min(cols, x + 2)):
                run = np.sqrt((j - y) ** 2 + (i - x) ** 2)
                if run == 0:
                    continue
                steep = abs(height[j, i] - height[y, x]) / (run * spacing)
                step = run * (0.5 * (cost[j, i] + cost[y, x]) + (steep / grade) ** 2)
                near = j * cols + i
                if so_far + step < total[near]:
                    total[near] = so_far + step
                    previous[near] = cell
                    heapq.heappush(heap, (so_far + step, np.int64(near)))
    return previous


def way(previous: np.ndarray, cell: int, cols: int) -> np.ndarray:
    """Points (n, 2) from a cell of the road grid to the start, in cells of the road grid."""
    points = []
    while cell >= 0:
        points.append((cell // cols, cell % cols))
        cell = previous[cell]
    return np.array(points, float)


def network(elevation, water, ends: list[tuple[int, int]], seed: int) -> np.ndarray:
    """Cells of the roads that join `ends` (row, column), bool (size, size)."""
    size = elevation.shape[0]
    height = ndimage.gaussian_filter(elevation, 1.5)[::COARSE, ::COARSE].astype(np.float64)
    slope = gradient(ndimage.gaussian_filter(elevation, 2))[0][::COARSE, ::COARSE]
    lure = np.abs(field(height.shape[0], seed, "road lure", 1.6, longest=40))
    cost = 1 + (slope / 0.45) ** 2 + 60.0 * water[::COARSE, ::COARSE] + 1.2 * lure
    cells = [(y // COARSE) * height.shape[1] + x // COARSE for y, x in ends]
    previous = ways_to(height, cost, cells[0], COARSE * CELL, GRADE)
    road = np.zeros((size, size), bool)
    for cell in cells[1:]:
        points = way(previous, cell, height.shape[1]) * COARSE + COARSE / 2
        points = ndimage.gaussian_filter1d(points, 0.9, axis=0, mode="nearest")
        fine = np.linspace(0, len(points) - 1, len(points) * 2 * COARSE)
        track = [np.interp(fine, np.arange(len(points)), points[:, k]) for k in (0, 1)]
        y, x = (np.clip(t.round().astype(int), 0, size - 1) for t in track)
        road[y, x] = True
    return road
