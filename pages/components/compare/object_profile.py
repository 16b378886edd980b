"""Why here? An object's factors against the scene's distribution."""

import plotly.graph_objects as go
import streamlit as st

from core.language.translation import tr
from core.numerals import fixed
from core.objects.object import Object, pixels_of
from core.objects.profile import Profile, profile
from core.review.queue import Asked
from pages.components import chart, plain

BAND, INK, RANGE = "#D9CFBC", "#0072B2", "#56B4E9"
ROW_PX = 24


def show(asked: Asked, item: Object) -> None:
    """Draw the strips of the numeric factors; bearings and classes in words."""
    window, inside = pixels_of(asked.scene, asked.probability, item, asked.threshold)
    found = profile(asked.scene, window, inside)
    st.markdown(
        tr(f"**Why here?** {item.key}, {size_words(item)}, mean probability {item.probability:.3f}")
    )
    numeric = [each for each in found if each.position is not None]
    if numeric:
        chart.draw(strips(numeric), key="object-profile")
        st.caption(
            tr(
                "Dot: the object's mean among all pixels of the scene, 0 % lowest, 100 % highest. "
                "Bar: the middle 80 % of the object."
            )
        )
    others = [each for each in found if each.position is None]
    if others:
        said = (tr(f"{each.title}: {each.words}") for each in others)
        st.caption(plain.words(" · ".join(said)))


def size_words(item: Object) -> str:
    return f"{item.pixels} px" if item.area_ha is None else f"{fixed(item.area_ha, 2)} ha"


def strips(found: list[Profile]) -> go.Figure:
    """A line from 0 to 100 % a factor; the most unusual on top."""
    shown = found[::-1]
    titles = [each.title for each in shown]
    drawn = go.Figure()
    drawn.add_bar(
        x=[100] * len(shown),
        y=titles,
        orientation="h",
        marker_color=BAND,
        width=0.12,
        hoverinfo="skip",
    )
    drawn.add_bar(
        x=[100 * (each.high - each.low) for each in shown],
        base=[100 * each.low for each in shown],
        y=titles,
        orientation="h",
        marker_color=RANGE,
        width=0.34,
        hoverinfo="skip",
    )
    drawn.add_scatter(
        x=[100 * each.position for each in shown],
        y=titles,
        mode="markers",
        marker={"size": 10, "color": INK, "line": {"width": 1, "color": "white"}},
        customdata=[each.words for each in shown],
        hovertemplate="%{y}: %{customdata}, above %{x:.0f} % of the scene<extra></extra>",
    )
    _figures(drawn, shown)
    drawn.update_layout(
        barmode="overlay",
        showlegend=False,
        height=ROW_PX * len(shown) + 34,
        margin={"l": 4, "r": 92, "t": 4, "b": 4},
    )
    drawn.update_xaxes(
        range=[-3, 103], tickvals=[0, 50, 100], ticktext=["0 %", "50 %", "100 %"], showgrid=False
    )
    drawn.update_yaxes(automargin=True, tickfont={"size": 11})
    return drawn


def _figures(drawn: go.Figure, shown: list[Profile]) -> None:
    """The object's own figure at the end of each line."""
    how = {"x": 1.02, "xref": "paper", "xanchor": "left", "showarrow": False, "font": {"size": 11}}
    for each in shown:
        drawn.add_annotation(y=each.title, text=_short(each), **how)


def _short(each: Profile) -> str:
    """The figure with its unit, short enough for the margin.

    >>> _short(Profile("blue", "Blue", "711 reflectance × 10⁴", 711.0))
    '711'
    """
    return each.words.replace(" reflectance × 10⁴", "")
