"""Displacement on Factors: a landslide that is clicked on the still or chosen, or a pixel."""

import plotly.graph_objects as go
import streamlit as st

from core.language.translation import in_words, tr
from core.objects import motion
from core.objects.motion import Slide
from core.scene.sbas.displacement import Displacement
from core.scene.store import Scene
from core.workflows.requests import DisplacementRequest
from pages.components import chart, displacement_view, field, still

_SLIDES = field.of(DisplacementRequest, "landslide")
_SLIDE, _PIXEL = "motion_slide", "motion_pixel"
HEIGHT = 360


def show(scene: Scene) -> None:
    """Draw the still with the landslides' rates, and what moved at the one chosen."""
    slides = motion.slides(scene)
    _choice(scene, slides)
    left, right = st.columns([2, 3], gap="large")
    with left:
        if slides:
            _still(scene, slides)
    with right:
        found = _found(scene)
        if found is not None:
            displacement_view.show(scene, {"A": found}, "factors")


def _choice(scene: Scene, slides: tuple[Slide, ...]) -> None:
    landslide, row, column, take = st.columns([3, 1, 1, 1], vertical_alignment="bottom")
    if slides:
        landslide.selectbox(
            field.label(_SLIDES),
            [slide.number for slide in slides],
            index=None,
            key=_SLIDE,
            format_func=in_words({slide.number: slide.words for slide in slides}.get),
            placeholder=tr(f"click one, or choose it: {_SLIDES.hint}"),
            on_change=lambda: st.session_state.pop(_PIXEL, None),
        )
    down = row.number_input(tr("Row of the scene"), 0, scene.grid.height - 1, key="motion_row")
    across = column.number_input(tr("Column"), 0, scene.grid.width - 1, key="motion_column")
    take.button(tr("Take this pixel"), on_click=_take, args=(scene.name, down, across))


def _found(scene: Scene) -> Displacement | None:
    """What is chosen; a sentence where nothing is known of it."""
    pixel, slide = st.session_state.get(_PIXEL), st.session_state.get(_SLIDE)
    if pixel and pixel[0] == scene.name:
        found = motion.of_pixel(scene, *pixel[1:])
        words = "No series there: no pair has data at this place."
    elif slide is not None:
        found = motion.of_slide(scene, slide)
        words = f"The mask keeps no pixel of landslide {slide}."
    else:
        found, words = None, "Choose a landslide or a pixel: its displacement appears here."
    if found is None:
        st.caption(tr(words))
    return found


def _take(name: str, row: int, column: int) -> None:
    st.session_state[_PIXEL] = (name, row, column)
    st.session_state[_SLIDE] = None


def _still(scene: Scene, slides: tuple[Slide, ...]) -> None:
    def picked() -> None:
        points = st.session_state["motion-still"].selection.points
        if points:
            st.session_state[_SLIDE] = slides[points[0]["point_index"]].number
            st.session_state.pop(_PIXEL, None)

    chart.draw(
        figure(scene.grid.shape, slides, still.address(scene)),
        key="motion-still",
        on_select=picked,
        selection_mode="points",
    )


def figure(shape: tuple[int, int], slides: tuple[Slide, ...], picture: str) -> go.Figure:
    """The still, a point a landslide in the colour of its mean rate (red: away)."""
    height, width = shape
    rates = [slide.rate or 0 for slide in slides]
    most = max(map(abs, rates)) or 1
    bar = {"title": {"text": "mm/yr", "side": "right"}, "thickness": 8}
    drawn = go.Figure(
        go.Scatter(
            x=[(slide.box[1] + slide.box[3]) / 2 for slide in slides],
            y=[(slide.box[0] + slide.box[2]) / 2 for slide in slides],
            mode="markers",
            marker={
                "size": 11,
                "color": rates,
                "colorscale": "RdBu",
                "cmin": -most,
                "cmax": most,
                "colorbar": bar,
                "line": {"width": 1.5, "color": "white"},
            },
            # Plotly would all but hide what is not chosen.
            unselected={"marker": {"opacity": 0.75}},
            customdata=[slide.words for slide in slides],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    drawn.add_layout_image(
        source=picture,
        xref="x",
        yref="y",
        x=0,
        y=0,
        sizex=width,
        sizey=height,
        sizing="stretch",
        layer="below",
    )
    drawn.update_xaxes(range=[0, width], visible=False, constrain="domain")
    drawn.update_yaxes(range=[height, 0], visible=False, scaleanchor="x", constrain="domain")
    drawn.update_layout(height=HEIGHT, margin={"l": 0, "r": 0, "t": 0, "b": 0}, dragmode=False)
    return drawn
