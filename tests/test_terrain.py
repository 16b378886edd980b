"""Slope, aspect and curvature against closed forms."""

import numpy as np
import pytest

from core.scene.align.terrain import cell_metres, morphometry, terrain
from core.scene.grid import Grid

CELL = 10.0


def surface(function, size=21, cell=CELL):
    """(elevation, dx, dy) of z = function(x, y), x eastwards and y northwards from the centre."""
    rows, columns = np.mgrid[:size, :size] - size // 2
    z = function(columns * cell, -rows * cell).astype(np.float32)
    return z, np.full(size, cell), np.full(size, cell)


BEARINGS = [0, 45, 90, 135, 180, 225, 270, 315]


@pytest.mark.parametrize("bearing", BEARINGS)
def test_a_plane_that_falls_towards_a_bearing(bearing):
    east, north = np.sin(np.radians(bearing)), np.cos(np.radians(bearing))
    slope, aspect, curvature = terrain(*surface(lambda x, y: 1000 - 0.5 * (east * x + north * y)))
    inner = np.s_[1:-1, 1:-1]
    np.testing.assert_allclose(slope[inner], np.degrees(np.arctan(0.5)), atol=1e-3)
    turn = (aspect[inner] - bearing + 180) % 360 - 180
    np.testing.assert_allclose(turn, 0, atol=1e-2)
    np.testing.assert_allclose(curvature[inner], 0, atol=1e-3)


def test_a_dome_is_convex_and_a_bowl_concave():
    # z = -a (x2 + y2): the second derivatives are -2a each, so the curvature is 4a x 100.
    _, _, dome = terrain(*surface(lambda x, y: -0.001 * (x**2 + y**2)))
    _, _, bowl = terrain(*surface(lambda x, y: 0.001 * (x**2 + y**2)))
    np.testing.assert_allclose(dome[1:-1, 1:-1], 0.4, atol=1e-4)
    np.testing.assert_allclose(bowl[1:-1, 1:-1], -0.4, atol=1e-4)


def test_a_cone_falls_away_from_its_tip():
    slope, aspect, _ = terrain(*surface(lambda x, y: -np.hypot(x, y), size=201))
    rows, columns = np.mgrid[:201, :201] - 100
    far = (np.hypot(rows, columns) > 50) & (np.abs(rows) < 99) & (np.abs(columns) < 99)
    expected = np.degrees(np.arctan2(columns, -rows)) % 360
    turn = (aspect - expected + 180) % 360 - 180
    assert np.abs(turn[far]).max() < 0.05
    assert np.abs(slope[far] - 45).max() < 0.02


def test_flat_ground_has_no_aspect_but_a_slope():
    slope, aspect, curvature = terrain(*surface(lambda x, y: 0 * x))
    assert np.isnan(aspect).all()
    assert (slope[1:-1, 1:-1] == 0).all() and (curvature[1:-1, 1:-1] == 0).all()


def test_no_data_reaches_its_neighbours_only():
    z, dx, dy = surface(lambda x, y: x + y)
    z[10, 10] = np.nan
    missing = np.ones(z.shape, bool)
    missing[1:-1, 1:-1] = False
    missing[9:12, 9:12] = True
    for layer in terrain(z, dx, dy):
        np.testing.assert_array_equal(np.isnan(layer), missing)


def test_pixels_of_unequal_sides():
    _, columns = np.mgrid[:9, :9]
    slope, aspect, _ = terrain(
        (-3.0 * columns).astype(np.float32), np.full(9, 6.0), np.full(9, 25.0)
    )
    assert slope[4, 4] == pytest.approx(np.degrees(np.arctan(0.5)), abs=1e-4)
    assert aspect[4, 4] == pytest.approx(90)


def test_degrees_become_metres_by_latitude():
    at_60 = Grid("EPSG:4326", (0.001, 0, 10.0, 0, -0.001, 60.0005), 3, 1)
    dx, dy = cell_metres(at_60)
    # Published lengths of a degree at 60 N: 55.80 km and 111.41 km.
    assert dx[0] == pytest.approx(55.80, abs=0.01)
    assert dy[0] == pytest.approx(111.41, abs=0.01)


def test_feet_become_metres():
    dx, dy = cell_metres(Grid("EPSG:2227", (10, 0, 6e6, 0, -10, 2e6), 2, 2))
    assert dx[0] == pytest.approx(3.048, abs=1e-3) and dy[1] == pytest.approx(3.048, abs=1e-3)


INNER = np.s_[1:-1, 1:-1]


def test_curvature_along_and_across_a_slope():
    # A trough that falls to the north and is curved from west to east: only across the slope.
    trough = morphometry(*surface(lambda x, y: -0.5 * y + 0.001 * x**2))
    middle = (10, 10)
    assert trough["plan_curvature"][middle] == pytest.approx(-0.2, abs=1e-3)
    assert trough["profile_curvature"][middle] == pytest.approx(0, abs=1e-3)
    # A slope that steepens downwards: only along it, bulging, negative as in ArcGIS.
    brow = morphometry(*surface(lambda x, y: -0.5 * y - 0.001 * y**2))
    assert brow["profile_curvature"][middle] == pytest.approx(-0.2, abs=1e-3)
    assert brow["plan_curvature"][middle] == pytest.approx(0, abs=1e-3)


def test_plan_less_profile_is_the_general_curvature():
    hills = surface(lambda x, y: 30 * np.sin(x / 40) * np.cos(y / 55) + 0.3 * x)
    found, general = morphometry(*hills), terrain(*hills)[2]
    difference = found["plan_curvature"] - found["profile_curvature"]
    np.testing.assert_allclose(difference[INNER], general[INNER], atol=2e-3)


def test_ruggedness_and_position():
    flat = surface(lambda x, y: 0 * x + 100)
    flat[0][10, 10] += 3
    found = morphometry(*flat)
    assert found["tpi"][10, 10] == pytest.approx(3)
    assert found["tpi"][10, 11] == pytest.approx(-3 / 8)
    assert found["tri"][10, 10] == pytest.approx(np.sqrt(8 * 9))
    assert found["tri"][10, 11] == pytest.approx(3) and found["tri"][5, 5] == 0


def test_a_gap_takes_its_neighbours_and_no_more():
    hills = surface(lambda x, y: 0.01 * x**2 + y)
    hills[0][10, 10] = np.nan
    gone = np.zeros((21, 21), bool)
    gone[9:12, 9:12] = True
    for values in morphometry(*hills).values():
        np.testing.assert_array_equal(np.isnan(values)[INNER], gone[INNER])
