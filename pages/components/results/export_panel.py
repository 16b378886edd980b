"""Export a predicted map: which run, at which threshold; then the files of the last exports."""

import streamlit as st

from core.export import store
from core.export.store import Export
from core.jobs import store as jobs
from core.language import reader
from core.language.translation import in_words, tr
from core.learning.scores import operating_point
from core.request import options
from core.runs.store import Run
from core.scene.store import Scene
from core.workflows.requests import ExportRequest
from pages.components import allowed, curves, field, job_progress, plain

KIND = ExportRequest.KIND
MIMES = {
    "report.html": ("Report", "text/html"),
    "landslides.gpkg": ("GeoPackage", "application/geopackage+sqlite3"),
    "landslides.geojson": ("GeoJSON", "application/geo+json"),
}
WHAT = (
    "Probability, mask and uncertainty (where it was predicted) as cloud-optimised GeoTIFFs, the "
    "predicted landslides as GeoPackage and GeoJSON with what the factors say on each, a QGIS "
    "project that opens them styled, and a report that prints well to PDF. Every file says which "
    "run, weights, scene and threshold it comes from."
)
SHOWN = 3


def show(scene: Scene) -> None:
    """Draw the choice, the progress and the latest exports of `scene`."""
    st.subheader(tr("Export a map"), anchor=False)
    st.caption(tr(WHAT))
    found = {run.id: run for run in store.candidates(scene)}
    if not found:
        st.info(tr(f"No network has a map of scene '{scene.name}' yet: predict one first."))
        return
    asked = options(ExportRequest)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        run_id = st.selectbox(
            field.label(asked["run_id"]),
            list(found),
            format_func=in_words(lambda i: curves.label(found[i])),
            key="export-run",
            **field.PERSIST,
            width=420,
        )
        threshold = field.show(
            asked["threshold"],
            f"export-threshold-{run_id}",
            operating_point.kept_threshold(found[run_id]),
            format="%.3f",
            width=140,
        )
        pressed = allowed.button(tr("Export"), type="primary", key="export-go")
    running = job_progress.show(KIND)
    if pressed and not running:
        _start(found[run_id], scene, threshold)
        st.rerun()
    for number, made in enumerate(store.exports(scene)[:SHOWN]):
        _made(made, found, number)


def _start(run: Run, scene: Scene, threshold: float) -> None:
    language = reader.current()
    out = store.folder_for(run, scene, threshold, language)
    asked = ExportRequest(
        run.id, str(out), scene=scene.name, threshold=threshold, language=language
    )
    jobs.start(asked, f"Export {run.title}")


def _made(made: Export, runs: dict[str, Run], number: int) -> None:
    about = made.about
    run = runs.get(about["run"])
    title = curves.label(run) if run else about["run"]
    language = about.get("language", reader.ENGLISH)
    named = reader.LANGUAGES.get(language, language)
    spoken = "" if language == reader.ENGLISH else f" · {named}"
    with st.container(border=True):
        st.markdown(
            tr(
                f"**{title}**, p ≥ {about['threshold']:g}: {about['landslides']} landslides "
                f":gray[{about['made']} · {made.bytes / 1e6:.1f} MB{spoken}]"
            )
        )
        for note in about["notes"]:
            st.caption(plain.sentence(note))
        with st.container(horizontal=True):
            for name, (label, mime) in MIMES.items():
                if name in made.files:
                    _download(label, made, name, mime, number)
            if made.bytes <= store.LARGEST_ZIP:
                _download_all(made, number)
        st.code(str(made.folder), language=None, wrap_lines=True)


def _download(label: str, made: Export, name: str, mime: str, number: int) -> None:
    st.download_button(
        tr(label),
        lambda: (made.folder / name).read_bytes(),
        file_name=f"{made.folder.name}-{name}",
        mime=mime,
        on_click="ignore",
        key=f"export-{number}-{name}",
    )


def _download_all(made: Export, number: int) -> None:
    st.download_button(
        tr("Everything as ZIP"),
        lambda: store.zipped(made),
        file_name=f"{made.folder.name}.zip",
        mime="application/zip",
        on_click="ignore",
        key=f"export-{number}-zip",
    )
