"""Overview leads a newcomer through."""

import os
import shutil
import time

from core.__main__ import main
from core.jobs import store as jobs
from core.jobs.report import JobReport
from core.workflows.requests import PrepareRequest
from tests.page import texts, visit


def labels(app):
    return [button.label for button in app.button]


def test_with_no_scene_it_offers_the_synthetic_sample(workspace):
    app = visit("overview")
    assert labels(app) == ["Prepare the synthetic sample scene"]
    assert "synthetic" in texts(app)


def test_while_the_sample_is_prepared_its_progress_is_shown(workspace):
    job = jobs.create(PrepareRequest())
    JobReport(job.folder)("growing rivers", 0.4)
    app = visit("overview")
    assert labels(app) == []
    assert [bar.value for bar in app.get("progress")][-1] == 40
    assert "growing rivers" in app.get("progress")[-1].text


def test_a_failed_preparation_gives_its_reason(workspace):
    job = jobs.create(PrepareRequest())
    JobReport(job.folder).end("failed", "The disk is full.")
    assert "The disk is full." in texts(visit("overview"))


def test_five_steps_with_their_state_and_one_button(tiny_runs):
    app = visit("overview")
    steps = [link.label for link in app.get("page_link")][:5]
    assert steps == ["1  Scene", "2  Factors", "3  Training", "4  Compare", "5  Results"]
    badges = [m.value for m in app.markdown if "badge[" in m.value]
    assert [badge.split("[")[1].rstrip("]") for badge in badges] == [
        "done",
        "next",
        "done",
        "open",
        "open",
    ]
    assert labels(app) == ["Look at the factors", "Play demo"]


def test_the_button_goes_to_the_next_step(tiny_scene):
    app = visit("overview")
    app.button[0].click().run()
    assert app.title[0].value == "Factors"


def test_latest_runs_are_cards_that_say_on_what_they_were_measured(tiny_runs):
    app = visit("overview")
    assert [m.label for m in app.metric] == ["F1", "Landslide IoU", "AP"] * 2
    f1 = {m.value for m in app.metric if m.label == "F1"}
    assert f1 == {f"{run.metrics()['f1']:.3f}" for run in tiny_runs}
    assert texts(app).count("held-out tiles of tiny, a synthetic scene; block split") == 2


def test_the_still_says_that_the_scene_is_synthetic(tiny_scene):
    said = texts(visit("overview"))
    assert "Synthetic scene tiny: hillshade, 5 landslides of the inventory outlined." in said
    assert "This scene is synthetic" in said


def test_what_verify_found_stands_there_until_it_is_put_right(tiny_scene):
    stack = tiny_scene.stack_path
    whole, before = stack.read_bytes(), stack.stat()
    assert not [each for each in visit("overview").expander if "changed" in each.label]
    stack.write_bytes(whole[:-1] + b"x")
    assert main(["verify"]) == 1
    app = visit("overview", scene="tiny")
    (label,) = (each.label for each in app.expander)
    assert "1 changed item" in label
    assert "Scene 'tiny': stack.tif is not as it was written." in [t.value for t in app.text]
    stack.write_bytes(whole)
    os.utime(stack, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert not [each for each in visit("overview", scene="tiny").expander]


def test_while_the_sample_is_prepared_the_page_says_what_and_offers_what_can_be_done(workspace):
    job = jobs.create(PrepareRequest())
    JobReport(job.folder)("laying grids", 0.5)
    app = visit("overview")
    badges = [m.value.split("[")[1].rstrip("]") for m in app.markdown if "badge[" in m.value]
    assert badges[:4] == ["done", "now", "then", "then"]
    said = texts(app)
    assert "its rasters are put on one grid" in said and "Here will stand a picture" in said
    assert "Import rasters of your own" in "".join(link.label for link in app.get("page_link"))
    assert "What you are going to see" in [each.label for each in app.expander]
    assert "it opens here by itself" in texts(visit("results"))


def test_the_sample_opens_as_soon_as_it_is_there(workspace, built):
    job = jobs.create(PrepareRequest())
    JobReport(job.folder)("laying grids", 0.5)
    app = visit("overview")
    shutil.copytree(built / "scenes", workspace / "scenes")
    assert "Synthetic scene tiny" in texts(app.run())
    assert "Here will stand" not in texts(app) and app.get("progress")
    assert "its rasters are put on one grid" not in texts(app)  # the steps want the room


def test_keys_lead_the_demo_and_a_pause_keeps_the_time_that_is_left(tiny_runs):
    app = visit("compare")
    now = time.monotonic()
    later = {"step": 2, "plain": False, "since": now, "until": now + 60, "left": None}
    app.session_state["demo"] = later
    app.run()
    keys = {b.label: b.proto.shortcut for b in app.button if (b.key or "").startswith("demo_")}
    assert keys == {"Back": "left", "Pause": "space", "Next": "right", "Leave": "escape"}
    next(b for b in app.button if b.key == "demo_pause").click().run()
    assert "Go on" in labels(app)
    assert 0 < app.session_state["demo"]["left"] < 60
    # A late word of the page before leaves it, another page a while later ends it.
    app.switch_page("pages/factors.py").run()
    assert "demo" in app.session_state
    app.session_state["demo"]["since"] -= 60
    app.run()
    assert "demo" not in app.session_state
