"""What goes into a paper (`figure`, `tables`, `methods`)."""

from pathlib import Path

from core.jobs.report import Report
from core.language import reader
from core.manuscript import store
from core.manuscript.request import FigureRequest, MethodsRequest, TablesRequest
from core.runs import store as runs
from core.runs.measured import scene_of
from core.scene import store as scenes
from core.scene.store import Scene


def figure(request: FigureRequest, report: Report) -> dict:
    from core.manuscript import figure as making

    scene = scenes.load(request.scene)
    with reader.speaking(request.language):
        out = _folder(request.out, scene, store.FIGURE)
        return making.make(request, scene, out, report)


def tables(request: TablesRequest, report: Report) -> dict:
    from core.manuscript import writing

    scene = scenes.load(request.scene)
    with reader.speaking(request.language):
        out = _folder(request.out, scene, store.TABLES)
        return writing.write(scene, out, request.format)


def methods(request: MethodsRequest, report: Report) -> dict:
    from core.manuscript import methods as telling

    run = runs.load(request.run_id)
    return telling.told(run, scene_of(run, request.scene), request.language)


def _folder(asked: str | None, scene: Scene, what: str) -> Path:
    if asked is None:
        return store.folder_for(scene, what, reader.current())
    return Path(asked).expanduser().absolute()
