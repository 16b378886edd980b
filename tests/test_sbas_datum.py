"""The datum: what is stable, what is fitted to it, and when nothing is."""

import numpy as np
import pytest

from core.scene.sbas import datum, trend
from core.scene.sbas.datum import Sample
from core.scene.sbas.settings import SbasSettings
from tests import interferograms

NET = interferograms.network(15, 180, 3, 36)
FUNCTIONAL = trend.weights(trend.basis(NET))


def sample(seed=0, size=40, moving=0.2, speed=-60.0, relief=1000.0, ramp=3.0, per_km=5.0) -> Sample:
    """Ground of which a share moves, under an air that differs from date to date."""
    rng = np.random.default_rng(seed)
    x, y = (each.ravel() for each in np.mgrid[:size, :size] / size)
    heights = (500 + relief * rng.random(size * size)).astype(np.float32)
    rate = np.where(rng.random(size * size) < moving, speed, 0.0)
    air = rng.normal(0, 1, (len(NET.dates), 3)) * (4, ramp, per_km)
    air -= air[0]
    series = air[:, :1] + air[:, 1:2] * (x - 0.5) + air[:, 2:] * (heights / 1000)
    series = series + NET.years[:, None] * rate + rng.normal(0, 0.3, series.shape)
    return Sample(
        series.astype(np.float32), FUNCTIONAL @ series, x, y, heights, np.ones(x.size, bool)
    )


def corrected(of: Sample, fitted: datum.Datum) -> np.ndarray:
    """The rate with the datum taken off."""
    return FUNCTIONAL @ (of.series - fitted.at(of.x, of.y, of.heights))


def test_constant_plane_and_height_come_off_and_the_slides_stay():
    of = sample()
    fitted = datum.find(of, FUNCTIONAL, SbasSettings())
    assert fitted.terms == ("constant", "x", "y", "height")
    rate = corrected(of, fitted)
    slow = np.abs(rate) < 30
    assert slow.mean() == pytest.approx(0.8, abs=0.03)
    assert np.median(rate[slow]) == pytest.approx(0, abs=0.1)
    assert np.median(rate[~slow]) == pytest.approx(-60, abs=0.5)
    assert rate[slow].std() < np.abs(of.rate[slow]).std()
    assert fitted.stable_share == pytest.approx(0.8, abs=0.03)


def test_where_most_ground_moves_nothing_is_fitted():
    of = sample(moving=1.0)
    sinking = Sample(
        of.series * (0.2 + 2 * of.x).astype(np.float32), of.rate * (0.2 + 2 * of.x), of.x, of.y,
        of.heights, of.usable,
    )  # fmt: skip
    fitted = datum.find(sinking, FUNCTIONAL, SbasSettings())
    assert fitted.planes is None
    assert fitted.spread_mm_yr > datum.MOST_SPREAD_MM_YR
    assert "Most ground moves" in fitted.warnings[0]


def test_the_whole_ground_moving_alike_is_taken_for_standing():
    """Rates are relative: a map cannot tell."""
    of = sample(moving=1.0)
    fitted = datum.find(of, FUNCTIONAL, SbasSettings())
    assert np.median(corrected(of, fitted)) == pytest.approx(0, abs=0.1)


def test_no_datum_switches_off_ramp_and_height():
    settings = SbasSettings(datum="none")
    assert datum.find(sample(), FUNCTIONAL, settings).planes is None
    assert {settings.steps[step] for step in ("datum", "ramp", "height")} == {"off"}


@pytest.mark.parametrize(
    ("settings", "terms"),
    [
        (SbasSettings(ramp=False), ("constant", "height")),
        (SbasSettings(height_delay="none"), ("constant", "x", "y")),
        (
            SbasSettings(height_delay="quadratic"),
            ("constant", "x", "y", "height", "height^2"),
        ),
    ],
)
def test_every_term_can_be_switched(settings, terms):
    assert datum.find(sample(), FUNCTIONAL, settings).terms == terms


def test_a_flat_map_has_no_delay_with_height():
    fitted = datum.find(sample(relief=60), FUNCTIONAL, SbasSettings())
    assert "height" not in fitted.terms
    assert "The relief is 60 m" in fitted.warnings[0]


def test_mapped_slides_are_left_out():
    of = sample(moving=0.4)
    known = Sample(
        of.series, of.rate, of.x, of.y, of.heights, np.abs(of.rate - np.median(of.rate)) < 30
    )
    fitted = datum.find(known, FUNCTIONAL, SbasSettings())
    slow = np.abs(corrected(known, fitted)) < 30
    assert np.median(corrected(known, fitted)[slow]) == pytest.approx(0, abs=0.1)


def test_slides_of_one_altitude_under_a_rate_that_follows_height_are_warned_of():
    of = sample(per_km=0.3, moving=0.0)
    high = of.heights > 1300
    series = of.series + (NET.years[:, None] * np.where(high, -25, 0)).astype(np.float32)
    banded = Sample(series, FUNCTIONAL @ series, of.x, of.y, of.heights, of.usable)
    fitted = datum.find(banded, FUNCTIONAL, SbasSettings())
    assert "follows the height" in " ".join(fitted.warnings)
    assert "follows the height" not in " ".join(
        datum.find(sample(), FUNCTIONAL, SbasSettings()).warnings
    )


def test_dates_that_pixels_lack_are_fitted_from_the_others():
    of = sample()
    series = of.series.copy()
    series[4, ::2] = np.nan
    holed = Sample(series, of.rate, of.x, of.y, of.heights, of.usable)
    whole, part = (datum.find(each, FUNCTIONAL, SbasSettings()) for each in (of, holed))
    assert part.planes == pytest.approx(whole.planes, abs=0.2)


def test_too_little_reliable_ground_leaves_the_reference():
    of = sample()
    few = np.arange(of.x.size) < 20
    fitted = datum.find(
        Sample(of.series, of.rate, of.x, of.y, of.heights, few), FUNCTIONAL, SbasSettings()
    )
    assert fitted.planes is None
    assert "Only 20 samples" in fitted.warnings[0]


def test_what_is_taken_off_does_not_follow_the_size_of_a_block():
    of = sample()
    fitted = datum.find(of, FUNCTIONAL, SbasSettings())
    whole = fitted.at(of.x, of.y, of.heights)
    parts = [fitted.at(of.x[a:b], of.y[a:b], of.heights[a:b]) for a, b in ((0, 7), (7, 1600))]
    assert whole.tobytes() == np.concatenate(parts, 1).tobytes()
