"""The Factors page: what it says before there are statistics, and what it shows of them."""

import json
import shutil
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rasterio.windows import Window
from streamlit.dataframe_util import convert_arrow_bytes_to_pandas_df
from streamlit.testing.v1 import AppTest

from core.analysis import analysis, choice, request, store
from core.analysis.areas import area_text
from core.analysis.areas.area import WHOLE
from core.analysis.relations import pairs, strata
from core.analysis.request import FactorsRequest
from core.export import audit
from core.jobs import store as jobs
from core.jobs.report import JobReport
from core.maps import still
from core.numerals import fixed
from core.scene import datasets
from core.scene import store as scenes
from core.workflows.requests import PrepareRequest
from pages.components.factors import collinearity_table, heatmap, importance_bars
from tests import stack, tiny
from tests.page import visit
from tests.test_command_factors import planted


def page() -> AppTest:
    return visit("factors")


def html(app: AppTest) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


def labels(app: AppTest) -> list[str]:
    """Of the buttons in the page's own part; the popover of areas has none while it is shut."""
    return [button.label for button in app.button]


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception, app.exception
    return app


def captions(app: AppTest) -> str:
    return " ".join(element.value for element in app.caption)


def plant():
    rng = np.random.default_rng(2)
    layers, mask = planted(rng)
    layers["nir"] = layers["slope"] * 2 + rng.standard_normal(mask.shape)
    return stack.scene(layers, mask, categorical=("lithology",))


@pytest.fixture(autouse=True)
def small_forests(monkeypatch):
    stack.few_trees(monkeypatch)


@pytest.fixture
def scene(workspace):
    return plant()


@pytest.fixture(scope="module")
def computed(tmp_path_factory) -> Path:
    """A workspace with the scene, its analysis and its significance."""
    folder = tmp_path_factory.mktemp("computed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLIDESCOPE_WORKSPACE", str(folder))
        stack.few_trees(patch)
        made = plant()
        pairs.compute(made, analysis.analyse(made, pixels=600))
    return folder


@pytest.fixture
def analysed(workspace, computed) -> dict:
    """The analysis; its significance is not computed yet."""
    shutil.copytree(computed / "scenes", workspace / "scenes")
    scene = scenes.load("planted")
    store.path_of(scene, WHOLE, store.SIGNIFICANCE).rename(scene.path / "tested")
    return store.load(scene)


@pytest.fixture
def started(monkeypatch) -> list:
    """What the page started in the background, instead of starting it."""
    found = []
    monkeypatch.setattr(jobs, "start", lambda *args: found.append(args))
    return found


def view(name: str, app: AppTest | None = None) -> AppTest:
    app = app or page()
    app.button_group(key="factors_view").set_value(name).run()
    assert not app.exception, app.exception
    return app


def chips(app: AppTest):
    return next(g for g in app.get("button_group") if g.key and g.key.startswith("chips-"))


def switch(app: AppTest, *names: str) -> AppTest:
    """Let these factors count and no others."""
    chips(app).set_value(list(names)).run()
    assert not app.exception, app.exception
    return app


def frame(app: AppTest):
    """The table that the view shows."""
    (found,) = (each.value for each in app.dataframe)
    return found


def saves(app: AppTest) -> list[str]:
    return [button.proto.label for button in app.get("download_button")]


def test_without_a_scene_the_page_says_how_to_get_one(workspace):
    app = page()
    assert not app.exception
    assert "No scene yet" in app.info[0].value


def test_without_statistics_one_button_starts_the_job(scene, started):
    app = page()
    assert labels(app) == ["Compute the statistics"] and "will stand" in app.info[0].value
    app.button[0].click().run()
    assert started == [(FactorsRequest("planted"), "Factor statistics of planted")]


def test_statistics_of_another_version_are_computed_anew(analysed):
    scene = scenes.load("planted")
    stored = json.loads((scene.path / store.FILE).read_text())
    del stored["digest"]  # as earlier versions wrote it
    for change, said in (("format", "earlier version"), ("inventory", "inventory version")):
        key = {**stored["key"], change: 0}
        (scene.path / store.FILE).write_text(json.dumps({**stored, "key": key}))
        app = page()
        assert not app.exception and said in app.warning[0].value
        assert labels(app) == ["Compute the statistics"]


