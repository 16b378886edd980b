"""The modified t-test: as the plain one where pixels are independent, honest where they are not."""

import numpy as np
import pytest
from scipy import ndimage, stats

from core.analysis.relations.pairs import GridSample


def fields(seed: int, smooth: float, side: int = 40) -> np.ndarray:
    draw = np.random.default_rng(seed).standard_normal((2, side, side))
    return np.stack(
        [ndimage.gaussian_filter(f, smooth, mode="wrap") if smooth else f for f in draw]
    )


def test_independent_pixels_count_in_full():
    values = fields(0, 0)
    values[1] += 0.1 * values[0]
    found = GridSample(values).test(0, 1)
    plain = stats.pearsonr(values[0].ravel(), values[1].ravel())
    assert found.r == pytest.approx(plain.statistic)
    assert found.effective_n == pytest.approx(1600, rel=0.05)
    assert found.p == pytest.approx(plain.pvalue, rel=0.3)


def test_smooth_unrelated_fields_are_called_significant_as_rarely_as_said():
    p = np.array([GridSample(fields(seed, 2)).test(0, 1).p for seed in range(200)])
    assert 0.01 <= (p < 0.05).mean() <= 0.10
    naive = [stats.pearsonr(*(f.ravel() for f in fields(seed, 2))).pvalue for seed in range(200)]
    assert np.mean(np.array(naive) < 0.05) > 0.4  # what the pixels' number would have made of it


def test_traces_are_those_of_the_full_matrices():
    values = fields(3, 1, side=9)
    values[0, 2, 3:5] = np.nan
    sample = GridSample(values)
    at = np.argwhere(sample.mask)
    lag = at[:, None] - at[None]
    sigma = [c[lag[..., 0], lag[..., 1]] for c in sample._covariance]
    n = len(at)
    centring = np.eye(n) - 1 / n
    both = np.trace(centring @ sigma[0] @ centring @ sigma[1])
    alone = [np.trace(centring @ s) for s in sigma]
    expected = min(n, 1 + alone[0] * alone[1] / both)
    assert sample.test(0, 1).effective_n == pytest.approx(expected)


def test_a_constant_factor_has_no_coefficient():
    values = fields(0, 0)
    values[1] = 5.0
    found = GridSample(values).test(0, 1)
    assert np.isnan(found.r) and found.p is None
