"""Compare: cards, pickers, the RS | RS-DR switch and the words, without a browser."""

import shutil
from dataclasses import replace

from core.learning import evaluation, metrics, operating_point, products
from core.maps import display
from core.runs import store as runs
from core.scene import store as scenes
from tests import tiny
from tests.page import texts, visit

SIX = ["Precision", "Recall", "F1", "Kappa", "MIoU", "Landslide IoU"]


def box(app, label):
    return next(item for item in app.selectbox if item.label == label)


def f1(app):
    return next(item for item in app.metric if item.label == "F1")


def test_no_scene_says_how_to_get_one(workspace):
    assert "Import your own on the Scene page" in texts(visit("compare"))


def test_without_a_run_it_shows_what_there_is(tiny_scene):
    app = visit("compare")
    said = texts(app)
    assert "hillshade against the reference mask" in said
    assert [item.label for item in app.metric] == SIX
    assert all(item.value == ":blue[–] :orange[–]" for item in app.metric)
    assert box(app, "Left").value == "hill-shade"
    assert box(app, "Right").value == "reference-mask"


def test_six_cards_show_both_sides_and_the_difference_in_points(tiny_runs):
    app = visit("compare")
    assert [item.label for item in app.metric] == SIX
    right, left = (evaluation.evaluate(run)["f1"] for run in tiny_runs)
    assert f1(app).value == f":blue[{left:.3f}] :orange[{right:.3f}]"
    assert f1(app).delta == f"{100 * (right - left):+.1f} points".replace("-", "−")


def test_caption_states_area_split_threshold_and_synthetic(tiny_runs):
    said = texts(visit("compare"))
    assert "threshold 0.500 · 2 held-out tiles, block split · synthetic scene" in said


def test_circularity_stands_where_rs_meets_rs_dr(tiny_runs):
    app = visit("compare")
    assert "favoured by construction" in texts(app)
    box(app, "Left").select("slope").run()
    assert "favoured by construction" not in texts(app)


def test_switch_changes_the_right_side_and_its_scores(tiny_runs):
    with_deformation, without = tiny_runs
    app = visit("compare")
    switch = app.get("button_group")[0]
    assert switch.value == "rs-dr"
    switch.set_value("rs").run()
    assert box(app, "Right").value == f"run:{without.id}"
    value = evaluation.evaluate(without)["f1"]
    assert f1(app).value == f":blue[{value:.3f}] :orange[{value:.3f}]"
    assert "Both sides show the same" in texts(app)
    app.get("button_group")[0].set_value("rs-dr").run()
    assert box(app, "Right").value == f"run:{with_deformation.id}"


def test_switch_without_a_twin_says_so_and_keeps_the_map(tiny_scene):
    run = tiny.run(tiny_scene, "rs-dr", 3.0, model="unet")
    app = visit("compare")
    app.get("button_group")[0].set_value("rs").run()
    assert "U-Net has no run on RS for this scene" in texts(app)
    assert box(app, "Right").value == f"run:{run.id}"
    assert app.get("button_group")[0].value == "rs-dr"


def test_selection_stays_in_the_url(tiny_runs):
    app = visit("compare")
    box(app, "Left").select("elevation").run()
    assert app.query_params["left"] == "elevation"
    assert app.query_params["scene"] == "tiny"
    assert app.query_params["threshold"] == "0.5"


def test_url_chooses_sides_and_threshold(tiny_runs):
    run = tiny_runs[1]
    app = visit("compare", left="slope", right=f"run:{run.id}", threshold="0.3")
    assert box(app, "Left").value == "slope"
    assert "threshold 0.300" in texts(app)
    assert f":orange[{evaluation.evaluate(run, threshold=0.3)['f1']:.3f}]" in f1(app).value


def test_bad_url_falls_back_in_words(tiny_runs):
    app = visit("compare", left="run:gone", threshold="much")
    assert "There is no 'run:gone' to show" in texts(app)
    assert box(app, "Left").value == f"run:{tiny_runs[1].id}"
    assert "threshold 0.500" in texts(app)


def test_empty_mask_is_said(tiny_runs):
    assert "No landslide is predicted there" in texts(visit("compare", threshold="1"))


