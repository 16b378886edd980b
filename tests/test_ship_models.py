"""What ships of a paired experiment of several seeds, and the table that says of all."""

from bench import model_cards, ship_models
from core import atomic, paths
from core.runs import store
from tests.test_experiment import built_small_tiles, finished, scene  # noqa: F401


def test_of_several_seeds_the_best_on_validation_ships_and_all_stand_in_the_table(
    scene,  # noqa: F811
    tmp_path,
    monkeypatch,
):
    done = finished(scene, 3)
    for row in done.table()["table"]:
        for seed, run_id in zip(row["seeds"], row["runs"], strict=True):
            folder = store.load(run_id).path / "model"
            folder.mkdir()
            atomic.write_json(folder / "model.json", {"best_value": 0.5 - abs(seed - 1) / 10})
    monkeypatch.setattr(paths, "PRETRAINED", tmp_path)
    assert [run.config.seed for run in ship_models.best_of(done.id)] == [1, 1]
    table = atomic.read_json(tmp_path / model_cards.PAIRED)
    text = "\n".join(model_cards.paired_lines(table))
    assert table["command"] in text
    for row in table["table"]:
        assert f"| {row['title']} | 3 | " in text
    (gain,) = table["gains"]
    f1 = gain["metrics"]["f1"]
    low, high = f1["interval_points"]
    assert f"| {gain['title']} | 3 | {f1['points']:+.1f} ({low:+.1f} to {high:+.1f}) |" in text
