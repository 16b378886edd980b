"""The registry of runs: filter, notes, pins, differences, what chose the best epoch, deletion."""

import os
from dataclasses import replace

import pytest

from core import atomic
from core.errors import SlideScopeError
from core.jobs import store as jobs
from core.jobs.report import JobReport
from core.runs import differences, store, summary
from core.runs.config import Learned
from core.runs.request import PredictRequest, TrainRequest
from core.runs.summary import Filter, listed

FILTERS = {
    "rs": Filter(dataset="rs"),
    "both": Filter(scene="tiny", model="fcadensenet", state="done"),
    "neither": Filter(state="failed"),
    "rs-dr": Filter(text="PROMISING tiny"),
}


def configured(run: store.Run, **settings) -> store.Run:
    """The same run, trained with other settings."""
    return replace(run, config=replace(run.config, **settings))


@pytest.mark.parametrize("wanted", FILTERS)
def test_a_filter_lets_through_what_agrees_with_all_of_it(tiny_runs, wanted):
    summary.write(tiny_runs[0], "Promising.")
    found = {run.config.dataset for run in listed(store.runs(), FILTERS[wanted])}
    assert found == {"both": {"rs", "rs-dr"}, "neither": set()}.get(wanted, {wanted})


def test_an_unknown_state_is_one_sentence(tiny_runs):
    with pytest.raises(SlideScopeError, match=r"Unknown state 'ready': .*choose one of these\."):
        listed(store.runs(), Filter(state="ready"))


def test_pinned_runs_stand_first(tiny_runs):
    last = store.runs()[-1]
    summary.pin(last, True)
    assert listed(store.runs())[0].id == last.id
    summary.pin(last, False)
    assert listed(store.runs())[-1].id == last.id


def test_a_name_stands_before_what_the_run_is(tiny_runs):
    run = tiny_runs[0]
    was = run.title
    summary.pin(run, True)
    summary.name(run, "  Wet   season ")
    assert (run.name, run.title) == ("Wet season", f"Wet season · {was}")
    assert [r.id for r in listed(store.runs(), Filter(text="wet"))] == [run.id]
    summary.write(run, "a note")
    assert run.name == "Wet season" and summary.read(run).pinned
    summary.name(run, "")
    assert (run.name, run.title) == ("", was)


@pytest.mark.parametrize(
    "name, said",
    {
        "x" * 61: "has 61 characters: a run's name has at most 60; shorten it",
        "a|b": r"The name 'a\|b' has the character '\\|': .*leave the others out\.",
    }.items(),
)
def test_a_name_that_cannot_be_shown_is_refused(tiny_runs, name, said):
    with pytest.raises(SlideScopeError, match=said):
        summary.name(tiny_runs[0], name)
    assert tiny_runs[0].name == ""


def test_a_note_keeps_the_ones_before_it_and_the_pin(tiny_runs):
    run = tiny_runs[0]
    assert summary.read(run) == summary.Notes()
    summary.pin(run, True)
    for text in ("first", "second ", "second"):
        summary.write(run, text)
    noted = summary.read(run)
    assert (noted.text, noted.pinned) == ("second", True)
    assert [text for _, text in noted.earlier] == ["first"]
    with pytest.raises(SlideScopeError, match="at most 4000"):
        summary.write(run, "x" * 4001)


def test_only_the_settings_that_differ_are_told_in_words(tiny_runs):
    with_rate, without = tiny_runs
    other = configured(without, loss="focal", prior_bias=True, seed=3)
    found = {d.title: d.values for d in differences.differing([with_rate, other])}
    assert found == {
        "Dataset": ("RS-DR", "RS"),
        "Factors that not all have": ("deformation", "–"),
        "Seed": ("0", "3"),
        "Loss": ("binary cross-entropy", "focal: hard pixels weigh more"),
        "Start at the landslide share": ("no", "yes"),
    }
    assert differences.differing([without, without]) == []


def test_scenes_that_only_one_run_learned_from_are_told_by_name(tiny_runs):
    alone = tiny_runs[0]
    more = (Learned("valley", "f", 1, False), Learned("ridge", "f", 1, False))
    (found,) = differences.differing([alone, configured(alone, more=more)])
    assert (found.title, found.values) == ("Other scenes learned from", ("–", "valley, ridge"))


