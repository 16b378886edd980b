"""One run: its metrics with area and split, how to repeat it, what to do with it."""

import shlex

import streamlit as st

from core.jobs import store as jobs
from core.language.translation import tr
from core.learning.scores import evaluation, kfold
from core.numerals import fixed, interval
from core.runs import gap, request, summary
from core.runs import measured as measured_on
from core.runs import store as runs
from core.runs.store import Run
from core.runs.tables import METRICS, intervals
from pages.components import allowed, curves, plain
from pages.components.training import apply_model, run_actions, split_picture


def show(run: Run) -> None:
    """Draw the run's curves, metrics, command and actions."""
    st.subheader(tr(curves.label(run)), anchor=False)
    evaluation.completed([run])
    measured = run.metrics()
    if measured is None:
        _unfinished(run)
    else:
        metrics(measured, run)
        _offer_kfold(run)
        if found := gap.gap_of(run, runs.runs(run.config.scene)):
            st.caption(tr(found.words))
    if run.config.joined:
        st.caption(tr(f"{joined_words(run)} It has no network of its own, and so no curves."))
    elif run.config.brought:
        st.caption(
            tr(
                f"A map that was made elsewhere ({plain.words(run.config.brought.file)}): there is "
                "no network and there are no curves, and where it was trained is not known."
            )
        )
    else:
        curves.show(run, key=f"run-{run.id}")
    run_actions.show(run)
    st.caption(tr("The command that repeats this run:"))
    st.code(request.repeat(run.config).command(), language=None, wrap_lines=True)
    _tensorboard(run)
    if run.config.learned_from:
        with st.expander(tr("The split of its tiles")):
            split_picture.of_run(run)
    _model_card(run)
    apply_model.show(run)


def joined_words(run: Run) -> str:
    """How a map was joined from others, in a sentence."""
    members = ", ".join(run.config.members)
    if run.config.joined == "folds":
        return f"Each tile is as the fold says that held it out ({members})."
    return f"Each pixel is the mean of what these runs say: {members}."


def metrics(measured: dict, run: Run) -> None:
    """Draw the metrics of a run; the caption says on what they were measured."""
    sure = intervals(measured)
    for column, (name, label) in zip(st.columns(len(METRICS)), METRICS.items()):
        column.metric(tr(label), fixed(measured[name], 3))
        if name in sure:
            column.caption(tr(interval(sure[name])))
    st.caption(tr(f"{measured_on.area(run)}. {measured_on.sureness(run)}"))
    if run.preview():
        st.caption(
            tr(
                "Preview: this map came with the software and was predicted on another machine's "
                "copy of the scene, which differs slightly; it is being predicted anew here."
            )
        )
    if measured["empty_mask"]:
        st.warning(
            tr(
                "The predicted mask is empty: no pixel reaches the threshold "
                f"{measured['threshold']}. The average precision tells what the probability is "
                "worth; train longer or lower the threshold on the Compare page."
            )
        )


def _offer_kfold(run: Run) -> None:
    """Why one split tells little where its test part holds few landslides, and a button for k-fold;
    nothing where its split is enough."""
    landslides = run.metrics().get("landslides")
    if not measured_on.words(run.config, landslides):
        return
    if kfold.of_network(run, runs.runs(run.config.scene)):
        st.caption(
            tr(
                f"{measured_on.why(landslides)}: the k-fold of the same network, on the page "
                "Results, measures every tile once."
            )
        )
        return
    st.caption(tr(f"{measured_on.why(landslides)}: a k-fold measures every tile once."))
    asked = measured_on.request(run.config)
    running = any(job.active for job in jobs.jobs(asked.kind))
    label = f"Measure every tile ({asked.folds} trainings)"
    if allowed.button(tr(label), disabled=running, key=f"kfold-{run.id}"):
        jobs.start(asked)
        st.rerun()


def _model_card(run: Run) -> None:
    """The card of a shipped network, without the picture of the curves that stand above."""
    path = run.path / "card.md"
    if path.exists():
        lines = path.read_text(encoding="utf-8").splitlines()
        with st.expander(tr("Model card")):
            st.markdown(tr("\n".join(line for line in lines[1:] if not line.startswith("!["))))


def _unfinished(run: Run) -> None:
    if run.loaded:
        st.info(
            tr(
                f"A network loaded from {plain.words(run.loaded['source'])}: apply it to a scene "
                "to get a map."
            )
        )
        return
    if run.job and run.job.active:
        st.info(tr("This run is not done yet: its progress stands above."))
        run_actions.take_over(run)
        return
    reason = summary.state_words(run)
    st.warning(
        tr(
            "This run has no metrics: "
            f"{plain.sentence(reason[0].lower() + reason[1:].rstrip('.'))}."
        )
    )
    run_actions.resume(run)
    if run.job is not None:
        with st.expander(tr("Log of the worker")):
            st.code(jobs.log_tail(run.job) or "The worker printed nothing.", language=None)


def _tensorboard(run: Run) -> None:
    folder = run.path / "tensorboard"
    if folder.exists():
        st.caption(
            tr("The curves in TensorBoard, where it is installed (`pip install tensorboard`):")
        )
        command = f"tensorboard --logdir {shlex.quote(str(folder))}"
        st.code(command, language=None, wrap_lines=True)
