"""The app's frame: navigation, status line, errors in one sentence."""

import pytest
from streamlit import config
from streamlit.testing.v1 import AppTest

from core import atomic
from core.jobs import store as jobs
from core.jobs import words
from core.jobs.report import JobReport
from core.runs.request import TrainRequest
from pages.components import problem
from tests import tiny
from tests.page import PAGES, texts, visit


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_in_an_empty_workspace(workspace, name):
    assert "No scene yet" in texts(visit(name))


@pytest.mark.parametrize("name", PAGES)
def test_every_page_refuses_a_newer_workspace(workspace, name):
    workspace.mkdir(parents=True)
    atomic.write_json(workspace / "format.json", {"format": 99})
    (said,) = visit(name).error
    assert "has format 99, and this version reads up to 2" in said.value
    assert [file.name for file in workspace.iterdir()] == ["format.json"]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_with_a_scene_and_runs(tiny_runs, name):
    app = visit(name)
    assert "Scene **tiny** (synthetic)" in texts(app)
    assert not app.error


def test_status_line_shows_scene_datasets_and_device(tiny_scene):
    said = texts(visit("results"))
    assert "Dataset **RS and RS-DR**" in said
    assert "Device **" in said
    assert "No job running" in said


def test_status_line_shows_the_running_job(tiny_scene):
    job = jobs.create(TrainRequest("tiny"), "Train U-Net RS on tiny")
    JobReport(job.folder)("epoch 2 of 9", 0.25)
    links = [link.label for link in visit("results").get("page_link")]
    assert "Train U-Net RS on tiny · epoch 2 of 9 · 25 %" in links


def test_the_address_chooses_the_scene(tiny_scene):
    tiny.scene("other")
    assert visit("results").selectbox(key="scene_picker").value == "other"
    assert visit("results", scene="tiny").selectbox(key="scene_picker").value == "tiny"


def test_the_chosen_scene_stays_from_page_to_page(tiny_scene):
    tiny.scene("other")
    app = visit("results")
    app.selectbox(key="scene_picker").set_value("tiny").run()
    app.switch_page("pages/training.py").run()
    assert app.selectbox(key="scene_picker").value == "tiny"
    assert app.query_params["scene"] == "tiny"


def test_an_unknown_scene_in_the_address_is_said(tiny_scene):
    assert "no scene named 'gone'" in texts(visit("overview", scene="gone"))


def test_what_the_user_can_mend_is_one_sentence():
    def script():
        from core.errors import SlideScopeError
        from pages.components import problem

        with problem.shown():
            raise SlideScopeError("The scene is upside down; turn it.")

    app = AppTest.from_function(script).run()
    assert [box.value for box in app.error] == ["The scene is upside down; turn it."]
    assert not app.exception


def test_a_defect_is_not_swallowed():
    with pytest.raises(ZeroDivisionError), problem.shown():
        raise ZeroDivisionError


def test_theme_and_safety_are_configured():
    options = config.get_config_options(force_reparse=True)
    wanted = {
        "server.address": "127.0.0.1",
        "server.maxUploadSize": 200,
        "browser.gatherUsageStats": False,
        "client.showErrorDetails": "none",
        "theme.font": "sans-serif",
    }
    assert {name: options[name].value for name in wanted} == wanted


def test_a_defect_is_said_without_a_traceback():
    def script():
        from pages.components import problem

        problem.said(ZeroDivisionError("secret"))

    app = AppTest.from_function(script).run()
    assert [box.value for box in app.error] == [problem.DEFECT]


def test_the_running_job_is_spoken_of_before_the_waiting_ones(workspace):
    waiting = jobs.create(TrainRequest("tiny"), "Train U-Net RS on tiny")
    JobReport(waiting.folder)("Waiting", None, state="queued")
    running = jobs.create(TrainRequest("tiny"), "Train FCN RS on tiny")
    JobReport(running.folder)("epoch 1 of 9", 0.1)
    assert words.foremost(jobs.active()).id == running.id


@pytest.mark.parametrize(
    "name, links",
    {
        "scene": ("Look at the factors", "Train a network"),
        "training": ("See it on the map",),
        "compare": ("See the tables",),
        "results": ("Export the map",),
    }.items(),
)
def test_a_page_ends_with_its_next_step(tiny_runs, name, links):
    shown = visit(name, scene="tiny").get("page_link")[-len(links) :]
    assert tuple(link.label.removeprefix(":primary[").rstrip("]") for link in shown) == links
    assert all("scene=tiny" in link.proto.query_string for link in shown)
