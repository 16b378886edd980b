"""What stands on and under the maps of a figure: scale bar, north arrow, colour bar, patches, the
key of the outlines. Sizes are in millimetres."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.language import reader
from core.language.translation import tr
from core.manuscript.graticule import north
from core.manuscript.layout import Layout, Place
from core.manuscript.picture import OUTLINE, Ramp
from core.maps.colours import SLATE
from core.scene.grid import Grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TICK_POINTS, POINTS = 6.0, 6.5
HAIR = 0.5
BAR_HEIGHT, BAR_SHARE = 1.9, 0.72
# The letter of north, its points, and how far the arrow makes room below it.
NORTH = {"en": ("N", POINTS, 0.0), "zh": ("北", 5.6, 0.9)}
STEPS = (1.0, 2.0, 5.0)  # lengths of a scale bar, times a power of ten


def scale_bar(axes: "Axes", width: float, place: Place) -> None:
    """A bar of a round length in the lower left corner; `width` of the map in metres."""
    from matplotlib.patches import Rectangle

    metres = bar_length(width)
    long, margin, thick = metres / width * place.width, 2.2, 1.0

    def box(left: float, bottom: float, wide: float, high: float, colour: str, **more) -> None:
        at = (left / place.width, bottom / place.height)
        size = wide / place.width, high / place.height
        how = {"transform": axes.transAxes, "zorder": 5, **more}
        axes.add_patch(Rectangle(at, *size, facecolor=colour, **how))

    box(margin - 1.2, margin - 1.2, long + 2.4, thick + 4.8, "white", alpha=0.85, lw=0)
    for half, colour in enumerate((SLATE, "white")):
        where = margin + half * long / 2
        box(where, margin, long / 2, thick, colour, edgecolor=SLATE, lw=HAIR)
    at = (margin + long / 2) / place.width, (margin + thick + 0.5) / place.height
    how: dict[str, Any] = {"transform": axes.transAxes, "ha": "center", "va": "bottom", "zorder": 6}
    axes.text(*at, in_metres(metres), fontsize=POINTS, **how)


def bar_length(width: float, share: float = 0.3) -> float:
    """The longest of 1, 2, 5, 10 ... metres that is at most `share` of the map's width.

    >>> bar_length(12_800.0), bar_length(500.0), bar_length(7.0)
    (2000.0, 100.0, 2.0)
    """
    step = 10.0**-3
    found = step
    while step <= width:
        found = max([found, *(n * step for n in STEPS if n * step <= share * width)])
        step *= 10
    return found


def in_metres(metres: float) -> str:
    """
    >>> in_metres(2000.0), in_metres(500.0), in_metres(0.5)
    ('2 km', '500 m', '0.5 m')
    """
    return f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"


def north_arrow(axes: "Axes", grid: Grid, place: Place) -> None:
    """An arrow to true north, with an N (in Chinese 北) at its point, in the upper right corner."""
    from matplotlib.patches import Polygon

    angle = np.radians(north(grid))
    middle = np.array([place.width - 4.2, place.height - 5.2])
    up, right = np.array([np.sin(angle), np.cos(angle)]), np.array([np.cos(angle), -np.sin(angle)])
    letter, points, room = NORTH[reader.current()]
    low = middle - room * up
    corners = [low + 2.6 * up, low - 1.9 * up + 1.5 * right]
    corners += [low - 1.0 * up, low - 1.9 * up - 1.5 * right]
    size = np.array([place.width, place.height])
    transform = axes.transAxes
    back = [middle + 4.0 * (np.cos(t) * right + np.sin(t) * up) for t in np.linspace(0, 6.283, 40)]
    how: dict[str, Any] = {
        "facecolor": "white",
        "alpha": 0.85,
        "lw": 0,
        "zorder": 5,
        "transform": transform,
    }
    axes.add_patch(Polygon(np.array(back) / size, **how))
    arrow = np.array(corners) / size
    axes.add_patch(Polygon(arrow, facecolor=SLATE, lw=0, zorder=6, transform=transform))
    x, y = (middle + 3.0 * up) / size
    centred: dict[str, Any] = {"ha": "center", "va": "center", "zorder": 7, "transform": transform}
    axes.text(x, y, letter, fontsize=points, **centred)


def colour_bar(figure: "Figure", ramp: Ramp, place: Place, plan: Layout, below: float) -> None:
    """A bar under a map, its unit behind it."""
    from matplotlib.colors import ListedColormap, Normalize

    wide = place.width * BAR_SHARE
    bottom = place.bottom - below - 1.4 - BAR_HEIGHT
    corner = place.left / plan.width, bottom / plan.height
    axes = figure.add_axes((*corner, wide / plan.width, BAR_HEIGHT / plan.height))
    colours = ListedColormap(list(ramp.table))
    axes.imshow(
        np.linspace(0, 1, 256)[None],
        cmap=colours,
        norm=Normalize(0, 1),
        aspect="auto",
        extent=(ramp.lo, ramp.hi, 0, 1),
        interpolation="none",
    )
    axes.set(yticks=[], xlim=(ramp.lo, ramp.hi))
    axes.locator_params(axis="x", nbins=5)
    how: dict[str, Any] = {
        "labelsize": TICK_POINTS,
        "length": 1.6,
        "width": HAIR,
        "pad": 1.0,
        "color": SLATE,
    }
    axes.tick_params(**how, labelcolor=SLATE)
    if ramp.unit:
        at: Any = {"transform": axes.transAxes, "ha": "left", "va": "center"}
        axes.text(1.03, 0.5, tr(ramp.unit), fontsize=TICK_POINTS, **at)


def patches(axes: "Axes", shown: Sequence[tuple[str, str]], place: Place, below: float) -> None:
    """Coloured boxes with their words under a map."""
    from matplotlib.patches import Patch

    handles = [
        Patch(facecolor=colour, edgecolor="none" if colour == "#ffffff" else SLATE, lw=0.3)
        for colour, _ in shown
    ]
    axes.legend(
        handles,
        [words for _, words in shown],
        loc="upper left",
        bbox_to_anchor=(0.0, -(below + 0.9) / place.height),
        ncols=place.patch_columns,
        fontsize=POINTS,
        frameon=False,
        borderpad=0,
        borderaxespad=0,
        labelspacing=0.45,
        columnspacing=1.0,
        handlelength=1.4,
        handleheight=0.9,
        handletextpad=0.5,
    )


def key(figure: "Figure", plan: Layout) -> None:
    """What the lines on the maps are, once for all."""
    from matplotlib.lines import Line2D

    line = Line2D([], [], color="black", linewidth=0.8)
    at = (plan.places[0].left / plan.width, 1.0 / plan.height)
    how: dict[str, Any] = {
        "loc": "lower left",
        "bbox_to_anchor": at,
        "frameon": False,
        "borderpad": 0,
    }
    figure.legend([line], [tr(f"{OUTLINE} (outline)")], fontsize=POINTS, borderaxespad=0, **how)
