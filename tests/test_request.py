"""Requests: on the command line, as JSON, in the reference; and the run table's values."""

import json
import time
from dataclasses import dataclass
from importlib import import_module

import pytest

from core import atomic, commands, paths, workflows
from core.analysis import request as factors
from core.commands import parse, reference
from core.errors import SlideScopeError
from core.jobs import store as jobs
from core.jobs.report import silent
from core.request import left_open, options
from core.runs import request, summary
from core.runs.request import TrainRequest
from core.runs.settings import Settings, setting


def test_the_command_line_understands_every_setting():
    asked = TrainRequest(
        scene="sample",
        model="unet",
        dataset="rs",
        preset="paper",
        split="paper",
        seed=3,
        coding="recommended",
        buffer=16,
        augmentation="safe",
        epochs=7,
        batch=4,
        learning_rate=0.002,
    )
    assert parse(asked.argv()) == asked


def test_a_setting_left_to_the_preset_is_not_named():
    assert "--epochs" not in TrainRequest("sample", "unet", "rs").argv()


def test_a_run_is_repeated_with_every_setting_spelled_out(tiny_runs):
    config = tiny_runs[1].config
    again = parse(request.repeat(config).argv())
    for name in ("model", "dataset", "preset", "split", "seed", "epochs", "batch", "buffer"):
        assert getattr(again, name) == getattr(config, name)


def test_summary_of_a_finished_run(tiny_runs):
    row = summary.row(tiny_runs[0])
    assert row["model"] == "FCADenseNet"
    assert row["scene"] == "tiny (synthetic)"
    assert row["state"] == "done"
    assert (row["best_epoch"], row["seconds"]) == (3, 9.0)
    assert row["f1"] == tiny_runs[0].metrics()["f1"]


ASKED = {
    "train a,b --model unet --no-prior-bias --crop 96 --from begun": ("crop", 96),
    "train --resume begun": ("resume", "begun"),
    "kfold a --model unet --folds 3": ("folds", 3),
    "import v --red r.tif:2 --nodata red=none --scale red=0.1,-5 --categorical red --add tri": (
        "added",
        ("tri",),
    ),
    "import v --tile-folder t --bands red,nir": ("bands", ("red", "nir")),
    "factors a --area=outside --area box:1,2,3,4 --without slope,red": (
        "area",
        ("outside", "box:1,2,3,4"),
    ),
    "predict a,b --flips 4": ("members", ("a", "b")),
    "experiment a --arms unet:rs,unet:rs-dr --seeds 2": ("seeds", 2),
    "experiment --resume one": ("resume", "one"),
    "review a --undo": ("undo", ""),
    "review a --accept p1-2 --grow -3": ("grow", -3),
    "runs --note begun words": ("note", ("begun", "words")),
    "runs --delete a b": ("delete", ("a", "b")),
    "export a --out there --threshold 0.25": ("threshold", 0.25),
    "sample --import s --size 512": ("name", "s"),
}


@pytest.mark.parametrize("line", ASKED)
def test_a_command_line_a_request_and_its_json_are_the_same(line):
    asked = parse(line.split())
    name, value = ASKED[line]
    assert getattr(asked, name) == value
    assert parse(asked.argv()) == asked
    written = json.loads(json.dumps(asked.to_json(), allow_nan=False))
    assert type(asked).from_json(written) == asked


def test_every_action_has_a_request_that_runs_and_is_shown():
    for word in workflows.ACTIONS:
        assert word == workflows.request_class(word).ACTION
        module, _, function = workflows.ACTIONS[word].function.partition(".")
        assert callable(getattr(import_module(f"core.workflows.{module}"), function))
    assert {word for words in commands.SHOWN.values() for word in words} == set(workflows.ACTIONS)


def test_the_reference_is_that_of_the_requests():
    written = (paths.PROJECT / "docs" / "reference.md").read_text("utf-8")
    assert reference.document() == written, "python -m core.commands.reference > docs/reference.md"


def test_a_new_setting_is_written_in_one_place():
    """All of what a setting is comes of its field."""

    @dataclass(frozen=True, kw_only=True)
    class More(Settings):
        warmth: float = setting("Warmth", "how warm", 0.5, quick=0.25, paper="no", most=1.0)

    @left_open(More)
    class Open:
        """Each None unless it is given."""

    made = options(Open)["warmth"]
    assert (made.switch, made.kind, made.presets["thorough"]) == ("--warmth", float, 0.25)
    with pytest.raises(
        SlideScopeError, match=r"Invalid warmth 2\.0: at most 1; give a smaller one"
    ):
        made.check(2.0)


def test_what_a_newer_version_adds_is_no_damage_and_damage_is_one_sentence():
    value = TrainRequest("a", "unet").to_json()
    assert TrainRequest.from_json({**value, "added_later": 1}) == TrainRequest("a", "unet")
    with pytest.raises(SlideScopeError, match=r"A request to train is not understood: epochs is"):
        TrainRequest.from_json({**value, "epochs": "many"})


def test_a_job_of_an_older_version_opens_without_a_request(workspace):
    job = jobs.create(TrainRequest("a", "unet"))
    (job.folder / jobs.REQUEST).unlink()
    old = {"kind": "train", "title": "Train", "argv": ["train", "a"], "created": time.time()}
    atomic.write_json(job.folder / "job.json", old)
    assert jobs.read(job.id).title == "Train"
    assert (jobs.read(job.id).action, jobs.read(job.id).asked(TrainRequest)) == (None, None)
    with pytest.raises(SlideScopeError, match="does not say what it is asked for"):
        workflows.work(job.id, silent)


def test_the_statistics_of_an_area_are_not_taken_for_those_of_the_scene(tiny_scene):
    """However the area was written."""
    jobs.create(parse(["factors", "tiny", "--area=outside"]))
    assert factors.newest(tiny_scene) is None
    assert factors.newest(tiny_scene, ["outside"])
