"""The figure: maps with graticule, scale bar, north arrow, legends and insets, drawn by matplotlib.

matplotlib is loaded here alone, in the process that draws.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.display.raster import georeferenced
from core.language.joining import is_wide
from core.manuscript import furniture
from core.manuscript.graticule import Line, graticule
from core.manuscript.layout import LABELS, Layout, Place
from core.manuscript.lettering import Letters, letters
from core.manuscript.picture import Picture
from core.manuscript.view import View
from core.maps.colours import CLAY, SLATE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Left, bottom, width, height.
Box = tuple[float, float, float, float]
MM = 1 / 25.4
POINTS, TITLE_POINTS, TICK_POINTS = 7.0, 8.0, 6.0
HAIR = 0.5
LETTER = "abcdef"
INSET = 0.4  # share of the map's width and height that a magnified part may take
OVERVIEW = 0.3
EDGE = 0.08  # share of a side


@dataclass(frozen=True)
class Drawn:
    """A panel with all that is drawn of it; `magnified` is the picture of the inset's part."""

    title: str
    picture: Picture
    magnified: Picture | None = None


@dataclass(frozen=True)
class Insets:
    """`part`: what is magnified; `whole` and its picture: the scene that the view is a part of."""

    part: View | None = None
    whole: View | None = None
    overview: np.ndarray | None = None


def lettered(asked: str, chinese: bool = False) -> tuple[Letters, AbstractContextManager[None]]:
    """The letters of the figure, and the settings under which it is drawn and written."""
    import matplotlib
    from matplotlib import font_manager

    names = {entry.name for entry in font_manager.fontManager.ttflist}
    found = letters(asked, names.__contains__, chinese)
    how: Any = {
        "font.family": list(found.families),
        "font.size": POINTS,
        "axes.linewidth": HAIR,
        "axes.edgecolor": SLATE,
        "text.color": SLATE,
        # Text stays text: an illustrator can change it, a reader can search it.
        "svg.fonttype": "none",
        "pdf.fonttype": 42,
        "svg.hashsalt": "slidescope",
    }
    return found, matplotlib.rc_context(how)


def draw(view: View, panels: Sequence[Drawn], plan: Layout, insets: Insets, dpi: int) -> "Figure":
    """All panels at their places."""
    from matplotlib.figure import Figure

    # A hair more, so that no rounding takes a pixel away.
    size = [round(side * MM * dpi) / dpi + 1e-6 for side in (plan.width, plan.height)]
    figure = Figure(figsize=(size[0], size[1]), dpi=dpi)
    for number, (panel, place) in enumerate(zip(panels, plan.places)):
        box = (place.left, place.bottom, place.width, place.height)
        axes = figure.add_axes(_share(box, plan))
        _map(axes, view, panel.picture)
        axes.set_title(place.title, loc="left", fontsize=TITLE_POINTS, pad=2.5)
        _graticule(axes, view, place)
        _legend(figure, axes, panel.picture, place, plan)
        if insets.part is not None and panel.magnified is not None:
            _magnified(axes, insets.part, panel.magnified, place)
        if number == 0:
            _furniture(axes, view, place, insets)
    if any(panel.picture.outlines is not None for panel in panels):
        furniture.key(figure, plan)
    return figure


def write(figure: "Figure", path: Path, dpi: int, title: str, caption: str) -> None:
    """Write one file of the kind that its suffix says."""
    about: dict[str, dict[str, Any]] = {
        ".png": {"Title": title, "Description": caption},
        ".svg": {"Title": title, "Description": caption, "Date": None},
        ".pdf": {"Title": title, "Subject": caption, "CreationDate": None},
    }
    import matplotlib

    with matplotlib.rc_context({"pdf.fonttype": _embedded_as(figure)}):
        figure.savefig(path, dpi=dpi, metadata=about[path.suffix])


def _embedded_as(figure: "Figure") -> int:
    """How a PDF holds its letters: 42, as TrueType, or 3, glyph by glyph, where a font that is
    needed has the outlines of PostScript (most Chinese ones), which are no TrueType."""
    from matplotlib import font_manager, rcParams
    from matplotlib.text import Text

    said = "".join(text.get_text() for text in figure.findobj(Text))
    families = rcParams["font.family"]
    used = families if any(map(is_wide, said)) else families[:1]
    files = (Path(font_manager.findfont(family)) for family in used)
    return 3 if any(_is_postscript(file) for file in files) else 42


