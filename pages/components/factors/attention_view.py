"""CBAM's gates of one tile: chosen on the scene's picture, shown beside ground and prediction."""

import base64

import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from core.language.translation import in_words, tr
from core.learning.request import AttentionRequest
from core.learning.tiles.tiling import Tiling, tiling_of
from core.maps import still, tile_view
from core.runs import channels
from core.runs.channels import TileGates
from core.runs.store import Run
from core.scene import store as scenes
from core.scene.store import Scene
from pages.components import chart, field
from pages.components.language import Later

TILE = "attention_tile"
MAP_SIDE, BARS_HEIGHT = 320, 124
CLAY, SLATE = "#A34A28", "#28323A"
KEY = (
    "Maps of the skips: light passes, dark is held back, each over its own range. The reference is "
    "outlined."
)


def show(run: Run, gates: dict, scene: Scene) -> None:
    """Draw the picker and the gates of the chosen tile; `gates` as `channels` stored it."""
    tiles = channels.tiles(run, scene.name)
    if not tiles:
        st.info(tr("The gates of this network are not there any more: measure the channels again."))
        return
    if st.session_state.get(TILE) not in tiles:
        st.session_state[TILE] = gates["example"] if gates["example"] in tiles else tiles[0]
    st.markdown(tr("**What attention lets through on one tile**"))
    left, right = st.columns([MAP_SIDE, 760], gap="medium")
    with left:
        _pick(scene, tiles, set(gates["held_out"]))
    found = channels.load_tile(run, scene.name, st.session_state[TILE])
    with right:
        _pictures(run, scene, found)
        chart.draw(bars(found), key="attention-bars")
    st.caption(tr(_words(run, scene, len(tiles))))


def _words(run: Run, scene: Scene, tiles: int) -> str:
    every = len(tiling_of(scene))
    rest = f" {tiles} of {every} tiles are stored."
    return (
        "Skip 1 joins the halves of the network at full resolution, skip 5 at a sixteenth. Bars: "
        "the weight of every channel of that skip on this tile. A gate says what passes, not why "
        "and not what it is worth: that the losses above tell." + (rest if tiles < every else "")
    )


def _pick(scene: Scene, tiles: list[int], held_out: set[int]) -> None:
    tiling = tiling_of(scene)

    def name(tile: int) -> str:
        row, column = tiling.position(tile)
        part = "held out" if tile in held_out else "not held out"
        return f"{tile} · row {row + 1}, column {column + 1} · {part}"

    asked = field.label(field.of(AttentionRequest, "tile"))
    st.selectbox(tr(asked), tiles, key=TILE, format_func=in_words(name))
    # A tile scene is a strip of hundreds: no map to click on.
    if scene.kind != "area":
        return
    key = "attention-map"

    def picked() -> None:
        points = st.session_state[key].selection.points
        if points:
            st.session_state[TILE] = tiles[points[0]["point_index"]]

    source = _still(scene.name, (scene.path / "scene.json").stat().st_mtime_ns)
    drawn = tile_map(source, tiling, tiles, held_out, st.session_state[TILE])
    chart.draw(drawn, key=key, on_select=picked, selection_mode="points", width="content")


def tile_map(
    source: str, tiling: Tiling, tiles: list[int], held_out: set[int], chosen: int
) -> go.Figure:
    """The picture `source` under squares to click on; held-out tiles are framed."""
    side, high, wide = tiling.tile, tiling.height, tiling.width
    scale = MAP_SIDE / max(high, wide)
    centres = [tuple((i + 0.5) * side for i in tiling.position(t)) for t in tiles]
    drawn = go.Figure(
        go.Scatter(
            x=[x for _, x in centres],
            y=[y for y, _ in centres],
            text=[f"tile {t}" + (", held out" if t in held_out else "") for t in tiles],
            mode="markers",
            marker={
                "symbol": "square",
                "size": max(4.0, side * scale - 2),
                "color": "rgba(255,255,255,0.01)",
                "line": {
                    "width": 1.2,
                    "color": [SLATE if t in held_out else "rgba(0,0,0,0)" for t in tiles],
                },
            },
            selected={"marker": {"opacity": 1}},
            unselected={"marker": {"opacity": 1}},
            hovertemplate="%{text}<extra></extra>",
        )
    )
    image = {"source": source, "x": 0, "y": 0, "sizex": wide, "sizey": high, "sizing": "stretch"}
    drawn.add_layout_image(**image, xref="x", yref="y", layer="below")
    row, column = tiling.position(chosen)
    box = {"x0": column * side, "x1": (column + 1) * side, "y0": row * side, "y1": (row + 1) * side}
    drawn.add_shape(type="rect", **box, line={"color": CLAY, "width": 3})
    drawn.update_layout(
        width=round(wide * scale),
        height=round(high * scale),
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        dragmode=False,
        showlegend=False,
    )
    drawn.update_xaxes(range=[0, wide], visible=False, fixedrange=True)
    drawn.update_yaxes(range=[high, 0], visible=False, fixedrange=True)
    return drawn


def _pictures(run: Run, scene: Scene, gates: TileGates) -> None:
    path = channels.folder(run, scene.name) / f"{gates.tile}.npz"
    above, below = _drawn(run.id, scene.name, gates.tile, path.stat().st_mtime_ns)
    columns = max(len(below), len(above))
    for row in (above, below):
        places = st.columns(columns, gap="small")
        for place, (title, note, image) in zip(places, row):
            place.image(
                image,
                width="stretch",
                caption=tr(f"{title}, {note}" if note else title),
                alt=tr(f"The tile: {title}"),
            )
        if row is above and len(above) < columns:
            places[-1].caption(tr(KEY))


@st.cache_data(max_entries=64, show_spinner=Later("Drawing the tile"))
def _drawn(run_id: str, scene_name: str, tile: int, written: int):
    """`written` makes the cache forget gates that were computed again."""
    from core.runs import store as runs

    run, scene = runs.load(run_id), scenes.load(scene_name)
    gates = channels.load_tile(run, scene_name, tile)
    above = [*tile_view.ground(scene, tile), tile_view.probability(scene, gates)]
    below = tile_view.spaces(scene, gates)
    return tuple([(p.title, p.note, p.image) for p in row] for row in (above, below))


@st.cache_data(max_entries=8, show_spinner=Later("Drawing the scene"))
def _still(name: str, written: int) -> str:
    picture = tile_view.png(still.still(scenes.load(name)))
    return "data:image/png;base64," + base64.b64encode(picture).decode()


def bars(gates: TileGates) -> go.Figure:
    """The channel weights of every gate, side by side under the spatial maps."""
    drawn = make_subplots(1, len(gates.channel), shared_yaxes=True, horizontal_spacing=0.025)
    for column, (gate, weights) in enumerate(gates.channel.items(), start=1):
        title = tile_view.gate_title(gate)
        hover = f"{title}, channel %{{x}}: %{{y:.2f}}<extra></extra>"
        trace = go.Bar(y=weights, marker_color="#0072B2", marker_line_width=0, hovertemplate=hover)
        drawn.add_trace(trace, 1, column)
        words = f"{len(weights)} channels"
        drawn.update_xaxes(title={"text": words, "font_size": 11, "standoff": 2}, col=column)
    drawn.update_xaxes(showticklabels=False, fixedrange=True)
    drawn.update_yaxes(range=[0, 1], tickvals=[0, 0.5, 1], fixedrange=True)
    drawn.update_layout(
        height=BARS_HEIGHT,
        margin={"l": 0, "r": 0, "t": 8, "b": 20},
        bargap=0,
        showlegend=False,
        dragmode=False,
    )
    return drawn
