"""What each factor is by itself: how many pixels, mean, spread, quantiles and their error."""

import numpy as np

from core.analysis.one_pass.histogram import FineHistogram
from core.analysis.one_pass.statistics import Statistics

QUANTILES = (0.02, 0.25, 0.5, 0.75, 0.98)


def summaries(found: Statistics) -> list[dict]:
    """Return {factor, n, no_data_share, mean, sd, quantiles, quantile_error} of every factor.

    `mean` and `sd` are listwise; `n` and the quantiles are of the pixels where the factor itself
    has data. A quantile is off by at most `quantile_error`, half a bin of the histogram.
    """
    moments = found.complete
    deviation = np.sqrt(np.maximum(np.diag(moments.covariance), 0))
    rows = []
    for name, mean, sd in zip(found.names, moments.mean, deviation):
        fine = found.histograms[name]
        n = int(fine.counts.sum())
        rows.append(
            {
                "factor": name,
                "n": n,
                "no_data_share": 1 - n / found.pixels,
                "mean": float(mean),
                "sd": float(sd),
                "quantiles": quantiles(fine),
                "quantile_error": fine.width / 2,
            }
        )
    return rows


def quantiles(fine: FineHistogram) -> dict[str, float]:
    """Middles of the bins that hold them.

    >>> quantiles(FineHistogram(0.0, 1.0, np.array([[1, 1, 1, 1], [0, 0, 0, 0]])))["0.5"]
    1.5
    """
    middles = {q: fine.low + (fine.bin_of(q) + 0.5) * fine.width for q in QUANTILES}
    return {f"{q:g}": float(middle) for q, middle in middles.items()}
