"""What is measured on the map: length, area, and what lies along a line."""

import json
from dataclasses import replace

import numpy as np
import pytest
import rasterio

from core.__main__ import main
from core.errors import Damaged, SlideScopeError
from core.maps import place, transect
from tests import tiny

# Along row 40, over the first planted landslide; pixels of 12.5 m.
START, END = (40, 20), (40, 100)


def corners(scene, *pixels):
    return [place.point(scene, *each) for each in pixels]


def test_a_line_and_an_area_have_the_size_that_they_have_on_the_ground(tiny_scene):
    line = corners(tiny_scene, START, END)
    # 260 km from the middle of its zone a metre of UTM is 1 / 1.00043 m on the ground.
    side = 12.5 / 1.00043
    assert transect.length(tiny_scene, line) == pytest.approx(80 * side, rel=2e-5)
    box = corners(tiny_scene, (40, 20), (40, 100), (100, 100), (100, 20))
    assert transect.area(tiny_scene, box) == pytest.approx(4800 * side**2, rel=4e-5)
    assert transect.area(tiny_scene, box[::-1]) == transect.area(tiny_scene, box)
    assert "WGS 84" in transect.how(tiny_scene)


def test_without_a_reference_system_pixels_are_measured(tiny_scene):
    scene = replace(tiny_scene, grid=tiny.PIXEL_GRID)
    assert transect.length(scene, [(-40, 20), (-40, 100), (-100, 100)]) == 140
    assert transect.area(scene, [(-40, 20), (-40, 100), (-100, 100), (-100, 20)]) == 4800
    found = transect.along(scene, corners(scene, START, END), {})
    assert found.unit == "px" and found.length == 80
    assert "pixels" in transect.how(scene)


def test_a_profile_has_what_the_rasters_have_pixel_by_pixel(tiny_scene, tiny_runs):
    run = tiny_runs[0]
    file = transect.map_file(tiny_scene, run)
    found = transect.along(tiny_scene, corners(tiny_scene, START, END), {"right": ("a", file)})
    elevation, rate, probability = found.lines
    assert [each.unit for each in found.lines] == ["m", "mm/yr", ""]
    values = tiny_scene.read(["elevation", "deformation"])[40, 20:101]
    np.testing.assert_array_equal(elevation.values, values[:, 0])
    np.testing.assert_array_equal(rate.values, values[:, 1])
    with rasterio.open(file) as source:
        np.testing.assert_array_equal(probability.values, source.read(1)[40, 20:101])
    assert found.distance[0] == 0 and np.all(np.diff(found.distance) > 0)
    assert rate.values[40] < -15 < rate.values[0]  # the landslide moves


def test_gaps_and_what_lies_outside_have_no_values(tiny_scene):
    row = 110  # deformation has a gap from column 20 to 60
    found = transect.along(tiny_scene, corners(tiny_scene, (row, 10), (row, 70)), {})
    rate = found.lines[1].values
    assert np.isnan(rate[10:50]).all() and np.isfinite(rate[:10]).all()
    beyond = transect.along(tiny_scene, corners(tiny_scene, (100, 340), (100, 420)), {})
    assert np.isnan(beyond.lines[0].values[44:]).all()
    assert np.isfinite(beyond.lines[0].values[:44]).all()
    with pytest.raises(SlideScopeError, match="No part of the line lies in the scene"):
        transect.along(tiny_scene, corners(tiny_scene, (900, 9), (900, 90)), {})


def test_a_long_line_is_sampled_more_widely(tiny_scene):
    zigzag = corners(tiny_scene, *((row, col) for row in range(20, 240, 12) for col in (20, 380)))
    found = transect.along(tiny_scene, zigzag, {})
    assert transect.MOST_SAMPLES <= len(found.distance) < 1.1 * transect.MOST_SAMPLES
    assert found.length == pytest.approx(transect.length(tiny_scene, zigzag))


@pytest.mark.parametrize(
    "shape", [[], [(27.2, 102.4)], [(1, "x"), (2, 3)], [(1, float("inf"))] * 2]
)
def test_what_was_drawn_is_checked(tiny_scene, shape):
    with pytest.raises(SlideScopeError, match="cannot be measured: it needs 2 to 500 corners"):
        transect.length(tiny_scene, shape)


def test_a_polygon_of_as_many_corners_as_are_allowed_is_measured(tiny_scene):
    turn = np.linspace(0, 2 * np.pi, transect.MOST_CORNERS, endpoint=False)
    scene = replace(tiny_scene, grid=tiny.PIXEL_GRID)
    circle = list(zip(-128 + 100 * np.sin(turn), 128 + 100 * np.cos(turn)))
    assert transect.area(scene, circle) == pytest.approx(np.pi * 1e4, rel=1e-3)
    assert transect.perimeter(scene, circle) == pytest.approx(2 * np.pi * 100, rel=1e-3)


def test_a_line_to_where_the_reference_system_ends_is_a_sentence(tiny_scene):
    with pytest.raises(SlideScopeError, match="draw it over the scene"):
        transect.along(tiny_scene, [*corners(tiny_scene, (10, 10)), (0.0, 15.0)], {})


def test_a_damaged_map_is_a_sentence(tiny_scene, tiny_runs):
    file = transect.map_file(tiny_scene, tiny_runs[0])
    file.write_bytes(b"II*\0" + bytes(60))
    with pytest.raises(Damaged, match="The map of mine cannot be read: predict it again"):
        transect.along(tiny_scene, corners(tiny_scene, START, END), {"left": ("mine", file)})


def call(capsys, *argv: str) -> dict:
    assert main(["profile", *argv, "--json"]) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_the_command_says_the_same_and_writes_a_table(tiny_scene, tiny_runs, tmp_path, capsys):
    line = [f"{lat},{lng}" for lat, lng in corners(tiny_scene, START, END)]
    file, run = tmp_path / "profile.csv", tiny_runs[0].id
    told = call(capsys, "tiny", "--line", *line, "--run", run, "--csv", str(file))
    assert told["length"] == pytest.approx(1000, rel=2e-3) and told["unit"] == "m"
    assert set(told["along"]) == {"elevation", "deformation", run}
    head, *rows = file.read_text().splitlines()
    assert head.startswith("distance (m),Elevation (m),") and len(rows) == len(told["distance"])
    x, y = tiny_scene.grid.affine * (20.5, 40.5)
    same = call(capsys, "tiny", "--line", f"{x},{y}", line[1], line[0], "--area")
    assert same["length"] == pytest.approx(2 * told["length"], abs=0.1)
    assert same["area"] == pytest.approx(0, abs=1)


def test_the_command_refuses_in_a_sentence(tiny_runs, capsys):
    assert main(["profile", "tiny", "--line", "27.27,102.38"]) == 2
    assert "needs 2 to 500 corners" in capsys.readouterr().err
    assert main(["profile", "tiny", "--line", "27.27,102.38", "here"]) == 2
    assert "'here' is no place" in capsys.readouterr().err