def test_a_running_job_is_followed_and_its_failure_told(scene):
    job = jobs.create(FactorsRequest("planted"), "Factor statistics of planted")
    app = page()
    assert not app.exception and labels(app) == ["Stop"]
    assert "planted" in app.get("progress")[0].proto.text
    status = '{"state": "failed", "stage": "reading", "reason": "The disk is full."}'
    (job.folder / "status.json").write_text(status)
    app = page()
    assert app.error[0].value == "The disk is full."


def test_correlation_and_vif_stand_there_while_the_forests_grow(scene):
    kept = store.path_of(scene, WHOLE, store.RELATIONS)
    found = {}

    def report(stage, share=None):
        found.setdefault(kept.exists(), stage)
        if kept.exists():
            found["file"] = kept.read_bytes()

    whole = analysis.analyse(scene, pixels=600, report=report)
    assert found[False] == "reading the factors" and found[True] != found[False]
    # The whole takes its place.
    assert not kept.exists() and choice.early(scene) is None
    store.path_of(scene, WHOLE).unlink()
    kept.write_bytes(found["file"])
    job = jobs.create(FactorsRequest("planted"))
    JobReport(job.folder)("growing forests", 0.6)
    app = page()
    assert app.get("plotly_chart") and "class='vif'" in html(app)
    vif = next(row["vif"] for row in whole["collinearity"] if row["factor"] == "slope")
    assert choice.early(scene)["n"] == whole["n"] and vif > 5
    assert "Importance and evidence follow." in captions(app)


def test_another_scene_s_job_is_not_shown(scene):
    jobs.create(FactorsRequest("other"), "Factor statistics of other")
    assert labels(page()) == ["Compute the statistics"]


def test_the_first_start_s_job_is_followed_instead_of_offering_another(workspace):
    tiny.scene("sample")
    job = jobs.create(PrepareRequest())
    JobReport(job.folder)("Statistics: pass 1", 0.8)
    app = page()
    told = [bar.proto.text for bar in app.get("progress")]
    assert not labels(app) and any("Statistics: pass 1" in text for text in told)
    JobReport(job.folder).end("done")
    assert labels(page()) == ["Compute the statistics"]


def test_image_bands_are_off_at_first_and_on_with_all(analysed):
    app = page()
    assert "Near infrared" not in html(app) and "1.074" in html(app)
    assert "Every VIF is below 5" in captions(app)
    assert chips(app).value == ["slope", "aspect", "lithology", "deformation"]
    app.button(key="set-All factors").click().run()
    assert not app.exception and "Near infrared" in html(app)
    assert "VIF above 10: Slope, Near infrared (B8)." in captions(app)
    said = [line.value for line in app.markdown if "explained by" in line.value]
    assert len(said) == 1 and "explained by Near infrared (B8); without" in said[0]


def test_a_factor_switched_off_changes_every_figure_at_once(analysed):
    app = page()
    app.button(key="set-All factors").click().run()
    app = switch(app, "slope", "aspect", "lithology")
    assert "Near infrared" not in html(app) and "Every VIF is below 5" in captions(app)
    assert "Forests grown with 5 factors" in captions(app)
    found = frame(view("Statistics", app))
    assert list(found["Factor"]) == ["Slope", "Aspect", "Lithology"]
    app = switch(app)
    assert "No factor is switched on" in app.info[0].value


def test_the_recomputation_after_a_switch_takes_no_time(analysed):
    stored = store.open_stored(scenes.load("planted"))
    began = time.perf_counter()
    choice.narrowed(scenes.load("planted"), stored, ["slope", "aspect", "nir"])
    assert time.perf_counter() - began < 0.5


def test_the_factors_chosen_become_a_dataset_that_training_offers(analysed):
    app = switch(page(), "slope", "lithology")
    app.text_input(key="dataset_name").set_value("a b").run()
    app = press(app, "Use these factors for training")
    assert "Invalid dataset name 'a b'" in app.error[0].value
    app.text_input(key="dataset_name").set_value("terrain").run()
    app = press(app, "Use these factors for training")
    assert "Training offers it beside RS and RS-DR" in app.success[0].value
    assert datasets.factors_of("terrain") == ("slope", "lithology")
    training = visit("training")
    offered = training.button_group(key="dataset")
    assert list(offered.options) == ["RS", "RS-DR", "terrain"]
    offered.set_value("terrain").run()
    assert not training.exception and "terrain: Slope, Lithology." in captions(training)


