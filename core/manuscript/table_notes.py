"""What stands under a table of metrics: on what it was measured, and footnotes; in sentences."""

from collections.abc import Sequence

from core.learning.scores.intervals import CONFIDENCE
from core.runs import measured, tables
from core.runs.store import Run
from core.scene.store import Scene

BASELINES = {
    "baseline_rf": "trained on the single pixels of the same training tiles, measured on the same "
    "tiles as they; beside the networks, not in the contest.",
    "baseline_gbm": "gradient boosting on each factor's value, mean and deviation in 3 and 9 px "
    "windows, on the same tiles; a network below it found nothing that simple figures do not tell.",
}
AP = "AP: average precision, which needs no threshold."
# Where the intervals stand.
SMALL, OWN_ROWS = "Small", "In rows of their own"
INTERVAL = (
    f"{100 * CONFIDENCE:.0f} % interval, bootstrap over blocks of 2 × 2 tiles (in a tile "
    "scene, over its tiles)."
)


def caption(scene: Scene, runs: Sequence[Run], where: str = SMALL) -> str:
    """`basis`, what AP is, and what the intervals are that stand `where` it says, or why there are
    none."""
    if not runs:
        return basis(scene, runs)
    sure = sureness([run.needed_metrics() for run in runs], where)
    return f"{basis(scene, runs)} {AP} {sure}".rstrip()


def sureness(figures: Sequence[dict], where: str = SMALL) -> str:
    """What the intervals are, and why some of these figures have none."""
    known = [f"{where}: {INTERVAL}"] if any(found.get("intervals") for found in figures) else []
    return " ".join([*known, *dict.fromkeys(filter(None, map(_why, figures)))])


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


def notes(of_paper: Sequence[str], runs: Sequence[Run]) -> list[str]:
    """The footnotes, ours after the paper's."""
    return [*of_paper, *_ours(runs)]


def _ours(runs: Sequence[Run]) -> list[str]:
    lines = []
    if runs:
        lines.append(
            "Ours: one run a row, so a difference holds for this seed only; rows of another "
            "scene than the paper's can be compared with each other, not with the paper's."
        )
    if different := tables.unequal(runs):
        lines.append(f"Ours: these runs differ in more than the row says: {', '.join(different)}.")
    if few := [run for run in runs if run.needed_metrics().get("evidence")]:
        why = measured.why(few[-1].needed_metrics()["landslides"])
        lines.append(
            f"Ours: {why}: a k-fold, offered below the run on Training, measures every tile."
        )
    if len({measured.area(run) for run in runs}) > 1:
        lines.append(
            "Ours: not all rows were measured on the same tiles (the caption lists what there is), "
            "so part of a difference is the tiles'."
        )
    empty = [run.title for run in runs if run.needed_metrics()["empty_mask"]]
    if empty:
        lines.append(
            f"Ours: empty predicted mask ({', '.join(empty)}): no pixel reaches the threshold, so "
            "precision, recall and F1 are 0 by definition."
        )
    for name, title in tables.BASELINES.items():
        if any(run.needed_metrics().get(name) for run in runs):
            lines.append(f"{title} ({name}): {BASELINES[name]}")
    return lines
