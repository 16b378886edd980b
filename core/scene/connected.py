"""Connected pieces of a scene that is read strip by strip: what touches across a border is one."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import ndimage, sparse

EIGHT = np.ones((3, 3), bool)  # pixels that touch at a corner belong together


def touching(above: np.ndarray, first: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(numbers in the row above, labels in the first row) that touch, corners included.

    >>> [pair.tolist() for pair in touching(np.array([1, 0, 0, 2]), np.array([0, 1, 0, 0]))]
    [[1], [1]]
    """
    width = len(first)
    pairs = []
    for shift in (-1, 0, 1):
        a = above[max(0, shift) : width + min(0, shift)]
        b = first[max(0, -shift) : width + min(0, -shift)]
        both = (a > 0) & (b > 0)
        pairs.append(np.stack([a[both], b[both]]))
    return tuple(np.unique(np.concatenate(pairs, axis=1), axis=1))


def groups(count: int, edges: Sequence[np.ndarray]) -> tuple[int, np.ndarray]:
    """How many there are of `count` pieces when those of every edge, int (2, n) from 0 on, are one;
    and the number of each piece, (count,).

    >>> found, number = groups(3, [np.array([[0], [2]])])
    >>> found, number.tolist()
    (2, [0, 1, 0])
    """
    pairs = np.concatenate([np.zeros((2, 0), int), *edges], axis=1)
    graph = sparse.coo_matrix((np.ones(pairs.shape[1]), tuple(pairs)), shape=(count, count))
    return sparse.csgraph.connected_components(graph, directed=False)


@dataclass
class Connected:
    """Takes masks bool (rows, width) of strips from the top.

    `alone`: nothing crosses a strip's border (a tile scene, whose strips are its tiles).
    """

    alone: bool
    count: int = 0
    _edges: list[np.ndarray] = field(default_factory=list)
    _above: np.ndarray | None = None

    def add(self, mask: np.ndarray) -> tuple[np.ndarray, int]:
        """Labels int (rows, width) of this strip's pieces, from 1 on, and their number; over all
        strips they are numbered in the order in which they came."""
        labels, found = ndimage.label(mask, EIGHT)
        if self._above is not None and not self.alone:
            above, below = touching(self._above, labels[0])
            self._edges.append(np.stack([above - 1, below - 1 + self.count]))
        self._above = np.where(labels[-1] > 0, labels[-1] + self.count, 0)
        self.count += found
        return labels, found

    def groups(self) -> tuple[int, np.ndarray]:
        """The number of connected things, and which of them each piece belongs to, (count,)."""
        return groups(self.count, self._edges)