def test_the_basis_is_stated_and_synthetic_is_said(analysed):
    said = captions(page())
    assert "Synthetic scene" in said
    assert "132\u2009096 pixels with data in all factors; 10.4 % dropped" in said
    assert "Pixels are not independent" in said and "Gini favours numeric factors" in said


def test_both_measures_and_every_factor_can_be_looked_at(analysed):
    app = page()
    app.button_group(key="measure-2").set_value("permutation").run()
    assert not app.exception
    for name in ("aspect", "lithology", "deformation"):
        app.selectbox(key="explored_factor").set_value(name).run()
        assert not app.exception
    assert len(app.get("plotly_chart")) == 4
    assert "landslide : other 1:1" in captions(app)


def test_drop_column_importance_is_a_job_of_the_same_sample_and_a_measure_then(analysed, started):
    press(page(), "+ Drop-column")
    assert started[0][0] == FactorsRequest("planted", pixels=600, seed=0, drop_column=True)
    scene = scenes.load("planted")
    stored = json.loads((scene.path / store.FILE).read_text())
    del stored["digest"]  # as earlier versions wrote it
    for row in stored["result"]["causative"]["importance"][:-1]:
        row["drop_column"] = {"mean": 0.1, "sd": 0.01}
    (scene.path / store.FILE).write_text(json.dumps(stored))
    app = page()
    app.button_group(key="measure-3").set_value("drop_column").run()
    assert not app.exception and "+ Drop-column" not in labels(app)


def test_both_codings_stand_side_by_side_with_the_line_that_differs(analysed):
    app = view("Both codings")
    assert [h.value for h in app.subheader[:3]] == [
        "Paper coding",
        "Recommended coding",
        "VIF and TOL",
    ]
    said = [line.value for line in app.markdown if line.value.startswith("**What differs.**")]
    assert "Aspect as sine and cosine" in said[0]
    assert "GVIF" in html(app) and len(app.get("plotly_chart")) == 2


def test_evidence_shows_what_each_class_says(analysed):
    app = view("Evidence per class")
    app.selectbox(key="explored_factor").set_value("slope").run()
    found = frame(app)
    table = next(t for t in analysed["evidence"]["factors"] if t["factor"] == "slope")
    assert len(found) == 10 and list(found["Contrast"]) == [r["contrast"] for r in table["classes"]]
    assert "landslides, not pixels, count" in captions(app)
    # Numbers sort as numbers and read as those of charts and map do.
    written = convert_arrow_bytes_to_pandas_df(
        app.dataframe[0].proto.arrow_data.styler.display_values
    )
    assert list(written["Contrast"]) == [fixed(value, 3) for value in found["Contrast"]]
    assert any(text.startswith("\u2212") for text in written["Contrast"])
    app.selectbox(key="explored_factor").set_value("lithology").run()
    assert list(frame(app)["Class"]) == ["1", "3"]
    for figure in ("share", "contrast", "studentised"):
        app.button_group(key="evidence-figure").set_value(figure).run()
        assert not app.exception


def test_class_breaks_are_of_ones_own_choice(analysed):
    app = view("Evidence per class")
    app.selectbox(key="explored_factor").set_value("slope").run()
    app.number_input(key="evidence_classes").set_value(4).run()
    assert len(frame(app)) == 4
    app.button_group(key="evidence_method").set_value("equal").run()
    widths = frame(app)["Pixels"]
    assert len(widths) == 4 and widths.max() > 2 * widths.min()
    own = "own_breaks-planted-slope"
    app.text_input(key=own).set_value("15, 20").run()
    assert len(frame(app)) == 3
    app.text_input(key=own).set_value("20, 15").run()
    assert "rising order" in app.error[0].value and not app.exception
    assert len(frame(app)) == 10
    app.text_input(key=own).set_value("15, steep").run()
    assert "Invalid class breaks" in app.error[0].value


def test_significance_is_a_job_and_then_stands_beside_r(analysed, started):
    app = view("Significance")
    assert "p-value beside every r" in app.info[0].value
    press(app, "Compute the significance")
    asked = FactorsRequest("planted", pixels=600, seed=0, significance=True)
    assert started == [(asked, "Significance of planted")]
    job = jobs.create(asked)
    app = view("Significance")
    assert "Stop" in labels(app)
    JobReport(job.folder).end("failed", "The disk is full.")
    assert "The disk is full." in view("Significance").error[0].value
    scene = scenes.load("planted")
    (scene.path / "tested").rename(store.path_of(scene, WHOLE, store.SIGNIFICANCE))
    found = frame(view("Significance"))
    assert len(found) == 6 and {"r", "Effective n", "p, adjusted", "Spearman"} <= set(found)
    assert "In brackets: not significant at 5 %" in captions(page())