def _is_postscript(font: Path) -> bool:
    """Whether a font file, or the first of a collection, has PostScript outlines."""
    with open(font, "rb") as file:
        if file.read(4) == b"ttcf":
            file.seek(12)
            file.seek(int.from_bytes(file.read(4), "big"))
        else:
            file.seek(0)
        return file.read(4) == b"OTTO"


def _share(box: Box, plan: Layout) -> Box:
    left, bottom, width, height = box
    return left / plan.width, bottom / plan.height, width / plan.width, height / plan.height


def _map(axes: "Axes", view: View, picture: Picture) -> None:
    left, bottom, right, top = view.grid.bounds
    extent = (left, right, bottom, top)
    axes.imshow(picture.image, extent=extent, aspect="auto", interpolation="none")
    if picture.outlines is not None and picture.outlines.any():
        across, down = view.grid.resolution
        columns = left + across * (np.arange(view.shape[1]) + 0.5)
        rows = top - down * (np.arange(view.shape[0]) + 0.5)
        for colour, width in (("white", 0.8), ("black", 0.35)):
            inside = picture.outlines.astype(np.float32)
            axes.contour(columns, rows, inside, [0.5], colors=colour, linewidths=width)
    axes.set(xlim=(left, right), ylim=(bottom, top), xticks=[], yticks=[])


def _graticule(axes: "Axes", view: View, place: Place) -> None:
    if not georeferenced(view.scene):
        return
    lines = graticule(view.grid)
    for line in (*lines.meridians, *lines.parallels):
        axes.plot(line.x, line.y, color=SLATE, linewidth=0.35, alpha=0.35)
    left, bottom, right, top = view.grid.bounds
    if place.labels_below:
        axes.set_xticks(*_labels(lines.meridians, left, right))
    if place.labels_left:
        axes.set_yticks(*_labels(lines.parallels, bottom, top), rotation=90, va="center")
    how: Any = {"labelsize": TICK_POINTS, "length": 1.8, "width": HAIR, "pad": 1.2, "color": SLATE}
    axes.tick_params(**how, labelcolor=SLATE)


def _labels(lines: Sequence[Line], low: float, high: float) -> tuple[list[float], list[str]]:
    """Where lines meet a side, and their names; none so near an end that its name hangs over."""
    met = {line.at: line.label for line in lines if line.at is not None}
    inside = [at for at in met if EDGE <= (at - low) / (high - low) <= 1 - EDGE]
    kept = inside or list(met)
    return kept, [met[at] for at in kept]


def _legend(figure: "Figure", axes: "Axes", picture: Picture, place: Place, plan: Layout) -> None:
    below = LABELS if place.labels_below else 0.0
    if picture.ramp is not None:
        furniture.colour_bar(figure, picture.ramp, place, plan, below)
    elif picture.patches:
        furniture.patches(axes, picture.patches, place, below)


def _furniture(axes: "Axes", view: View, place: Place, insets: Insets) -> None:
    metres = view.metres
    if metres is not None:
        furniture.scale_bar(axes, metres[0], place)
    if georeferenced(view.scene):
        furniture.north_arrow(axes, view.grid, place)
    if insets.whole is None or insets.overview is None:
        return
    wide, high = _fitted(insets.whole, place, OVERVIEW)
    small = axes.inset_axes((0.015, 0.985 - high, wide, high))
    _map(small, insets.whole, Picture(insets.overview))
    left, bottom, right, top = view.grid.bounds
    small.plot(
        [left, right, right, left, left], [bottom, bottom, top, top, bottom], color=CLAY, lw=0.9
    )


def _magnified(axes: "Axes", part: View, picture: Picture, place: Place) -> None:
    wide, high = _fitted(part, place, INSET)
    small = axes.inset_axes((0.985 - wide, 0.015, wide, high))
    _map(small, part, picture)
    axes.indicate_inset_zoom(small, edgecolor=CLAY, alpha=1.0, linewidth=0.7)
    for spine in small.spines.values():
        spine.set(color=CLAY, linewidth=0.9)


def _fitted(view: View, place: Place, share: float) -> tuple[float, float]:
    """Width and height, as shares of the map, of an inset with the proportions of its part."""
    shape = view.window.height / view.window.width
    if view.metres is not None:
        shape = view.metres[1] / view.metres[0]
    wide = min(share * place.width, share * place.height / shape)
    return wide / place.width, wide * shape / place.height
