"""What every network costs beside what it scores: size, arithmetic, time of its map."""

from collections.abc import Sequence

import streamlit as st

from core.numerals import whole
from core.runs import cost
from core.runs.store import Run
from core.scene.store import Scene
from pages.components import table_notes

HEAD = (
    "| | Preset | Parameters | GFLOP a tile | Prediction, s/km² | F1 |\n|:--|:--|--:|--:|--:|--:|"
)


def show(scene: Scene, runs: Sequence[Run]) -> None:
    """Draw a row a run; a dash where nothing was measured."""
    st.subheader("Cost", anchor=False)
    found = [(run, cost.of(run, scene)) for run in runs]
    with st.container(key="metrics-cost", width=760):
        st.markdown("\n".join([HEAD, *(_line(run, spent) for run, spent in found)]))
    st.caption(f"{_words([spent for _, spent in found])} F1: {table_notes.basis(scene, runs)}")


def _line(run: Run, spent: cost.Cost) -> str:
    cells = (
        run.title,
        run.config.preset,
        "–" if spent.parameters is None else whole(spent.parameters),
        "–" if spent.gflop is None else f"{spent.gflop:.2f}",
        "–" if spent.seconds_per_km2 is None else f"{spent.seconds_per_km2:.3g}",
        f"{run.metrics()['f1']:.4f}",
    )
    return f"| {' | '.join(cells)} |"


def _words(found: Sequence[cost.Cost]) -> str:
    devices = dict.fromkeys(c.device for c in found if c.seconds_per_km2 is not None)
    said = (
        "GFLOP: 10⁹ operations to predict a tile of 128 px with ten channels, two a multiply-add. "
        f"Prediction: wall-clock seconds of the whole scene, {cost.LEFT_OUT}"
    )
    said += f", on {' / '.join(devices)}" if devices else ""
    missing = any(c.seconds_per_km2 is None for c in found)
    return said + (
        "; a dash: not measured here (the map came with the software, was predicted with its "
        "uncertainty, in two goes, or by an earlier version), predicting it again measures it."
        if missing
        else "."
    )
