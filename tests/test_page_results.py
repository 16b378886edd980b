"""Results: our tables beside the paper's."""

import json
from dataclasses import replace

import pytest

from core import atomic, workflows
from core.export import exporting, store
from core.jobs import store as jobs
from core.jobs.report import silent
from core.language import reader
from core.learning.prediction import products
from core.learning.scores import metrics, ranking
from core.manuscript import store as papers
from core.manuscript.request import FigureRequest
from core.runs import applicability, summary
from core.scene import store as scenes
from core.workflows.requests import ExportRequest
from tests import tiny
from tests.page import texts, visit


def tables(app):
    """Those of metrics: the paper's and ours of tables 3 and 4."""
    return [m.value for m in app.markdown if m.value.startswith("|  | Pre |")]


def table(app, head: str) -> str:
    return next(m.value for m in app.markdown if head in m.value.splitlines()[0])


def charts(app) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def test_paper_stands_alone_without_runs(tiny_scene):
    app = visit("results")
    assert "no measured run yet" in texts(app)
    paper_3, ours_3, paper_4, ours_4 = tables(app)
    assert "| FCADenseNet | **0.8381** | 0.6972 | **0.7611** |" in paper_3
    assert "**0.7043**" in paper_3
    assert "Gain, points | +17.67 | +0.94 | +8.68 |" in paper_4
    assert "Over FC_DenseNet, points | +20.69 | −0.71 | +9.53 |" in paper_3
    assert "Over FC_DenseNet, % | +32.8 | −1.0 | +14.3 |" in paper_3
    assert "Gain" not in ours_4
    assert ours_3.count("–") == 4 * 7


def test_ours_bold_the_better_value_and_give_the_gain_twice(tiny_runs):
    with_deformation, without = (run.metrics() for run in tiny_runs)
    ours = tables(visit("results"))[3]
    assert f"| {without['f1']:.4f} |" in ours
    assert f"**{with_deformation['f1']:.4f}**" in ours
    gain = with_deformation["f1"] - without["f1"]
    assert f"{100 * gain:+.2f}" in ours
    assert f"{100 * gain / without['f1']:+.1f}" in ours


def test_a_scene_without_deformation_shows_its_rs_runs(tiny_scene):
    run = tiny.run(tiny_scene, "rs", 2.0)
    left = tuple(f for f in tiny_scene.factors if f.name != "deformation")
    scenes.save(replace(tiny_scene, factors=left))
    summary.name(run, "Dry season")
    app = visit("results")
    _, ours = tables(app)
    line = next(line for line in ours.splitlines() if "FCADenseNet" in line)
    assert line.startswith("| FCADenseNet :gray[Dry season] |")
    assert f"{run.metrics()['f1']:.4f}" in line
    said = texts(app)
    figures = texts(visit("results", tab="figures-and-cost"))
    assert "Table 3. The four models on RS" in said and "The models on RS" in figures
    assert "Table 4" not in said and "RS-DR" not in "".join(s.value for s in app.subheader)
    # Nor do the other pages offer what the scene cannot have.
    assert visit("training").button_group(key="dataset-rs-only").options == ["RS"]
    keys = [group.key for group in visit("compare").get("button_group")]
    assert "compare_dataset" not in keys


def test_every_caption_names_area_and_split_and_synthetic(tiny_runs):
    tabs = [visit("results", tab=tab) for tab in ("tables", "figures-and-cost")]
    said = [c.value for app in tabs for c in app.caption if "Ours: 2 held-out" in c.value]
    # Two tables, chart, matrices, cost.
    captions = [caption[caption.index("Ours:") :] for caption in said]
    assert len(captions) == 5
    for caption in captions:
        assert (
            "Ours: 2 held-out tiles of tiny, a synthetic scene; block split; threshold 0.5"
            in caption
        )


def test_footnotes_of_the_paper_are_there(tiny_runs):
    said = texts(visit("results"))
    for word in ("0.6642", "percentage points", "except for recall", "favoured by construction"):
        assert word in said


def test_csv_is_offered(tiny_runs):
    assert visit("results").get("download_button")[0].label == "Download as CSV"


