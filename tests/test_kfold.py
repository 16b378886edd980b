"""k-fold: each fold an ordinary run, the table from the summed counts of what they held out."""

import json

import numpy as np
import pytest
import rasterio

from core.__main__ import main
from core.errors import SlideScopeError
from core.learning import split
from core.learning.prediction import products
from core.learning.scores import kfold, metrics
from core.maps import sides
from core.runs import request, summary
from core.runs import store as runs
from core.runs.request import TrainRequest
from core.workflows import train
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


def test_the_pooled_interval_is_over_all_blocks_of_the_scene(workspace):
    scene = tiny.scene(tile=32)
    made = []
    for fold in (1, 2, 3):
        asked = TrainRequest("tiny", "unet", "rs", preset="quick", folds=3, fold=fold, buffer=0)
        tests = train.configure(asked).home.split.tiles(metrics.TEST)
        about = {"folds": 3, "fold": fold, "held_out": tests}
        made.append(tiny.run(scene, "rs", 3.0, model="unet", buffer=0, **about))
    found = kfold.pooled(made)
    assert (found["blocks"], found["landslides"]) == (24, 5)
    low, high = found["intervals"]["f1"]
    assert low < found["f1"] < high
    assert [row["blocks"] for row in found["folds"]] == [8, 8, 8]


def test_folds_that_overlap_are_no_set(folds):
    split.save(split.load(folds[0].path / "split.json"), folds[1].path / "split.json")
    assert kfold.sets(folds) == []
    with pytest.raises(SlideScopeError, match="tiles are held out twice"):
        kfold.pooled(folds)


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


def test_the_map_of_all_folds_is_a_run_whose_scores_are_the_pooled_ones(folds, tiny_scene, capsys):
    assert main([*ASKED, "--json"]) == 0
    pooled = json.loads(capsys.readouterr().out.splitlines()[-1])
    run = runs.load(pooled["run"])
    names = [*metrics.scores(np.zeros((200, 2), int)), "average_precision", "tiles", "pixels"]
    assert {n: run.metrics()[n] for n in names} == {n: pooled[n] for n in names}
    assert run.state == "done" and not summary.resumable(run)
    assert run.config.split_words == "block split, 3 folds"
    # Each tile is the map of the fold that held it out, pixel by pixel.
    whole = probability(run)
    assert np.isfinite(whole).sum() == tiny_scene.valid(tiny_scene.read()).sum()
    for fold in folds:
        _, part = products.load_counts(fold.prediction())
        for number in np.flatnonzero(part == metrics.TEST):
            row, column = divmod(int(number), 3)
            tile = np.s_[128 * row : 128 * (row + 1), 128 * column : 128 * (column + 1)]
            np.testing.assert_array_equal(whole[tile], probability(fold)[tile])

    # Asked for again it is the same run; its command is the k-fold's.
    assert main([*ASKED, "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["run"] == run.id
    assert request.repeat(run.config).argv()[:2] == ["kfold", "tiny"]
    shown = f"run:{run.id}"
    assert sides.sides_of(tiny_scene)[shown].title == "All 3 folds · U-Net · RS"
    tiny.scene("other")
    assert main(["predict", run.id, "--scene", "other"]) == 2
    assert "on 'other' there are no folds: average the members" in capsys.readouterr().err


def test_the_pixel_baselines_of_all_folds_are_joined_too(folds, capsys):
    for run in folds:
        (run.path / "baseline_rf").mkdir()
        counts, part = products.load_counts(run.prediction())
        products.save_counts(run.path / "baseline_rf", counts // 2, part)
    assert main([*ASKED, "--json"]) == 0
    pooled = json.loads(capsys.readouterr().out.splitlines()[-1])
    found = runs.load(pooled["run"]).metrics()["baseline_rf"]
    assert found["tp"] == pooled["baseline_rf"]["tp"] > 0


def probability(run: runs.Run) -> np.ndarray:
    with rasterio.open(run.prediction() / "probability.tif") as source:
        return source.read(1)


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (["--folds", "7"], "too few for 7 folds"),
        (["--folds", "1"], "Invalid folds 1: at least 2"),
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
    area = (
        "6 tiles, every tile, each held out once, synthetic scene, 5 mapped landslides; block split"
    )
    assert f"{area}, 3 folds" in texts(app)
    tables = [m.value for m in app.markdown if m.value.startswith("|")]
    assert any(f"{kfold.pooled(folds)['f1']:.4f}" in table for table in tables)
    # A single fold is no row of the tables beside the paper's.
    assert not any(f"{each.metrics()['f1']:.4f}" in table for each in folds for table in tables)
