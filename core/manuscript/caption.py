"""The caption of a figure: what each panel shows, and on what ground."""

from collections.abc import Mapping, Sequence

from core.display.raster import georeferenced
from core.language import joining
from core.language.translation import named, tr
from core.manuscript.drawing import LETTER, Insets
from core.manuscript.panels import Panel
from core.scene.store import Scene


def caption(
    scene: Scene,
    panels: Sequence[Panel],
    thresholds: Mapping[str, float | None],
    insets: Insets,
) -> str:
    """One paragraph; `thresholds` by title of a panel."""
    shown = [_panel(panel, thresholds.get(panel.title)) for panel in panels]
    lettered = [f"({letter}) {words}" for letter, words in zip(LETTER, shown)]
    said = [joining.items(lettered) if len(shown) > 1 else joining.capital(shown[0])]
    said = [said[0] + joining.stop()]
    kind = ", a synthetic scene" if scene.synthetic else ""
    place = [system(scene)] if georeferenced(scene) else []
    said.append(named("Scene {0}.", joining.items([scene.name + tr(kind), *place])))
    if insets.whole is not None:
        said.append(tr("The frame in the small map shows where the part lies."))
    if insets.part is not None:
        said.append(tr("The inset magnifies the framed part."))
    return joining.paragraph(said)


def _panel(panel: Panel, at: float | None) -> str:
    """Title of a panel within a sentence, and its threshold where it has one."""
    title = tr(panel.title)
    more = [] if at is None else [tr(f"at a threshold of {at:g}")]
    return joining.paragraph([title[0].lower() + title[1:], *more])


def system(scene: Scene) -> str:
    """The name of the scene's reference system, such as 'WGS 84 / UTM zone 48N (EPSG:32648)'."""
    from pyproj import CRS

    found = CRS.from_user_input(scene.grid.crs)
    code = found.to_authority()
    return f"{found.name} ({':'.join(code)})" if code else str(found.name)
