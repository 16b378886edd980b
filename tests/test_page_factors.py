"""The Factors page: what it says before there are statistics, and what it shows of them."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.analysis import analysis
from core.jobs import launcher
from core.jobs import store as jobs
from core.jobs.report import JobReport
from pages.components import collinearity_table, heatmap, importance_bars
from tests import stack, tiny
from tests.page import visit
from tests.test_command_factors import planted


def page() -> AppTest:
    return visit("factors")


def html(app: AppTest) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


def captions(app: AppTest) -> str:
    return " ".join(element.value for element in app.caption)


@pytest.fixture
def scene(workspace):
    rng = np.random.default_rng(2)
    layers, mask = planted(rng)
    layers["nir"] = layers["slope"] * 2 + rng.standard_normal(mask.shape)
    return stack.scene(layers, mask, categorical=("lithology",))


@pytest.fixture
def analysed(scene):
    return analysis.analyse(scene, pixels=600)


def test_without_a_scene_the_page_says_how_to_get_one(workspace):
    app = page()
    assert not app.exception
    assert "No scene yet" in app.info[0].value


def test_without_statistics_one_button_starts_the_job(scene, monkeypatch):
    started = []
    monkeypatch.setattr(launcher, "start", lambda *args: started.append(args))
    app = page()
    assert len(app.button) == 1 and "will stand" in app.info[0].value
    app.button[0].click().run()
    assert started == [("factors", "Factor statistics of planted", ["factors", "planted"])]


def test_a_running_job_is_followed_and_its_failure_told(scene):
    job = jobs.create("factors", "Factor statistics of planted", ["factors", "planted"])
    app = page()
    assert not app.exception and [b.label for b in app.button] == ["Stop"]
    assert "planted" in app.get("progress")[0].proto.text
    status = '{"state": "failed", "stage": "reading", "reason": "The disk is full."}'
    (job.folder / "status.json").write_text(status)
    app = page()
    assert app.error[0].value == "The disk is full."


def test_another_scene_s_job_is_not_shown(scene):
    jobs.create("factors", "Factor statistics of other", ["factors", "other"])
    assert [b.label for b in page().button] == ["Compute the statistics"]


def test_the_first_start_s_job_is_followed_instead_of_offering_another(workspace):
    tiny.scene("sample")
    job = jobs.create("sample", "Prepare the synthetic sample scene", ["prepare"])
    JobReport(job.folder)("Statistics: pass 1", 0.8)
    app = page()
    assert not app.button and "Statistics: pass 1" in app.get("progress")[0].proto.text
    JobReport(job.folder).end("done")
    assert [b.label for b in page().button] == ["Compute the statistics"]


def test_the_paper_s_factors_come_first_and_all_on_request(analysed):
    app = page()
    assert not app.exception
    assert "Near infrared" not in html(app) and "1.074" in html(app)
    assert "Every VIF is below 5" in captions(app)
    app.get("button_group")[0].set_value("All factors").run()
    assert not app.exception
    assert "Near infrared" in html(app)
    assert "VIF above 10: Near infrared (B8), Slope." in captions(app) or (
        "VIF above 10: Slope, Near infrared (B8)." in captions(app)
    )


def test_the_basis_is_stated_and_synthetic_is_said(analysed):
    said = captions(page())
    assert "Synthetic scene" in said
    assert "132\u2009096 pixels with data in all factors; 10.4 % dropped" in said
    assert "Pixels are not independent" in said and "Gini favours numeric factors" in said


def test_both_measures_and_every_factor_can_be_looked_at(analysed):
    app = page()
    app.get("button_group")[1].set_value("permutation").run()
    assert not app.exception
    for name in analysed["explorer"]:
        app.selectbox(key="explored_factor").set_value(name).run()
        assert not app.exception
    assert len(app.get("plotly_chart")) == 4


def test_every_table_can_be_downloaded(analysed):
    labels = [button.proto.label for button in page().get("download_button")]
    assert labels == ["CSV", "CSV", "CSV", "Classes as CSV"]


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
    app.get("button_group")[0].set_value("All factors").run()
    assert not app.exception
    assert "perfectly collinear" in html(app) and "constant" in html(app)
    assert "Perfectly collinear: Slope, Twin." in captions(app)


def test_heatmap_is_the_lower_triangle_on_a_fixed_range():
    matrix = [[1.0, 0.5, None], [0.5, 1.0, -0.001], [None, -0.001, 1.0]]
    drawn = heatmap.figure({"factors": ["slope", "aspect", "red"], "matrix": matrix}, 300).data[0]
    assert (drawn.zmin, drawn.zmax) == (-1, 1)
    assert [list(row) for row in drawn.z] == [[0.5, None], [None, -0.001]]
    assert [list(row) for row in drawn.text] == [["0.50", ""], ["n/a", "0.00"]]


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
