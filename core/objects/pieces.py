"""Connected predicted objects, strip by strip: what is known of a piece adds up to its object."""

from dataclasses import dataclass, field

import numpy as np
from scipy import ndimage, sparse

from core.learning.prediction.outlining import EIGHT, touching


@dataclass(frozen=True)
class Strip:
    """One strip of the scene, arrays (rows, width), `top` its first row in the scene.

    `mask` bool predicted; `here` bool in the area; `landslide` bool reference; `probability` and
    `deformation` float32, NaN without data.
    """

    top: int
    mask: np.ndarray
    here: np.ndarray
    landslide: np.ndarray
    probability: np.ndarray
    deformation: np.ndarray


@dataclass
class Pieces:
    """Takes strips from the top; `joined` gives the objects.

    `alone`: nothing crosses a strip's border (a tile scene, whose strips are its tiles).
    """

    width: int
    alone: bool
    _sums: list[dict[str, np.ndarray]] = field(default_factory=list)
    _edges: list[np.ndarray] = field(default_factory=list)
    _count: int = 0
    _above: np.ndarray | None = None

    def add(self, strip: Strip) -> None:
        labels, count = ndimage.label(strip.mask, EIGHT)
        self._sums.append(_figures(labels, count, strip))
        if self._above is not None and not self.alone:
            above, below = touching(self._above, labels[0])
            self._edges.append(np.stack([above - 1, below - 1 + self._count]))
        # Numbers over all strips, from 1 on; 0 stays nothing.
        self._above = np.where(labels[-1] > 0, labels[-1] + self._count, 0)
        self._count += count

    def joined(self) -> dict[str, np.ndarray]:
        """{pixels, here, landslide, probability (sum), deformation (sum), moved (pixels with
        deformation), top, left, bottom, right, seed}, each (objects,).

        `seed` is row * width + column of the object's first pixel in reading order.
        """
        if not self._count:
            return {name: np.zeros(0) for name in (*_SUMS, *_LOWEST, *_HIGHEST)}
        pairs = np.concatenate([np.zeros((2, 0), int), *self._edges], axis=1)
        shape = (self._count, self._count)
        graph = sparse.coo_matrix((np.ones(pairs.shape[1]), tuple(pairs)), shape=shape)
        objects, group = sparse.csgraph.connected_components(graph, directed=False)
        figures = {n: np.concatenate([s[n] for s in self._sums]) for n in self._sums[0]}
        found = {n: np.bincount(group, figures[n], minlength=objects) for n in _SUMS}
        for names, reduce, start in ((_LOWEST, np.minimum, np.inf), (_HIGHEST, np.maximum, -1)):
            for name in names:
                found[name] = np.full(objects, start)
                reduce.at(found[name], group, figures[name])
        return found


_SUMS = ("pixels", "here", "landslide", "probability", "deformation", "moved")
_LOWEST, _HIGHEST = ("top", "left", "seed"), ("bottom", "right")


def _figures(labels: np.ndarray, count: int, strip: Strip) -> dict[str, np.ndarray]:
    rows, columns = np.nonzero(labels)
    which = labels[rows, columns] - 1
    at = strip.top + rows

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(which, values[rows, columns], minlength=count)

    known = np.isfinite(strip.deformation)
    found = {
        "pixels": np.bincount(which, minlength=count),
        "here": total(strip.here),
        "landslide": total(strip.landslide),
        "probability": total(strip.probability),
        "deformation": total(np.where(known, strip.deformation, 0)),
        "moved": total(known),
    }
    width = labels.shape[1]
    for name, values in (("top", at), ("left", columns), ("seed", at * width + columns)):
        found[name] = np.full(count, np.inf)
        np.minimum.at(found[name], which, values)
    for name, values in (("bottom", at + 1), ("right", columns + 1)):
        found[name] = np.full(count, -1.0)
        np.maximum.at(found[name], which, values)
    return found
