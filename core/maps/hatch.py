"""The hatch over ground that the radar does not see: not visible is not stable."""

from collections.abc import Sequence

import numpy as np

from core.scene.insar import visibility

# Diagonal lines: PERIOD pixels apart, LINE wide; `core/maps/assets/hatch.js` draws the same.
PERIOD, LINE = 8, 3
INK = (40, 50, 58)


def values(layer: str, classes: Sequence[tuple[int, str]]) -> tuple[int, ...]:
    """Display values of a layer that are hatched; none but for visibility."""
    if layer != "visibility":
        return ()
    words = {visibility.LEGEND[str(code)] for code in visibility.HIDDEN}
    return tuple(value for value, word in classes if word in words)


def lines(shape: tuple[int, int]) -> np.ndarray:
    """bool (height, width): where the lines of a hatch run.

    >>> lines((1, 8)).astype(int).tolist()
    [[1, 1, 1, 0, 0, 0, 0, 0]]
    """
    rows, columns = np.indices(shape)
    return (rows + columns) % PERIOD < LINE
