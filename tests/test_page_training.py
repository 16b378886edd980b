"""Training: settings, progress, runs."""

import time
from dataclasses import replace
from pathlib import Path

import pytest
import rasterio
from streamlit.testing.v1 import AppTest

from core import atomic
from core.jobs import store as jobs
from core.jobs.report import JobReport
from core.language import reader
from core.learning.networks import device
from core.request import options
from core.runs import settings, summary
from core.runs import store as runs
from core.runs.request import KFoldRequest, PredictRequest, TrainRequest
from core.scene import store as scenes
from pages.components.training import run_comparison
from tests import tiny
from tests.page import texts, visit
from tests.test_model_card import card_of


def button(app, label):
    return next(b for b in app.button if b.label == label)


def ended(kind):
    """The newest job of `kind`, once its worker has ended."""
    job, end = jobs.jobs(kind)[0], time.monotonic() + 120
    while jobs.read(job.id).active and time.monotonic() < end:
        time.sleep(0.2)
    return jobs.read(job.id)


def running(run, **figures):
    """A training that this very process is working on."""
    job = jobs.create(TrainRequest("tiny"), "Train FCADenseNet RS-DR on tiny")
    report = JobReport(job.folder)
    report("Training: epoch 2 of 9", 0.25, run=run.id, **figures)
    return job, report


def test_settings_name_the_papers_values(tiny_scene):
    app = visit("training")
    settings = [w.label for w in [*app.selectbox, *app.number_input]]
    for value in ("[paper: 8]", "[paper: 0.0001]", "[paper: 7:3 of single tiles]"):
        assert any(value in label for label in settings)


def test_every_setting_of_the_tables_is_on_the_page_with_the_papers_value(tiny_scene):
    app = visit("training")
    widgets = {w.key: w.label for w in [*app.selectbox, *app.number_input]}
    shown = [each for each in options(TrainRequest).values() if each.group]
    assert {each.name for each in shown} > set(settings.BY_NAME)
    for each in shown:
        assert widgets[each.name] == f"{each.title} :gray[paper: {each.paper}]"
    assert {e.label for e in app.expander} >= set(settings.GROUPS.values())


def test_what_is_left_alone_shows_the_presets_value(tiny_scene):
    app = visit("training")
    assert app.number_input(key="epochs").placeholder == "as many as make 480 steps"
    assert app.number_input(key="learning_rate").placeholder == "0.003"
    assert app.number_input(key="crop").placeholder == "64"
    assert app.selectbox(key="schedule").options[0].startswith("as the preset: rises for a")
    app.button_group(key="preset").set_value("paper").run()
    assert app.number_input(key="learning_rate").placeholder == "0.0001"
    assert app.selectbox(key="schedule").options[0] == "as the preset: stays the same"


def test_the_device_the_backend_and_why_no_gpu_are_said(tiny_scene):
    found = device.detect()
    line = f"Will run on: {found.name}, Keras on TensorFlow. {found.why}".strip()
    assert line in texts(visit("training"))


def test_the_planned_split_is_drawn_with_its_counts(tiny_scene):
    app = visit("training")
    assert "Only 6 tiles: the buffer of 32 px between the parts is set to 0" in texts(app)
    assert any("test, held out: " in h.proto.body for h in app.get("html"))


def test_every_tile_in_turn_is_the_kfold_command(tiny_scene):
    app = visit("training")
    app.selectbox(key="model").set_value("unet").run()
    app.selectbox(key="tested_on").set_value("every tile in turn (k-fold)").run()
    app.number_input(key="folds").set_value(7).run()
    # Six tiles are too few for seven folds: said where it was asked for, nothing trained.
    assert "too few for 7 folds" in texts(app)
    button(app, "Start training").click().run()
    job = jobs.jobs("kfold")[0]
    jobs.request_stop(job.id)
    assert job.title == "Train U-Net RS-DR on tiny, 7 folds"
    assert job.asked(KFoldRequest).scene == "tiny"
    assert not ended("kfold").active


def test_another_scene_can_test(tiny_scene):
    tiny.scene("valley")
    app = visit("training", scene="tiny")
    app.selectbox(key="tested_on").set_value("scene valley, all of it").run()
    app.selectbox(key="loss").set_value("focal").run()
    app.selectbox(key="prior_bias").set_value(False).run()
    button(app, "Start training").click().run()
    job = jobs.jobs("train")[0]
    jobs.request_stop(job.id)
    asked = job.asked(TrainRequest)
    assert (asked.test_scene, asked.loss, asked.prior_bias) == ("valley", "focal", False)
    assert not ended("train").active


