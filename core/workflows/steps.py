"""The way through the software: five steps, how far a scene has come, and what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core import numerals
from core.analysis import store as analyses
from core.runs import store as runs
from core.scene.store import Scene


@dataclass(frozen=True)
class Step:
    """`page` is the file under pages/; `state` done, next, open (possible, not due) or locked;
    `words` say what the step gives or what it waits for; `action` is a button's label."""

    title: str
    page: str
    state: str
    words: str
    action: str


def steps(scene: Scene | None) -> tuple[Step, ...]:
    """The steps for `scene`; exactly one of them is `next`, unless all are done."""
    found = (
        _scene(scene),
        _factors(scene),
        _training(scene),
        _compare(scene),
        _results(scene),
    )
    return _one_next(found)


def next_step(found: Sequence[Step]) -> Step | None:
    return next((step for step in found if step.state == "next"), None)


# What comes after each page, the first due first.
AFTER = {
    "scene": ("factors", "training"),
    "factors": ("training",),
    "training": ("compare",),
    "compare": ("results",),
}


def onward(page: str, scene: Scene) -> tuple[Step, ...]:
    """What is possible after `page`; nothing where that waits for what the page itself is for."""
    by_page = {step.page: step for step in steps(scene)}
    if page in ("training", "compare") and by_page["training"].state != "done":
        return ()
    return tuple(by_page[name] for name in AFTER[page] if by_page[name].state != "locked")


def _scene(scene: Scene | None) -> Step:
    words = "Factor rasters on one grid, with an inventory of landslides."
    if scene is not None:
        count = len(scene.factors)
        width, height = (numerals.whole(side) for side in (scene.grid.width, scene.grid.height))
        words = f"{count} factors on {width} × {height} pixels."
    return Step("Scene", "scene", "done" if scene else "open", words, "Import a scene")


def _factors(scene: Scene | None) -> Step:
    action = "Look at the factors"
    if scene is None:
        return Step("Factors", "factors", "locked", "Waits for a scene.", action)
    done = analyses.load(scene) is not None
    words = "Which factors tell landslides, and which repeat each other."
    return Step("Factors", "factors", "done" if done else "open", words, action)


def _training(scene: Scene | None) -> Step:
    action = "Train a network"
    if scene is None or not scene.inventory:
        waits = "a scene" if scene is None else "an inventory of landslides"
        return Step("Training", "training", "locked", f"Waits for {waits}.", action)
    found = runs.runs(scene.name)
    finished = [run for run in found if run.predicted()]
    if finished:
        plural = "s" if len(finished) > 1 else ""
        return Step("Training", "training", "done", f"{len(finished)} run{plural} done.", action)
    running = any(run.job and run.job.active for run in found)
    words = "Four networks, with and without deformation."
    if not scene.has_deformation:
        words = "Four networks, without deformation: the scene has none."
    if running:
        words = "A run is under way."
    return Step("Training", "training", "open", words, action)


def _compare(scene: Scene | None) -> Step:
    action = "See it on the map"
    if scene is None:
        return Step("Compare", "compare", "locked", "Waits for a scene.", action)
    words = "Two predicted maps under a swipe, metrics of both."
    if not any(run.predicted(scene.name) for run in runs.runs(scene.name)):
        words = "The ground and its landslides; predicted maps come with a run."
    return Step("Compare", "compare", "open", words, action)


def _results(scene: Scene | None) -> Step:
    action = "See the tables"
    if scene is None or not any(run.metrics() for run in runs.runs(scene.name)):
        waits = "a scene" if scene is None else "a run that is done"
        return Step("Results", "results", "locked", f"Waits for {waits}.", action)
    return Step("Results", "results", "open", "Our metrics beside the paper's tables.", action)


def _one_next(found: Sequence[Step]) -> tuple[Step, ...]:
    """Make the first open step the next one."""
    first = next((step for step in found if step.state == "open"), None)
    return tuple(replace(step, state="next") if step is first else step for step in found)
