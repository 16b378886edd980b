"""From the phases of all pairs to the phase of every date, the rate, and how sure both are.

Small baselines (Berardino et al. 2002), weighted least squares. The pixel's stacked rate is taken
off first and added back at the end: that changes nothing where pairs join all dates, and across
gaps the series follows the mean rate instead of standing still (the idea of NSBAS: Lopez-Quiroz et
al. 2009, Doin et al. 2011).
"""

from dataclasses import dataclass, fields, replace
from typing import Literal

import numpy as np

from core.scene.interferograms.network import YEAR_DAYS, Network
from core.scene.sbas import kernels
from core.scene.sbas.trend import basis, shared

Weights = Literal["coherence", "none"]
# What a series does where no pair joins two dates: goes on at the mean rate, or stands still.
Gaps = Literal["rate", "rest"]


@dataclass(frozen=True)
class Solution:
    """Arrays of the pixels' shape; NaN (0 in the counts) where a pixel has too few dates.

    `rate` per year, in the unit of the phase; `error_line` its standard error from the dates'
    distance to the line (Fattahi and Amelung 2015), `error_pairs` from the noise of the pairs (NaN
    where no pair is to spare); `temporal_coherence` 0..1 of the unweighted residuals (Pepe and
    Lanari 2006); `pairs` and `dates` valid; `islands`, groups of two or more dates that the pixel's
    pairs form; `series` float32 (N, ...), 0 at the first date, NaN at dates without a pair.
    """

    rate: np.ndarray
    error_line: np.ndarray
    error_pairs: np.ndarray
    temporal_coherence: np.ndarray
    mean_coherence: np.ndarray
    pairs: np.ndarray
    dates: np.ndarray
    islands: np.ndarray
    series: np.ndarray | None = None

    @property
    def error(self) -> np.ndarray:
        """Both parts together."""
        return np.hypot(self.error_line, self.error_pairs)


def invert(
    network: Network,
    phase: np.ndarray,
    coherence: np.ndarray | None = None,
    reference: np.ndarray | None = None,
    *,
    weights: Weights = "none",
    gaps: Gaps = "rate",
    annual: bool = False,
    series: bool = False,
    threads: int | None = None,
) -> Solution:
    """Invert every pixel.

    phase: float32 (M, ...) radians, NaN = no data; coherence likewise, 0..1, where there is any;
    reference: (M,) radians subtracted from every pair. A pair without coherence at a pixel gets the
    least weight where `weights` asks for it. With `gaps` "rest" nothing is bridged by the mean rate
    and dates without a pair stay in the fit: least velocity alone, as other programs have it.

    >>> from datetime import date
    >>> net = Network(tuple(date(2021, m, 1) for m in (1, 2, 3, 4)), ((0, 1), (1, 2), (2, 3)))
    >>> found = invert(net, (net.spans_days / 365.25 * 7).astype(np.float32)[:, None])
    >>> float(found.rate[0].round(5)), int(found.islands[0])
    (7.0, 1)
    """
    shape = phase.shape[1:]
    y = np.ascontiguousarray(phase, np.float32).reshape(len(phase), -1)
    known = y if coherence is None else np.ascontiguousarray(coherence, np.float32)
    known = known.reshape(len(phase), -1)
    zero = np.zeros(len(phase)) if reference is None else np.asarray(reference, np.float64)
    pixels, dates = y.shape[1], len(network.dates)
    real, counts = np.empty((5, pixels)), np.empty((3, pixels), np.int16)
    out = np.empty((dates, pixels) if series else (0, 0), np.float32)
    weigh = 0 if coherence is None else 1 if weights == "none" else 2
    pairs = network.first, network.second, network.spans_days / YEAR_DAYS
    years, columns = network.years, basis(network, annual)

    rest = gaps == "rest"
    given = (y, known, zero, weigh, *pairs, network.band, years, columns, rest)

    def work(a: int, b: int) -> None:
        kernels.invert_chunks(*given, a, b, real, counts, out)

    shared(work, pixels, threads)
    names = [each.name for each in fields(Solution)]
    values = [each.reshape(shape) for each in (*real, *counts)]
    found = Solution(**dict(zip(names, values)))
    return replace(found, series=out.reshape(dates, *shape)) if series else found
