"""Displacement at every date, and what the pairs of a pixel miss it by."""

from collections.abc import Sequence
from datetime import date, timedelta

import plotly.graph_objects as go

from core.language import joining
from core.language.translation import message
from core.numerals import fixed
from core.scene.sbas.displacement import Displacement
from core.scene.sbas.misfit import Residual
from pages.components.curves import BLUE, GREY, ORANGE, VERMILION

COLOURS = {"A": BLUE, "B": VERMILION}
HEIGHT, HEIGHT_PAIRS = 290, 200


def figure(places: dict[str, Displacement], height: int = HEIGHT) -> go.Figure:
    """Points with bars, a run of them an island of dates, and the fitted line; `places` by A, B."""
    drawn = go.Figure()
    for name, place in places.items():
        _line(drawn, name, place)
        for island in sorted(set(place.groups) - {0}):
            _island(drawn, name, place, island)
    drawn.update_layout(
        height=height,
        margin={"l": 4, "r": 8, "t": 8, "b": 4},
        legend={"orientation": "h", "y": -0.16, "yanchor": "top"},
        showlegend=len(places) > 1,
    )
    drawn.update_yaxes(title={"text": "mm towards the satellite", "standoff": 4}, automargin=True)
    drawn.update_xaxes(tickformat=joining.month(), nticks=6)
    return drawn


def _line(drawn: go.Figure, name: str, place: Displacement) -> None:
    drawn.add_scatter(
        x=[place.dates[0], place.dates[-1]],
        y=[place.line[0], place.line[-1]],
        mode="lines",
        line={"color": COLOURS[name], "width": 1.5, "dash": "dash"},
        name=f"{name}: {rate_words(place)}",
        hoverinfo="skip",
        showlegend=False,
    )


def _island(drawn: go.Figure, name: str, place: Displacement, island: int) -> None:
    at = [n for n, group in enumerate(place.groups) if group == island]
    bars = {"type": "constant", "value": place.deviation, "thickness": 1, "width": 2}
    drawn.add_scatter(
        x=[place.dates[n] for n in at],
        y=[place.mm[n] for n in at],
        mode="lines+markers",
        line={"color": COLOURS[name], "width": 1},
        marker={"size": 5, "color": COLOURS[name]},
        error_y=bars if place.deviation is not None else None,
        name=f"{name}: {place.title}",
        legendgroup=name,
        showlegend=island == min(set(place.groups) - {0}),
        hovertemplate="%{x|DAY}: %{y:.1f} mm<extra></extra>".replace("DAY", joining.day()),
    )


def residuals(found: Sequence[Residual], height: int = HEIGHT_PAIRS) -> go.Figure:
    """A point a pair, at the middle of its dates, a line from date to date through it."""
    drawn = go.Figure()
    x, y = [], []
    for each in found:
        x += [each.first, each.second, None]
        y += [each.cycles, each.cycles, None]
    how = {"color": GREY, "width": 1}
    drawn.add_scatter(x=x, y=y, mode="lines", line=how, opacity=0.5, hoverinfo="skip")
    for turned, colour in ((False, BLUE), (True, ORANGE)):
        some = [each for each in found if bool(each.turns) == turned]
        drawn.add_scatter(
            x=[_middle(each) for each in some],
            y=[each.cycles for each in some],
            mode="markers",
            marker={"size": 6, "color": colour},
            customdata=[each.name for each in some],
            hovertemplate="%{customdata}: %{y:.3f} cycles<extra></extra>",
        )
    drawn.update_layout(height=height, margin={"l": 4, "r": 8, "t": 8, "b": 4}, showlegend=False)
    drawn.update_yaxes(
        title={"text": message("cycles"), "standoff": 4}, automargin=True, zeroline=True
    )
    drawn.update_xaxes(tickformat=joining.month(), nticks=6)
    return drawn


def _middle(each: Residual) -> str:
    return (date.fromisoformat(each.first) + timedelta(each.days / 2)).isoformat()


def rate_words(place: Displacement) -> str:
    """Such as '−24.1 ± 3.5 mm/yr'."""
    error = "" if place.rate_error is None else f" ± {fixed(place.rate_error, 1)}"
    return f"{fixed(place.rate, 1)}{error} mm/yr"
