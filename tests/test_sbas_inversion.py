"""Small baselines: phases of pairs become phases of dates, a rate, and two kinds of error."""

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pytest

from core.scene.interferograms.network import Network
from core.scene.sbas.inversion import invert
from core.scene.sbas.trend import basis, fit
from tests import interferograms

DAYS = (0, 12, 24, 48, 60, 72, 96, 108, 120, 144)
PAIRS = tuple((i, j) for i in range(10) for j in range(i + 1, min(i + 4, 10)))
NET = Network(tuple(date(2021, 1, 9) + timedelta(d) for d in DAYS), PAIRS)


def noisy(seed: int, pixels: int = 200, missing: float = 0.0):
    """Phases (M, pixels) of random walks with noise, and coherences."""
    rng = np.random.default_rng(seed)
    walk = np.cumsum(rng.normal(0, 1, (len(NET.dates), pixels)), 0) + 30 * NET.years[:, None]
    phase = walk[NET.second] - walk[NET.first] + rng.normal(0, 0.4, (len(PAIRS), pixels))
    phase[rng.random(phase.shape) < missing] = np.nan
    return phase.astype(np.float32), rng.uniform(0.1, 0.9, phase.shape).astype(np.float32)


def by_lstsq(phase, coherence, net=NET):
    """Rate and dates of one pixel as textbooks write it."""
    weight = 2 * coherence**2 / (1 - coherence**2)
    design = np.zeros((len(phase), len(net.dates)))
    design[np.arange(len(phase)), net.second] += 1
    design[np.arange(len(phase)), net.first] -= 1
    root = np.sqrt(weight)[:, None]
    on = np.isfinite(phase)
    dates = np.linalg.lstsq((design * root)[on, 1:], (phase * root[:, 0])[on], rcond=None)[0]
    dates = np.concatenate([[0], dates])
    return np.polyfit(net.years, dates, 1)[0], dates


def test_it_agrees_with_least_squares_a_pixel():
    phase, coherence = noisy(1)
    coherence = coherence.astype(np.float64)
    found = invert(NET, phase, coherence.astype(np.float32), weights="coherence", series=True)
    for p in range(20):
        used = coherence[:, p].astype(np.float32).astype(np.float64)
        rate, dates = by_lstsq(phase[:, p].astype(np.float64), used)
        # .001 mm/yr is .0002 rad/yr of Sentinel-1.
        assert found.rate[p] == pytest.approx(rate, abs=1e-5)
        assert found.series[:, p] == pytest.approx(dates, abs=1e-5)


def test_a_pair_missing_at_a_pixel_is_left_out_of_it():
    phase, coherence = noisy(2, missing=0.15)
    found = invert(NET, phase, coherence, weights="coherence")
    whole = np.flatnonzero((found.islands == 1) & (found.dates == len(NET.dates)))
    assert len(whole) > 100
    for p in whole[:20]:
        rate, _ = by_lstsq(phase[:, p].astype(np.float64), coherence[:, p].astype(np.float64))
        assert found.rate[p] == pytest.approx(rate, abs=1e-4)
    assert (found.pairs == np.isfinite(phase).sum(0)).all()


def test_the_reference_is_taken_off_every_pair():
    phase, _ = noisy(3)
    plain = invert(NET, phase - phase[:, :1])
    assert invert(NET, phase, reference=phase[:, 0]).rate == pytest.approx(plain.rate, abs=1e-4)
    assert plain.rate[0] == 0


@pytest.mark.parametrize("weights", ["none", "coherence"])
def test_neither_threads_nor_blocks_show_in_a_single_bit(weights):
    phase, coherence = noisy(4, pixels=1000, missing=0.2)
    once = invert(NET, phase, coherence, weights=weights, series=True, threads=1)
    twice = invert(NET, phase, coherence, weights=weights, series=True, threads=3)
    cuts = (0, 37, 101, 640, 1000)
    parts = [
        invert(NET, phase[:, a:b], coherence[:, a:b], weights=weights, series=True)
        for a, b in pairwise(cuts)
    ]
    for name in ("rate", "error_line", "error_pairs", "temporal_coherence", "islands", "series"):
        whole = getattr(once, name)
        assert whole.tobytes() == getattr(twice, name).tobytes()
        joined = np.concatenate([getattr(each, name) for each in parts], -1)
        assert whole.tobytes() == joined.tobytes()


