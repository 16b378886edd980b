"""Import of a folder of tiles: images and masks in pairs become one tile scene."""

from pathlib import Path

import streamlit as st

from core import paths
from core.errors import SlideScopeError
from core.scene.files import browse, tile_folder
from core.scene.plan.request import ImportRequest

FOLDER = "import_tile_folder"


def begin(folder: str) -> None:
    st.session_state[FOLDER] = browse.check_tiles(folder, paths.data_folders())


def chosen() -> str | None:
    return st.session_state.get(FOLDER)


def leave() -> None:
    st.session_state.pop(FOLDER, None)


def show(name: str, replace: bool) -> ImportRequest | None:
    """Draw what is in the folder; return the request, None while something stands against
    it."""
    folder = chosen()
    told, back = st.columns([5, 1.6], vertical_alignment="center")
    told.markdown(f"Folder of tiles **{Path(folder).name}**")
    back.button("Take it out", on_click=leave)
    bands = st.text_input(
        "Names of the bands",
        key="import_bands",
        placeholder="as usual: Landslide4Sense's fourteen, or red, green, blue, nir",
        help="Separated by commas, in the order of the images' bands.",
        persist_state="session",
    )
    names = tuple(n.strip() for n in bands.split(",") if n.strip())
    try:
        found = _found(folder, names, Path(folder).stat().st_mtime_ns)
    except (SlideScopeError, FileNotFoundError) as error:
        st.error(str(error) if isinstance(error, SlideScopeError) else "The folder is gone.")
        return None
    masks = "with masks" if found.pairs[0][1] else "without masks"
    st.markdown(
        f"**{len(found.pairs)} tiles** of {found.tile} × {found.tile} pixels, {masks}; bands: "
        f"{', '.join(found.bands)}."
    )
    return ImportRequest(name, replace=replace, tile_folder=folder, bands=names)


@st.cache_data(max_entries=4, show_spinner="Looking at the tiles")
def _found(folder: str, names: tuple[str, ...], written: int) -> tile_folder.TileFolder:
    """`written` makes the cache forget a folder that has changed."""
    browse.check_tiles(folder, paths.data_folders())
    return tile_folder.find(folder, names)
