"""What is measured along a line over a scene: `profile`."""

from pathlib import Path
from typing import Any

from core.errors import NotFound
from core.jobs.report import Report
from core.maps import search, transect
from core.runs import store as runs
from core.scene import store as scenes
from core.scene.store import Scene
from core.workflows.displacement import written
from core.workflows.requests import ProfileRequest


def run(request: ProfileRequest, report: Report) -> dict:
    scene = scenes.load(request.scene)
    corners = [search.find(scene, text) for text in request.line]
    found = transect.along(scene, corners, _maps(scene, request.runs))
    told: dict[str, Any] = {"scene": scene.name, **found.to_json(), "how": transect.how(scene)}
    if request.area:
        told["area"] = round(transect.area(scene, corners), 2)
    if request.csv:
        told["csv"] = written(Path(request.csv), found.csv())
    return told


def _maps(scene: Scene, ids: tuple[str, ...]) -> dict[str, tuple[str, Path]]:
    """Title and probability raster of every run, by id."""
    found = {}
    for run_id in ids:
        of = runs.load(run_id)
        file = transect.map_file(scene, of)
        if file is None:
            raise NotFound(
                f"Run '{run_id}' has no map of scene '{scene.name}' as it is now: predict it with "
                f"--scene {scene.name}, or leave it out."
            )
        found[run_id] = (of.title, file)
    return found
