"""`train`, `predict`, `evaluate`, `runs`: bad input is one sentence, exit 2, nothing written."""

import json

import pytest

from core.__main__ import main
from core.commands import serve
from core.runs import store as runs

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


def test_a_taken_port_is_passed_over():
    import socket

    with socket.socket() as taken:
        taken.bind((serve.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert serve.free_port(port) != port
