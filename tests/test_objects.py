"""Landslide-level scores: who is detected, who is missed, what is false, and why here."""

import json

import numpy as np
import pytest
import rasterio

from core.__main__ import main
from core.errors import SlideScopeError
from core.learning.prediction import products
from core.learning.tiles.tiling import tiling_of
from core.maps import place
from core.objects import boundary, found, object, profile, score
from core.objects.object import pixels_of
from core.scene.grid import Grid
from tests import tiny


def predicted(scene, values):
    """Path of a probability raster on the scene's grid."""
    path = scene.path / "made.tif"
    with rasterio.open(path, "w", **products.profile(scene.grid, "float32", np.nan)) as target:
        target.write(values.astype(np.float32), 1)
    return path


def look(scene, values, inside=None, threshold=0.5):
    inside = np.ones(len(tiling_of(scene)), bool) if inside is None else inside
    return found.find(scene, predicted(scene, values), inside, threshold)


def test_every_landslide_is_detected_or_missed_by_a_quarter_of_its_pixels(tiny_scene):
    reference = tiny.reference()
    rows = np.arange(tiny.HEIGHT)[:, None]
    # Of the one around row 180 the rows below 181 are nearly half, those below 184 too few.
    half, few = (0.9 * (reference & (rows > 180 + above)) for above in (1, 4))
    assert [o.hit for o in look(tiny_scene, half).landslides].count(True) == 2
    missed = look(tiny_scene, few).missed
    assert len(missed) == 4
    assert missed[0].weight == max(o.weight for o in missed)
    assert all(0 <= o.share < 0.25 for o in missed)


def test_a_predicted_object_is_false_below_a_tenth_of_landslide(tiny_scene):
    values = np.zeros(tiny_scene.grid.shape)
    row, column, _radius = tiny.LANDSLIDES[0]
    values[row : row + 3, column : column + 60] = 0.8  # 9 of 60 columns are landslide
    values[150:154, 200:204] = 0.7
    result = look(tiny_scene, values)
    assert [(o.pixels, o.hit) for o in result.predicted] == [(180, True), (16, False)]
    (false,) = result.false
    assert (false.key, false.box) == ("p150-200", (150, 200, 154, 204))
    assert false.probability == pytest.approx(0.7)
    assert false.area_ha == 0.25
    here = tiny_scene.read(("deformation",))[150:154, 200:204, 0]
    assert false.deformation == pytest.approx(float(np.nanmean(here)), rel=1e-5)


def test_objects_that_reach_out_of_the_area_do_not_count(tiny_scene):
    values = np.zeros(tiny_scene.grid.shape)
    values[20:24, 120:140] = 0.9  # over the border between tiles at column 128
    values[20:24, 160:170] = 0.9
    second = np.arange(len(tiling_of(tiny_scene))) % 3 == 1
    result = look(tiny_scene, values, second)
    assert [o.key for o in result.predicted] == ["p20-160"]
    assert len(result.landslides) == 1  # around column 200


def test_pieces_of_strips_join_across_corners_and_add_up():
    mask = np.zeros((8, 6), bool)
    mask[1:4, 1] = mask[4, 2] = mask[5:7, 2] = True  # touches the lower strip at a corner
    mask[0, 4] = True
    ones, nothing = np.ones((4, 6)), np.full((4, 6), np.nan)
    both = {}
    for alone in (False, True):
        taken = found.Pieces(alone)
        for top in (0, 4):
            part = mask[top : top + 4]
            taken.add(found.Strip(top, part, part, part, 0.5 * ones, nothing))
        both[alone] = taken.joined()
    assert sorted(both[False]["pixels"]) == [1, 6]
    at = both[False]["pixels"].argmax()
    assert [both[False][n][at] for n in ("top", "left", "bottom", "right")] == [1, 1, 7, 3]
    assert both[False]["seed"][at] == 1 * 6 + 1
    assert both[False]["probability"][at] == 3.0
    # In a tile scene nothing crosses the border.
    assert sorted(both[True]["pixels"]) == [1, 3, 3]


def test_strips_do_not_change_the_objects(tiny_scene):
    rng = np.random.default_rng(5)
    values = rng.random(tiny_scene.grid.shape)
    from scipy import ndimage

    display = values >= 0.6
    _, count = ndimage.label(display, np.ones((3, 3)))
    result = look(tiny_scene, values, threshold=0.6)
    assert len(result.predicted) == count
    assert sum(o.pixels for o in result.predicted) == display.sum()


