"""Step 3 of the import: the grid, and the check of everything chosen so far."""

from pathlib import Path

import streamlit as st

from core import numerals
from core.scene.plan import alignment, planning
from core.scene.plan.assignment import Assignment, GridChoice
from core.scene.plan.request import ImportRequest

PERSIST = {"persist_state": "session"}
BY_ELEVATION, BY_SIZE, BY_FILE, TILES = (
    "As the elevation has it",
    "Pixel size",
    "Like a file",
    "Separate tiles",
)


def show(assignments: list[Assignment]) -> GridChoice:
    """Let the user choose how the grid is laid."""
    left, right = st.columns([3, 2], vertical_alignment="bottom", gap="large")
    how = left.segmented_control(
        "Grid",
        (BY_ELEVATION, BY_SIZE, BY_FILE, TILES),
        default=BY_ELEVATION,
        required=True,
        key="import_grid",
        help="By default 12.5 m, or the pixels of the elevation where these are larger. Separate "
        "tiles are pictures of one size, one below the other in each file.",
        **PERSIST,
    )
    with right:
        if how == BY_SIZE:
            size = st.number_input(
                "Pixel size, m", 0.1, 10_000.0, 12.5, key="import_resolution", **PERSIST
            )
            return GridChoice(resolution=size)
        if how == BY_FILE:
            rasters = list(dict.fromkeys(a.row.path for a in assignments if a.row.band_count))
            like = st.selectbox("File", rasters, format_func=lambda p: Path(p).name, key="like")
            return GridChoice(like=like)
        if how == TILES:
            tile = st.number_input("Tile, pixels", 16, 1024, 128, key="import_tiles", **PERSIST)
            return GridChoice(tiles=tile)
    return GridChoice()


def check(request: ImportRequest) -> None:
    """Show what the import would do; raise what stands against it."""
    named = [s.path for sources in request.factors.values() for s in sources]
    written = tuple(Path(p).stat().st_mtime_ns for p in named if Path(p).exists())
    plan = _plan(request, written)
    system = plan["crs"] or "no coordinate reference system"
    size = f"{numerals.whole(plan['width'])} × {numerals.whole(plan['height'])} pixels"
    if plan["crs"]:
        size += f" of {plan['resolution']:.4g} m"
    system = system if len(system) < 40 else "own coordinate reference system"
    st.markdown(f"**{size}**, {system}, {len(plan['factors'])} factors.")
    for note in plan["notes"]:
        st.caption(note)
    for row in plan["report"]:
        for sentence in row["suspicious"]:
            st.warning(sentence)
    with st.expander("What is done to each factor"):
        steps = [(s["factor"], s["source"], s["done"]) for s in plan["plan"]]
        st.dataframe(
            {"Factor": [s[0] for s in steps], "From": [s[1] for s in steps]}
            | {"What is done": [s[2] for s in steps]},
            hide_index=True,
        )


@st.cache_data(max_entries=32, show_spinner="Checking")
def _plan(request: ImportRequest, written: tuple[int, ...]) -> dict:
    """`written` makes the cache forget files that have changed."""
    made = planning.plan(request)
    return planning.to_json(made) | {"report": alignment.rows(made)}
