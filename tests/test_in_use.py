"""A scene that a job is at work on is not replaced under its hands."""

import pytest

from core import atomic
from core.errors import SlideScopeError
from core.jobs import store as jobs
from core.jobs.report import working
from core.runs.request import PredictRequest, TrainRequest
from core.scene import store as scenes
from core.workflows import in_use
from tests import tiny


@pytest.mark.parametrize(
    "asked",
    [
        TrainRequest("other,tiny", "unet"),
        TrainRequest("other", "unet", test_scene="tiny"),
        TrainRequest(resume="tiny-fcadensenet-rs-made-up"),
        PredictRequest("tiny-fcadensenet-rs-made-up,tiny-fcadensenet-rs-dr-made-up"),
        PredictRequest("of-elsewhere", scene="tiny"),
    ],
)
def test_a_scene_that_a_job_uses_is_in_use(tiny_runs, asked):
    with working(jobs.create(asked).id) as report:
        token = jobs.active()
        assert token and in_use.scenes_of(token[0]) >= {"tiny"}
        report.end("done")
    in_use.check_free("tiny")


def test_replacing_it_is_refused_in_a_sentence_and_others_are_not(tiny_scene):
    job = jobs.create(TrainRequest("tiny", "unet"))
    with pytest.raises(SlideScopeError, match=r"Scene 'tiny' is in use: “.*” is queued on it"):
        in_use.check_free("tiny")
    in_use.check_free("other")
    atomic.write_json(job.folder / "status.json", {"state": "done"})
    in_use.check_free("tiny")


def test_of_two_imports_of_one_new_name_the_second_is_refused_at_the_end(workspace):
    with pytest.raises(SlideScopeError, match="A scene named 'tiny' exists already"):  # noqa: SIM117
        with scenes.create("tiny") as late:
            first = tiny.scene()
            (late / "scene.json").write_text("{}")
    assert scenes.load("tiny") == first
    assert [p.name for p in scenes.load("tiny").path.parent.iterdir()] == ["tiny"]