def test_run_without_prediction_is_not_offered(tiny_runs):
    shutil.rmtree(tiny_runs[0].prediction())
    app = visit("compare")
    assert [option for option in box(app, "Right").options if "FCADenseNet" in option] == [
        "Right: FCADenseNet · RS"
    ]


def test_run_deleted_while_looking_falls_back(tiny_runs):
    app = visit("compare")
    runs.delete(tiny_runs[0].id)
    app.run()
    assert not app.exception
    assert box(app, "Right").value == f"run:{tiny_runs[1].id}"


def test_missing_map_layers_are_prepared_again(tiny_runs, tiny_scene):
    shutil.rmtree(tiny_scene.path / "display")
    app = visit("compare")
    assert "map layers of scene 'tiny' are missing" in texts(app)
    next(b for b in app.button if b.label == "Prepare the map layers").click().run()
    assert not app.exception
    assert [item.label for item in app.metric] == SIX


def test_a_missing_or_damaged_map_of_a_run_is_made_again(tiny_runs):
    shown = tiny_runs[0].prediction() / "display" / "probability.tif"
    before = shown.read_bytes()
    for damage in (b"", before[:-2000]):
        shown.write_bytes(damage)
        app = visit("compare")
        assert box(app, "Right").value == f"run:{tiny_runs[0].id}"
        assert len(shown.read_bytes()) == len(before)
    shown.unlink()
    assert box(visit("compare"), "Right").value == f"run:{tiny_runs[0].id}"
    assert shown.exists()


def test_a_map_beyond_repair_is_a_sentence_and_the_others_are_shown(tiny_runs):
    folder = tiny_runs[0].prediction()
    (folder / "display" / "probability.tif").unlink()
    (folder / "probability.tif").write_bytes(b"no raster")
    app = visit("compare")
    assert "'probability.tif' is missing or damaged; predict it again" in texts(app)
    assert box(app, "Right").value == f"run:{tiny_runs[1].id}"


def test_a_run_of_another_scene_in_the_address_says_why_it_is_not_shown(tiny_runs):
    tiny.scene("other")
    app = visit("compare", scene="other", right=f"run:{tiny_runs[0].id}")
    assert not app.exception
    assert f"Run '{tiny_runs[0].id}' cannot be shown: it has no map of scene 'other'" in texts(app)


def test_a_map_of_a_scene_without_inventory_is_shown_without_scores(tiny_runs, tiny_scene):
    for file in ("counts.npz", "metrics.json"):
        (tiny_runs[0].prediction() / file).unlink()
    shutil.rmtree(tiny_scene.path / "inventory")
    scenes.save(replace(tiny_scene, inventory=None))
    display.prepare_scene(scenes.load("tiny"))
    app = visit("compare", right=f"run:{tiny_runs[0].id}")
    assert not app.exception
    assert box(app, "Right").value == f"run:{tiny_runs[0].id}"


def test_operating_point_comes_of_validation_and_is_kept(tiny_runs):
    run = tiny_runs[0]
    counts, part = products.load_counts(run.prediction())
    part[0] = metrics.VALIDATION
    products.save_counts(run.prediction(), counts, part)
    app = visit("compare")
    box(app, f"Threshold of {run.title}").select("best-f1").run()
    next(b for b in app.button if b.label == "Use and keep with the run").click().run()
    kept = operating_point.load(run)
    assert kept == operating_point.choose(run, "best-f1")
    assert f"threshold {kept.threshold:.3f}" in texts(app)
    assert app.query_params["threshold"] == f"{kept.threshold:g}"


def test_operating_point_without_validation_is_a_sentence(tiny_runs):
    app = visit("compare")
    box(app, f"Threshold of {tiny_runs[0].title}").select("recall").run()
    next(b for b in app.button if b.label == "Use and keep with the run").click().run()
    assert "never chooses a threshold" in texts(app)


def test_area_is_labelled(tiny_runs):
    app = visit("compare", area="all")
    assert "6 tiles, the whole scene, training tiles included" in texts(app)
    whole = evaluation.evaluate(tiny_runs[0], area="all")["f1"]
    assert f":orange[{whole:.3f}]" in f1(app).value
    assert "held-out tiles" in texts(visit("compare", area="nonsense"))
