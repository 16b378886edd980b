"""Where statistics are taken: drawn on a small map, by coordinates, by landslides, by class."""

from collections.abc import Sequence

import plotly.graph_objects as go
import streamlit as st

from core.analysis import request
from core.analysis.areas import area_text
from core.errors import SlideScopeError
from core.language.translation import in_words, tr
from core.maps import still as sketch
from core.scene.store import Scene
from pages.components import chart, compare_map, plain, problem, still

WHOLE, DRAW, COORDINATES = "Whole scene", "Drawn on a map", "Coordinates"
ANYWHERE, BUFFER = "", "buffer"
_CHOSEN, _OPEN = "factors_area", "factors_area_open"
_ADDRESS = "area"
MAP_PX, DOTS = 240, 30
# Browsers and proxies cut longer addresses; a fine outline stays in the session alone.
LONGEST_ADDRESS = 1500


def chosen(scene: Scene) -> tuple[str, ...]:
    """The conditions in force, as `factors --area` takes them: this session's, in a new one those
    of the address, which says them from then on."""
    if _CHOSEN not in st.session_state:
        st.session_state[_CHOSEN] = (scene.name, tuple(st.query_params.get_all(_ADDRESS)))
    name, texts = st.session_state[_CHOSEN]
    found = texts if name == scene.name else ()
    said = found if sum(map(len, found)) <= LONGEST_ADDRESS else ()
    if tuple(st.query_params.get_all(_ADDRESS)) != said:
        st.query_params[_ADDRESS] = list(said)
    return found


def forget() -> None:
    """Back to the whole scene."""
    st.session_state[_CHOSEN] = ("", ())


def show(scene: Scene) -> None:
    """Draw the button, and when it is open what to choose from."""
    label = "Area: chosen" if chosen(scene) else "Area: whole scene"
    panel = st.popover(tr(label), key=_OPEN, on_change="rerun", width="stretch")
    if not panel.open:
        return
    with panel, problem.shown():
        _earlier(scene)
        place = _place(scene)
        left, right = st.columns(2)
        with left:
            near = _landslides(scene)
        with right:
            one_class = _class(scene)
        use, back = st.columns(2)
        if use.button(tr("Use this area"), type="primary", width="stretch"):
            _use(scene, [text for text in (place, near, one_class) if text])
        if back.button(tr("Whole scene"), width="stretch", disabled=not chosen(scene)):
            _use(scene, ())
        st.caption(tr("Several conditions: all have to hold."))


def _use(scene: Scene, texts: Sequence[str]) -> None:
    try:
        area_text.parse(scene, texts)
    except SlideScopeError as error:
        st.error(plain.sentence(str(error)))
        return
    st.session_state[_CHOSEN] = (scene.name, tuple(texts))
    st.rerun()


def _earlier(scene: Scene) -> None:
    found = request.earlier(scene)
    if not found:
        return
    asked = st.selectbox(
        tr("Computed earlier"),
        list(found),
        index=None,
        format_func=in_words(found.get),
        placeholder=tr("an area to return to"),
        key=f"earlier-{chosen(scene)}",
    )
    if asked and asked != chosen(scene):
        _use(scene, asked)


def _place(scene: Scene) -> str | None:
    """Text of the shape, None for the whole scene."""
    frame = sketch.frame(scene)
    ways = [WHOLE, COORDINATES] if frame is None else [WHOLE, DRAW, COORDINATES]
    way = st.segmented_control(
        tr("Where"), ways, default=WHOLE, format_func=tr, required=True, key="area-where"
    )
    if way == WHOLE:
        return None
    if way == DRAW:
        return _drawn(scene, frame)
    view = _extent(scene)
    if view and st.button(tr("Take the extent of the Compare map")):
        (south, west), (north, east) = view
        st.session_state["area-box"] = ", ".join(f"{v:.6f}" for v in (west, south, east, north))
    box = st.text_input(
        tr("West, south, east, north"),
        key="area-box",
        placeholder="103.10, 27.20, 103.25, 27.35",
        help=tr(
            "As the Compare map shows them: degrees; in a scene without coordinates column and "
            "minus row."
        ),
    )
    return f"box:{box}"


def _extent(scene: Scene):
    """What the Compare map shows, None where it was not opened or has no layers."""
    try:
        return compare_map.last(scene).get("bounds")
    except SlideScopeError:
        return None


def _drawn(scene: Scene, frame: sketch.Frame) -> str | None:
    event = chart.draw(
        figure(still.address(scene), frame),
        key=f"area-map-{scene.name}",
        on_select="rerun",
        selection_mode=("box", "lasso"),
        tools=("select2d", "lasso2d"),
    )
    text = sketch.drawn(scene, event.selection)
    words = area_text.parse(scene, [text]).words if text else "Drag a box, or choose the lasso."
    st.caption(plain.sentence(words))
    return text


def figure(image: str, frame: sketch.Frame) -> go.Figure:
    """The still with points too fine to see: Plotly selects only where a trace is."""
    across = [frame.left + (frame.right - frame.left) * i / DOTS for i in range(DOTS + 1)]
    down = [frame.bottom + (frame.top - frame.bottom) * i / DOTS for i in range(DOTS + 1)]
    xs, ys = zip(*((x, y) for x in across for y in down))
    drawn = go.Figure(go.Scatter(x=xs, y=ys, mode="markers", hoverinfo="skip"))
    drawn.update_traces(marker={"size": 2, "opacity": 0}, unselected={"marker": {"opacity": 0}})
    drawn.update_traces(selected={"marker": {"opacity": 0}})
    wide, high = frame.right - frame.left, frame.top - frame.bottom
    drawn.add_layout_image(
        source=image,
        xref="x",
        yref="y",
        x=frame.left,
        y=frame.top,
        sizex=wide,
        sizey=high,
        sizing="stretch",
        layer="below",
    )
    drawn.update_layout(
        height=MAP_PX,
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        dragmode="select",
        newselection={"line": {"color": "#A34A28", "dash": "solid"}},
    )
    drawn.update_xaxes(visible=False, range=[frame.left, frame.right], constrain="domain")
    drawn.update_yaxes(
        visible=False, range=[frame.bottom, frame.top], scaleanchor="x", constrain="domain"
    )
    return drawn


def _landslides(scene: Scene) -> str | None:
    words = {text: title for text, title in area_text.choices(scene).items() if ":" not in text}
    if not words:
        return None
    ways = {ANYWHERE: "anywhere", **words}
    if scene.kind != "tiles":
        ways[BUFFER] = "landslides and what lies near"
    way = st.selectbox(
        tr("Landslides"), list(ways), format_func=in_words(ways.get), key="area-landslides"
    )
    if way != BUFFER:
        return way or None
    unit = "m" if scene.grid.is_projected else "pixels"
    reach = st.number_input(tr(f"Within, {unit}"), 1.0, None, 100.0, 10.0, key="area-reach")
    return f"buffer:{reach:g}"


def _class(scene: Scene) -> str | None:
    words = {text: title for text, title in area_text.choices(scene).items() if ":" in text}
    if not words:
        return None
    ways = {ANYWHERE: "any", **words}
    return (
        st.selectbox(tr("Class"), list(ways), format_func=in_words(ways.get), key="area-class")
        or None
    )
