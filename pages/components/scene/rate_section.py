"""A scene's rate of interferograms: its network, how good it is, and which pixels are kept."""

from itertools import pairwise
from pathlib import Path

import plotly.graph_objects as go
import streamlit as st

from core.errors import NotFound
from core.jobs import store as jobs
from core.language.translation import tr
from core.numerals import fixed, percent
from core.request import options
from core.scene import origin
from core.scene.sbas import mask, network_view, outcome
from core.scene.sbas.outcome import Outcome
from core.scene.sbas.request import MaskRequest
from core.scene.sbas.settings import MaskSettings
from core.scene.store import Scene
from pages.components import allowed, chart, field, network_chart, plain
from pages.components.curves import BLUE, GREY
from pages.components.scene import import_progress

HEIGHT = 240
# Ends and step of the slider in mm/yr; its right end stands for any error.
ANY_ERROR, ERROR_STEP = (0.5, 20.0), 0.5
# What a datum's terms are called; the plane has two.
TERMS = {"x": "a plane", "height": "the delay with height", "height^2": "its square"}


def possible(scene: Scene) -> bool:
    return (scene.path / origin.FOLDER / outcome.FILE).is_file()


def show(scene: Scene) -> None:
    """Draw it all."""
    found = outcome.read(scene.path / origin.FOLDER)
    try:
        left_out = origin.read(scene.path).left_out
    except NotFound:
        left_out = ()
    st.subheader(tr("Deformation rate from interferograms"), anchor=False)
    if failed := import_progress.reason():
        st.error(plain.sentence(failed))
    left, right = st.columns([3, 2], gap="large")
    with left:
        network_chart.show(network_view.of_outcome(found, left_out), "scene")
    with right:
        _figures(found)
    _mask(scene, found)


def _figures(found: Outcome) -> None:
    values = found.figures
    one, two, three = st.columns(3)
    one.metric(
        tr("Kept"), percent(values["share_kept"]), help=tr("Of the ground that any pair covers.")
    )
    error = values["error_median"]
    shown = "–" if error is None else f"{error:.1f} mm/yr"
    two.metric(tr("Error, median"), shown, help=tr("Standard error of the rates that are kept."))
    three.metric(tr("Pairs"), tr(f"{found.pairs_used} of {len(found.pairs)}"))
    for sentence in sentences(found):
        st.caption(plain.sentence(sentence))
    for sentence in found.warnings:
        st.warning(plain.sentence(sentence))


def sentences(found: Outcome) -> list[str]:
    """What was done, and what the rate is relative to."""
    values = found.figures
    span = f"{fixed(values['rate_min'], 1)} to {fixed(values['rate_max'], 1)} mm/yr"
    told = [f"{len(found.dates)} dates, {found.dates[0]} to {found.dates[-1]}; rates {span}."]
    datum, box = found.datum, found.reference
    terms = ", ".join(TERMS[term] for term in datum["terms"] if term in TERMS)
    at = f"column {box['column']}, row {box['row']}"
    if datum["terms"]:
        told.append(
            f"Datum: ground that does not move ({percent(datum['stable_share'])} of the reliable, "
            f"its rates spread by {datum['stable_mm_yr']:.1f} mm/yr); taken off beside: "
            f"{terms or 'nothing'}."
        )
    else:
        told.append(f"Datum: the reference at {at} as it is.")
    before, after = values["closures_before"], values["closures_after"]
    if before is not None and after is not None:
        told.append(
            f"Triplets whole cycles off: {100 * before:.2f} % before, {100 * after:.2f} % after "
            "the correction."
        )
    short, long = found.spans[0], found.spans[-1]
    told.append(
        f"Fastest motion that the pairs can see at a sharp edge: {fixed(short.fastest_mm_yr, 0)} "
        f"mm/yr ({short.days} days), {fixed(long.fastest_mm_yr, 0)} ({long.days} days)."
    )
    return told


@st.fragment
def _mask(scene: Scene, found: Outcome) -> None:
    """Sliders that show at once what they keep; applying them is a job."""
    folder = scene.path / origin.FOLDER
    grounds = _grounds(str(folder), (folder / outcome.FILE).stat().st_mtime_ns)
    left, right = st.columns([3, 2], gap="large")
    with right:
        wanted = _sliders(mask.of(found.settings), scene.fingerprint)
        share, now = grounds.share(wanted), found.figures["share_kept"]
        st.markdown(tr(f"**{percent(share)}** of the ground would be kept; now {percent(now)}."))
        same = wanted == mask.of(found.settings)
        busy = any(job.kind == MaskRequest.KIND for job in jobs.active())
        pressed = allowed.button(
            tr("Apply this mask"),
            type="primary",
            disabled=same or share == 0 or busy,
            help=tr(
                "Writes the scene anew with the rate that is there: nothing is inverted again. "
                "Maps and statistics of the rate are then out of date."
            ),
        )
    with left:
        counts, edges = grounds.by_temporal_coherence()
        figure = histogram(counts.tolist(), edges.tolist(), wanted.min_temporal_coherence)
        chart.draw(figure, key="temporal-coherence")
    if pressed:
        about = {name: getattr(wanted, name) for name in mask.NAMES}
        import_progress.begun(jobs.start(MaskRequest(scene=scene.name, **about)))
        st.rerun()


def _sliders(start: MaskSettings, state: str) -> MaskSettings:
    """`state` lets the sliders begin anew where another mask holds."""
    known = options(MaskRequest)
    each = known["min_temporal_coherence"]
    coherence = st.slider(
        value=start.min_temporal_coherence,
        key=f"mask-coherence-{state}",
        **field.words(each),
        **field.bounds(each),
    )
    each = known["max_rate_error"]
    error = st.slider(
        tr(f"{field.label(each)} (at the right end: any)"),
        *ANY_ERROR,
        min(ANY_ERROR[1], start.max_rate_error or ANY_ERROR[1]),
        ERROR_STEP,
        key=f"mask-error-{state}",
        help=tr(each.help),
    )
    each = known["min_pairs"]
    pairs = st.slider(
        value=start.min_pairs, key=f"mask-pairs-{state}", **field.words(each), **field.bounds(each)
    )
    islands = field.show(known["islands"], f"mask-islands-{state}", start.islands)
    return MaskSettings(
        min_temporal_coherence=coherence,
        min_pairs=pairs,
        max_rate_error=None if error == ANY_ERROR[1] else error,
        islands=islands,
    )


def histogram(counts: list[int], edges: list[float], least: float) -> go.Figure:
    """Temporal coherence of the ground; what lies below `least` is grey."""
    total = sum(counts) or 1
    middle = [(a + b) / 2 for a, b in pairwise(edges)]
    drawn = go.Figure(
        go.Bar(
            x=middle,
            y=[100 * n / total for n in counts],
            width=edges[1] - edges[0],
            marker_color=[BLUE if at >= least else GREY for at in middle],
            hovertemplate="%{x:.2f}: %{y:.1f} %<extra></extra>",
        )
    )
    drawn.add_vline(least, line={"dash": "dot", "width": 1.5, "color": GREY})
    drawn.update_layout(
        title={"text": "Temporal coherence of the ground", "font": {"size": 14}},
        height=HEIGHT,
        margin={"l": 4, "r": 8, "t": 36, "b": 4},
        bargap=0,
    )
    drawn.update_yaxes(title="% of pixels", automargin=True)
    return drawn


@st.cache_resource(max_entries=2, show_spinner=False)
def _grounds(folder: str, written: int) -> mask.Grounds:
    """`written` makes the cache forget another rate."""
    place = Path(folder)
    return mask.read(place, outcome.read(place))