def test_rows_measured_on_other_tiles_are_named(tiny_runs):
    path = tiny_runs[1].prediction() / "metrics.json"
    atomic.write_json(path, {**tiny_runs[1].metrics(), "tiles": 3})
    assert "not all rows were measured on the same tiles" in texts(visit("results"))


def test_table_2_stands_beside_ours_where_the_factors_were_analysed(tiny_scene):
    found = table(visit("results"), "Paper, VIF")
    assert "| Elevation | 1.044 | 0.957 | – | – |" in found
    assert "slip of rounding" in texts(visit("results"))


def test_table_2_takes_vif_and_tolerance_from_the_analysis(tiny_scene, monkeypatch):
    row = {"factor": "slope", "vif": 2.0, "tol": 0.5}
    monkeypatch.setattr("core.analysis.store.load", lambda scene: {"n": 1234})
    monkeypatch.setattr("core.analysis.store.view", lambda *a, **k: {"collinearity": [row]})
    app = visit("results")
    assert "| Slope | 1.031 | 0.970 | 2.000 | 0.500 |" in table(app, "Paper, VIF")
    assert "Ours: the 1\u2009234 pixels of tiny, a synthetic scene" in texts(app)


def test_the_chart_shows_our_bars_and_the_papers_diamonds(tiny_runs):
    chart = charts(visit("results", tab="figures-and-cost"))[0]["data"]
    bars = {trace["name"]: trace["y"] for trace in chart if trace["type"] == "bar"}
    diamonds = {t["offsetgroup"]: t["y"] for t in chart if t["type"] == "scatter"}
    assert bars["FCADenseNet"][2] == pytest.approx(tiny_runs[0].metrics()["f1"])
    assert bars["U-Net"] == [None] * 7
    assert diamonds["FCADenseNet"][2] == 0.7611


def test_confusion_matrices_hold_the_counts_of_the_test_part(tiny_runs):
    matrices = charts(visit("results", tab="figures-and-cost"))[1]["data"]
    assert len(matrices) == 2
    counts = tiny_runs[0].metrics()
    other, landslide = matrices[1]["text"]  # RS before RS-DR, as in the tables
    assert landslide[0].startswith(f"{counts['tp']}<br>")
    assert other[0].startswith(f"{counts['fp']}<br>")


def test_chosen_runs_lie_over_each_other(tiny_runs):
    app = visit("results", tab="figures-and-cost")
    assert len(charts(app)[2]["data"]) == 2
    app.multiselect(key="overlay-runs").set_value([tiny_runs[1].id]).run()
    assert [t["name"] for t in charts(app)[2]["data"]] == ["FCADenseNet · RS · seed 0 · up"]


def test_cost_says_where_it_was_measured_or_that_it_was_not(tiny_runs):
    f1 = f"{tiny_runs[0].metrics()['f1']:.4f}"
    assert f"| FCADenseNet · RS-DR | quick | – | 0.47 | not measured | {f1} |" in table(
        visit("results", tab="figures-and-cost"), "GFLOP"
    )
    made = {"scene": "tiny", "fingerprint": "tiny"}
    made["cost"] = {"seconds": 30.72, "device": "CPU, 2 cores"}
    atomic.write_json(tiny_runs[0].prediction() / "made_of.json", made)
    (tiny_runs[0].path / "model").mkdir()
    atomic.write_json(
        tiny_runs[0].path / "model" / "model.json",
        {"trainable_parameters": 123456, "best_epoch": 3, "monitor": "val_loss"},
    )
    app = visit("results", tab="figures-and-cost")
    # 384 x 256 px of 12.5 m are 15.36 km2.
    row = f"| FCADenseNet · RS-DR | quick | 123\u2009456 | 0.47 | 2 | {f1} |"
    assert row in table(app, "GFLOP")
    assert "on CPU, 2 cores" in texts(app)
    made["cost"]["packed"] = True
    atomic.write_json(tiny_runs[0].prediction() / "made_of.json", made)
    app = visit("results", tab="figures-and-cost")
    assert "| 2* |" in table(app, "GFLOP")
    assert "*: measured on CPU, 2 cores when the network was packed" in texts(app)


