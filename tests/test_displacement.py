"""Displacement of a pixel and of a landslide, and what a pixel's pairs miss it by."""

import json
import shutil

import numpy as np
import pytest

from core.__main__ import main
from core.errors import SlideScopeError
from core.objects import motion
from core.scene import origin
from core.scene.grid import Grid
from core.scene.sbas import displacement, misfit
from tests import interferogram_files
from tests.moved import FROM_COLUMN, moved, own_moved  # noqa: F401

# Scene pixels are half as wide as the stack's.
MOVING, STABLE, CYCLE, NOTHING = (18, 24), (32, 6), (24, 42), (0, 10)


def test_a_moving_pixel_has_its_rate_and_a_series_on_the_line(moved):  # noqa: F811
    found = motion.of_pixel(moved, *MOVING)
    assert (found.row, found.column) == (9, 12)
    assert found.rate == pytest.approx(-60, abs=0.05)
    assert found.kept and found.temporal_coherence == pytest.approx(1, abs=0.001)
    years = np.array(interferogram_files.DAYS) / 365.25
    mm = np.array(found.mm, float)
    np.testing.assert_allclose(mm - mm[0], -60 * years, atol=0.15)  # kept in .1 mm
    np.testing.assert_allclose(found.line, mm, atol=0.1)
    assert found.deviation == pytest.approx(0, abs=0.1)
    assert found.groups == (1,) * len(years) and found.pairs == 1


def test_a_pixel_without_pairs_has_none_and_one_outside_is_refused(moved):  # noqa: F811
    assert motion.of_pixel(moved, *NOTHING) is None
    with pytest.raises(SlideScopeError, match="Invalid pixel 400,2"):
        motion.of_pixel(moved, 400, 2)


def test_landslides_come_fastest_first_and_move_as_their_pixels_do(moved):  # noqa: F811
    first, second = motion.slides(moved)
    assert (first.kept, second.kept) == (48, 9)
    assert first.rate == pytest.approx(-60, abs=0.1)
    assert second.rate == pytest.approx(0, abs=0.1)
    assert "−60.0 mm/yr" in first.words and "30.72 ha" in first.words
    whole, one = motion.of_slide(moved, first.number), motion.of_pixel(moved, *MOVING)
    assert whole.pixels == 48
    np.testing.assert_allclose(whole.mm, one.mm, atol=0.15)
    assert motion.slide_at(moved, *MOVING).number == first.number
    assert motion.slide_at(moved, 2, 2) is None


def test_residuals_show_the_cycle_that_was_taken_off(moved):  # noqa: F811
    place = motion.of_pixel(moved, *CYCLE)
    assert place.column >= FROM_COLUMN
    found = misfit.of_pixel(moved.path, place.row, place.column)
    assert len(found) == len(interferogram_files.PAIRS)
    (turned,) = [each for each in found if each.turns]
    assert (turned.name, turned.turns) == ("20210121_20210202", 1)
    assert turned.cycles == pytest.approx(1, abs=0.01)
    assert all(abs(each.cycles) < 0.01 for each in found if not each.turns)


def test_residuals_give_the_temporal_coherence_of_the_layer(moved):  # noqa: F811
    for row, column in (MOVING, STABLE, CYCLE):
        place = motion.of_pixel(moved, row, column)
        found = misfit.of_pixel(moved.path, place.row, place.column)
        off = np.array([each.cycles - each.turns for each in found])
        coherence = abs(np.exp(2j * np.pi * off).mean())
        assert coherence == pytest.approx(place.temporal_coherence, abs=0.001)


def test_islands_are_those_of_the_pairs_that_a_pixel_has(moved):  # noqa: F811
    place = motion.of_pixel(moved, *MOVING)
    found = misfit.of_pixel(moved.path, place.row, place.column)
    # No pair crosses from the first three dates to the others.
    apart = tuple(
        each for each in found if (each.first < "2021-02-20") == (each.second < "2021-02-20")
    )
    groups = misfit.regrouped(place, apart).groups
    assert groups == (1, 1, 1, 2, 2, 2, 2)


def test_without_their_files_residuals_say_so(own_moved):  # noqa: F811
    place = motion.of_pixel(own_moved, *MOVING)
    told = origin.read(own_moved.path)
    gone = own_moved.path / origin.FOLDER / origin.FILE
    gone.write_text(gone.read_text().replace(told.stack[0], "/nowhere/at/all"))
    with pytest.raises(SlideScopeError, match="are not there any more"):
        misfit.of_pixel(own_moved.path, place.row, place.column)
    gone.unlink()
    with pytest.raises(SlideScopeError, match="import it again"):
        misfit.of_pixel(own_moved.path, place.row, place.column)


def test_a_scene_without_series_has_no_displacement(own_moved):  # noqa: F811
    assert motion.possible(own_moved)
    shutil.rmtree(own_moved.path / origin.FOLDER)
    assert not motion.possible(own_moved)


def test_csv_has_a_line_a_place_and_date(moved):  # noqa: F811
    place = motion.of_pixel(moved, *MOVING)
    head, *lines = displacement.csv([place, place]).splitlines()
    assert head.startswith("place,date,displacement_mm")
    assert len(lines) == 2 * len(place.dates)
    assert lines[1].startswith('"pixel 9,12 of the stack",2021-01-21,')
    assert len(lines[1].split(",")) - 1 == len(head.split(","))  # the name has a comma in it


def test_a_pixel_of_another_reference_system_is_found():
    stack = Grid("EPSG:4326", (0.001, 0, 103.0, 0, -0.001, 27.2), 10, 10)
    scene = Grid("EPSG:32648", (10.0, 0, 301_984.0, 0, -10.0, 3_010_065.0), 100, 100)
    row, column = displacement.on_stack(scene, stack, [50], [50])
    assert 0 <= row[0] < 10 and 0 <= column[0] < 10


def call(capsys, *argv: str) -> dict:
    assert main(["displacement", *argv, "--json"]) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_the_command_lists_landslides_and_writes_a_series(moved, tmp_path, capsys):  # noqa: F811
    listed = call(capsys, moved.name)["landslides"]
    assert listed[0]["rate_mm_yr"] == pytest.approx(-60, abs=0.1)
    file = tmp_path / "series.csv"
    told = call(capsys, moved.name, "--pixel", "24,42", "--residuals", "--csv", str(file))
    assert sum(each["turns"] != 0 for each in told["residuals"]) == 1
    assert len(file.read_text().splitlines()) == 1 + len(told["displacement"]["dates"])
    number = str(listed[0]["landslide"])
    assert call(capsys, moved.name, "--landslide", number)["displacement"]["pixels"] == 48


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--pixel", "1"], "Invalid pixel '1'"),
        (["--pixel", "0,10"], "has no series"),
        (["--landslide", "99"], "no landslide 99"),
        (["--landslide", "1", "--residuals"], "give --pixel"),
    ],
)
def test_the_command_refuses_in_a_sentence(moved, capsys, argv, said):  # noqa: F811
    assert main(["displacement", moved.name, *argv]) == 2
    assert said in capsys.readouterr().err


def test_a_table_without_a_folder_is_refused_in_a_sentence(moved, capsys, tmp_path):  # noqa: F811
    place = f"{tmp_path}/none/d.csv"
    assert main(["displacement", "moved", "--pixel", "24,18", "--csv", place]) == 2
    assert "--csv needs a folder that is there" in capsys.readouterr().err
