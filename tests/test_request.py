"""A training request and the run table's values."""

from core.commands import parse
from core.runs import request, summary
from core.runs.request import TrainRequest


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
    assert row["state"] == "finished"
    assert (row["best_epoch"], row["seconds"]) == (3, 9.0)
    assert row["f1"] == tiny_runs[0].metrics()["f1"]