def cut(net: Network, at: int) -> Network:
    """The network without the pairs that cross date `at`."""
    return Network(net.dates, tuple((a, b) for a, b in net.pairs if b < at or a >= at))


def test_across_a_gap_the_series_goes_on_at_the_mean_rate():
    net = cut(NET, 5)
    phase = (net.spans_days / 365.25 * -40).astype(np.float32)[:, None]
    found = invert(net, phase, series=True)
    assert found.islands[0] == 2
    assert found.rate[0] == pytest.approx(-40, abs=1e-4)
    assert found.series[:, 0] == pytest.approx(-40 * net.years, abs=1e-4)
    # Least velocity stands still between the islands: 12 of 144 days are lost.
    rest = invert(net, phase, gaps="rest")
    assert -40 < rest.rate[0] < -34


def test_dates_without_a_pair_are_left_out_of_series_and_fit():
    phase, _ = noisy(5, pixels=1)
    touching = (NET.first == 4) | (NET.second == 4)
    phase[touching] = np.nan
    found = invert(NET, phase, series=True)
    assert np.isnan(found.series[4, 0])
    assert (found.dates[0], found.islands[0]) == (9, 1)
    others = np.delete(np.arange(10), 4)
    line = np.polyfit(NET.years[others], found.series[others, 0], 1)
    assert found.rate[0] == pytest.approx(line[0], rel=1e-5)
    again, error = fit(found.series, basis(NET))
    assert again[0] == pytest.approx(found.rate[0], rel=1e-5)
    assert error[0] == pytest.approx(found.error_line[0], rel=1e-4)


def test_a_pixel_without_pairs_has_nothing():
    phase = np.full((len(PAIRS), 3), np.nan, np.float32)
    phase[0, 1] = 1.0
    found = invert(NET, phase, series=True)
    assert np.isnan(found.rate).all()
    assert np.isnan(found.temporal_coherence[[0, 2]]).all()
    assert found.islands.tolist() == [0, 1, 0]
    assert found.dates.tolist() == [0, 2, 0]


def test_islands_are_counted_where_pairs_are_missing():
    rng = np.random.default_rng(6)
    phase = np.where(rng.random((len(PAIRS), 300)) < 0.6, np.nan, 1.0).astype(np.float32)
    found = invert(NET, phase)
    for p in range(300):
        on = np.isfinite(phase[:, p])
        groups = Network(NET.dates, tuple(np.array(PAIRS)[on].tolist())).islands
        assert found.islands[p] == sum(len(group) > 1 for group in groups)


def test_temporal_coherence_is_that_of_the_residuals_without_weights():
    phase, coherence = noisy(7)
    found = invert(NET, phase, coherence, weights="coherence", series=True)
    left = phase - (found.series[NET.second] - found.series[NET.first])
    expected = np.abs(np.exp(1j * left).mean(0))
    assert found.temporal_coherence == pytest.approx(expected, abs=1e-5)
    assert found.mean_coherence == pytest.approx(coherence.mean(0), abs=1e-6)


def test_the_error_of_a_line_is_that_of_its_regression():
    phase, _ = noisy(8)
    found = invert(NET, phase, series=True)
    for p in range(5):
        _, covariance = np.polyfit(NET.years, found.series[:, p], 1, cov="unscaled")
        line = np.polyfit(NET.years, found.series[:, p], 1)
        left = found.series[:, p] - np.polyval(line, NET.years)
        expected = np.sqrt((left**2).sum() / 8 * covariance[0, 0])
        assert found.error_line[p] == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("net", [NET, cut(NET, 5)], ids=["connected", "two islands"])