def test_several_scenes_and_a_trained_network_can_be_learned_from(tiny_scene):
    assert "Import a second scene with the same factors" in texts(visit("training"))
    tiny.scene("valley")
    run = tiny.run(tiny_scene, "rs", 3.0)
    (run.path / "model").mkdir()
    names = {"model": "fcadensenet", "dataset": "rs", "factors": run.config.factors}
    about = card_of(tiny_scene, **names)
    atomic.write_json(run.path / "model" / "model.json", about.to_json())
    app = visit("training", scene="tiny")
    app.multiselect(key="more-tiny-rs-dr").set_value(["valley"]).run()
    # A k-fold is one scene's.
    assert app.selectbox(key="tested_on").options == ["held-out tiles of this scene"]
    app.selectbox(key="start-from-fcadensenet-quick").set_value(run.id).run()
    assert "new, starting at nothing: deformation" in texts(app)
    app.selectbox(key="zscore").set_value("kept").run()
    button(app, "Start training").click().run()
    job = jobs.jobs("train")[0]
    jobs.request_stop(job.id)
    asked = job.asked(TrainRequest)
    assert (asked.scene, asked.start_from, asked.zscore) == ("tiny,valley", run.id, "kept")
    assert not ended("train").active


def test_dataset_can_be_chosen_where_there_is_deformation(tiny_scene):
    dataset = visit("training").button_group(key="dataset")
    assert (dataset.value, dataset.disabled) == ("rs-dr", False)


def test_rs_dr_is_closed_without_deformation(tiny_scene):
    kept = tuple(f for f in tiny_scene.factors if f.name != "deformation")
    scenes.save(replace(tiny_scene, factors=kept))
    app = visit("training")
    dataset = app.button_group(key="dataset-rs-only")
    assert (dataset.value, dataset.disabled) == ("rs", True)
    assert "RS-DR needs the deformation rate, which scene 'tiny' does not have" in texts(app)


def test_nothing_starts_without_an_inventory(tiny_scene):
    scenes.save(replace(tiny_scene, inventory=None))
    app = visit("training")
    assert button(app, "Start training").disabled
    assert "has no landslide inventory" in texts(app)


def test_start_makes_a_job_of_the_train_command(tiny_scene):
    app = visit("training")
    app.selectbox(key="model").set_value("unet").run()
    app.number_input(key="epochs").set_value(2).run()
    button(app, "Start training").click().run()
    job = jobs.jobs("train")[0]
    jobs.request_stop(job.id)
    assert job.title == "Train U-Net RS-DR on tiny"
    asked = job.asked(TrainRequest)
    wanted = {"scene": "tiny", "model": "unet", "dataset": "rs-dr", "preset": "quick", "epochs": 2}
    assert wanted.items() <= vars(asked).items()
    assert asked.batch is None, "left to the preset"
    assert "Train U-Net RS-DR on tiny" in texts(app)
    end = time.monotonic() + 60
    while jobs.read(job.id).active and time.monotonic() < end:
        time.sleep(0.2)
    assert jobs.read(job.id).state == "stopped"


def test_progress_is_shown_in_words_and_figures(tiny_runs):
    running(tiny_runs[0], epoch=2, epochs=9, eta_s=312, device="CPU, 2 cores", tiles_per_s=11.25)
    app = visit("training")
    bar = app.get("progress")[-1]
    assert (bar.value, bar.text) == (25, "Training: epoch 2 of 9")
    said = texts(app)
    for figure in ("**2 of 9**", "**5 min 12 s**", "**11.2**", "**CPU, 2 cores**"):
        assert figure in said


def test_stop_asks_the_worker(tiny_runs):
    job, _ = running(tiny_runs[0])
    app = visit("training")
    button(app, "Stop").click().run()
    assert jobs.read(job.id).state == "stopping"
    assert button(app, "Stop").disabled


def test_a_waiting_training_is_listed_and_can_be_taken_out(tiny_runs):
    running(tiny_runs[0])
    waiting = jobs.create(TrainRequest("tiny"), "Train U-Net RS on tiny")
    JobReport(waiting.folder)("Waiting for the training before this one", None, state="queued")
    app = visit("training")
    assert "Train U-Net RS on tiny · Waiting" in texts(app)
    button(app, "Take out").click().run()
    assert jobs.read(waiting.id).state == "stopping"


def test_the_table_lists_every_run(tiny_runs):
    table = visit("training").dataframe[0].value
    assert set(table["dataset"]) == {"RS", "RS-DR"}
    assert set(table["state"]) == {"done"}
    assert sorted(table["f1"]) == pytest.approx(sorted(r.metrics()["f1"] for r in tiny_runs))


