"""A figure of maps, as files to print."""

from pathlib import Path

from core import atomic, stored
from core.display.raster import georeferenced
from core.errors import SlideScopeError
from core.jobs.report import Report, part, silent
from core.language import reader
from core.language.translation import tr
from core.learning.scores import operating_point
from core.manuscript import drawing, store
from core.manuscript import layout as layouts
from core.manuscript import view as ground
from core.manuscript.caption import caption
from core.manuscript.drawing import Drawn, Insets
from core.manuscript.panels import ERRORS, MASK, Panel, panels_of
from core.manuscript.picture import overview, picture
from core.manuscript.request import FigureRequest
from core.manuscript.view import View
from core.runs import intact
from core.scene.store import Scene

NAME = store.FIGURE
WHOLE_SIDE = 400  # pixels of the overview


def make(request: FigureRequest, scene: Scene, out: Path, tell: Report = silent) -> dict:
    """Write the figure that is asked for into the folder `out`.

    Returns {scene, panels, width_mm, height_mm, dpi, font, caption, notes, folder, files}. Raises a
    SlideScopeError, with nothing written, for a panel or part that the scene cannot show.
    """
    if scene.kind == "tiles":
        raise SlideScopeError(
            f"Scene '{scene.name}' is made of separate tiles, which lie at no place: a figure is "
            "of one area; choose a scene that is one."
        )
    panels = panels_of(scene, request.panels)
    for run in {panel.run.id: panel.run for panel in panels if panel.run}.values():
        intact.check_map(run, scene.name, full=True)
    letters, settings = drawing.lettered(request.font, reader.current() == "zh")
    with settings:
        figure, about = _drawn(request, scene, panels, part(tell, 0.0, 0.6))
        title = tr(f"Maps of {scene.name}")
        about |= {"font": letters.families[0], "notes": _notes(scene, letters.note)}
        files = [f"{NAME}.{kind}" for kind in request.format]
        about |= {"folder": str(out), "files": files, "command": request.command()}
        store.check_folder(out, store.FIGURE)
        with atomic.whole_folder(out) as folder:
            for number, name in enumerate(files):
                tell(f"Writing {name}", 0.6 + 0.4 * number / len(files))
                drawing.write(figure, folder / name, request.dpi, title, about["caption"])
            atomic.write_json(folder / store.list_of(store.FIGURE), stored.sealed(about))
    return about


def _drawn(request: FigureRequest, scene: Scene, panels: list[Panel], tell: Report) -> tuple:
    """The figure, and what is said of it."""
    columns = min(request.columns or layouts.across(len(panels), request.width), len(panels))
    window = ground.window_of(scene, request.extent)
    wide = round(layouts.map_width(request.width, columns) / 25.4 * request.dpi)
    high = wide * int(window.height) // int(window.width) + 1
    view = ground.view(scene, window, (high, wide))
    part_view = _part(request, scene, wide)
    drawn = []
    for number, panel in enumerate(panels):
        tell(f"Drawing {panel.title}", number / len(panels))
        at = _threshold(panel, request.threshold)
        magnified = picture(panel, part_view, at) if part_view else None
        drawn.append(Drawn(panel.title, picture(panel, view, at), magnified))
    insets = _insets(request, scene, part_view)
    size = view.metres or (float(window.width), float(window.height))
    titles = [f"({drawing.LETTER[n]}) {tr(panel.title)}" for n, panel in enumerate(panels)]
    pictures = [each.picture for each in drawn]
    plan = layouts.layout(request.width, columns, size[1] / size[0], titles, pictures)
    figure = drawing.draw(view, drawn, plan, insets, request.dpi)
    thresholds = {panel.title: _threshold(panel, request.threshold) for panel in panels}
    return figure, {
        "scene": scene.name,
        "panels": [tr(panel.title) for panel in panels],
        "runs": sorted({panel.run.id for panel in panels if panel.run}),
        "width_mm": request.width,
        "height_mm": round(plan.height, 1),
        "dpi": request.dpi,
        "caption": caption(scene, panels, thresholds, insets),
    }


def _threshold(panel: Panel, asked: float | None) -> float | None:
    """Of a panel that needs one: what was asked for, else what was kept with its run."""
    if panel.kind not in (MASK, ERRORS):
        return None
    return operating_point.kept_threshold(panel.needed_run) if asked is None else asked


def _part(request: FigureRequest, scene: Scene, wide: int) -> View | None:
    if request.inset is None:
        return None
    window = ground.window_of(scene, request.inset)
    side = round(wide * drawing.INSET)
    return ground.view(scene, window, (side, side))


def _insets(request: FigureRequest, scene: Scene, part_view: View | None) -> Insets:
    if request.extent is None:
        return Insets(part_view)
    whole = ground.view(scene, ground.window_of(scene, None), (WHOLE_SIDE, WHOLE_SIDE))
    return Insets(part_view, whole, overview(whole))


def _notes(scene: Scene, letters: str) -> list[str]:
    """What whoever prints it should know, in sentences."""
    said = [letters] if letters else []
    if scene.synthetic:
        said.append("The scene is synthetic: nothing in this figure lies on real ground.")
    if not georeferenced(scene):
        said.append(
            "The scene has no coordinate reference system: there is no graticule, scale bar or "
            "north arrow."
        )
    return said
