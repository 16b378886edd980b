"""Runs joined from others: the mean of several maps is a run without a network of its own."""

import json
from dataclasses import replace

import numpy as np
import pytest
import rasterio

from core.__main__ import main
from core.learning.prediction import prediction, products, windows
from core.maps import sides
from core.runs import request, summary, tables
from core.runs import store as runs
from core.scene import store as scenes
from tests import tiny
from tests.page import texts, visit


@pytest.fixture
def average(tiny_runs, capsys):
    """The average of the two tiny runs, made by the command."""
    said = run_command(capsys, "predict", ",".join(run.id for run in tiny_runs))
    return runs.load(said["run"])


def run_command(capsys, *argv: str) -> dict:
    assert main([*argv, "--json"]) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def probability(run: runs.Run) -> np.ndarray:
    with rasterio.open(run.prediction() / "probability.tif") as source:
        return source.read(1)


def test_an_average_is_the_mean_of_its_members_maps(average, tiny_runs):
    expected = np.mean([probability(run) for run in tiny_runs], axis=0)
    np.testing.assert_allclose(probability(average), expected, atol=1e-7)
    assert average.config.members == tuple(sorted(run.id for run in tiny_runs))
    assert average.metrics()["area"] == "test" and average.metrics()["tp"] > 0
    assert average.made_of()["members"] == list(average.config.members)


def test_it_stands_among_the_runs_and_takes_no_networks_place(average, tiny_runs, tiny_scene):
    assert average.title == "Average of 2 runs · FCADenseNet · RS-DR+RS"
    assert average.state == "done" and not summary.resumable(average)
    assert average.id in [run.id for run in runs.runs()]
    assert average not in tables.newest(runs.runs()).values()
    side = sides.sides_of(tiny_scene)[f"run:{average.id}"]
    assert side.title == average.title and set(side.datasets) == {"rs", "rs-dr"}
    row = tables.to_csv([average]).splitlines()[-1]
    assert "average" in row and tiny_runs[0].id in row


def test_the_command_that_repeats_it_makes_the_same_run(average, capsys):
    argv = request.repeat(average.config).argv()
    assert run_command(capsys, *argv)["run"] == average.id
    again = run_command(capsys, "predict", average.id)
    assert (again["run"], again["flips"]) == (average.id, 1)
    assert len(runs.runs()) == 3


def test_a_member_whose_map_is_of_other_looks_predicts_for_the_average_alone(
    tiny_runs, monkeypatch, capsys, tmp_path
):
    asked, before = [], probability(tiny_runs[0])

    def computed(run, scene, target, report, flips):
        asked.append((run.id, flips))
        made = windows.Strips(tmp_path / run.id)
        made.folder.mkdir()
        made.save(0, {"probability": np.full(scene.grid.shape, 0.75, np.float32)})
        cost = {"seconds": 2.0, "device": "CPU"}
        return prediction.Computed(made, {"weights": "ab", "flips": flips, "cost": cost}, 2.0)

    monkeypatch.setattr(prediction, "compute", computed)
    products.save_origin(
        tiny_runs[1].prediction(), scenes.load("tiny"), flips=4, weights="cd",
        cost={"seconds": 3.0, "device": "CPU"},
    )  # fmt: skip
    said = run_command(capsys, "predict", ",".join(r.id for r in tiny_runs), "--flips", "4")
    assert asked == [(tiny_runs[0].id, 4)]
    made = runs.load(said["run"])
    assert (said["flips"], said["seconds"], made.flips()) == (4, 5.0, 4)
    assert made.made_of()["weights"].count(", ") == 1
    np.testing.assert_allclose(probability(made), (0.75 + probability(tiny_runs[1])) / 2, atol=1e-6)
    np.testing.assert_array_equal(probability(tiny_runs[0]), before)
    assert made.title in made.map_title() and made.map_title().endswith("4 looks")


@pytest.fixture
def others(tiny_runs, tiny_scene):
    """Runs that cannot be averaged with the first tiny one, by what is wrong with them."""
    tiny.scene("other")
    return {
        "split of the tiles": tiny.run(tiny_scene, "rs", 2.0, held_out=(0, 1)),
        "scene": tiny.run(scenes.load("other"), "rs", 2.0),
        "version of the inventory": tiny.finish(
            tiny_scene, replace(tiny_runs[1].config, inventory_version=2), "second", 2.0
        ),
    }


@pytest.mark.parametrize("word", ("split of the tiles", "scene", "version of the inventory"))
def test_runs_that_saw_each_others_test_tiles_are_not_averaged(tiny_runs, others, capsys, word):
    before = len(runs.runs())
    assert main(["predict", f"{tiny_runs[0].id},{others[word].id}"]) == 2
    said = capsys.readouterr().err
    assert f"they differ in the {word}" in said and "one would have learned" in said
    assert len(runs.runs()) == before


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("{0},{0}", "Nothing to average in"),
        ("{0},no-such-run", "No run 'no-such-run'"),
        ("{0},{average}", "has no network of its own: it is joined from"),
        ("{average} --uncertainty", "an average has none of its own"),
        ("{average} --flips 4", "whose map is of 1: another number is another run"),
    ],
)
def test_bad_averages_are_one_sentence(average, tiny_runs, capsys, asked, sentence):
    argv = asked.format(tiny_runs[0].id, average=average.id).split()
    assert main(["predict", *argv]) == 2
    assert sentence in capsys.readouterr().err
    assert len(runs.runs()) == 3


def test_what_needs_a_network_says_that_there_is_none(average, capsys):
    for argv in (["pack"], ["channels"], ["attention"], ["train", "--resume"]):
        assert main([*argv, average.id]) == 2
        assert "has no network of its own" in capsys.readouterr().err


def test_the_pages_show_it_and_offer_no_training(average, tiny_runs):
    app = visit("training", run=average.id)
    said = texts(app)
    assert "Each pixel is the mean of what these runs say" in said
    assert not any("Go on" in button.label for button in app.button)
    assert "Maps joined from several runs" in texts(visit("results"))
    assert average.title in texts(visit("overview"))


def test_an_export_names_the_members(average, tmp_path, capsys):
    out = tmp_path / "out"
    run_command(capsys, "export", average.id, "--out", str(out))
    with rasterio.open(out / "mask.tif") as source:
        assert source.tags()["MEMBERS"] == ",".join(average.config.members)
    report = (out / "report.html").read_text(encoding="utf-8")
    assert "the mean of the maps of these runs" in report and "predict" in report


def test_it_can_be_deleted_and_a_lost_member_is_named(average, tiny_runs, capsys):
    runs.delete(tiny_runs[0].id)
    assert main(["predict", average.id]) == 2
    assert f"No run '{tiny_runs[0].id}'" in capsys.readouterr().err
    runs.delete(average.id)
    assert average.id not in [run.id for run in runs.runs()]
