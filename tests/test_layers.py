"""What the map offers, its colours, and the default pair."""

import shutil
from dataclasses import replace

import numpy as np
import pytest

from core import atomic
from core.display import display
from core.errors import SlideScopeError
from core.learning.prediction import products
from core.learning.scores import evaluation, metrics
from core.maps import colours, comparison, layers, scorecard, sides
from core.runs import store as runs
from tests import tiny


def test_scene_layers_start_with_what_lies_below_and_the_reference(tiny_scene):
    found = layers.scene_layers(tiny_scene)
    assert [layer.id for layer in found[:2]] == [display.HILLSHADE, display.REFERENCE]
    assert {layer.id for layer in found[2:]} == set(tiny.NAMES)
    slope = next(layer for layer in found if layer.id == "slope")
    assert (slope.title, slope.unit, slope.kind) == ("Slope", "°", "continuous")
    assert slope.lo == pytest.approx(tiny_scene.factor("slope").quantiles[0])
    assert slope.url.startswith("maps/tiles/scene/tiny/slope/{z}/{x}/{y}?v=")


def test_lithology_has_its_legend(tiny_scene):
    lithology = next(x for x in layers.scene_layers(tiny_scene) if x.id == "lithology")
    assert lithology.classes == ((1, "shale"), (2, "sandstone"), (3, "granite"))
    assert lithology.table == colours.CATEGORIES


def test_scene_without_display_says_what_to_do(tiny_scene):
    shutil.rmtree(tiny_scene.path / "display")
    with pytest.raises(SlideScopeError, match="import it again with --replace"):
        layers.scene_layers(tiny_scene)


def test_predictions_are_offered_when_they_can_be_shown(tiny_scene, tiny_runs):
    ids = {layer.id for layer in layers.prediction_layers(tiny_scene)}
    assert ids == {f"run:{run.id}" for run in tiny_runs}
    shutil.rmtree(tiny_runs[0].prediction() / "display")
    assert [x.id for x in layers.prediction_layers(tiny_scene)] == [f"run:{tiny_runs[1].id}"]


def test_run_of_an_earlier_import_is_left_out(tiny_scene, tiny_runs):
    again = replace(tiny_scene, fingerprint="another")
    assert layers.prediction_layers(again) == ()


def test_a_network_that_came_from_elsewhere_shows_its_map_of_this_scene(tiny_scene, tiny_runs):
    (tiny_runs[0].path / "loaded.json").write_text('{"source": "the software", "when": "today"}')
    again = replace(tiny_scene, fingerprint="another machine's copy")
    products.save_origin(tiny_runs[0].prediction(), again)
    assert {layer.id.split(":")[1] for layer in layers.prediction_layers(again)} == {
        tiny_runs[0].id
    }


def test_a_map_of_an_earlier_import_is_left_out_wherever_its_network_came_from(
    tiny_scene, tiny_runs
):
    for run in tiny_runs:
        (run.path / "loaded.json").write_text('{"source": "the software", "when": "today"}')
    assert len(layers.prediction_layers(tiny_scene)) == len(tiny_runs)
    assert layers.prediction_layers(replace(tiny_scene, fingerprint="another")) == ()


def test_tables_have_256_colours(tiny_scene):
    for layer in layers.scene_layers(tiny_scene):
        assert len(colours.packed(layer.table)) == 256 * 6
    assert colours.table(colours.GREY)[255] == "#ffffff"
    assert len(set(colours.table(colours.SCATTERED)[:20])) == 20


def test_a_new_prediction_has_a_new_address(tiny_scene, tiny_runs):
    before = layers.prediction_layers(tiny_scene)[0]
    file = layers.run_raster(before.id.split(":")[1], "tiny", "probability")
    file.write_bytes(file.read_bytes())
    assert layers.prediction_layers(tiny_scene)[0].url != before.url


def test_without_runs_hillshade_meets_the_reference(tiny_scene):
    assert sides.first_pair(sides.sides_of(tiny_scene)) == (display.HILLSHADE, display.REFERENCE)


def test_with_runs_rs_meets_rs_dr_of_fcadensenet(tiny_scene, tiny_runs):
    tiny.run(tiny_scene, "rs-dr", 3.0, model="unet")
    with_deformation, without = (f"run:{run.id}" for run in tiny_runs)
    assert sides.first_pair(sides.sides_of(tiny_scene)) == (without, with_deformation)


