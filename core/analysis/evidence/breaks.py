"""Class breaks of a numeric factor, from its fine histogram."""

from collections.abc import Sequence

import numpy as np

from core.analysis.one_pass.histogram import FineHistogram
from core.errors import SlideScopeError

METHODS = ("quantile", "equal", "natural")
MOST = 30


def breaks(fine: FineHistogram, method: str, classes: int = 10) -> np.ndarray:
    """Return the bins (classes + 1, fewer where values repeat) at which classes begin and end.

    `quantile`: of about equal area; `equal`: of equal width between the smallest and the largest
    value; `natural`: Jenks's, which make the squared distances to the class means smallest.

    >>> fine = FineHistogram(0.0, 1.0, np.array([[9, 1, 0, 0, 1, 9, 0, 0], [0] * 8]))
    >>> [breaks(fine, method, 2).tolist() for method in METHODS]
    [[0, 2, 6], [0, 3, 6], [0, 4, 6]]
    """
    if method not in METHODS:
        raise SlideScopeError(
            f"Unknown class breaks '{method}': there are {', '.join(METHODS)}, or your own numbers."
        )
    if not 2 <= classes <= MOST:
        raise SlideScopeError(f"Invalid number of classes {classes}: choose one from 2 to {MOST}.")
    total = fine.counts.sum(axis=0)
    used = np.flatnonzero(total)
    first, last = int(used[0]), int(used[-1]) + 1
    if method == "quantile":
        inner = [fine.bin_of(i / classes) + 1 for i in range(1, classes)]
    elif method == "equal":
        inner = np.linspace(first, last, classes + 1).round().astype(int)[1:-1].tolist()
    else:
        inner = _natural(used, total[used], classes)
    inside = [cut for cut in inner if first < cut < last]
    return np.unique([first, *inside, last])


def own(fine: FineHistogram, values: Sequence[float]) -> np.ndarray:
    """The bins of breaks the user gives, in the factor's unit; the rim classes are open.

    >>> own(FineHistogram(0.0, 10.0, np.ones((2, 4), int)), [15, 30]).tolist()
    [0, 2, 3, 4]
    """
    if not all(np.isfinite(v) for v in values) or list(values) != sorted(set(values)):
        raise SlideScopeError(
            f"Invalid class breaks {', '.join(f'{v:g}' for v in values)}: each has to be larger "
            "than the one before; give them in rising order."
        )
    bins = fine.counts.shape[1]
    at = np.ceil((np.asarray(values, float) - fine.low) / fine.width).astype(int)
    return np.unique([0, *at[(at > 0) & (at < bins)], bins])


def _natural(bins: np.ndarray, weight: np.ndarray, classes: int) -> list[int]:
    """Begin of every class but the first."""
    if len(bins) <= classes:
        return bins[1:].tolist()
    from core.analysis.one_pass.kernels import jenks  # here: numba takes a second to load

    values = (bins - bins[0]).astype(float)
    sums = [np.concatenate([[0.0], np.cumsum(weight * values**power)]) for power in range(3)]
    starts = jenks(np.array(sums), classes)
    return bins[starts[1:]].tolist()
