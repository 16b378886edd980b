"""`train`, `predict`, `evaluate`, `runs`: bad input is one sentence, exit 2, nothing written."""

import json
import shlex
import shutil

import pytest

from core.__main__ import main
from core.commands import parse
from core.errors import SlideScopeError
from core.runs import store as runs
from core.runs.settings import BY_NAME
from core.scene import store as scenes
from core.workflows import serve

TRAIN = ["train", "tiny", "--preset", "quick"]
BAD = {
    "Unknown model 'resnet'": [*TRAIN, "--model", "resnet"],
    "has no preset 'huge'": ["train", "tiny", "--model", "unet", "--preset", "huge"],
    "Unknown dataset 'optical'": [*TRAIN, "--model", "unet", "--dataset", "optical"],
    "No scene named 'nowhere'": ["train", "nowhere", "--model", "unet"],
    "Invalid name 'a/b'": ["train", "a/b", "--model", "unet"],
    "Nothing to train": ["train"],
    "Invalid epochs 0": [*TRAIN, "--model", "unet", "--epochs", "0"],
    "Invalid learning rate 3.0": [*TRAIN, "--model", "unet", "--learning-rate", "3"],
    "Invalid buffer 500": [*TRAIN, "--model", "unet", "--buffer", "500"],
    "No run 'gone'": ["predict", "gone"],
    "has no prediction for scene 'elsewhere'": ["evaluate", "RUN", "--scene", "elsewhere"],
    "Unknown area 'north'": ["evaluate", "RUN", "--area", "north"],
    "Unknown state 'ready'": ["runs", "--state", "ready"],
    "No run 'lost'": ["runs", "--pin", "lost"],
    "No run 'vanished'": ["runs", "--delete", "RUN", "vanished"],
    "Invalid threshold 2.0": ["evaluate", "RUN", "--threshold", "2"],
}


@pytest.mark.parametrize("sentence", BAD)
def test_bad_input_is_one_sentence_and_exit_2(tiny_runs, capsys, sentence):
    known = {run.id for run in runs.runs()}
    argv = [tiny_runs[0].id if word == "RUN" else word for word in BAD[sentence]]
    assert main(argv) == 2
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert sentence in said
    assert said.endswith(".")
    assert {run.id for run in runs.runs()} == known


def test_evaluate_prints_the_contracts_object(tiny_runs, capsys):
    assert main(["evaluate", tiny_runs[0].id, "--threshold", "0.6", "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {"precision", "recall", "f1", "kappa", "miou", "iou_landslide"} < set(found)
    assert {"average_precision", "baseline_rf", "tp", "fp", "fn", "tn"} < set(found)
    assert (found["area"], found["threshold"], found["synthetic"]) == ("test", 0.6, True)


def test_runs_lists_every_run_with_its_state(tiny_runs, capsys):
    assert main(["runs", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["runs"]
    assert {row["run"] for row in rows} == {run.id for run in tiny_runs}
    assert {row["state"] for row in rows} == {"done"}


def listed(capsys, *argv: str) -> list[dict]:
    assert main(["runs", *argv, "--json"]) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])["runs"]


def test_every_row_carries_the_command_that_repeats_the_run(tiny_runs, capsys):
    for row in listed(capsys):
        command = shlex.split(row["command"])
        assert command[:3] == ["python", "-m", "core"]
        args, config = parse(command[3:]), runs.load(row["run"]).config
        asked = {name: getattr(args, name) for name in ("model", "dataset", "seed", *BY_NAME)}
        assert asked == {name: getattr(config, name) for name in asked}


def test_runs_are_filtered_pinned_noted_and_deleted(tiny_runs, capsys):
    newest, oldest = listed(capsys)
    assert [r["run"] for r in listed(capsys, "--dataset", "rs")] == [tiny_runs[1].id]
    pinned = listed(capsys, "--pin", oldest["run"])[0]
    assert (pinned["run"], pinned["pinned"]) == (oldest["run"], True)
    assert listed(capsys, "--unpin", oldest["run"])[0]["run"] == newest["run"]
    listed(capsys, "--note", oldest["run"], "Looks right")
    assert [r["note"] for r in listed(capsys, "--text", "looks")] == ["Looks right"]
    (named,) = listed(capsys, "--name", oldest["run"], "Wet season", "--text", "wet")
    assert named["name"] == "Wet season"
    assert not listed(capsys, "--name", oldest["run"], "", "--text", "wet")
    assert listed(capsys, "--delete", newest["run"], oldest["run"]) == []
    assert runs.runs() == []


def test_a_best_epoch_comes_with_what_chose_it(tiny_runs, capsys):
    row = listed(capsys)[0]
    assert (row["best_epoch"], row["best_by"], row["epochs_done"]) == (3, "val_loss", 3)


def test_a_resume_that_cannot_be_is_the_runs_reason(tiny_runs, capsys):
    run = tiny_runs[0]
    (run.prediction() / "metrics.json").unlink()
    shutil.rmtree(scenes.load("tiny").path)
    assert main(["train", "--resume", run.id]) == 2
    capsys.readouterr()
    row = next(r for r in listed(capsys) if r["run"] == run.id)
    assert row["state"] == "failed"
    assert row["reason"].startswith("No scene named 'tiny'")
    assert row["resumable"]


def test_a_taken_port_is_passed_over():
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert serve.free_port(port) != port


def test_an_address_of_another_machine_is_said():
    with pytest.raises(SlideScopeError, match=r"Address '192\.0\.2\.7' is none of this machine"):
        serve.free_port(8690, "192.0.2.7")