@pytest.mark.parametrize(("shift", "f1"), [(0, 1.0), (2, 1.0), (12, 0.0)])
def test_boundary_f1_forgives_two_pixels(tiny_scene, shift, f1):
    _row, _column, _radius = tiny.LANDSLIDES[2]
    grid, tiling = tiny_scene.grid, tiling_of(tiny_scene)
    # One landslide alone, so that its neighbours' edges are not missed.
    mask = np.zeros(grid.shape, np.uint8)
    mask[80:100, 290:310] = 1
    tiny._write(tiny_scene.mask_path, grid, mask[None], None)
    moved = np.roll(mask, (shift, shift), (0, 1)) if shift == 12 else np.roll(mask, shift, 0)
    path = predicted(tiny_scene, 0.9 * moved)
    result = boundary.boundary(tiny_scene, path, tiling, np.ones(len(tiling), bool), 0.5)
    assert (result.f1 == f1) if shift != 12 else (result.f1 < 0.3)


def test_size_classes_are_hectares_on_a_metric_grid():
    metric = Grid("EPSG:32648", (12.5, 0, 0, 0, -12.5, 0), 9, 9)
    words = [each.words for each in object.classes(metric)]
    assert words == ["small: under 1 ha", "medium: 1 to 5 ha", "large: 5 ha and more"]


def test_the_profile_says_where_the_object_lies_in_the_scene(tiny_scene):
    row, column, _ = tiny.LANDSLIDES[2]
    item = next(
        o
        for o in look(tiny_scene, np.zeros(tiny_scene.grid.shape)).landslides
        if o.box[0] <= row < o.box[2] and o.box[1] <= column < o.box[3]
    )
    window, inside = pixels_of(tiny_scene, tiny_scene.path / "made.tif", item, 0.5)
    assert inside.sum() == item.pixels
    by_name = {each.name: each for each in profile.profile(tiny_scene, window, inside)}
    # Planted: landslides move away, are bright in red and dark in near infrared.
    assert by_name["deformation"].position < 0.05 < 0.9 < by_name["red"].position
    assert by_name["nir"].position < 0.1
    assert by_name["lithology"].words.startswith("sandstone (")
    assert by_name["aspect"].position is None and 0 < by_name["aspect"].commonness < 1


def test_the_place_on_the_map_holds_the_object(tiny_scene):
    (south, west), (north, east) = place.bounds(tiny_scene, (80, 290, 100, 310))
    assert 102.37 < west < east < 102.43 and 27.24 < south < north < 27.28
    assert east - west < 0.01


def test_evaluate_objects_prints_documented_keys(tiny_runs, capsys):
    assert main(["evaluate", tiny_runs[0].id, "--objects", "--json"]) == 0
    objects = json.loads(capsys.readouterr().out.splitlines()[-1])["objects"]
    assert {"landslides", "detected", "detected_share", "by_size", "predicted", "false"} < set(
        objects
    )
    assert objects["boundary"]["tolerance_px"] == 2
    small = objects["by_size"][0]
    assert (small["name"], small["most"], small["unit"]) == ("small", 1.0, "ha")
    assert sum(row["landslides"] for row in objects["by_size"]) == objects["landslides"]
    weights = [row["weight"] for row in objects["false_objects"]]
    assert weights == sorted(weights, reverse=True)


def test_a_scene_without_inventory_or_prediction_is_said(tiny_runs, tiny_scene):
    run = tiny_runs[0]
    with pytest.raises(SlideScopeError, match="Unknown area 'north'"):
        score.of_run(run, tiny_scene, "north", 0.5)
    with pytest.raises(SlideScopeError, match="a probability lies between 0 and 1"):
        score.of_run(run, tiny_scene, "all", 2.0)
    (run.prediction() / "counts.npz").unlink()
    with pytest.raises(SlideScopeError, match="has no prediction for scene 'tiny'"):
        score.of_run(run, tiny_scene, "all", 0.5)


def test_nothing_is_computed_twice_for_the_same_files(tiny_runs, tiny_scene):
    first = score.of_run(tiny_runs[0], tiny_scene, "all", 0.5)
    assert score.of_run(tiny_runs[0], tiny_scene, "all", 0.5) is first
    predicted_file = tiny_runs[0].prediction() / "probability.tif"
    predicted_file.touch()
    assert score.of_run(tiny_runs[0], tiny_scene, "all", 0.5) is not first
