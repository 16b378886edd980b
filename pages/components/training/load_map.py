"""Load a map: a raster that was made elsewhere becomes a run that is scored and compared."""

from typing import Any

import streamlit as st

from core import paths
from core.jobs import store as jobs
from core.language.translation import in_words, tr
from core.request import options
from core.runs import run_files
from core.runs import store as runs
from core.runs.request import LoadMapRequest
from core.scene.files import guard, uploads
from core.scene.store import Scene
from pages.components import allowed, field, job_progress, plain, problem

ROUND = "load_map_round"
KIND = LoadMapRequest.KIND
OPTIONS = options(LoadMapRequest)
BY_ITSELF = "the values tell"


def show(scene: Scene) -> None:
    """Draw the uploader, what the map is and the button; what was loaded stands in the table."""
    with st.expander(tr("Load a map made elsewhere")), problem.shown():
        round_ = st.session_state.setdefault(ROUND, 0)
        st.caption(
            tr(
                "A raster of probabilities or a mask, of another tool, a paper or a colleague: "
                f"laid on scene {scene.name}, scored, compared and exported beside ours."
            )
        )
        file = st.file_uploader(
            tr("A raster, such as a GeoTIFF"),
            key=f"load_map_file_{round_}",
            max_upload_size=2000,
            disabled=allowed.why_not() is not None,
        )
        typed = st.text_input(tr("Or its path on this machine"), key=f"load_map_path_{round_}")
        asked = _asked(scene, round_)
        if allowed.button(tr("Load the map"), disabled=not (file or typed.strip())):
            path = _kept(file) if file else _there(typed)
            title = asked.pop("label") or (file.name.rsplit(".", 1)[0] if file else None)
            jobs.start(LoadMapRequest(scene.name, path, label=title, **asked))
            st.session_state[ROUND] = round_ + 1
            st.rerun()
        if not job_progress.show(KIND):
            _newest()


def _asked(scene: Scene, round_: int) -> dict[str, Any]:
    """What is said of the map, None where it is left to its values."""

    def drawn(name: str, left_to: str = "") -> Any:
        return field.show(OPTIONS[name], f"load_map_{name}_{round_}", left_to=left_to)

    found = {"label": drawn("label"), "dataset": drawn("dataset")}
    found["split_of"] = _split_of(scene, round_)
    with st.expander(tr("How its values are meant")):
        found |= {name: drawn(name, BY_ITSELF) for name in ("values", "scale")}
        found |= {name: drawn(name) for name in ("landslide_value", "nodata", "crs")}
    return found


def _split_of(scene: Scene, round_: int) -> str | None:
    tested = [run for run in runs.runs(scene.name) if _holds_out(run, scene)]
    titles = {None: "no run: the whole scene", **{run.id: _named(run) for run in tested}}
    key = f"load_map_split_of_{round_}"
    about = field.words(OPTIONS["split_of"])
    return st.selectbox(options=list(titles), format_func=in_words(titles.get), key=key, **about)


def _holds_out(run: runs.Run, scene: Scene) -> bool:
    learned = scene.name in run.config.learned_from and not run.config.test_scene
    known = (run.path / run_files.SPLIT).exists() and run.config.has_network
    return learned and known and not run.outdated(scene.name, scene.fingerprint)


def _named(run: runs.Run) -> str:
    return f"{run.title} · {run.id.rsplit('-', 1)[-1]}"


def _there(typed: str) -> str:
    return str(guard.check_file(typed.strip(), paths.shown_folders()))


def _kept(file: Any) -> str:
    folder = f"map-{file.file_id[:12]}"
    return str(uploads.save_upload(folder, file.name, file.getvalue()))


def _newest() -> None:
    """What the last loading gave."""
    newest = next(iter(jobs.jobs(KIND)), None)
    if newest is None or newest.state != "done" or not newest.result:
        return
    found = newest.result
    told = plain.sentence(" ".join((*found["notes"], found["warning"])))
    st.caption(tr(f"Loaded as **{found['run']}**. {told}"))
    query = {"scene": found["scene"], "right": f"run:{found['run']}"}
    st.page_link("pages/compare.py", label=tr(":primary[See it on the map]"), query_params=query)