@pytest.mark.parametrize(
    ("monitor", "epoch", "words"),
    [
        ("val_loss", 2, "epoch 2 is kept: lowest validation loss (cross-entropy), 0.3"),
        ("val_iou", 3, "epoch 3 is kept: highest landslide IoU on validation, 0.5"),
        ("last", 3, "epoch 3 is kept: the last one, no choice by validation"),
    ],
)
def test_the_best_epoch_says_what_chose_it(tiny_runs, monitor, epoch, words):
    rows = ["epoch,val_loss,val_iou", "1,0.9,0.1", "2,0.3,0.2", "3,0.4,0.5"]
    (tiny_runs[0].path / "history.csv").write_text("\n".join(rows) + "\n")
    found = summary.best(configured(tiny_runs[0], monitor=monitor))
    assert (found.epoch, found.words) == (epoch, words)


def test_the_models_card_has_the_last_word_on_the_best_epoch(tiny_runs):
    run = tiny_runs[0]
    (run.path / "model").mkdir()
    card = {"best_epoch": 2, "best_value": 0.25, "monitor": "val_ap"}
    atomic.write_json(run.path / "model" / "model.json", card)
    assert summary.best(run).words == (
        "epoch 2 is kept: highest average precision on validation, 0.25"
    )


def test_several_runs_are_deleted_together_or_not_at_all(tiny_runs):
    ids = [run.id for run in tiny_runs]
    job = jobs.create(TrainRequest("tiny"), "Train")
    store.assign_job(tiny_runs[1], job.id)
    report = JobReport(job.folder)
    with pytest.raises(SlideScopeError, match=f"Run {ids[1]} is being worked on"):
        store.delete(*ids)
    assert len(store.runs()) == 2
    report.end("stopped")
    store.delete(*ids)
    assert store.runs() == []
    assert not list(tiny_runs[0].path.parent.iterdir())


def test_a_run_that_is_being_predicted_is_not_deleted(tiny_runs):
    report = JobReport(jobs.create(PredictRequest("x"), "Predict").folder)
    report("Predicting", 0.1, run=tiny_runs[0].id)
    with pytest.raises(SlideScopeError, match="is being worked on"):
        store.delete(tiny_runs[0].id)


def test_a_run_whose_job_was_deleted_is_known_by_its_history(tiny_runs):
    run = tiny_runs[0]
    store.assign_job(run, "20260101-000000-abcdef")
    assert store.load(run.id).state == "done"
    (run.path / "history.csv").write_text("epoch,loss\n1,0.5\n")
    assert store.load(run.id).state == "interrupted"


def test_early_stopping_ends_done(tiny_runs):
    patient = configured(tiny_runs[0], epochs=50, patience=2)
    (patient.path / "model").mkdir()
    atomic.write_json(patient.path / "model" / "model.json", {"best_epoch": 1})
    assert patient.state == "done"


def test_what_a_kill_set_aside_comes_back_with_the_list(tiny_runs, monkeypatch):
    run = tiny_runs[0]
    os.replace(run.prediction(), run.path / "predictions" / ".tiny.old")
    assert not store.load(run.id).predicted()
    monkeypatch.setattr(store, "SETTLED_S", 0.0)
    assert store.load(run.id).predicted()


def test_a_run_without_its_scores_can_go_on_whatever_ended_it(tiny_runs):
    run = tiny_runs[0]
    job = jobs.create(TrainRequest("tiny"), "Train")
    store.assign_job(run, job.id)
    JobReport(job.folder).end("failed", "The disk is full.")
    assert not summary.resumable(store.load(run.id))
    (run.prediction() / "metrics.json").unlink()
    assert summary.resumable(store.load(run.id))


def test_of_the_runs_that_came_with_the_software_the_best_is_shown_first(tiny_runs):
    newest, oldest = store.runs()
    assert summary.shown_first([newest, oldest], "tiny") == newest.id
    assert summary.shown_first([newest, oldest], "elsewhere") is None
    for run in (newest, oldest):
        (run.path / "card.md").write_text("# Card")
    scores = {run.id: run.metrics()["average_precision"] for run in (newest, oldest)}
    assert summary.shown_first([newest, oldest], "tiny") == max(scores, key=scores.get)
