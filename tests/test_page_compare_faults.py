"""Compare with bad input: a wrong address, runs deleted or damaged, layers that are missing."""

import shutil
from dataclasses import replace

from core.display import display
from core.learning.scores import evaluation
from core.maps import measured
from core.runs import store as runs
from core.scene import store as scenes
from tests import tiny
from tests.page import texts, visit
from tests.test_page_compare import SIX, box, f1


def test_bad_url_falls_back_in_words(tiny_runs):
    app = visit("compare", left="run:gone", threshold="much")
    assert "There is no 'run:gone' to show" in texts(app)
    assert box(app, "Left").value == f"run:{tiny_runs[1].id}"
    assert "threshold 0.500" in texts(app)


def test_run_without_prediction_is_not_offered(tiny_runs):
    shutil.rmtree(tiny_runs[0].prediction())
    app = visit("compare")
    assert [option for option in box(app, "Right").options if "FCADenseNet" in option] == [
        "Right: FCADenseNet · RS"
    ]


def test_run_deleted_while_looking_falls_back(tiny_runs):
    app = visit("compare")
    runs.delete(tiny_runs[0].id)
    app.run()
    assert not app.exception
    assert box(app, "Right").value == f"run:{tiny_runs[1].id}"


def test_run_deleted_in_the_moment_of_drawing_gives_no_scores_and_a_word(tiny_runs, monkeypatch):
    gone, stays = tiny_runs
    measure = measured.measure

    def late(*asked):
        if gone.path.exists():
            runs.delete(gone.id)
        return measure(*asked)

    monkeypatch.setattr(measured, "measure", late)
    app = visit("compare")
    assert not app.error
    assert "The map of FCADenseNet · RS-DR was deleted this moment." in texts(app)
    assert f1(app).value == f":blue[{evaluation.evaluate(stays)['f1']:.3f}] :orange[–]"
    app.run()
    assert box(app, "Right").value == f"run:{stays.id}"
    assert "deleted this moment" not in texts(app)


def test_missing_map_layers_are_prepared_again(tiny_runs, tiny_scene):
    shutil.rmtree(tiny_scene.path / "display")
    app = visit("compare")
    assert "map layers of scene 'tiny' are missing" in texts(app)
    next(b for b in app.button if b.label == "Prepare the map layers").click().run()
    assert not app.exception
    assert [item.label for item in app.metric] == SIX


def test_a_missing_or_damaged_map_of_a_run_is_made_again(tiny_runs):
    shown = tiny_runs[0].prediction() / "display" / "probability.tif"
    before = shown.read_bytes()
    for damage in (b"", before[:-2000]):
        shown.write_bytes(damage)
        app = visit("compare")
        assert box(app, "Right").value == f"run:{tiny_runs[0].id}"
        assert len(shown.read_bytes()) == len(before)
    shown.unlink()
    assert box(visit("compare"), "Right").value == f"run:{tiny_runs[0].id}"
    assert shown.exists()


def test_a_map_beyond_repair_is_a_sentence_and_the_others_are_shown(tiny_runs):
    folder = tiny_runs[0].prediction()
    (folder / "display" / "probability.tif").unlink()
    (folder / "probability.tif").write_bytes(b"no raster")
    app = visit("compare")
    assert "'probability.tif' is missing or damaged; predict it again" in texts(app)
    assert box(app, "Right").value == f"run:{tiny_runs[1].id}"


def test_a_run_of_another_scene_in_the_address_says_why_it_is_not_shown(tiny_runs):
    tiny.scene("other")
    app = visit("compare", scene="other", right=f"run:{tiny_runs[0].id}")
    assert not app.exception
    assert f"Run '{tiny_runs[0].id}' cannot be shown: it has no map of scene 'other'" in texts(app)


def test_a_map_of_a_scene_without_inventory_is_shown_without_scores(tiny_runs, tiny_scene):
    for file in ("counts.npz", "metrics.json"):
        (tiny_runs[0].prediction() / file).unlink()
    shutil.rmtree(tiny_scene.path / "inventory")
    scenes.save(replace(tiny_scene, inventory=None))
    display.prepare_scene(scenes.load("tiny"))
    app = visit("compare", right=f"run:{tiny_runs[0].id}")
    assert not app.exception
    assert box(app, "Right").value == f"run:{tiny_runs[0].id}"