def test_the_pairs_part_of_the_error_is_the_spread_that_their_noise_makes(net):
    """Pure noise of known weight, thousands of times: the stated error is the rate's own spread."""
    rng = np.random.default_rng(9)
    coherence = np.repeat(rng.uniform(0.2, 0.8, (len(net.pairs), 1)), 6000, 1).astype(np.float32)
    spread = np.sqrt((1 - coherence**2) / (2 * coherence**2)) * 0.1
    phase = (spread * rng.standard_normal(coherence.shape)).astype(np.float32)
    found = invert(net, phase, coherence, weights="coherence")
    stated = np.sqrt((found.error_pairs**2).mean())
    assert stated == pytest.approx(found.rate.std(), rel=0.05)


def test_without_a_pair_to_spare_the_noise_of_the_pairs_is_unknown():
    chain = Network(NET.dates, tuple((n, n + 1) for n in range(9)))
    found = invert(chain, np.ones((9, 2), np.float32))
    assert np.isfinite(found.error_line).all()
    assert np.isnan(found.error_pairs).all()


def test_a_yearly_cycle_no_longer_leans_on_the_rate():
    net = interferograms.network(50, 600, 3, 40)
    away = 20 * net.years + 3 * np.sin(2 * np.pi * net.years + 0.7)
    phase = (away[net.second] - away[net.first]).astype(np.float32)[:, None]
    assert abs(invert(net, phase).rate[0] - 20) > 0.5
    assert invert(net, phase, annual=True).rate[0] == pytest.approx(20, abs=1e-3)


@pytest.fixture(scope="module")
def mexico(real_data):
    """Network, phases, coherences and mm per radian of the real stack."""
    stack = interferograms.mexico(real_data / "sbas_cropA")
    mm = -stack.wavelength_m * 1000 / (4 * np.pi)
    return stack.network, stack.phase, stack.coherence, mm


def test_mexico_city_sinks_as_mintpy_has_it(mexico):
    """MintPy 1.6.4 without weights gives these to .0002 mm/yr where every pair is valid."""
    net, phase, coherence, mm = mexico
    found = invert(net, phase, coherence, phase[:, 9, 8])
    rate = found.rate * mm
    assert (len(net.pairs), len(net.dates), len(net.triplets)) == (30, 13, 24)
    assert np.isfinite(rate).sum() == 5904
    assert (found.pairs == 30).sum() == 5882
    assert rate[10, 90] == pytest.approx(-292.446, abs=0.001)
    assert rate[30, 20] == pytest.approx(-32.738, abs=0.001)
    assert np.nanmedian(rate) == pytest.approx(-92.8403, abs=0.001)
    assert np.nanmin(rate) == pytest.approx(-302.1267, abs=0.001)
    assert found.error_line[10, 90] * -mm == pytest.approx(11.200, abs=0.001)


def test_mexico_city_at_rest_where_pairs_are_missing(mexico):
    """22 pixels miss pairs; other programs keep their dates without a pair in the fit."""
    net, phase, _, mm = mexico
    rate = invert(net, phase, reference=phase[:, 9, 8], gaps="rest").rate * mm
    assert np.nanmean(rate) == pytest.approx(-105.2149, abs=0.0002)
    assert np.nanmedian(rate) == pytest.approx(-92.8403, abs=0.0002)
    assert np.nanmin(rate) == pytest.approx(-302.1267, abs=0.0002)
    assert np.nanmax(rate) == pytest.approx(29.6979, abs=0.0002)


def test_mexico_city_with_weights(mexico):
    net, phase, coherence, mm = mexico
    rate = invert(net, phase, coherence, phase[:, 9, 8], weights="coherence").rate * mm
    assert rate[10, 90] == pytest.approx(-292.587, abs=0.001)
    assert rate[30, 20] == pytest.approx(-32.938, abs=0.001)
