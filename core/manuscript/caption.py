"""The caption of a figure: what each panel shows, and on what ground."""

from collections.abc import Mapping, Sequence

from core.display.raster import georeferenced
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
    shown = []
    for letter, panel in zip(LETTER, panels):
        at = thresholds.get(panel.title)
        more = "" if at is None else f" at a threshold of {at:g}"
        shown.append(f"({letter}) {panel.title[0].lower()}{panel.title[1:]}{more}")
    said = [f"{'; '.join(shown)}." if len(shown) > 1 else f"{shown[0][4:].capitalize()}."]
    kind = ", a synthetic scene" if scene.synthetic else ""
    place = f"; {system(scene)}" if georeferenced(scene) else ""
    said.append(f"Scene {scene.name}{kind}{place}.")
    if insets.whole is not None:
        said.append("The frame in the small map shows where the part lies.")
    if insets.part is not None:
        said.append("The inset magnifies the framed part.")
    return " ".join(said)


def system(scene: Scene) -> str:
    """The name of the scene's reference system, such as 'WGS 84 / UTM zone 48N (EPSG:32648)'."""
    from pyproj import CRS

    found = CRS.from_user_input(scene.grid.crs)
    code = found.to_authority()
    return f"{found.name} ({':'.join(code)})" if code else str(found.name)