def test_export_starts_the_command_and_offers_its_files(tiny_runs, tiny_scene, monkeypatch):
    started = []
    monkeypatch.setattr(jobs, "start", lambda *call: started.append(call))
    app = visit("results", tab="export")
    next(w for w in app.number_input if w.label == "Threshold").set_value(0.6).run()
    app.button(key="export-go").click().run()
    ((asked, _),) = started
    run = next(r for r in tiny_runs if r.id == asked.run_id)
    out = store.folder_for(run, tiny_scene, 0.6)
    assert asked == ExportRequest(run.id, str(out), scene="tiny", threshold=0.6)
    exporting.export(run, tiny_scene, out, 0.6)
    app = visit("results", tab="export")
    labels = [b.label for b in app.get("download_button")]
    assert labels == ["Report", "GeoPackage", "GeoJSON", "Everything as ZIP"]
    assert str(out) in [code.value for code in app.code]
    assert "p ≥ 0.6" in texts(app)


def test_the_figure_is_asked_for_by_widgets_and_shown_when_it_is_there(
    tiny_runs, tiny_scene, monkeypatch
):
    started = []
    monkeypatch.setattr(jobs, "start", lambda *call: started.append(call))
    app = visit("results", tab="export")
    chosen = app.multiselect(key="figure-panels-tiny")
    assert chosen.value == ["reference", "probability", "mask", "errors"]
    chosen.set_value(["slope", f"mask:{tiny_runs[1].id}"]).run()
    app.number_input(key="figure-dpi").set_value(600).run()
    app.text_input(key="figure-extent").set_value("102.38,27.25,102.4,27.27").run()
    app.button(key="figure-go").click().run()
    ((asked, title),) = started
    wanted = FigureRequest("tiny", ("slope", f"mask:{tiny_runs[1].id}"), dpi=600)
    assert asked == replace(wanted, extent=(102.38, 27.25, 102.4, 27.27))
    assert title == "Figure of tiny"
    folder = papers.folder_for(tiny_scene, papers.FIGURE)
    about = {"files": ["figure.svg"], "notes": [], "caption": "(a) slope.", "panels": ["Slope"]}
    about |= {"dpi": 600, "width_mm": 180, "height_mm": 90.5}
    folder.mkdir(parents=True)
    atomic.write_json(folder / "figure.json", about)
    (folder / "figure.svg").write_text("<svg/>")
    app = visit("results", tab="export")
    assert "180 × 90.5 mm, 600 dots an inch" in texts(app)
    assert [b.label for b in app.get("download_button")] == ["SVG"]
    assert "(a) slope." in [code.value for code in app.code]


def test_a_chinese_page_asks_for_files_in_chinese(tiny_runs, tiny_scene, monkeypatch):
    started = []
    monkeypatch.setattr(jobs, "start", lambda *call: started.append(call[0]))
    with reader.speaking("zh"):  # so that the test, too, finds a choice by its words
        app = visit("results", tab="export", lang="zh")
        app.button(key="export-go").click().run()
        app.button(key="figure-go").click().run()
        export, figure = started
        assert export.language == figure.language == "zh" and export.out.endswith("-zh")
        assert any("优化器为Adam" in code.value for code in app.code)
        app.selectbox(key="figure-language-zh").set_value("en").run()
        app.button(key="figure-go").click().run()
        assert started[-1].language == "en"


def test_methods_are_there_to_be_copied_in_both_languages(tiny_runs):
    app = visit("results", tab="export")
    assert any("trained for 3 epochs with Adam" in code.value for code in app.code)
    app.selectbox(key="methods-language").set_value("zh").run()
    assert any("优化器为Adam" in code.value for code in app.code)


def test_tables_are_offered_for_word_excel_and_latex(tiny_runs):
    labels = [button.label for button in visit("results").get("download_button")]
    assert labels == ["Download as CSV", "Word", "Excel", "LaTeX", "CSV, ZIP"]


def test_without_a_map_the_export_says_how_to_get_one(tiny_scene):
    assert "predict one first" in texts(visit("results", tab="export"))


