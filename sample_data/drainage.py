"""Where water goes on an elevation grid: receivers, drainage area, height above a channel.

Cells are numbered row by row. A cell that is its own receiver is an outlet.
"""

from __future__ import annotations

import heapq

import numpy as np
from numba import njit

STEPS = 1 << 18  # heights are compared as integers of 1/262144 m: exact order, one-word heap keys
INDEX_BITS = 28


@njit(cache=True)
def flood(level, outlet, cols):
    """Priority flood from the outlets: raises `level` in pits, returns cells in ascending order.

    Barnes et al. (2014), Priority-flood; a flooded cell gets a minimal fall towards its outlet.
    """
    size = level.size
    rows = size // cols
    seen = outlet.copy()
    order = np.empty(size, np.int64)
    heap = [np.int64(0)]
    heap.pop()
    for cell in range(size):
        if outlet[cell]:
            heapq.heappush(heap, (level[cell] << INDEX_BITS) | cell)
    count = 0
    while len(heap):
        cell = heapq.heappop(heap) & ((np.int64(1) << INDEX_BITS) - 1)
        order[count] = cell
        count += 1
        y, x = cell // cols, cell % cols
        for j in range(max(0, y - 1), min(rows, y + 2)):
            for i in range(max(0, x - 1), min(cols, x + 2)):
                near = j * cols + i
                if not seen[near]:
                    seen[near] = True
                    level[near] = max(level[near], level[cell] + 3)
                    heapq.heappush(heap, (level[near] << INDEX_BITS) | near)
    return order


@njit(cache=True)
def steepest(level, outlet, cols, jitter):
    """Receiver of every cell: its steepest lower neighbour, with slopes jittered by a hash.

    Without the jitter planar slopes drain along the eight grid directions and look combed.
    """
    size = level.size
    rows = size // cols
    receiver = np.arange(size)
    for cell in range(size):
        if outlet[cell]:
            continue
        y, x = cell // cols, cell % cols
        best = -1.0
        for dy in range(-1, 2):
            for dx in range(-1, 2):
                j, i = y + dy, x + dx
                if not (0 <= j < rows and 0 <= i < cols):
                    continue
                near = j * cols + i
                if level[near] < level[cell]:
                    draw = ((cell * 9 + dy * 3 + dx + 5) * 2654435761) % 1024 / 1024.0
                    fall = (level[cell] - level[near]) / np.sqrt(dy * dy + dx * dx)
                    fall *= 1 + jitter * (draw - 0.5)
                    if fall > best:
                        best = fall
                        receiver[cell] = near
    return receiver


def route(elevation: np.ndarray, outlet: np.ndarray, jitter: float):
    """Cells in ascending order of the filled surface, and the receiver of each, int64 (cells,)."""
    level = (elevation.ravel() * STEPS).astype(np.int64)
    cols = elevation.shape[1]
    order = flood(level, outlet.ravel(), cols)
    return order, steepest(level, outlet.ravel(), cols, jitter)


@njit(cache=True)
def accumulate(order, receiver, cell_area):
    """Drainage area of every cell in the unit of `cell_area`, float64 (cells,)."""
    area = np.full(order.size, cell_area)
    for k in range(order.size - 1, -1, -1):
        cell = order[k]
        if receiver[cell] != cell:
            area[receiver[cell]] += area[cell]
    return area


@njit(cache=True)
def above_channel(elevation, order, receiver, area, threshold):
    """Height above the point where the flow path meets a channel of `threshold` drainage area."""
    height = elevation.ravel()
    channel = height.copy()
    for cell in order:
        if area[cell] < threshold and receiver[cell] != cell:
            channel[cell] = channel[receiver[cell]]
    return height - channel