def test_the_address_loads_a_finished_run(tiny_runs):
    run = tiny_runs[1]
    app = visit("training", run=run.id)
    values = {m.label: m.value for m in app.metric}
    assert values["F1"] == f"{run.metrics()['f1']:.3f}"
    assert len(values) == 7
    said = texts(app)
    assert "held-out tiles of tiny, a synthetic scene; block split; threshold 0.5" in said
    assert app.code[0].value.startswith("python -m core train tiny --model fcadensenet")
    assert len(app.get("plotly_chart")) == 2


def test_a_failed_run_gives_its_reason_and_its_log(tiny_runs):
    run = tiny_runs[1]
    job, report = running(run)
    report.end("failed", "Out of memory: choose a smaller batch.")
    (job.folder / "log.txt").write_text("the last words")
    (run.path / "job").write_text(job.id)
    (run.prediction() / "metrics.json").unlink()
    app = visit("training", run=run.id)
    assert "failed: Out of memory: choose a smaller batch." in texts(app)
    assert "the last words" in [code.value for code in app.code]


def test_an_empty_mask_is_said_in_words(tiny_runs):
    run = tiny_runs[1]
    path = run.prediction() / "metrics.json"
    atomic.write_json(path, {**run.metrics(), "empty_mask": True})
    assert "The predicted mask is empty" in texts(visit("training", run=run.id))


def test_the_best_epoch_is_told_with_the_measure_that_chose_it(tiny_runs):
    app = visit("training", run=tiny_runs[1].id)
    assert "Epoch 3 is kept: lowest validation loss (cross-entropy), 0.2." in texts(app)
    assert set(app.dataframe[0].value["best"]) == {"3 (loss)"}


def test_a_run_is_given_a_name(tiny_runs):
    run = tiny_runs[0]
    app = visit("training", run=run.id)
    app.text_input(key=f"name-{run.id}").set_value("Wet season").run()
    assert "Wet season · FCADenseNet · RS-DR" in app.subheader[0].value
    assert "Wet season" in list(app.dataframe[0].value["name"])
    assert "**Wet season · FCADenseNet · RS-DR**" in texts(visit("overview"))


def test_a_note_and_a_pin_are_kept(tiny_runs):
    run = tiny_runs[1]
    app = visit("training", run=run.id)
    app.text_area[0].set_value("The smooth one").run()
    button(app, "Pin").click().run()
    assert (summary.read(run).text, summary.read(run).pinned) == ("The smooth one", True)
    table = visit("training").dataframe[0].value
    assert list(table["note"]) == ["The smooth one", ""]
    assert list(table["pinned"]) == ["pinned", ""]


def test_the_filter_narrows_the_table(tiny_runs):
    app = visit("training")
    app.selectbox(key="runs-dataset").set_value("rs").run()
    assert list(app.dataframe[0].value["dataset"]) == ["RS"]
    app.text_input(key="runs-text").set_value("nothing like it").run()
    assert not app.dataframe
    assert "None of the 2 runs is like that" in texts(app)


def compared(runs_to_compare):
    """The comparison alone: rows of a table cannot be selected without a browser."""

    def page(ids):
        from core.runs import store
        from pages.components.training import run_comparison

        run_comparison.show([store.load(run_id) for run_id in ids])

    ids = [run.id for run in runs_to_compare]
    return AppTest.from_function(page, args=(ids,), default_timeout=60).run()


def test_two_runs_are_compared_by_a_measure_and_by_what_differs(tiny_runs):
    app = compared(tiny_runs)
    table = app.dataframe[0].value
    shown = dict(zip(table["Setting"], table.to_numpy()[:, 1]))
    assert shown["Dataset"] == "RS-DR"
    assert shown["Factors that not all have"] == "deformation"
    assert "Seed" not in shown
    assert shown["Epoch that is kept"] == "3"
    assert shown["Chosen by"] == "lowest validation loss (cross-entropy)"
    app.button_group[0].set_value("val_f1").run()
    assert len(app.get("plotly_chart")) == 1
    assert not app.exception


def test_several_runs_are_deleted_at_once(tiny_runs):
    button(compared(tiny_runs), "Delete for good").click().run()
    assert runs.runs() == []


def test_a_training_that_failed_before_its_run_says_why(tiny_scene):
    job = jobs.create(TrainRequest("tiny"), "Train U-Net RS on gone")
    JobReport(job.folder).end("failed", "No scene named 'gone': import it first.")
    assert "No scene named 'gone': import it first." in texts(visit("training"))


