"""False objects that may be landslides; who decided what about them: `review`."""

import getpass
from dataclasses import asdict
from pathlib import Path

from core.errors import SlideScopeError
from core.jobs.report import Report
from core.learning.scores import metrics, operating_point
from core.review import decisions, reviewing
from core.review.queue import Asked, queue
from core.runs import store as runs
from core.runs.measured import scene_of
from core.scene import inventory
from core.scene import store as scenes
from core.workflows.requests import ReviewRequest


def run(request: ReviewRequest, report: Report) -> dict:
    scene = scenes.load(request.scene)
    reviewing.check_inventory(scene)
    author = _user() if request.author is None else request.author
    if request.undo is not None:
        return {"decision": asdict(reviewing.undo(scene, author, request.undo or None))}
    if request.version:
        return {"made": reviewing.make_version(scene, author)}
    if request.export:
        return {"export": reviewing.write(scene, Path(request.export), request.inventory_version)}
    asked = _asked(request, scene)
    if request.accept:
        drawn = _text(request.outline)
        made = reviewing.accept(
            asked, request.accept, author, request.comment, grow=request.grow, drawn=drawn
        )
        return {"decision": asdict(made)}
    if request.reject:
        return {
            "decision": asdict(reviewing.reject(asked, request.reject, author, request.comment))
        }
    if request.remark:
        return {
            "decision": asdict(reviewing.remark(asked, request.remark, author, request.comment))
        }
    return _listed(asked, request.limit)


def _asked(request: ReviewRequest, scene: scenes.Scene) -> Asked:
    if request.run_id:
        run = runs.load(request.run_id)
    else:
        known = [r for r in runs.runs() if r.predicted(scene.name)]
        if not known:
            raise SlideScopeError(
                f"No run has a map of scene '{scene.name}': a review needs a predicted map; train "
                "or predict first."
            )
        run = known[0]
    at = scene_of(run, scene.name, request.inventory_version)
    threshold = request.threshold
    if threshold is None:
        threshold = operating_point.kept_threshold(run)
    return Asked(run, at, threshold, metrics.area_named(request.area))


def _listed(asked: Asked, limit: int) -> dict:
    found = queue(asked)
    return {
        "scene": asked.scene.name,
        "run": asked.run.id,
        "threshold": asked.threshold,
        "area": asked.area,
        "inventory_version": asked.scene.needed_inventory["version"],
        "versions": inventory.numbers(asked.scene),
        "candidates": len(found),
        "open": sum(each.state == "open" for each in found),
        "queue": [each.to_json() for each in found[: max(0, limit)]],
        "decisions": [asdict(each) for each in decisions.read(asked.scene.name)],
        "damaged": [each.to_json() for each in decisions.damaged(asked.scene.name)],
    }


def _user() -> str:
    try:
        return getpass.getuser()
    except OSError:
        return ""


def _text(outline: str) -> str:
    """The outline itself: what is typed, or what a file of that name holds."""
    try:
        path = Path(outline)
        return path.read_text(encoding="utf-8") if outline and path.is_file() else outline
    except (OSError, UnicodeDecodeError):
        return outline
