"""The figures of the sentence over the map: those of `evaluate RUN --objects`, whatever the
threshold."""

import json

import numpy as np
import pytest

from core.errors import NotFound
from core.learning.request import EvaluateRequest
from core.learning.scores import operating_point
from core.learning.tiles.tiling import tiling_of
from core.maps import headline
from core.objects import tally
from core.workflows import maps
from tests.test_objects import look, predicted
from tests.test_routes import Client

THRESHOLDS = (0.05, 0.5, 0.8, 1.0)


def evaluated(run, area: str, threshold: float) -> dict:
    request = EvaluateRequest(run_id=run.id, area=area, threshold=threshold, objects=True)
    return maps.evaluate(request, lambda *_, **__: None)


@pytest.mark.parametrize("area", ["test", "all"])
def test_the_figures_are_those_of_evaluate(tiny_scene, tiny_runs, area):
    ids = [f"run:{run.id}" for run in tiny_runs]
    told = headline.figures(tiny_scene, *ids, area)
    for threshold in THRESHOLDS:
        alarms = headline.false_alarms(tiny_scene, *ids, area, threshold)
        for run, side, false in zip(tiny_runs, told["sides"], alarms):
            result, at = evaluated(run, area, threshold), round(threshold * 200)
            objects = result["objects"]
            assert side["landslides"] == objects["landslides"] > 0
            assert side["found"][at] == objects["detected"]
            assert false == objects["false"]
            pixels = result["tp"] + result["fp"]
            assert side["marked"][at] == pytest.approx(pixels * tiny_scene.grid.pixel_km2, abs=1e-6)
    assert told["sides"][0]["found"][0] == told["sides"][0]["landslides"]


def test_noise_is_counted_as_the_objects_are(tiny_scene):
    values = np.random.default_rng(3).random(tiny_scene.grid.shape)
    inside = np.arange(len(tiling_of(tiny_scene))) % 3 != 1
    path = predicted(tiny_scene, values)
    landslides, detected = tally.detected(tiny_scene, path, inside)
    for threshold in (0.3, 0.7, 0.75, 0.9, 0.995):
        result = look(tiny_scene, values, inside, threshold)
        assert landslides == len(result.landslides) > 0
        assert detected[round(200 * threshold)] == sum(o.hit for o in result.landslides)
        assert tally.false_objects(tiny_scene, path, inside, threshold) == len(result.false)


def test_a_changed_map_is_counted_anew(tiny_scene):
    everywhere = np.ones(len(tiling_of(tiny_scene)), bool)
    path = predicted(tiny_scene, np.zeros(tiny_scene.grid.shape))
    assert tally.detected(tiny_scene, path, everywhere)[1][100] == 0
    path = predicted(tiny_scene, np.ones(tiny_scene.grid.shape))
    landslides, detected = tally.detected(tiny_scene, path, everywhere)
    assert detected[100] == landslides == 5


def test_what_is_no_prediction_has_no_figures(tiny_scene, tiny_runs):
    run = f"run:{tiny_runs[0].id}"
    left, right = headline.figures(tiny_scene, "slope", run, "extent")["sides"]
    assert left is None and right["landslides"] > 0
    assert headline.false_alarms(tiny_scene, "slope", run, "extent", 0.5)[0] is None
    assert headline.figures(tiny_scene, "slope", "hill-shade", "test")["sides"] == [None, None]
    with pytest.raises(NotFound, match="no sides 'gone'"):
        headline.figures(tiny_scene, "gone", run, "test")


def test_the_server_answers_the_map(tiny_scene, tiny_runs):
    ids = [f"run:{run.id}" for run in tiny_runs]
    address = f"/maps/headline/tiny.json?left={ids[0]}&right={ids[1]}&area=test"
    told = json.loads(Client().get(address).content)
    assert told == json.loads(json.dumps(headline.figures(tiny_scene, *ids, "test")))
    alarms = json.loads(Client().get(f"{address}&threshold=0.5").content)
    assert alarms == headline.false_alarms(tiny_scene, *ids, "test", 0.5)
    for wrong in ("&threshold=x", "&threshold=7"):
        assert Client().get(address + wrong).status_code == 404
    assert Client().get(address.replace("tiny.json", "none.json")).status_code == 404
    assert Client().get("/maps/headline/tiny.json").status_code == 404


def test_the_proposed_threshold_is_one_that_the_map_reaches(tiny_scene, tiny_runs):
    run = tiny_runs[0]
    side = headline.sides_of(tiny_scene)[f"run:{run.id}"]
    best = 0.4
    operating_point.store(run, operating_point.OperatingPoint("best-f1", best, None, 0.7, 0.7))
    levels = np.bincount([0] * 9000 + [round(200 * best)], minlength=200)
    assert headline.proposed(side, levels) == best
    timid = np.bincount([0] * 9000 + [3] * 20 + [9], minlength=200)
    assert headline.proposed(side, timid) == headline.usual(timid) == 0.015 < best
    assert headline.usual(np.bincount([0] * 9, minlength=200)) == 0.005  # never everything
