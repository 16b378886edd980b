"""The rate against a known truth: what bench/sbas_accuracy.py measures, on fewer seeds."""

import pytest

from bench import sbas_accuracy


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stack", "most"),
    [
        pytest.param(lambda seed: sbas_accuracy.of_a(seed, size=96), 4.3, marks=pytest.mark.sweep),
        pytest.param(sbas_accuracy.of_b, 5.7, marks=pytest.mark.sweep),
    ],
    ids=["the paper's shape", "a year"],
)
def test_the_rate_is_true_and_knows_how_true(stack, most):
    found = sbas_accuracy.score(stack(0))
    assert found["rmse_mm_yr"] <= most
    assert abs(found["bias_mm_yr"]) <= 1
    assert 0.9 <= found["coverage_2sigma"] <= 0.98
    assert found["kept"] > 0.9


@pytest.mark.slow
def test_across_winters_without_pairs_slides_keep_their_rate():
    found = sbas_accuracy.gaps(0, cycles="none")
    assert 0.9 <= found["slope"] <= 1.1
    assert abs(found["bias_mm_yr"]) <= 1
    assert found["coverage_2sigma"] > 0.85
