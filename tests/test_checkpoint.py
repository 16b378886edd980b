"""What a training goes on from: whole, or nothing."""

import h5py
import numpy as np
import pytest

from core import atomic
from core.learning.training import checkpoint
from core.learning.training.checkpoint import Progress

ROWS = ({"epoch": 1, "loss": 0.1 + 0.2, "val_loss": 1 / 3, "seconds": 2.0, "ended": 1e9},)


@pytest.fixture
def folder(tmp_path):
    """A checkpoint as `save` leaves it."""
    with atomic.whole_folder(tmp_path / "last") as made:
        with h5py.File(made / checkpoint.WEIGHTS, "w") as file:
            file["kernel"] = np.ones((64, 64))
        np.savez(made / checkpoint.OPTIMIZER, np.arange(512.0))
        progress = Progress(epoch=1, best_epoch=1, best_value=1 / 3, rows=ROWS)
        atomic.write_json(made / checkpoint.PROGRESS, {**vars(progress), "rows": list(ROWS)})
    return tmp_path / "last"


def test_progress_comes_back_exactly(folder):
    assert checkpoint.read(folder) == Progress(1, 1, 1 / 3, ROWS)


@pytest.mark.parametrize("name", [checkpoint.WEIGHTS, checkpoint.OPTIMIZER, checkpoint.PROGRESS])
@pytest.mark.parametrize("damage", ["missing", "empty", "cut"])
def test_a_folder_that_is_half_there_is_the_start(folder, name, damage):
    path = folder / name
    whole = path.read_bytes()
    path.unlink()
    if damage != "missing":
        path.write_bytes(whole[: len(whole) // 2 if damage == "cut" else 0])
    assert checkpoint.read(folder) == Progress()


def test_a_folder_that_a_kill_set_aside_is_found(folder):
    folder.rename(folder.with_name(".last.old"))
    assert checkpoint.read(folder).epoch == 1


def test_without_the_network_it_kept_a_training_starts_over(folder):
    assert checkpoint.begun(folder.parent) == Progress()
    assert not folder.exists()


def test_the_curves_are_made_those_of_the_checkpoint(folder):
    (folder.parent / "history.csv").write_text("epoch,loss\n1,9\n2,9\n")
    checkpoint.record(folder.parent, checkpoint.read(folder))
    assert (folder.parent / "history.csv").read_text().count("\n") == 2
    assert (folder.parent / "tensorboard" / checkpoint.FILE).exists()


def test_the_history_has_a_row_an_epoch_and_a_gap_for_what_was_not_measured(tmp_path):
    checkpoint.write_history(tmp_path / "history.csv", ROWS)
    header, row = (tmp_path / "history.csv").read_text().splitlines()
    assert header == "epoch,loss,val_loss,val_f1,val_iou,val_ap,learning_rate,seconds"
    assert row == "1,0.3,0.333333333,,,,,2"


def test_a_training_has_ended_at_its_last_epoch_or_when_patience_is_out():
    assert Progress(epoch=5, best_epoch=2).ended(epochs=5, patience=0)
    assert Progress(epoch=5, best_epoch=2).ended(epochs=9, patience=3)
    assert not Progress(epoch=5, best_epoch=2).ended(epochs=9, patience=4)