def test_a_lone_run_meets_its_baseline_or_the_reference(tiny_scene):
    run = tiny.run(tiny_scene, "rs-dr", 3.0)
    found = sides.sides_of(tiny_scene)
    assert sides.first_pair(found) == (display.REFERENCE, f"run:{run.id}")
    shutil.copytree(run.prediction(), run.path / "baseline_rf")
    found = sides.sides_of(tiny_scene)
    assert sides.first_pair(found) == (f"baseline:{run.id}", f"run:{run.id}")
    assert found[f"baseline:{run.id}"].title == "Pixel random forest · RS-DR"


def test_twin_is_the_same_network_on_the_other_dataset(tiny_scene, tiny_runs):
    unet = tiny.run(tiny_scene, "rs", 3.0, model="unet")
    found = sides.sides_of(tiny_scene)
    with_deformation, without = (found[f"run:{run.id}"] for run in tiny_runs)
    assert sides.twin(found, with_deformation, "rs") is without
    assert sides.twin(found, without, "rs") is without
    assert sides.twin(found, found[f"run:{unet.id}"], "rs-dr") is None
    assert sides.twin(found, found["slope"], "rs") is None


def test_runs_of_one_title_are_told_apart(tiny_scene, tiny_runs):
    first = tiny_runs[0]
    shutil.copytree(first.path, first.path.with_name("second"))
    titles = [side.title for side in sides.sides_of(tiny_scene).values() if side.run]
    assert sorted(titles)[-2:] == [f"{first.title} · second", f"{first.title} · {first.id}"]


def test_scores_are_those_of_evaluate(tiny_scene, tiny_runs):
    found = sides.sides_of(tiny_scene)
    right, left = (found[f"run:{run.id}"] for run in tiny_runs)
    for threshold in (0.2, 0.5):
        score = scorecard.compare(left, right, tiny_scene, threshold)
        expected = [evaluation.evaluate(run, threshold=threshold) for run in tiny_runs]
        for card in score.cards:
            assert (card.right, card.left) == tuple(value[card.name] for value in expected)
        assert score.area == "held-out tiles, block split" and score.tiles == 2


def test_different_splits_are_scored_on_common_tiles(tiny_scene, tiny_runs):
    right, left = tiny_runs
    counts, part = products.load_counts(right.prediction())
    part[:] = metrics.TRAIN
    part[1] = metrics.TEST
    products.save_counts(right.prediction(), counts, part)
    found = sides.sides_of(tiny_scene)
    score = scorecard.compare(
        found[f"run:{left.id}"], found[f"run:{right.id}"], tiny_scene, threshold=0.5
    )
    assert score.tiles == 1 and "held out by both" in score.area
    expected = metrics.scores(counts[1].astype(np.int64))
    assert score.cards[2].right == expected["f1"]


def test_a_factor_has_no_score(tiny_scene, tiny_runs):
    found = sides.sides_of(tiny_scene)
    score = scorecard.compare(found["slope"], found[f"run:{tiny_runs[0].id}"], tiny_scene, 0.5)
    assert score.cards[0].left is None and score.cards[0].points is None
    assert score.cards[0].right > 0


def test_an_empty_mask_is_named(tiny_scene, tiny_runs):
    found = sides.sides_of(tiny_scene)
    right, left = (found[f"run:{run.id}"] for run in tiny_runs)
    score = scorecard.compare(left, right, tiny_scene, 1.0)
    assert "No landslide is predicted there by" in scorecard.words(score, 1.0)


def test_map_of_a_scene_is_the_same_text_every_time(tiny_scene, tiny_runs):
    """streamlit-folium builds the map anew, and loses its view, when the script changes."""
    assert comparison.setup(tiny_scene) == comparison.setup(tiny_scene)
    key = comparison.map_key(tiny_scene)
    value = atomic.read_json(tiny_scene.path / "display" / "layers.json")
    atomic.write_json(tiny_scene.path / "display" / "layers.json", {**value, "version": "new"})
    assert comparison.map_key(tiny_scene) != key


def test_no_address_of_the_map_leaves_the_server(tiny_scene):
    made = comparison.scene_map(tiny_scene)
    links = [url for _, url in made.default_js + made.default_css]
    links += [url for _, url in comparison.Compare.default_css] + [comparison.Compare.entry]
    links += [layer["url"] for layer in comparison.setup(tiny_scene)["layers"]]
    assert links and all(link.startswith("../../maps/") for link in links)


def test_runs_store_finds_what_the_layers_name(tiny_scene, tiny_runs):
    for layer in layers.prediction_layers(tiny_scene):
        assert runs.load(layer.id.split(":")[1]).title == layer.title
