"""k-fold: each fold an ordinary run, the table from the summed counts of what they held out."""

import json

import numpy as np
import pytest

from core.__main__ import main
from core.commands import train
from core.errors import SlideScopeError
from core.learning import kfold, metrics, products
from core.runs import store as runs
from core.runs.request import TrainRequest
from tests import tiny
from tests.page import texts, visit

ASKED = ["kfold", "tiny", "--model", "unet", "--dataset", "rs", "--folds", "3"]


@pytest.fixture
def folds(tiny_scene):
    """Three measured folds with the very configurations that `kfold` asks for."""
    made = []
    for fold in (1, 2, 3):
        asked = TrainRequest("tiny", "unet", "rs", preset="paper", folds=3, fold=fold)
        made_of = train.configure(asked)
        config, parts = made_of.config, made_of.home.split
        changes = {"preset": "paper", "epochs": config.epochs, "buffer": config.buffer}
        changes |= {"folds": 3, "fold": fold, "held_out": parts.tiles(metrics.TEST)}
        made.append(tiny.run(tiny_scene, "rs", 2.0 + fold, model="unet", **changes))
        assert made[-1].config == config
    return made


def test_the_pooled_table_is_the_sum_of_what_the_folds_held_out(folds, tiny_scene):
    found = kfold.pooled(folds)
    total = 0
    for run in folds:
        counts, part = products.load_counts(run.prediction())
        total = total + metrics.area_counts(counts, part, "test")
    assert {n: found[n] for n in metrics.scores(total)} == metrics.scores(total)
    assert found["pixels"] == tiny_scene.valid(tiny_scene.read()).sum()
    assert found["tiles"] == 6
    assert [row["fold"] for row in found["folds"]] == [1, 2, 3]
    assert found["folds"][0]["f1"] == pytest.approx(folds[0].metrics()["f1"])
    f1 = [run.metrics()["f1"] for run in folds]
    assert found["spread"]["f1"] == pytest.approx(np.std(f1, ddof=1))


def test_an_incomplete_set_is_not_pooled(folds):
    assert [len(each) for each in kfold.sets(runs.runs())] == [3]
    assert kfold.sets(runs.runs()[:2]) == []
    with pytest.raises(SlideScopeError, match="Folds 1, 2 are here"):
        kfold.pooled(folds[:2])


def test_the_command_trains_nothing_twice(folds, capsys):
    assert main([*ASKED, "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["runs"] == [run.id for run in folds]
    assert found["area_words"] == "every tile, each held out once"
    assert found["split"] == "block split, 3 folds"


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--folds", "7"], "too few for 7 folds"),
        (["--folds", "1"], "Invalid number of folds 1"),
        (["--split", "paper"], "exclude each other"),
    ],
)
def test_folds_that_cannot_be_trained_are_refused_before_the_first(
    tiny_scene, capsys, more, sentence
):
    assert main([*ASKED, *more]) == 2
    assert sentence in capsys.readouterr().err
    assert runs.runs() == []


def test_pages_say_which_fold_and_pool_the_set(folds):
    run = folds[1]
    assert run.metrics()["fold"] == 2
    said = texts(visit("training", run=run.id))
    assert "2 held-out tiles of tiny, a synthetic scene; block split, fold 2 of 3" in said
    app = visit("results")
    area = "6 tiles, every tile, each held out once, synthetic scene; block split, 3 folds"
    assert area in texts(app)
    tables = [m.value for m in app.markdown if m.value.startswith("|")]
    assert any(f"{kfold.pooled(folds)['f1']:.4f}" in table for table in tables)
    # A single fold is no row of the tables beside the paper's.
    assert not any(f"{each.metrics()['f1']:.4f}" in table for each in folds for table in tables)
