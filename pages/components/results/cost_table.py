"""What every network costs beside what it scores: size, arithmetic, time of its map."""

from collections.abc import Sequence

import streamlit as st

from core.language.translation import tr
from core.manuscript import table_notes
from core.numerals import whole
from core.runs import tables
from core.runs.store import Run
from core.runs.tables import intervals
from core.scene.store import Scene
from pages.components.results import metric_table

HEAD = (
    "| | Preset | Parameters | GFLOP a tile | Prediction, s/km² | F1 |\n|:--|:--|--:|--:|--:|--:|"
)


def show(scene: Scene, runs: Sequence[Run]) -> None:
    """Draw a row a run."""
    st.subheader(tr("Cost"), anchor=False)
    found = [(run, tables.of(run, scene)) for run in runs]
    with st.container(key="metrics-cost", width=760):
        st.markdown(tr("\n".join([HEAD, *(_line(run, spent) for run, spent in found)])))
    sure = table_notes.sureness([run.metrics() for run in runs])
    st.caption(
        tr(f"{_words([spent for _, spent in found])} F1: {table_notes.basis(scene, runs)} {sure}")
    )


def _line(run: Run, spent: tables.Cost) -> str:
    cells = (
        run.map_title(),
        run.config.preset,
        "–" if spent.parameters is None else whole(spent.parameters),
        "–" if spent.gflop is None else f"{spent.gflop:.2f}",
        _pace(spent),
        _f1(run.metrics()),
    )
    return f"| {' | '.join(cells)} |"


def _f1(measured: dict) -> str:
    return f"{measured['f1']:.4f} {metric_table.small(intervals(measured).get('f1'))}".rstrip()


def _pace(spent: tables.Cost) -> str:
    if spent.seconds_per_km2 is None:
        return "not measured"
    return f"{spent.seconds_per_km2:.3g}{'*' if spent.packed else ''}"


def _words(found: Sequence[tables.Cost]) -> str:
    timed = [spent for spent in found if spent.seconds_per_km2 is not None]
    here = dict.fromkeys(spent.device for spent in timed if not spent.packed)
    packed = dict.fromkeys(spent.device for spent in timed if spent.packed)
    said = [
        "GFLOP: 10⁹ operations of one look at a tile of 128 px with ten channels, two a "
        "multiply-add.",
        f"Prediction: wall-clock seconds of the whole scene, {tables.LEFT_OUT}"
        + (f", on {' / '.join(here)}." if here else "."),
    ]
    if packed:
        said.append(
            f"*: measured on {' / '.join(packed)} when the network was packed; its map came with "
            "the software."
        )
    if len(timed) < len(found):
        said.append(
            "Not measured: the map came with the software without its time, was predicted with "
            "its uncertainty, in two goes, or by an earlier version; predicting it again measures "
            "it."
        )
    return " ".join(said)
