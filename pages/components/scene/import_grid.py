"""Step 3 of the import: the grid."""

from pathlib import Path

import streamlit as st

from core.scene.plan.assignment import Assignment, GridChoice

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
            rasters = list(dict.fromkeys(a.row.path for a in assignments if a.row.kind == "raster"))
            like = st.selectbox("File", rasters, format_func=lambda p: Path(p).name, key="like")
            return GridChoice(like=like)
        if how == TILES:
            tile = st.number_input("Tile, pixels", 16, 1024, 128, key="import_tiles", **PERSIST)
            return GridChoice(tiles=tile)
    return GridChoice()
