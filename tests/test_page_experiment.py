"""Results: the paired experiment is started, followed and read there."""

import pytest

from core.experiments import conduct, store
from core.experiments.arms import Arm
from core.experiments.request import ExperimentRequest, request
from core.jobs import store as jobs
from core.jobs.report import silent, working
from core.workflows.experiment import configurations
from pages.components.results.metric_table import small
from tests import tiny
from tests.page import texts, visit

ARMS = (Arm("unet", "rs-dr"), Arm("unet", "rs"))
SKILL = {"rs-dr": 3.4, "rs": 2.2}


def begin(scene, seeds: int) -> store.Experiment:
    asked = request("tiny", ARMS, seeds, preset="quick", epochs=3, buffer=0)
    for number, (member, config) in enumerate(configurations(asked).items()):
        tiny.finish(scene, config, f"made-up-{number}", SKILL[member.arm.dataset])
    return store.create(asked, scene, None)


def panel(app):
    """The tab of the experiment."""
    return next(tab for tab in app.tabs if tab.label == "Experiment")


def experiment_tables(app) -> list[str]:
    return [m.value for m in panel(app).markdown if m.value.startswith("|")]


def test_before_the_first_one_stands_what_it_gives_how_long_it_takes_and_a_button(tiny_scene):
    app = visit("results", tab="experiment")
    assert "Is a gain more than luck?" in texts(app)
    assert "trainings, known from the shipped networks" in texts(app)
    assert "Run the paired experiment" in [b.label for b in app.button]
    assert len(panel(app).multiselect[0].value) == 5
    assert experiment_tables(app) == []


def test_arms_that_are_no_pair_are_one_sentence_and_no_button(tiny_scene):
    app = visit("results", tab="experiment")
    panel(app).multiselect[0].set_value(["unet:rs"]).run()
    assert "Nothing to compare in the arms unet:rs" in "".join(i.value for i in app.info)
    assert "Run the paired experiment" not in [b.label for b in app.button]


def test_the_button_starts_the_command(tiny_scene, monkeypatch):

    started = []
    monkeypatch.setattr(jobs, "start", lambda *given: started.append(given))
    app = visit("results", tab="experiment")
    panel(app).multiselect[0].set_value(["unet:rs-dr", "unet:rs"]).run()
    next(b for b in app.button if b.label == "Run the paired experiment").click().run()
    ((asked,),) = started
    assert (asked.kind, asked.scene) == ("experiment", "tiny")
    assert [arm.key for arm in asked.arms] == ["unet:rs-dr", "unet:rs"]
    assert (asked.seeds, asked.augmentation) == (3, "safe")


@pytest.fixture
def finished(workspace) -> dict:
    scene = tiny.scene(tile=32)
    experiment = begin(scene, seeds=3)
    return conduct.conduct(experiment, configurations(experiment.request), silent)


def test_the_table_has_gains_twice_interval_p_and_landslides(finished):
    app = visit("results", tab="experiment")
    assert not app.exception
    rows, gain, objects = experiment_tables(app)
    best, other = (row["f1"] for row in finished["table"])
    assert f"**{best['mean']:.3f}** ± {best['sd']:.3f}" in rows
    interval = small(other["interval"])
    assert f"| {other['mean']:.3f} ± {other['sd']:.3f} {interval} |" in rows
    f1 = finished["gains"][0]["metrics"]["f1"]
    assert f"{f1['points']:+.2f}" in gain and f"{f1['percent']:+.1f}" in gain
    assert "95 % interval, points" in gain and "| p |" in gain
    counts = finished["gains"][0]["mcnemar"]
    assert f"| U-Net: RS → RS-DR | {counts['objects']} | {counts['both']} |" in objects
    said = texts(app)
    assert (
        "synthetic scene tiny: 48 held-out tiles in 12 blocks, block split, threshold 0.5" in said
    )
    assert "mean ± standard deviation over 3 seeds" in said
    assert "favoured by construction" in said
    assert "chosen by its generator" in said


def test_without_enough_seeds_a_sentence_stands_for_interval_and_p(tiny_scene):
    experiment = begin(tiny_scene, seeds=1)
    conduct.conduct(experiment, configurations(experiment.request), silent)
    app = visit("results", tab="experiment")
    gain = experiment_tables(app)[1]
    assert "interval" not in gain and "| p |" not in gain
    assert "they need at least 8 test blocks and 3 seeds, here are 1 and 1." in texts(app)


def test_one_that_ended_early_can_be_gone_on_with(tiny_scene):
    experiment = begin(tiny_scene, seeds=1)
    job = jobs.create(ExperimentRequest(scene="tiny"), "Paired experiment on tiny")
    store.assign_job(experiment, job.id)
    with working(job.id) as report:
        report.end("failed", "Out of memory: choose a smaller batch.")
    app = visit("results", tab="experiment")
    assert "The last experiment is failed. Out of memory" in "".join(w.value for w in app.warning)
    assert "Go on with it" in [b.label for b in app.button]


def test_a_running_one_shows_progress_and_stop_instead_of_the_start(tiny_scene):
    job = jobs.create(ExperimentRequest(scene="tiny"), "Paired experiment on tiny")
    with working(job.id) as report:
        report("2 of 6: U-Net · RS, seed 0: Training: epoch 1 of 3", 0.2, eta_s=90)
        app = visit("results", tab="experiment")
        labels = [b.label for b in app.button]
        assert "Stop" in labels and "Run the paired experiment" not in labels
        next(b for b in app.button if b.label == "Stop").click().run()
        assert jobs.read(job.id).state == "stopping"
        report.end("done")
