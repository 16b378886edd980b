"""Import of a folder of tiles: images and masks in pairs become one tile scene."""

from pathlib import Path

import streamlit as st

from core import paths
from core.errors import SlideScopeError
from core.language.translation import tr
from core.scene.files import browse, tile_folder
from core.scene.plan import given
from core.scene.plan.override import Override
from core.scene.plan.overrides import INVENTORY
from core.scene.plan.request import ImportRequest
from pages.components import field, plain
from pages.components.language import Later

FOLDER = "import_tile_folder"


def begin(folder: str) -> None:
    st.session_state[FOLDER] = browse.check_tiles(folder, paths.shown_folders())


def chosen() -> str | None:
    return st.session_state.get(FOLDER)


def leave() -> None:
    st.session_state.pop(FOLDER, None)


def show(name: str, replace: bool) -> ImportRequest | None:
    """Draw what is in the folder; return the request, None while something stands against
    it."""
    folder = chosen()
    told, back = st.columns([5, 1.6], vertical_alignment="center")
    told.markdown(tr(f"Folder of tiles **{plain.words(Path(folder).name)}**"))
    back.button(tr("Take it out"), on_click=leave)
    names = field.show(field.of(ImportRequest, "bands"), "import_bands")
    side, ignored = _more()
    try:
        wishes = tile_folder.Wishes(names, side, () if ignored is None else (ignored,))
        found = _found(folder, wishes, Path(folder).stat().st_mtime_ns)
    except (SlideScopeError, FileNotFoundError) as error:
        st.error(
            tr(
                plain.sentence(str(error))
                if isinstance(error, SlideScopeError)
                else "The folder is gone."
            )
        )
        return None
    masks = "with masks" if found.rule else "without masks"
    words = "pictures, cut into tiles" if found.cut else "tiles"
    st.markdown(
        tr(
            f"**{len(found.pairs)} {words}** of {found.tile} × {found.tile} pixels, {masks}; "
            f"bands: {', '.join(found.bands)}."
        )
    )
    for note in found.notes:
        st.caption(plain.sentence(note))
    decided = {} if ignored is None else {INVENTORY: Override(nodata=ignored)}
    return ImportRequest(
        name, replace=replace, tile_folder=folder, bands=names, tiles=side, overrides=decided
    )


def _more() -> tuple[int | None, float | None]:
    """Side of tiles to cut, and the masks' value that means not mapped; None where not given."""
    sizes, values = st.columns(2)
    asked = field.of(ImportRequest, "tiles")
    side = field.show(asked, "import_tile_side", left_to=asked.hint, where=sizes)
    ignored = values.number_input(
        tr("Mask value that means not mapped"),
        value=None,
        key="import_tile_ignored",
        placeholder=tr("as the masks suggest"),
        help=tr("Such pixels count as no data: they are neither landslide nor free of one."),
        persist_state="session",
    )
    return side, ignored


@st.cache_data(max_entries=4, show_spinner=Later("Looking at the tiles"))
def _found(folder: str, wishes: tile_folder.Wishes, written: int) -> tile_folder.TileFolder:
    """`written` makes the cache forget a folder that has changed."""
    browse.check_tiles(folder, paths.shown_folders())
    given.check_tiles(folder)
    found = tile_folder.find(folder, wishes=wishes)
    browse.check_pairs(found, paths.shown_folders())
    return found
