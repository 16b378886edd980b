"""Apply a run's network to a scene, and carry the network away."""

import streamlit as st

from core.errors import SlideScopeError
from core.jobs import store
from core.language.translation import tr
from core.learning.networks import bundle, card
from core.runs.request import PredictRequest
from core.runs.store import Run
from core.scene import store as scenes
from pages.components import allowed, field, job_progress, plain

KIND = PredictRequest.KIND


def show(run: Run) -> None:
    """Draw the choice of a scene, why it does not fit or the button, and where maps are."""
    if not run.trained:
        return
    with st.expander(tr("Apply to a scene"), expanded=bool(run.loaded) and not run.metrics()):
        names = scenes.names()
        if not names:
            st.caption(tr("There is no scene yet: import one first."))
            return
        _map_links(run, names)
        others = [n for n in names if not run.predicted(n)] or names
        asked = field.of(PredictRequest, "scene")
        name = st.selectbox(field.label(asked), others, key=f"apply-{run.id}")
        why = _misfit(run, name)
        if why:
            st.caption(plain.sentence(why))
        running = job_progress.show(KIND)
        if allowed.button(tr("Apply"), disabled=bool(why) or running, key=f"apply-go-{run.id}"):
            title = f"Apply {run.title} to {name}"
            store.start(PredictRequest(run.id, scene=name), title)
            st.rerun()


def _misfit(run: Run, name: str) -> str | None:
    try:
        return card.fits(card.read(run.model_card()), scenes.load(name))
    except SlideScopeError as error:
        return str(error)


def _map_links(run: Run, names: list[str]) -> None:
    for name in names:
        # A scene without an inventory has a map and no counts.
        if (run.prediction(name) / "display").exists():
            query = {"scene": name, "right": f"run:{run.id}"}
            st.page_link(
                "pages/compare.py", label=tr(f":primary[Its map of {name}]"), query_params=query
            )


def download(run: Run) -> None:
    """Draw the button that gives the network as a file `load` takes."""
    if run.trained:
        st.download_button(
            tr("Download network"),
            lambda: bundle.packed(run),
            file_name=f"{run.id}.zip",
            mime="application/zip",
            on_click="ignore",
            key=f"download-{run.id}",
        )