def test_statistics_state_the_error_of_quantiles(analysed):
    app = view("Statistics")
    found = frame(app)
    row = next(r for r in analysed["factors"] if r["factor"] == "slope")
    shown = found.iloc[0]
    assert shown["Mean"] == row["mean"] and shown["Median"] > 19
    assert shown["Quantiles ±"] == row["quantile_error"]
    assert "off by at most" in captions(app)


def test_an_area_is_chosen_and_computed_by_a_job(analysed, started):
    app = page()
    app.session_state["factors_area_open"] = True
    app.run()
    ways = app.selectbox(key="area-landslides")
    assert ways.options == [
        "anywhere",
        "inside landslides",
        "outside landslides",
        "landslides and what lies near",
    ]
    ways.set_value("buffer").run()
    app.number_input(key="area-reach").set_value(50.0).run()
    app.selectbox(key="area-class").set_value("class:lithology=1").run()
    app = press(app, "Use this area")
    assert "landslides and 50 m around them; lithology 1" in app.info[0].value
    press(app, "Compute the statistics")
    areas = ("buffer:50", "class:lithology=1")
    assert started[0][0] == FactorsRequest("planted", area=areas)
    assert "Back to the whole scene" in labels(app)
    press(app, "Back to the whole scene")
    assert "132\u2009096 pixels" in captions(app)


def test_a_box_outside_the_scene_is_refused_in_one_sentence(analysed):
    app = page()
    app.session_state["factors_area_open"] = True
    app.run()
    app.button_group(key="area-where").set_value("Coordinates").run()
    app.text_input(key="area-box").set_value("1, 2, 3, 4").run()
    app = press(app, "Use this area")
    assert "does not touch scene 'planted'" in app.error[0].value and not app.exception


def test_an_area_in_the_address_is_the_area_and_stays_there(analysed, started):
    app = visit("factors", scene="planted", area="outside")
    assert labels(app)[0] == "Compute the statistics" and "outside" in app.query_params["area"]
    app = press(app, "Back to the whole scene")
    assert "pixels with data" in captions(app) and "area" not in app.query_params


def test_every_class_of_a_factor_side_by_side(analysed, started):
    app = view("Strata")
    press(app, "Compute by lithology")
    assert started[0][0].by == "lithology"
    made = strata.compute(scenes.load("planted"), "lithology")
    app = view("Strata")
    found = frame(app)
    assert list(found["Class"]) == [s["label"] for s in made["strata"]]
    assert "Lithology" not in found and set(found["Tells most"]) >= {"Slope"}


def test_the_analysis_of_an_area_says_its_area(analysed):
    scene = scenes.load("planted")
    area = area_text.parse(scene, ["outside"])
    told = {"words": area.words, "parts": [{"key": "outside"}], "pixels": 9, "share": 0.98}
    nothing = {"importance": None, "importance_reason": "No landslide pixel."}
    stored = store.open_stored(scene)
    store.save(scene, replace(stored, result={**analysed, "area": told, **nothing}), area)
    jobs.create(FactorsRequest("planted", area=("outside",)), "of an area")
    assert request.earlier(scene) == {("outside",): "outside landslides"}
    app = page()
    app.session_state["factors_area"] = ("planted", ("outside",))
    app.run()
    assert not app.exception and "**Area: outside landslides** (98.0 %" in captions(app)
    assert "No landslide pixel." in " ".join(i.value for i in app.info)


def test_every_table_can_be_downloaded_and_the_whole_as_a_report(analysed):
    app = page()
    assert saves(app) == ["Report (HTML)", "CSV", "CSV", "CSV", "Counts as CSV"]
    assert saves(view("Evidence per class", app)) == [
        "Report (HTML)",
        "CSV",
        "CSV",
        "CSV",
        "CSV, all factors",
    ]
    assert saves(view("Both codings", app)) == ["Report (HTML)", "CSV", "CSV", "CSV"]
    assert saves(view("Statistics", app)) == ["Report (HTML)", "CSV"]


