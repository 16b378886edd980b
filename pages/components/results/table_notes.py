"""What stands under a table of metrics: on what it was measured, and footnotes."""

from collections.abc import Sequence

import streamlit as st

from core.learning.scores.intervals import CONFIDENCE
from core.runs import measured, tables
from core.runs.store import Run
from core.scene.store import Scene
from pages.components import plain

BASELINES = {
    "baseline_rf": "trained on the single pixels of the same training tiles, measured on the same "
    "tiles as they; beside the networks, not in the contest.",
    "baseline_gbm": "gradient boosting on each factor's value, mean and deviation in 3 and 9 px "
    "windows, on the same tiles; a network below it found nothing that simple figures do not tell.",
}
AP = "AP: average precision, which needs no threshold."
SMALL = (
    f"Small: {100 * CONFIDENCE:.0f} % interval, bootstrap over blocks of 2 × 2 tiles (in a tile "
    "scene, over its tiles)."
)


def caption(scene: Scene, runs: Sequence[Run]) -> str:
    """`basis`, what AP is and what the small print is, or why there is none."""
    if not runs:
        return basis(scene, runs)
    return f"{basis(scene, runs)} {AP} {sureness([run.metrics() for run in runs])}".rstrip()


def sureness(measured: Sequence[dict]) -> str:
    """What the intervals are, and why some of these figures have none."""
    known = [SMALL] if any(found.get("intervals") for found in measured) else []
    return " ".join([*known, *dict.fromkeys(filter(None, map(_why, measured)))])


def _why(found: dict) -> str | None:
    return found.get("intervals_why")


def basis(scene: Scene, runs: Sequence[Run]) -> str:
    """Scene, area, split and threshold of our figures; says so where the scene is synthetic."""
    kind = f"synthetic scene {scene.name}" if scene.synthetic else f"scene {scene.name}"
    if not runs:
        return f"Ours, {kind}: no measured run yet."
    areas = dict.fromkeys(measured.area(run) for run in runs)
    presets = dict.fromkeys(run.config.preset for run in runs)
    return f"Ours: {' / '.join(areas)}; preset {' / '.join(presets)}; the newest run of each row."


def show(notes: Sequence[str], runs: Sequence[Run]) -> None:
    """Draw the footnotes, ours after the paper's."""
    lines = [*notes, *_ours(runs)]
    numbered = (f"{number}. {plain.sentence(line)}" for number, line in enumerate(lines, start=1))
    st.caption("\n".join(numbered))


def _ours(runs: Sequence[Run]) -> list[str]:
    lines = []
    if runs:
        lines.append(
            "Ours: one run a row, so a difference holds for this seed only; rows of another "
            "scene than the paper's can be compared with each other, not with the paper's."
        )
    if different := tables.unequal(runs):
        lines.append(f"Ours: these runs differ in more than the row says: {', '.join(different)}.")
    if few := [run for run in runs if run.metrics().get("evidence")]:
        why = measured.why(few[-1].metrics()["landslides"])
        lines.append(
            f"Ours: {why}: a k-fold, offered below the run on Training, measures every tile."
        )
    if len({measured.area(run) for run in runs}) > 1:
        lines.append(
            "Ours: not all rows were measured on the same tiles (the caption lists what there is), "
            "so part of a difference is the tiles'."
        )
    empty = [run.title for run in runs if run.metrics()["empty_mask"]]
    if empty:
        lines.append(
            f"Ours: empty predicted mask ({', '.join(empty)}): no pixel reaches the threshold, so "
            "precision, recall and F1 are 0 by definition."
        )
    for name, title in tables.BASELINES.items():
        if any(run.metrics().get(name) for run in runs):
            lines.append(f"{title} ({name}): {BASELINES[name]}")
    return lines
