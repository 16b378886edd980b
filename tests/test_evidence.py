"""Few landslides in the test part: one sentence, the command that measures every tile, a button."""

from dataclasses import replace

import pytest

from core.__main__ import main
from core.commands import parse
from core.jobs import store
from core.learning.scores import evaluation, kfold
from core.runs import measured
from core.runs import store as runs
from core.workflows import train
from tests import tiny
from tests.page import texts, visit


def test_few_landslides_ask_for_a_k_fold(tiny_runs):
    found = evaluation.evaluate(tiny_runs[0])
    # Of the tiny scene's five landslides one has its centroid in the test tiles.
    assert found["landslides"] == 1
    assert found["evidence"].startswith("Only 1 mapped landslide lies in the test part")
    assert "`python -m core kfold tiny --model fcadensenet" in found["evidence"]
    assert evaluation.evaluate(tiny_runs[0], area="all")["evidence"] is None


@pytest.mark.parametrize(("landslides", "said"), [(99, True), (100, False), (None, False)])
def test_a_hundred_are_enough(tiny_runs, landslides, said):
    assert bool(measured.words(tiny_runs[0].config, landslides)) is said


def test_the_command_is_the_k_fold_of_the_same_network(tiny_runs):
    config = tiny_runs[0].config
    asked = measured.request(config)
    again = parse(asked.argv())
    # The tiny scene has six tiles: enough for three folds.
    config_of_fold = train.configure(replace(asked, folds=3, fold=1)).config
    same = ("scene", "model", "dataset", "preset", "coding", "epochs", "batch", "learning_rate")
    assert [getattr(config_of_fold, n) for n in same] == [getattr(config, n) for n in same]
    assert (again.folds, asked.action) == (5, "kfold")


def test_the_command_leaves_to_the_preset_what_it_has(tiny_runs):
    config = replace(tiny_runs[0].config, preset="paper", loss="focal")
    command = measured.request(config).command()
    assert "--loss focal" in command and "--epochs 3" in command
    assert "--learning-rate" not in command and "--dropout" not in command


@pytest.mark.parametrize(
    "change",
    [
        {"folds": 5, "fold": 1},
        {"test_scene": "other"},
        {"split": "paper"},
        {"joined": "average", "members": ("a", "b")},
        {"start_from": "another"},
    ],
)
def test_what_has_no_k_fold_of_its_own_is_left_alone(tiny_runs, change):
    assert measured.words(replace(tiny_runs[0].config, **change), 5) is None


def test_evaluate_prints_the_sentence(tiny_runs, capsys):
    assert main(["evaluate", tiny_runs[0].id]) == 0
    assert "one split of fewer than 100 tells little" in capsys.readouterr().out


def test_the_card_offers_the_k_fold_and_starts_it(tiny_runs, monkeypatch):
    started = []
    monkeypatch.setattr(store, "start", lambda *asked: started.append(asked))
    app = visit("training", run=tiny_runs[0].id)
    assert "one split of fewer than 100 tells little" in texts(app)
    next(b for b in app.button if b.label == "Measure every tile (5 trainings)").click().run()
    ((asked,),) = started
    assert (asked.kind, asked.scene) == ("kfold", "tiny")
    assert asked.title == "Train FCADenseNet RS-DR on tiny, 5 folds"


def test_results_and_the_picture_of_the_split_say_it_too(tiny_runs):
    assert "one split of fewer than 100 tells little" in texts(visit("results"))
    # Before the training, beside the picture of its split.
    assert "every tile in turn (k-fold)” above" in texts(visit("training"))


def test_where_the_k_fold_is_there_the_card_points_to_it(tiny_scene):
    run = tiny.run(tiny_scene, "rs", 3.0)
    for fold, tiles in ((1, (0, 1, 2)), (2, (3, 4, 5))):
        tiny.run(tiny_scene, "rs", 3.0, folds=2, fold=fold, held_out=tiles)
    assert len(kfold.of_network(run, runs.runs())) == 2
    app = visit("training", run=run.id)
    assert "the k-fold of the same network, on the page Results" in texts(app)
    assert not [b for b in app.button if b.label.startswith("Measure every tile")]
