"""The drawer of Compare: objects and review, without a browser."""

import numpy as np
import pytest
import rasterio

from core.objects import score
from core.review import decisions
from core.scene import inventory
from tests.page import texts, visit


@pytest.fixture
def run(tiny_runs):
    """The run on the right; its blurred map has no false object of its own: one is planted."""
    path = tiny_runs[0].prediction() / "probability.tif"
    with rasterio.open(path, "r+") as raster:
        values = raster.read(1)
        values[140:170, 180:230] = np.where(np.isnan(values[140:170, 180:230]), np.nan, 0.1)
        values[150:156, 200:206] = 0.8
        raster.write(values, 1)
    return tiny_runs[0]


def opened(tab, chosen=None, **query):
    app = visit("compare", drawer=tab.lower(), **query)
    for key, name in (chosen or {}).items():
        app.session_state[key] = name
    app.run()
    assert not app.exception
    return app


def review(run):
    return opened("Review", {f"review-{run.id}-0.5": "p150-200"})


def press(app, label):
    next(b for b in app.button if b.label == label).click().run()
    assert not app.exception


def write(app, label, text):
    found = [*app.text_input, *app.text_area]
    next(item for item in found if item.label == label).set_value(text).run()


def test_the_drawer_is_closed_at_first(tiny_runs):
    app = visit("compare")
    assert "Why here" not in texts(app)
    assert not app.dataframe
    assert [o for each in app.get("button_group") for o in each.options][-3:] == [
        "Objects",
        "Review",
        "Measure",
    ]


def test_without_a_network_it_says_what_to_choose(tiny_runs):
    factors = {"left": "slope", "right": "elevation"}
    assert "choose a network's map on either side" in texts(opened("Objects", **factors))
    assert "needs a network's map on either side" in texts(opened("Review", **factors))


def test_objects_show_the_detected_share_of_both_sides_by_size(tiny_runs, tiny_scene):
    said = texts(opened("Objects"))
    assert "| Detected | Left | Right |" in said
    found = score.of_run(tiny_runs[0], tiny_scene, "test", 0.5)
    hits = sum(item.hit for item in found.landslides)
    whole = f"**{100 * hits / len(found.landslides):.0f} %** {hits} of {len(found.landslides)} |"
    row = next(line for line in said.splitlines() if line.startswith("| all landslides"))
    assert row.endswith(whole)
    assert "Held-out tiles" in said and "at least 25 %" in said


def test_a_chosen_object_shows_why_here(run):
    key = f"object-{run.id}-0.5-all-false"
    app = visit("compare", area="all", drawer="objects")
    app.session_state["object_kind"] = "false"
    app.session_state[key] = "p150-200"
    app.run()
    said = texts(app)
    assert "**Why here?** p150-200, 0.56 ha" in said
    assert "Lithology: " in said.replace("\\", "")


def test_a_decision_needs_a_name(run):
    app = review(run)
    press(app, "Accept")
    assert "Invalid author ''" in texts(app)
    assert decisions.read("tiny") == []


def test_accept_undo_and_make_a_version(run, tiny_scene):
    app = review(run)
    write(app, "Your name", "R. Roe")
    write(app, "Comment", "fresh scarp")
    press(app, "Accept")
    (made,) = decisions.read("tiny")
    assert (made.action, made.author, made.comment) == ("accept", "R. Roe", "fresh scarp")
    assert "accepted by R. Roe" in texts(app)
    press(app, "Undo")
    assert [d.action for d in decisions.read("tiny")] == ["accept", "undo"]
    press(app, "Accept")
    press(app, "Make inventory version 2")
    assert inventory.numbers(tiny_scene) == [1, 2]
    assert "Newest version: 2" in texts(app)


def test_a_bad_outline_is_said_and_what_was_typed_stays(run):
    app = review(run)
    write(app, "Your name", "R. Roe")
    label = next(item.label for item in app.text_area)
    write(app, label, "POLYGON ((1 2")
    press(app, "Accept")
    assert "cannot be read" in texts(app)
    assert app.text_area[0].value == "POLYGON ((1 2"
    assert decisions.read("tiny") == []


def test_training_offers_versions_once_there_are_two(run):
    assert "Version of the inventory" not in [s.label for s in visit("training").selectbox]
    app = review(run)
    write(app, "Your name", "R. Roe")
    press(app, "Accept")
    press(app, "Make inventory version 2")
    training = visit("training", scene="tiny")
    box = next(s for s in training.selectbox if s.label == "Version of the inventory")
    assert box.options == ["1: 5 landslides", "2: 6 landslides, 1 from the review"]
