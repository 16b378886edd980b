"""A line through the dates of every pixel: the rate, and how far the dates lie off the line."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from core import processes
from core.scene.interferograms.network import Network
from core.scene.sbas import kernels

# The yearly cycle cannot be told from the line on less.
ANNUAL_YEARS = 1.5


def basis(network: Network, annual: bool = False) -> np.ndarray:
    """(K, N) float64 columns of the fit: constant, years about their mean and, with `annual`, the
    yearly cosine and sine.

    >>> from datetime import date
    >>> basis(Network((date(2021, 1, 1), date(2021, 1, 2)), ((0, 1),))).shape
    (2, 2)
    """
    years = network.years
    columns = [np.ones_like(years), years - years.mean()]
    if annual:
        columns += [np.cos(2 * np.pi * years), np.sin(2 * np.pi * years)]
    return np.stack(columns)


def shared(work: Callable[[int, int], object], pixels: int, threads: int | None = None) -> None:
    """Share out `pixels` among threads: `work(first, last)` has a run of the kernels' chunks."""
    chunks = -(-pixels // kernels.LANES)
    most = max(1, min(threads or processes.threads(), chunks))
    edges = np.linspace(0, chunks, most + 1).astype(int)
    if most == 1:
        work(0, chunks)
        return
    with ThreadPoolExecutor(most) as pool:
        list(pool.map(work, edges[:-1], edges[1:]))


def fit(
    series: np.ndarray, columns: np.ndarray, threads: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Rate per year and its standard error from the residuals (Fattahi and Amelung 2015, eq. 10).

    series: float32 (N, P), NaN = the pixel has no such date. columns: of `basis`. Returns float64
    (P,) twice, in the series' unit per year; NaN where there are no more dates than columns.

    >>> from datetime import date
    >>> days = tuple(date(2021, 1, 1 + n) for n in (0, 10, 20))
    >>> line = basis(Network(days, ((0, 1), (1, 2))))
    >>> rate, error = fit(np.array([[0.0], [1.0], [2.0]], np.float32), line)
    >>> float(rate[0].round(3)), float(error[0].round(3))
    (36.525, 0.0)
    """
    pixels = series.shape[1]
    rate, error = np.empty(pixels), np.empty(pixels)
    shared(lambda a, b: kernels.fit_chunks(series, columns, a, b, rate, error), pixels, threads)
    return rate, error


def weights(columns: np.ndarray) -> np.ndarray:
    """(N,) what makes a rate of the dates of a pixel that has them all: rate = sum(weights x).

    >>> from datetime import date
    >>> days = tuple(date(2021, 1, 1 + n) for n in (0, 10, 20))
    >>> weights(basis(Network(days, ((0, 1), (1, 2)))))[[0, 2]].round(2).tolist()
    [-18.26, 18.26]
    """
    return np.linalg.pinv(columns.T)[1]
