"""What stands of the decisions: the last word on every object that nobody took back."""

from collections.abc import Sequence

import geopandas as gpd
import shapely

from core.errors import SlideScopeError
from core.review.decisions import Decision
from core.scene.store import Scene

UNDOABLE = ("accept", "reject", "comment")


def effective(log: Sequence[Decision]) -> list[Decision]:
    """Accept, reject and comment decisions that were not undone, oldest first."""
    undone = {decision.of for decision in log if decision.action == "undo"}
    return [d for d in log if d.action in UNDOABLE and d.id not in undone]


def verdicts(log: Sequence[Decision]) -> list[Decision]:
    """The last accept or reject of every object, oldest first."""
    last = {d.subject: d for d in effective(log) if d.action != "comment"}
    return sorted(last.values(), key=lambda d: d.time)


def accepted(log: Sequence[Decision]) -> list[Decision]:
    """The accepted objects that stand."""
    return [decision for decision in verdicts(log) if decision.action == "accept"]


def to_undo(log: Sequence[Decision], author: str, of: str | None) -> Decision:
    """The decision `of` that id, or the author's last one; a SlideScopeError if there is none."""
    standing = effective(log)
    if of is None:
        mine = [d for d in standing if d.author == author]
        if mine:
            return mine[-1]
        raise SlideScopeError(
            f"Nothing to undo: no decision by '{author}' stands; name one by its id."
        )
    found = next((d for d in standing if d.id == of), None)
    if found is None:
        raise SlideScopeError(
            f"No decision '{of}' stands: only an accept, reject or comment that was not undone "
            "can be; choose one from the list."
        )
    return found


def outlines(found: Sequence[Decision], scene: Scene) -> list:
    """Geometries of decisions in the scene's coordinates, None where a decision has none or comes
    from a pixel grid while the scene has a CRS (or the other way round)."""
    return [_outline(decision, scene) for decision in found]


def _outline(decision: Decision, scene: Scene):
    if decision.outline is None or (decision.crs is None) != (scene.grid.crs is None):
        return None
    geometry = shapely.from_wkt(decision.outline)
    if decision.crs == scene.grid.crs:
        return geometry
    return gpd.GeoSeries([geometry], crs=decision.crs).to_crs(scene.grid.crs).iloc[0]
