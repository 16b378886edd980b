"""What a figure shows: each panel's kind, the run or factor that it is of, and its title."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import SlideScopeError
from core.export import store as exports
from core.language.translation import message
from core.runs import store as runs
from core.runs.store import Run
from core.scene.store import Scene

REFERENCE, RELIEF = "reference", "relief"
PROBABILITY, MASK, ERRORS = "probability", "mask", "errors"
# Panels of the scene alone, and of a run's map of it.
OF_SCENE = {REFERENCE: "Reference inventory", RELIEF: "Relief"}
OF_RUN = {PROBABILITY: "Probability", MASK: "Predicted", ERRORS: "Errors"}


@dataclass(frozen=True)
class Panel:
    """`kind`: one of `OF_SCENE` or `OF_RUN`, or the name of a factor."""

    kind: str
    title: str
    run: Run | None = None

    @property
    def needed_run(self) -> Run:
        """The run of a panel that is of one."""
        if self.run is None:
            raise ValueError(f"A panel of kind '{self.kind}' is of no run.")
        return self.run


def panels_of(scene: Scene, asked: Sequence[str]) -> list[Panel]:
    """The panels that are asked for, or the usual ones; raise a SlideScopeError for one that the
    scene cannot show."""
    return [panel(scene, text) for text in asked or usual(scene)]


def usual(scene: Scene) -> tuple[str, ...]:
    """Reference and the newest map, as far as there are such."""
    known = (REFERENCE,) if scene.inventory else (RELIEF,)
    if not exports.candidates(scene):
        return known
    return (*known, PROBABILITY, MASK, *((ERRORS,) if scene.inventory else ()))


def panel(scene: Scene, text: str) -> Panel:
    """One panel, such as `slope`, `errors` or `mask:RUN`."""
    kind, _, run_id = text.partition(":")
    if kind in OF_RUN:
        return _of_run(scene, kind, run_id)
    if kind == RELIEF and not run_id:
        return Panel(kind, OF_SCENE[kind])
    if kind == REFERENCE and not run_id:
        scene.needed_inventory  # noqa: B018 - says what is missing
        return Panel(kind, OF_SCENE[kind])
    if text in scene.factor_names:
        return Panel(text, scene.factor(text).known.title)
    raise SlideScopeError(
        f"Unknown map '{text}': a panel of scene '{scene.name}' is {', '.join(OF_SCENE)}, "
        f"{', '.join(OF_RUN)} (of a run as mask:RUN), or one of {', '.join(scene.factor_names)}; "
        "choose from these."
    )


def _of_run(scene: Scene, kind: str, run_id: str) -> Panel:
    found = exports.candidates(scene)
    if run_id:
        run = runs.load(run_id)
        found = [each for each in found if each.id == run.id]
    if not found:
        whose = f"Run '{run_id}' has" if run_id else "No run has"
        raise SlideScopeError(
            f"{whose} a map of scene '{scene.name}' as it is imported now: run `python -m core "
            f"predict {run_id or 'RUN'} --scene {scene.name}` first."
        )
    if kind == ERRORS:
        scene.needed_inventory  # noqa: B018 - says what is missing
    return Panel(kind, _titled(kind, found[0].kind.replace(" · ", " ")), found[0])


def _titled(kind: str, network: str) -> str:
    """Each a message of its own, as a language may say it in another order."""
    return {
        PROBABILITY: message(f"Probability, {network}"),
        MASK: message(f"Predicted, {network}"),
        ERRORS: message(f"Errors, {network}"),
    }[kind]
