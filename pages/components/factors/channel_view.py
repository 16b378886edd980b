"""What a trained network uses: importance of its factors, and CBAM's gates of one tile."""

import streamlit as st

from core.errors import SlideScopeError
from core.jobs import store as jobs
from core.language.translation import in_words, tr
from core.learning.request import ChannelsRequest
from core.learning.scores import heldout
from core.numerals import percent
from core.runs import channels
from core.runs import store as runs
from core.runs.store import Run
from core.scene import store as scenes
from core.scene.store import Scene
from pages.components import allowed, chart, curves, field, job_progress, plain
from pages.components.factors import attention_view, channel_bars, effect_curves

KIND = ChannelsRequest.KIND
HEIGHT = 320
PROMISE = (
    "Here will stand what this network loses on tiles it has not seen when one factor is exchanged "
    "between them, beside the Gini importance of the forest, and, for FCADenseNet, what its "
    "attention lets through on every tile. It takes a few minutes on two cores."
)


def show(scene: Scene, gini: list[dict] | None) -> None:
    """Draw the view of one of the scene's networks; `gini` are the rows of the analysis."""
    head, picker, measure = st.columns([3, 3, 2.2], vertical_alignment="bottom")
    head.subheader(tr("What a trained network uses"), anchor=False)
    found = [run for run in runs.runs(scene.name) if run.trained]
    if not found:
        st.info(tr("No network of this scene is trained yet: the Training page starts one."))
        return
    with picker:
        run = _run(found)
    result = channels.load(run)
    if result is None:
        _start(run)
        return
    score = measure.segmented_control(
        tr("Lost"),
        list(channel_bars.SCORES),
        default="average_precision",
        required=True,
        format_func=in_words(channel_bars.SCORES.get),
        key="channel-score",
    )
    drawn = channel_bars.figure(result, gini, score, HEIGHT)
    chart.draw(drawn, key="channel-bars")
    st.caption(tr(f"{channel_bars.verdict(result, score)} {basis(result)}"))
    if said := channel_bars.families(result, score):
        st.caption(tr(said))
    if result.get("effects"):
        effect_curves.show(result["effects"])
    if result["attention"]:
        attention_view.show(run, result["attention"], scenes.load(result["scene"]))
    else:
        st.info(
            tr(
                f"{run.config.model_title} has no attention gates: only FCADenseNet (CBAM) has "
                "some to look at."
            )
        )


def basis(result: dict) -> str:
    """Return on what the losses were measured, and how, in two sentences."""
    base = result["baseline"]
    of = "" if result["tiles"] == result["tiles_held_out"] else f" of {result['tiles_held_out']}"
    made = "synthetic scene " if result["synthetic"] else ""
    return (
        f"Lost from average precision {base['average_precision']:.3f} and F1 {base['f1']:.3f} on "
        f"{result['tiles']}{of} tiles of {made}{result['scene']} ({result['area_words']}; "
        f"{result['split']} split; landslide prevalence {percent(result['prevalence'])}); "
        f"{result['repeats']} repeats, mean ± sd. For a repeat {result['method']}. Factors that "
        "say the same cover for each other."
    )


def _run(found: list[Run]) -> Run:
    """Ask for a run: the address's first, else one that was measured, else the newest."""
    ids = [run.id for run in found]
    asked = st.query_params.get("run")
    measured = next((run.id for run in found if channels.load(run)), ids[0])
    first = ids.index(asked if asked in ids else measured)
    labels = {run.id: curves.label(run) for run in found}
    asked = field.label(field.of(ChannelsRequest, "run_id"))
    chosen = st.selectbox(asked, ids, index=first, format_func=labels.get, key="channel-run")
    return found[ids.index(chosen)]


def _start(run: Run) -> None:
    """Draw the empty state of `run`, or follow the job that measures its channels."""
    job = next((job for job in jobs.jobs(KIND) if _is_of(job, run)), None)
    if job and job.active:
        job_progress.follow(job.id)
        return
    try:
        heldout.held_out(run)
    except SlideScopeError as error:
        st.info(plain.sentence(str(error)))
        return
    st.info(tr(PROMISE))
    if job and job.state in ("failed", "interrupted"):
        st.error(plain.sentence(job.reason))
    more = {
        name: field.show(field.of(ChannelsRequest, name), key=f"channel-{name}")
        for name in ("conditional", "effects")
    }
    if allowed.button(tr("Measure the channels")):
        jobs.start(ChannelsRequest(run.id, **more), f"Channel view of {run.title}")
        st.rerun()


def _is_of(job: jobs.Job, run: Run) -> bool:
    asked = job.asked(ChannelsRequest)
    return asked is not None and asked.run_id == run.id
