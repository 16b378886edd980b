"""Step 3 of the import: the grid."""

from pathlib import Path

import streamlit as st

from core.language.translation import tr
from core.request import options
from core.scene.plan.assignment import Assignment
from core.scene.plan.request import GridChoice, ImportRequest
from pages.components import field
from pages.components.field import PERSIST

_ASKED = options(ImportRequest)
BY_ELEVATION, BY_SIZE, BY_FILE, TILES = (
    "As the elevation has it",
    _ASKED["resolution"].title,
    "Like a file",
    "Separate tiles",
)
USUAL_M, USUAL_TILE = 12.5, 128


def show(assignments: list[Assignment]) -> GridChoice:
    """Let the user choose how the grid is laid."""
    left, right = st.columns([3, 2], vertical_alignment="bottom", gap="large")
    how = left.segmented_control(
        tr("Grid"),
        (BY_ELEVATION, BY_SIZE, BY_FILE, TILES),
        format_func=tr,
        default=BY_ELEVATION,
        required=True,
        key="import_grid",
        help=tr(
            "By default 12.5 m, or the pixels of the elevation where these are larger. Separate "
            "tiles are pictures of one size, one below the other in each file."
        ),
        **PERSIST,
    )
    with right:
        if how == BY_SIZE:
            size = field.show(_ASKED["resolution"], "import_resolution", start=USUAL_M)
            return GridChoice(resolution=size)
        if how == BY_FILE:
            rasters = list(dict.fromkeys(a.row.path for a in assignments if a.row.kind == "raster"))
            asked = field.label(_ASKED["like"])
            like = st.selectbox(asked, rasters, format_func=lambda p: Path(p).name, key="like")
            return GridChoice(like=like)
        if how == TILES:
            tile = field.show(_ASKED["tiles"], "import_tiles", start=USUAL_TILE)
            return GridChoice(tiles=tile)
    return GridChoice()