def test_the_report_says_what_was_switched_off(analysed):
    scene = scenes.load("planted")
    stored = store.open_stored(scene)
    text = audit.of_choice(scene, stored, ["slope", "aspect"], None, None)
    assert "Without Lithology, Deformation rate, Near infrared (B8)" in text
    assert 'src="http' not in text and "Weights of evidence" in text


def test_the_network_s_view_says_that_none_is_trained(analysed):
    assert "No network of this scene is trained yet" in view("Trained network").info[0].value


def test_a_scene_without_inventory_says_why_importance_is_missing(workspace):
    layers, _ = planted(np.random.default_rng(2))
    analysis.analyse(stack.scene(layers, categorical=("lithology",)))
    app = page()
    assert not app.exception
    assert "no landslide inventory" in app.info[0].value


def test_singular_and_constant_factors_are_drawn(workspace):
    layers, mask = planted(np.random.default_rng(2), flat=np.full((384, 384), 7.25))
    layers["twin"] = layers["slope"]
    analysis.analyse(stack.scene(layers, mask), pixels=400)
    app = page()
    assert "perfectly collinear" in html(app) and "constant" in html(app)
    assert "Perfectly collinear: Slope, Twin." in captions(app)
    assert any("leave one of them out" in line.value for line in app.markdown)
    for name in ("Both codings", "Evidence per class", "Statistics"):
        view(name, app)


def test_a_shape_drawn_on_the_still_is_the_area_on_the_map(workspace):
    scene = plant()
    frame = still.frame(scene)
    x, y = (frame.left, frame.left + 1200.0), (frame.top - 1200.0, frame.top)
    text = still.drawn(scene, {"box": [{"x": x, "y": y}]})
    pixels = area_text.parse(scene, [text]).mask(scene, Window(0, 0, 384, 384), None)
    # A box of degrees leans against the grid's: it covers what was drawn and little more.
    assert pixels[:96, :96].all() and pixels.sum() < 1.15 * 96 * 96
    corners = {"x": [x[0], x[1], x[0]], "y": [y[1], y[1], y[0]]}
    text = still.drawn(scene, {"lasso": [corners]})
    pixels = area_text.parse(scene, [text]).mask(scene, Window(0, 0, 384, 384), None)
    assert pixels.sum() == pytest.approx(96 * 96 / 2, rel=0.02)
    assert still.drawn(scene, {"box": [], "lasso": []}) is None


def test_heatmap_is_the_lower_triangle_on_a_fixed_range():
    matrix = [[1.0, 0.5, None], [0.5, 1.0, -0.001], [None, -0.001, 1.0]]
    about = {"factors": ["slope", "aspect", "red"], "matrix": matrix}
    drawn = heatmap.figure(about, 300).data[0]
    assert (drawn.zmin, drawn.zmax) == (-1, 1)
    assert [list(row) for row in drawn.z] == [[0.5, None], [None, -0.001]]
    assert [list(row) for row in drawn.text] == [["0.50", ""], ["n/a", "0.00"]]
    pair = {"a": "slope", "b": "aspect", "p_holm": 0.2, "effective_n": 12.4}
    tested, targets = heatmap.figure(about, 300, {"pairs": [pair]}).data
    assert tested.text[0][0] == "(0.50)" and targets.customdata[0].endswith("n 12")
    assert (targets.y[0], targets.x[0]) == ("Aspect", "Slope")


def test_bars_are_ranked_and_noise_is_a_dashed_line():
    def row(name, mean, control=False):
        pair = {"mean": mean, "sd": 0.01}
        return {"factor": name, "gini": pair, "above_noise": mean > 0.2, "control": control}

    rows = [row("slope", 0.1), row("aspect", 0.6), row("noise", 0.15, control=True)]
    drawn = importance_bars.figure(rows, "gini", 300)
    assert list(drawn.data[0].y) == ["Slope", "Aspect"]
    line = next(shape for shape in drawn.layout.shapes if shape.type == "line")
    assert line.line.dash == "dash" and line.x0 == 0.15
    assert drawn.data[0].marker.color[0] != drawn.data[0].marker.color[1]


def test_flags_beyond_five_and_ten():
    rows = [{"factor": n, "vif": v, "tol": 1 / v} for n, v in (("a", 4.9), ("b", 6), ("c", 11))]
    said = collinearity_table.verdict(rows)
    assert said == "VIF above 10: C. VIF above 5: B."
