"""Is a probability of .3 right three times in ten? From counts by probability."""

import numpy as np

from core.display.bins import BINS

STEPS = 20  # steps of the reliability diagram, each of BINS / STEPS probability bins


def reliability(counts: np.ndarray, steps: int = STEPS) -> list[dict[str, float]]:
    """Return {predicted, observed, pixels} of every step that holds pixels.

    `counts` (200, 2); `predicted` is the mean probability of the step's pixels (each at the middle
    of its bin), `observed` the landslide share among them.

    >>> table = np.zeros((200, 2), int); table[50] = 3, 1
    >>> reliability(table)
    [{'predicted': 0.2525, 'observed': 0.25, 'pixels': 4}]
    """
    middles = (np.arange(BINS) + 0.5) / BINS
    pixels = counts.sum(axis=1, dtype=np.int64)
    grouped = [
        values.reshape(steps, -1).sum(axis=1) for values in (pixels, pixels * middles, counts[:, 1])
    ]
    return [
        {
            "predicted": round(float(total / n), 6),
            "observed": round(float(landslide / n), 6),
            "pixels": int(n),
        }
        for n, total, landslide in zip(*grouped)
        if n
    ]


def expected_error(counts: np.ndarray, steps: int = STEPS) -> float:
    """Expected calibration error: |predicted - observed| averaged over all pixels, 0 without any.

    With one landslide pixel in hundreds, most pixels lie in the first step and so does most of
    this figure: read it beside the diagram.

    >>> table = np.zeros((200, 2), int); table[50] = 3, 1; table[199] = 0, 4
    >>> round(expected_error(table), 4)
    0.0025
    """
    found = reliability(counts, steps)
    pixels = sum(step["pixels"] for step in found)
    gaps = sum(abs(step["predicted"] - step["observed"]) * step["pixels"] for step in found)
    return gaps / pixels if pixels else 0.0
