"""Rates along the line of sight, down the slope, to the east and upwards."""

import numpy as np
import pytest

from core.errors import SlideScopeError
from core.scene.insar import orbit, visibility
from core.scene.insar.geometry import (
    dot,
    east_and_up,
    line_of_sight,
    sensitivity,
    slope_rate,
    steepest_descent,
    uphill_share,
)

ASCENDING, DESCENDING = (39.0, -12.0), (36.0, -168.0)


def test_the_line_of_sight_is_of_length_one_and_points_to_the_satellite():
    for look in orbit.LOOKS:
        line = line_of_sight(*ASCENDING, look)
        assert dot(line, line) == pytest.approx(1)
    # Right-looking: ascending from the west, descending from the east.
    assert line_of_sight(*ASCENDING)[0] < 0 < line_of_sight(*DESCENDING)[0]
    assert line_of_sight(*ASCENDING, "left")[0] > 0
    assert line_of_sight(0.0, 123.0) == pytest.approx((0, 0, 1))


def test_subsidence_moves_away_from_the_satellite():
    assert dot(line_of_sight(*ASCENDING), (0, 0, -10)) == pytest.approx(
        -10 * np.cos(np.radians(39))
    )


@pytest.mark.parametrize("angles", [ASCENDING, DESCENDING])
@pytest.mark.parametrize("aspect", [70.0, 110.0, 250.0, 290.0])
def test_a_motion_down_the_slope_is_found_again(angles, aspect):
    slope, rate = 20.0, 7.5
    motion = [rate * part for part in steepest_descent(slope, aspect)]
    seen = dot(line_of_sight(*angles), motion)
    found = slope_rate(np.array([seen]), slope, aspect, *angles)
    if abs(sensitivity(slope, aspect, *angles)) >= 0.3:
        assert found == pytest.approx(rate)
    else:
        assert np.isnan(found).all()


def test_a_slope_that_the_radar_hardly_sees_has_no_rate():
    # Gentle and facing north, across the line of sight.
    assert abs(sensitivity(5.0, 0.0, *ASCENDING)) < 0.3
    assert np.isnan(slope_rate(np.array([3.0]), 5.0, 0.0, *ASCENDING)).all()


def test_uphill_values_are_told():
    slope, aspect = np.full(4, 25.0), np.full(4, 80.0)
    part = sensitivity(25.0, 80.0, *ASCENDING)
    down = slope_rate(np.array([1.0, 1.0, -1.0, np.nan]) * np.sign(part), slope, aspect, *ASCENDING)
    assert uphill_share(down) == pytest.approx(1 / 3)


def test_visibility_of_slopes_facing_the_satellite_and_away():
    # The satellite of a right-looking ascending orbit (heading 0) is in the west, bearing 270.
    slope = np.array([10.0, 40.0, 10.0, 50.0, 60.0, 0.0, np.nan])
    aspect = np.array([270.0, 270.0, 90.0, 90.0, 90.0, np.nan, 90.0])
    found = visibility.classes(slope, aspect, 35.0, 0.0)
    assert found[:6].tolist() == [2, 3, 1, 1, 4, 1] and np.isnan(found[6])
    assert visibility.seen(found).tolist() == [True, False, True, True, False, True, False]


def test_a_slope_across_the_line_of_sight_is_as_flat_ground():
    assert visibility.r_index(40.0, 0.0, 35.0, 0.0) == pytest.approx(np.sin(np.radians(35)))


def test_two_orbits_give_east_and_up_back():
    motion = (4.0, 0.0, -9.0)
    rates = [np.array([dot(line_of_sight(*a), motion)]) for a in (ASCENDING, DESCENDING)]
    east, up = east_and_up(*rates, ASCENDING, DESCENDING)
    assert (east[0], up[0]) == pytest.approx((4.0, -9.0))


def test_two_orbits_from_one_side_tell_nothing():
    east, up = east_and_up(np.array([1.0]), np.array([1.0]), ASCENDING, (39.5, -12.0))
    assert np.isnan(east).all() and np.isnan(up).all()


def test_motion_to_the_north_hardly_shows():
    rates = [np.array([dot(line_of_sight(*a), (0, 10.0, 0))]) for a in (ASCENDING, DESCENDING)]
    east, up = east_and_up(*rates, ASCENDING, DESCENDING)
    assert abs(east[0]) < 0.5 and abs(up[0]) < 2


BAD = ("incidence=39", "incidence=39,heading=-12,side=right", "incidence=95,heading=0")


@pytest.mark.parametrize(
    "text", [*BAD, "incidence=39,heading=900", "incidence=3,heading=0,look=up"]
)
def test_a_geometry_that_makes_no_sense_is_refused(text):
    with pytest.raises(SlideScopeError, match=r"is not understood|is out of range"):
        orbit.parse(text)
