"""What lies along a line: elevation, deformation rate and the probabilities of both sides, one
below the other over the same distance."""

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.maps.colours import LEFT, RIGHT
from core.maps.transect import Transect, Values
from pages.components.curves import GREY

SIDES = {"left": LEFT, "right": RIGHT}
HEIGHT_ROW, HEIGHT_MORE = 112, 46


def figure(transect: Transect, threshold: float) -> go.Figure:
    """A row each; the last has both sides and the threshold, where there is a map."""
    plain = [each for each in transect.lines if each.name not in SIDES]
    sides = [each for each in transect.lines if each.name in SIDES]
    rows = len(plain) + bool(sides)
    drawn = make_subplots(rows, 1, shared_xaxes=True, vertical_spacing=0.06)
    scale, unit = _axis(transect)
    for row, each in enumerate(plain, 1):
        _line(drawn, row, transect.distance * scale, each, GREY)
        drawn.update_yaxes(title=f"{each.title}, {each.unit}", row=row, col=1)
    for each in sides:
        _line(drawn, rows, transect.distance * scale, each, SIDES[each.name])
    if sides:
        drawn.add_hline(threshold, row=rows, col=1, line={"color": GREY, "width": 1, "dash": "dot"})
        drawn.update_yaxes(title="Probability", range=[0, 1], row=rows, col=1)
    drawn.update_yaxes(title_font_size=11, title_standoff=4, nticks=4, automargin=True)
    drawn.update_xaxes(title=f"distance, {unit}", title_standoff=4, row=rows, col=1)
    drawn.update_layout(
        height=HEIGHT_ROW * rows + HEIGHT_MORE,
        margin={"l": 4, "r": 8, "t": 6, "b": 4},
        showlegend=False,
        hovermode="x unified",
    )
    return drawn


def _axis(transect: Transect) -> tuple[float, str]:
    far = transect.unit == "m" and transect.length >= 2000
    return (0.001, "km") if far else (1.0, transect.unit)


def _line(drawn: go.Figure, row: int, x, each: Values, colour: str) -> None:
    """Gaps stay gaps: nothing is drawn over what is not known."""
    decimals = 3 if each.name in SIDES else 1
    unit = f" {each.unit}" if each.unit else ""
    drawn.add_scatter(
        x=x,
        y=each.values,
        mode="lines",
        connectgaps=False,
        line={"color": colour, "width": 1.6},
        name=each.title,
        hovertemplate=f"{each.title}: %{{y:.{decimals}f}}{unit}<extra></extra>",
        row=row,
        col=1,
    )
