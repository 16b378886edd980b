"""Step 1 of the import: the files, uploaded, on this machine, or the example."""

import secrets
from collections.abc import Callable

import streamlit as st

from core import paths, quotas
from core.errors import SlideScopeError
from core.language.translation import tr
from core.scene.files import uploads
from pages.components import allowed, plain
from pages.components.scene import decisions, file_browser, import_tiles, sample_stack

CHOSEN, FOLDER, ROUND = "import_files", "import_folder", "import_round"
_WHERE = {
    False: "Pages open files of your home folder, of the workspace's uploads and of the folders "
    "that SLIDESCOPE_DATA names.",
    True: "Others are served too: pages open files of the folders that SLIDESCOPE_DATA names.",
}
PATH, PROBLEM = "import_path", "import_problem"


def show() -> list[str]:
    """Let the user gather files; return their paths in the order they came."""
    chosen = st.session_state.setdefault(CHOSEN, [])
    round_ = st.session_state.setdefault(ROUND, 0)
    left, right = st.columns(2, gap="large")
    with left:
        st.file_uploader(
            tr("Upload rasters and polygons"),
            type=[e.lstrip(".") for e in uploads.EXTENSIONS],
            accept_multiple_files=True,
            key=_uploader(round_),
            on_change=_trying,
            args=(_upload,),
            disabled=allowed.why_not() is not None,
            help=tr(
                f"At most {quotas.FILE.most:g} MB a file. The parts of a shapefile "
                "(.shp .shx .dbf .prj .cpg) belong together: upload them at once."
            ),
        )
    with right:
        st.text_input(
            tr("Or a file or folder on this machine"),
            key=PATH,
            placeholder=tr("/data/watershed/dem.tif"),
            on_change=_trying,
            args=(_typed,),
            help=tr(f"Press Enter to add it. {_WHERE[paths.serves_others()]}"),
        )
        with st.container(horizontal=True):
            st.button(tr("Use the example rasters (synthetic)"), on_click=_trying, args=(_example,))
            sample_stack.button()
            browsing = st.toggle(tr("Browse"), key="import_browse")
            if chosen or import_tiles.chosen():
                st.button(tr("Start over"), type="tertiary", on_click=_clear)
    if browsing:
        file_browser.show(
            lambda found: _trying(lambda: _take(found)),
            lambda folder: _trying(lambda: import_tiles.begin(folder)),
        )
    sample_stack.follow(_add)
    if st.session_state.get(PROBLEM):
        st.error(plain.sentence(st.session_state[PROBLEM]))
    return list(chosen)


def remove(path: str) -> None:
    """Take a file out of the import; the file itself stays."""
    st.session_state[CHOSEN] = [p for p in st.session_state[CHOSEN] if p != path]


def _uploader(round_: int) -> str:
    return f"import_upload_{round_}"


def _trying(act: Callable[[], None]) -> None:
    """A callback runs before the page is drawn: its problem is kept to be shown in place, until
    the next try."""
    st.session_state.pop(PROBLEM, None)
    try:
        act()
    except SlideScopeError as error:
        st.session_state[PROBLEM] = str(error)


def _upload() -> None:
    """Keep what was uploaded, then empty the uploader so that nothing is held in memory."""
    folder = st.session_state.setdefault(FOLDER, secrets.token_hex(6))
    round_ = st.session_state[ROUND]
    st.session_state[ROUND] = round_ + 1
    for upload in st.session_state[_uploader(round_)]:
        saved = uploads.save_upload(folder, upload.name, upload.getbuffer())
        if uploads.is_readable(saved):
            _add([str(saved)])


def _typed() -> None:
    text = st.session_state[PATH]
    if text.strip():
        _add(uploads.found_at(text, paths.shown_folders()))
        st.session_state[PATH] = ""


def _take(found: list[str]) -> None:
    """Files and folders that the browser gives; each is checked as a typed path is."""
    for path in found:
        _add(uploads.found_at(path, paths.shown_folders()))
    for path in found:
        st.session_state.pop(f"tick:{path}", None)


def _example() -> None:
    _add(uploads.example())


def _add(found: list[str]) -> None:
    chosen = st.session_state[CHOSEN]
    st.session_state[CHOSEN] = [*chosen, *(p for p in found if p not in chosen)]


def _clear() -> None:
    st.session_state[CHOSEN] = []
    st.session_state.pop(PROBLEM, None)
    import_tiles.leave()
    decisions.clear()
