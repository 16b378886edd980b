"""For reviewers: how well a map ranks the ground, and whether its probabilities come true."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from core.language.translation import in_words, tr
from core.learning.request import EvaluateRequest
from core.learning.scores import evaluation, ranking, scrutiny
from core.numerals import fixed, interval, percent, whole
from core.runs import run_files
from core.runs.store import Run
from core.scene.store import Scene
from pages.components import chart, field, plain, problem
from pages.components.curves import BLUE, GREEN, GREY, ORANGE, VERMILION
from pages.components.language import Later
from pages.components.results import applicability_panel, outlines_panel, spacing_panel

HEIGHT = 280
COLOURS = {
    scrutiny.PREDICTION: BLUE,
    scrutiny.SUCCESS: ORANGE,
    scrutiny.MIXED: BLUE,
    scrutiny.VALIDATION: BLUE,
    scrutiny.UNKNOWN: BLUE,
}
NAMES = {
    scrutiny.PREDICTION: "prediction rate (unseen ground)",
    scrutiny.SUCCESS: "success rate (training ground)",
    scrutiny.MIXED: "training and unseen ground",
    scrutiny.VALIDATION: "rate on validation tiles",
    scrutiny.UNKNOWN: "rate (not known where the map was trained)",
}
HEAD = "| Probability | Share of area | Share of landslides | Ratio |\n|:--|--:|--:|--:|"


@st.fragment
@problem.shown()
def show(scene: Scene, runs: Sequence[Run]) -> None:
    """Draw the choice among measured `runs`, and the figures of the one that is chosen."""
    by_id = {run.id: run for run in runs if run.predicted()}
    if not by_id:
        st.caption(
            tr(
                "Rate curves, classes of probability, Boyce index and calibration of a map appear "
                "here when a run has been measured."
            )
        )
        return
    chosen = st.selectbox(
        options=list(by_id),
        format_func=in_words(lambda run_id: by_id[run_id].map_title()),
        key="reviewers-run",
        **field.PERSIST,
        **field.words(field.of(EvaluateRequest, "run_id")),
    )
    run = by_id.get(chosen) or next(iter(by_id.values()))
    left, right = st.columns(2, gap="large")
    with right:
        st.subheader(tr("Classes of probability"), anchor=False)
        first, second = st.columns(2)
        breaks = field.show(field.of(EvaluateRequest, "breaks"), "reviewers-breaks", where=first)
        number = field.show(field.of(EvaluateRequest, "classes"), "reviewers-classes", where=second)
    counts = run.prediction() / run_files.COUNTS
    state = (run.id, counts.stat().st_mtime_ns)
    found = _found(state, run, ranking.breaks_named(breaks), int(number))
    with right:
        _classes(found)
    with left:
        _rates(found)
    with left:
        _boyce(found)
    with right:
        _calibration(found)
    left, right = st.columns(2, gap="large")
    with left:
        applicability_panel.show(run)
        outlines_panel.show(run)
    with right:
        spacing_panel.show(run)
    kind = ", synthetic scene" if scene.synthetic else ""
    st.caption(
        tr(
            f"{whole(found['pixels'])} pixels of scene {run.prediction().name}, "
            f"{found['area_words']}{kind}; {run.config.split_words}. From stored counts in 200 "
            "steps of probability; what each figure says, and its source, is in the documentation, "
            '"For reviewers".'
        )
    )


@st.cache_data(max_entries=64, show_spinner=Later("Counting what reviewers ask for"))
def _found(state: tuple, _run: Run, breaks: ranking.Breaks, number: int) -> dict[str, Any]:
    area = evaluation.usual_area(_run)
    return scrutiny.of_run(_run, area=area, breaks=breaks, number=number)


def _rates(found: Mapping[str, Any]) -> None:
    st.subheader(tr("Success and prediction rate"), anchor=False)
    drawn = _figure("share of area, most probable first", "share of landslides")
    for rate in found["rates"]:
        colour = COLOURS[rate["name"]]
        _line(drawn, rate["area"], rate["landslides"], NAMES[rate["name"]], colour)
    _line(drawn, [0, 1], [0, 1], "a map that says nothing", GREY, "dot")
    chart.draw(drawn, key="reviewers-rates")
    said = [f"AUC of the {NAMES[rate['name']]}: {_auc(rate)}" for rate in found["rates"]]
    st.caption(
        tr(
            f"{'; '.join(said)}. Small print: 90 % interval, bootstrap over blocks of tiles. The "
            "training ground flatters; only the prediction rate tells how good a map is."
        )
    )


def _auc(rate: Mapping[str, Any]) -> str:
    if rate["rate_auc"] is None:
        return "none"
    ends = (rate["intervals"] or {}).get("rate_auc")
    return f"{rate['rate_auc']:.3f}" + (f" ({interval(ends)})" if ends else "")


def _classes(found: Mapping[str, Any]) -> None:
    lines = [HEAD]
    for row in found["classes"]["rows"]:
        ratio = row["frequency_ratio"]
        shares = f"{percent(row['area_share'])} | {percent(row['landslide_share'])}"
        shown = "–" if ratio is None else f"{ratio:.2f}"
        lines.append(f"| {row['low']:.3f} to {row['high']:.3f} | {shares} | {shown} |")
    with st.container(key="metrics-classes"):
        st.markdown(tr("\n".join(lines)))
    st.caption(
        tr(
            "Ratio: how many times more landslides a class holds than its area would by chance; it "
            "should rise from class to class."
        )
    )


def _boyce(found: Mapping[str, Any]) -> None:
    index, windows = found["boyce"]["index"], found["boyce"]["windows"]
    title = "none" if index is None else fixed(index, 3)
    st.subheader(tr(f"Continuous Boyce index: {title}"), anchor=False)
    if index is None:
        st.caption(tr("There are too few steps of probability for it: a mask has two."))
        return
    drawn = _figure("probability", "landslides over area, ratio")
    _line(drawn, *zip(*windows), "ratio in a moving window", GREEN)
    drawn.add_hline(1, line={"dash": "dot", "width": 1, "color": GREY})
    chart.draw(drawn, key="reviewers-boyce")
    st.caption(
        tr(
            "1: more probable ground always holds more landslides; 0: the map says nothing "
            "(dotted: as many as by chance); below 0: the contrary of what it says is true."
        )
    )


def _calibration(found: Mapping[str, Any]) -> None:
    st.subheader(tr("Do probabilities come true?"), anchor=False)
    brier, redone = found["brier"], found["recalibration"]
    drawn = _figure("probability of the map", "share that is landslide")
    sides = (("before", "as predicted", VERMILION), ("after", "recalibrated", BLUE))
    for side, name, colour in sides:
        if redone[side]:
            steps = redone[side]["reliability"]
            x, y = ([step[key] for step in steps] for key in ("predicted", "observed"))
            _line(drawn, x, y, name, colour, mode="lines+markers")
    _line(drawn, [0, 1], [0, 1], "what it should be", GREY, "dot")
    chart.draw(drawn, key="reviewers-calibration")
    ends = f" ({_small(brier['interval'])})" if brier["interval"] else ""
    skill = "none" if brier["skill"] is None else percent_of(brier["skill"])
    after = redone["after"]
    more = (
        f"After isotonic recalibration, fitted on the validation tiles: {after['brier']:.4f}."
        if after
        else f"No recalibration: {plain.sentence(redone['why'])}"
    )
    st.caption(
        tr(
            f"Brier score {brier['brier']:.4f}{ends}, lower is better; {skill} better than saying "
            f"the same probability everywhere. {more}"
        )
    )


def percent_of(skill: float) -> str:
    """
    >>> percent_of(0.254), percent_of(-0.03)
    ('25.4 %', '−3.0 %')
    """
    return f"{fixed(100 * skill, 1)} %"


def _small(ends: Sequence[float]) -> str:
    return f"{ends[0]:.4f} to {ends[1]:.4f}"


def _line(
    drawn: go.Figure,
    x: Sequence[float],
    y: Sequence[float],
    name: str,
    colour: str,
    dash: str = "solid",
    mode: str = "lines",
) -> None:
    line = {"color": colour, "width": 1 if dash == "dot" else 2, "dash": dash}
    about = {"name": name, "mode": mode, "line": line, "marker": {"size": 5}}
    drawn.add_scatter(x=list(x), y=list(y), hovertemplate="%{x:.3f}, %{y:.3f}", **about)


def _figure(x: str, y: str) -> go.Figure:
    drawn = go.Figure()
    drawn.update_layout(
        height=HEIGHT,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        legend={"orientation": "h", "y": -0.25, "yanchor": "top"},
    )
    drawn.update_xaxes(title={"text": x, "standoff": 4}, automargin=True, rangemode="tozero")
    drawn.update_yaxes(title={"text": y, "standoff": 4}, automargin=True, rangemode="tozero")
    return drawn
