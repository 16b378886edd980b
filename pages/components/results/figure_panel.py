"""A figure to print: which maps, how large, in which files; then the figure that was made."""

from pathlib import Path

import streamlit as st

from core.export import store as exports
from core.jobs import store as jobs
from core.language.translation import in_words, tr
from core.manuscript import panels, store
from core.manuscript.request import FIGURE_FORMATS, MOST_PANELS, FigureRequest
from core.request import options
from core.scene.store import Scene
from pages.components import allowed, curves, field, job_progress, plain

KIND = FigureRequest.KIND
WHAT = (
    "Up to six maps with graticule, scale bar, north arrow and legends, at the size at which they "
    "are printed. The letters of SVG and PDF stay text that can be changed."
)
MIMES = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}


def show(scene: Scene) -> None:
    """Draw the choice, the progress and the latest figure of `scene`."""
    st.subheader(tr("A figure to print"), anchor=False)
    st.caption(tr(WHAT))
    if scene.kind == "tiles":
        st.info(
            tr("This scene is made of separate tiles, which lie at no place: there is no figure.")
        )
        return
    request = _asked(scene)
    pressed = allowed.button(tr("Make the figure"), type="primary", key="figure-go")
    running = job_progress.show(KIND)
    if pressed and not running:
        jobs.start(request, request.title)
        st.rerun()
    _made(scene, request.language)


def _asked(scene: Scene) -> FigureRequest:
    """The widgets, and what they ask for."""
    asked = options(FigureRequest)
    titles = _titles(scene)
    chosen = st.multiselect(
        options=list(titles),
        default=list(panels.usual(scene)),
        format_func=in_words(titles.__getitem__),
        max_selections=MOST_PANELS,
        key=f"figure-panels-{scene.name}",
        **field.words(asked["panels"]),
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        width = field.show(asked["width"], "figure-width", width=150)
        dpi = field.show(asked["dpi"], "figure-dpi", width=150)
        font = field.show(asked["font"], "figure-font", width=150)
        language = field.language(asked["language"], "figure-language", width=130)
        formats = st.pills(
            options=list(FIGURE_FORMATS),
            default=list(FIGURE_FORMATS),
            selection_mode="multi",
            format_func=in_words(FIGURE_FORMATS.get),
            key="figure-format",
            **field.words(asked["format"]),
        )
    with st.expander(tr("More"), key="figure-more"), st.container(horizontal=True):
        columns = field.show(asked["columns"], "figure-columns", width=150)
        threshold = field.show(
            asked["threshold"], "figure-threshold", left_to="kept with the run", width=190
        )
        extent = field.show(asked["extent"], "figure-extent", width=260)
        inset = field.show(asked["inset"], "figure-inset", width=260)
    return FigureRequest(
        scene=scene.name,
        panels=tuple(chosen),
        format=tuple(formats) or tuple(FIGURE_FORMATS),
        dpi=dpi,
        width=width,
        columns=columns,
        font=font or "arial",
        threshold=threshold,
        extent=extent,
        inset=inset,
        language=language,
    )


def _titles(scene: Scene) -> dict[str, str]:
    """What can be shown, by how the command line names it; the newest map is named without its
    run, so that a figure that is made again has the newest."""
    found = dict(panels.OF_SCENE)
    if not scene.inventory:
        found.pop(panels.REFERENCE)
    kinds = {kind: words for kind, words in panels.OF_RUN.items()}
    if not scene.inventory:
        kinds.pop(panels.ERRORS)
    for number, run in enumerate(exports.candidates(scene)):
        for kind, words in kinds.items():
            name = f"{kind}:{run.id}" if number else kind
            found[name] = f"{words} · {curves.label(run)}"
    return found | {each.name: each.known.title for each in scene.factors}


def _made(scene: Scene, language: str) -> None:
    folder = store.folder_for(scene, store.FIGURE, language)
    about = store.read(folder, store.FIGURE)
    if about is None:
        return
    with st.container(border=True):
        size = f"{about['width_mm']} × {about['height_mm']:g} mm, {about['dpi']} dots an inch"
        st.markdown(tr(f"**The latest figure** :gray[{size}]"))
        png = folder / "figure.png"
        if png.name in about["files"]:
            st.image(str(png), width=900)
        st.code(about["caption"], language=None, wrap_lines=True)
        for note in about["notes"]:
            st.caption(plain.sentence(note))
        with st.container(horizontal=True):
            for name in about["files"]:
                _download(scene, folder / name)


def _download(scene: Scene, file: Path) -> None:
    kind = file.suffix.lstrip(".")
    st.download_button(
        tr(FIGURE_FORMATS[kind]),
        file.read_bytes,
        file_name=f"{scene.name}-{file.name}",
        mime=MIMES[kind],
        on_click="ignore",
        key=f"figure-{kind}",
    )