def test_delete_removes_the_run(tiny_runs):
    app = visit("training", run=tiny_runs[1].id)
    button(app, "Delete for good").click().run()
    assert [run.id for run in runs.runs()] == [tiny_runs[0].id]
    assert not app.exception


def test_a_stopped_training_can_go_on(tiny_runs):
    run = tiny_runs[1]
    job, report = running(run)
    report.end("stopped", "Stopped on request.")
    (run.path / "job").write_text(job.id)
    for name in ("metrics.json", "counts.npz"):
        (run.prediction() / name).unlink()
    app = visit("training", run=run.id)
    assert not button(app, "Resume").disabled
    # Where one looks first, too.
    assert "Resume" in [each.label for each in visit("overview").button]
    assert "stopped: Stopped on request." in texts(app)


def test_a_networks_file_is_looked_at_by_a_job_and_refused_in_one_sentence(tiny_runs):
    app = visit("training")
    assert button(app, "Load").disabled
    app.get("file_uploader")[0].upload("net.zip", b"PK", "application/zip").run()
    button(app, "Load").click().run()
    job = ended("load")
    assert (job.action, job.state) == ("load", "failed")
    assert "Load net.zip: 'net.zip' is refused: it is neither a zip" in texts(app.run())
    assert {run.id for run in runs.runs()} == {run.id for run in tiny_runs}


def with_card(run, **changes):
    (run.path / "model").mkdir(exist_ok=True)
    made = card_of(scenes.load(run.config.scene), **changes)
    atomic.write_json(run.path / "model" / "model.json", made.to_json())


def test_a_map_made_elsewhere_is_loaded_and_shown_beside_ours(tiny_runs, tmp_path, monkeypatch):
    monkeypatch.setenv("SLIDESCOPE_DATA", str(tmp_path))
    path = tmp_path / "theirs.tif"
    with rasterio.open(tiny_runs[0].prediction() / "probability.tif") as file:
        path.write_bytes(Path(file.name).read_bytes())
    app = visit("training")
    next(w for w in app.text_input if w.key.startswith("load_map_path")).set_value(str(path)).run()
    next(w for w in app.selectbox if w.key.startswith("load_map_split_of")).set_value(
        tiny_runs[0].id
    ).run()
    button(app, "Load the map").click().run()
    job = ended("load-map")
    assert job.state == "done", job.reason
    app = visit("training", run=job.result["run"])
    assert not app.exception
    assert "A map that was made elsewhere" in texts(app)
    assert job.result["metrics"]["f1"] == tiny_runs[0].metrics()["f1"]
    results = visit("results", scene="tiny")
    assert "Maps made elsewhere" in texts(results)
    assert not visit("compare", scene="tiny", right=f"run:{job.result['run']}").exception


def test_a_network_is_applied_to_another_scene_that_fits(tiny_runs):
    run = tiny_runs[0]
    with_card(run)
    tiny.scene("other")
    app = visit("training", run=run.id)
    assert app.selectbox(key=f"apply-{run.id}").options == ["other"]
    button(app, "Apply").click().run()
    # The made-up run has no weights, so the job cannot end well: what was asked is what counts.
    assert ended("predict").asked(PredictRequest) == PredictRequest(run.id, scene="other")


def test_a_scene_without_the_factors_is_refused_in_one_sentence(tiny_runs):
    run = tiny_runs[0]
    with_card(run)
    other = tiny.scene("other")
    scenes.save(replace(other, factors=other.factors[:-1]))
    app = visit("training", run=run.id)
    assert button(app, "Apply").disabled
    assert "Scene 'other' lacks deformation: the model was trained with" in texts(app)


def test_a_loaded_network_asks_to_be_applied(tiny_runs):
    run = tiny_runs[0]
    with_card(run)
    (run.prediction() / "metrics.json").unlink()
    atomic.write_json(run.path / "loaded.json", {"source": "net.zip", "when": ""})
    app = visit("training", run=run.id)
    assert "A network loaded from net.zip: apply it to a scene to get a map." in texts(app)
    assert [b for b in app.get("download_button") if "Download network" in str(b.proto)]


def test_what_differs_is_told_in_the_reader_s_language_and_names_stay():
    with reader.speaking("zh"):
        told = run_comparison._row("Start at the landslide share", ["a", "b"], ["yes", "no"])
        named = run_comparison._row("Scene", ["a"], ["training"], named=True)
    assert told == {"设置": "以滑坡占比为起点", "a": "是", "b": "否"}
    assert named == {"设置": "场景", "a": "training"}
