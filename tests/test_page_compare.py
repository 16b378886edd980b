"""Compare: cards, pickers, the RS | RS-DR switch and the words, without a browser."""

from core.learning.prediction import products
from core.learning.scores import evaluation, metrics, operating_point
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
    switch = app.button_group(key="compare_dataset")
    assert switch.value == "rs-dr"
    switch.set_value("rs").run()
    assert box(app, "Right").value == f"run:{without.id}"
    value = evaluation.evaluate(without)["f1"]
    assert f1(app).value == f":blue[{value:.3f}] :orange[{value:.3f}]"
    assert "Both sides show the same" in texts(app)
    app.button_group(key="compare_dataset").set_value("rs-dr").run()
    assert box(app, "Right").value == f"run:{with_deformation.id}"


def test_switch_without_a_twin_says_so_and_keeps_the_map(tiny_scene):
    run = tiny.run(tiny_scene, "rs-dr", 3.0, model="unet")
    app = visit("compare")
    app.button_group(key="compare_dataset").set_value("rs").run()
    assert "U-Net has no run on RS for this scene" in texts(app)
    assert box(app, "Right").value == f"run:{run.id}"
    assert app.button_group(key="compare_dataset").value == "rs-dr"


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


def test_empty_mask_is_said(tiny_runs):
    assert "No landslide is predicted there" in texts(visit("compare", threshold="1"))


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


def test_a_recall_that_cannot_be_guaranteed_says_what_can(tiny_runs):
    app = visit("compare")
    app.selectbox(key="score_kind").select("guarantee").run()
    assert app.number_input(key="score_recall-guarantee").value == 0.9
    assert "the other half checks it" in texts(app)
    next(b for b in app.button if b.label == "Use and keep with the run").click().run()
    assert "A recall of 0.9 cannot be guaranteed" in texts(app)
    assert operating_point.load(tiny_runs[0]) is None


def test_what_was_measured_has_its_length_profile_and_table(tiny_runs):
    app = visit("compare", drawer="measure")
    corners = [[27.27, 102.38], [27.26, 102.4]]
    drawn = {"scene": "tiny", "kind": "line", "token": 1, "corners": corners}
    app.session_state["measure"] = drawn
    app.run()
    said = texts(app)
    assert "**2.27 km**" in said and "Geodesic, WGS 84, without relief." in said
    (chart,) = app.get("plotly_chart")
    for words in ("Elevation, m", "Deformation rate, mm", "Probability", "Left, FCADenseNet"):
        assert words in chart.proto.spec, words
    app.session_state["measure_kind"] = "area"
    app.run()
    assert "double click ends it" in texts(app)  # another kind begins anew