def test_many_runs_keep_their_matrices_in_rows_of_four(tiny_runs, tiny_scene):
    for model in ("fcn", "unet", "fc_densenet"):
        tiny.run(tiny_scene, "rs-dr", skill=3.0, model=model)
    drawn = [
        c
        for c in charts(visit("results", tab="figures-and-cost"))
        if c["data"][0]["type"] == "heatmap"
    ]
    assert [len(c["data"]) for c in drawn] == [4, 1]


def test_reviewers_find_the_figures_of_a_run(tiny_runs):
    app = visit("results", tab="For reviewers")
    picker = app.selectbox(key="reviewers-run")
    assert picker.label == "Map of" and len(picker.options) == 2
    counts, part = products.load_counts(tiny_runs[0].prediction())
    app = picker.select(tiny_runs[0].id).run()
    rate = ranking.areas_under(metrics.area_counts(counts, part, "test"))["rate_auc"]
    said = texts(app)
    assert f"AUC of the prediction rate (unseen ground): {rate:.3f}" in said
    assert "never chooses a threshold" in said  # no validation tile holds a landslide
    next(b for b in app.button if b.label == "Measure the distances").click().run()
    assert "The factors are alike over" in texts(app)
    app.number_input(key="reviewers-outlines").set_value(1).run()
    moved = table(app, "| Outlines |").splitlines()[2:]
    assert [row.split(" | ")[0] for row in moved] == [
        *("| as mapped", "| shifted by 1 px", "| eroded by 1 px", "| grown by 1 px"),
    ]
    assert f"| {tiny_runs[0].metrics()['f1']:.3f} |" in moved[0]
    app.selectbox(key="reviewers-breaks").select("quantile").run()
    rows = table(app, "Share of landslides").splitlines()[2:]
    assert 2 <= len(rows) <= 5 and not app.exception


def test_of_a_large_scene_reviewers_ask_a_job(tiny_runs, monkeypatch):
    asked = []
    monkeypatch.setattr(jobs, "start", lambda request, title: asked.append(request))
    monkeypatch.setattr("core.learning.split.spacing.QUICK", 0)
    monkeypatch.setattr("core.learning.scores.outlines.QUICK", 0)
    app = visit("results", tab="For reviewers")
    next(b for b in app.button if b.label == "Measure the distances").click().run()
    app.number_input(key="reviewers-outlines").set_value(2).run()
    next(b for b in app.button if b.label == "Measure with moved outlines").click().run()
    assert [(each.spacing, each.outlines) for each in asked] == [(True, 0), (False, 2)]
    # What the job found stands there.
    for request in asked:
        workflows.run_as_job(request, silent)
    app = visit("results", tab="For reviewers")
    assert "The factors are alike over" in texts(app)
    app.number_input(key="reviewers-outlines").set_value(2).run()
    assert "| grown by 2 px |" in table(app, "| Outlines |") and not app.exception


def test_reviewers_can_ask_where_a_network_applies(tiny_runs, monkeypatch):
    asked = []
    monkeypatch.setattr(jobs, "start", lambda request, title: asked.append(request))
    app = visit("results", tab="For reviewers")
    next(b for b in app.button if b.label == "Measure where it applies").click().run()
    assert [request.run_id for request in asked] == [app.selectbox(key="reviewers-run").value]
    monkeypatch.setattr("core.learning.scores.inside.scores", lambda run: INSIDE)
    # The page asks again when something new was measured.
    atomic.write_json(tiny_runs[0].prediction() / applicability.ABOUT, {"threshold": 0.7})
    atomic.write_json(tiny_runs[1].prediction() / applicability.ABOUT, {"threshold": 0.7})
    said = texts(visit("results", tab="For reviewers"))
    assert "| like the training ground | 80.0 % | 0.500 | 0.600 | 0.545 | 0.400 |" in said
    assert "| unlike it | 0 % | – | – | – | – |" in said and "at most 0.700" in said


INSIDE = {
    **{"area_words": "held-out tiles", "threshold": 0.5, "index_threshold": 0.7},
    "inside_share": 0.9,
    "inside": {
        **{"pixels": 8, "share": 0.8, "precision": 0.5, "recall": 0.6, "f1": 0.545},
        "average_precision": 0.4,
    },
    "outside": {"pixels": 0, "share": 0.0},
}
