"""The way through the software."""

from dataclasses import replace

import numpy as np

from core.analysis import store as analyses
from core.analysis.one_pass.coding import Coded
from core.workflows import steps


def states(scene):
    return [step.state for step in steps.steps(scene)]


def test_with_nothing_the_scene_comes_first():
    assert states(None) == ["next", "locked", "locked", "locked", "locked"]


def test_a_scene_leads_to_its_factors(tiny_scene):
    assert states(tiny_scene) == ["done", "next", "open", "open", "locked"]


def test_runs_open_the_map_and_the_tables(tiny_scene, tiny_runs):
    assert states(tiny_scene) == ["done", "next", "done", "open", "open"]
    none = Coded((), np.zeros((0, 0)), ())
    analyses.save(tiny_scene, analyses.Stored({}, {}, none))
    assert steps.next_step(steps.steps(tiny_scene)).page == "compare"


def test_a_locked_step_says_what_it_waits_for(tiny_scene):
    results = steps.steps(tiny_scene)[4]
    assert results.words == "Waits for a run that is done."


def test_after_a_page_comes_what_is_possible(tiny_scene):
    def after(page):
        return [step.action for step in steps.onward(page, tiny_scene)]

    assert after("scene") == ["Look at the factors", "Train a network"]
    assert after("factors") == ["Train a network"]
    # What these wait for is done on the page itself, or is said there.
    assert after("training") == after("compare") == []


def test_after_a_training_come_the_map_and_the_tables(tiny_scene, tiny_runs):
    assert [step.page for step in steps.onward("training", tiny_scene)] == ["compare"]
    assert [step.page for step in steps.onward("compare", tiny_scene)] == ["results"]


def test_a_scene_without_an_inventory_leads_to_its_factors_alone(tiny_scene):
    plain = replace(tiny_scene, inventory=None)
    assert [step.page for step in steps.onward("scene", plain)] == ["factors"]
    assert steps.onward("factors", plain) == ()
