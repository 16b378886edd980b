"""The two sides of a comparison: what each may show, and which are shown at first."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from core.display import display
from core.errors import NotFound
from core.maps import combined, layers
from core.maps.layers import Layer
from core.runs import run_files
from core.runs import store as runs
from core.runs.store import Run
from core.scene.store import Scene

PREFERRED_MODEL = "fcadensenet"
DATASETS = ("rs", "rs-dr")

Sides = Mapping[str, "Side"]


@dataclass(frozen=True)
class Side:
    """Something one side of the map can show.

    `run` is the run behind it, or whose pixel baseline it is (`baseline`); `folder` holds its
    counts, None where there is nothing to score. `datasets` are those that it stems from.
    """

    id: str
    title: str
    layer: Layer
    run: Run | None = None
    baseline: bool = False
    folder: Path | None = None
    datasets: tuple[str, ...] = ()

    @property
    def model(self) -> str | None:
        """The network's name, `baseline_rf`, or None for a factor or mask."""
        if self.run is None:
            return None
        return layers.BASELINE if self.baseline else self.run.config.model

    @property
    def dataset(self) -> str | None:
        return self.run.config.dataset if self.run else None

    @property
    def preset(self) -> str | None:
        return self.run.config.preset if self.run else None


def sides_of(scene: Scene) -> dict[str, Side]:
    """Everything a side can show, by id: runs newest first, baselines, their agreement, gained and
    lost pixels, uncertainty, applicability, splits, then the scene's layers."""
    predicted = layers.prediction_layers(scene)
    known = {run.id: run for run in runs.runs()}
    found = [side for layer in predicted if (side := _predicted(layer, scene, known))]
    found.sort(key=lambda side: side.baseline)
    titles = Counter(side.title for side in found)
    named = [s if titles[s.title] == 1 else _told_apart(s) for s in found]
    named += _changes(scene)
    agreement = combined.agreement(predicted)
    plain = (
        *([agreement] if agreement else []),
        *layers.uncertainty_layers(scene),
        *layers.applicability_layers(scene),
        *layers.split_layers(scene),
        *layers.scene_layers(scene),
    )
    named += [Side(layer.id, layer.title, layer) for layer in plain]
    return {side.id: side for side in named}


def first_pair(sides: Sides) -> tuple[str, str]:
    """Ids of the default left and right.

    Right: the newest FCADenseNet on RS-DR, or the newest run there is. Left: the same network on
    the other dataset, else its pixel baseline, else another run, else the reference mask. Without
    any run: hillshade against the reference mask.
    """
    predicted = [side for side in sides.values() if side.run and not side.baseline]
    others = [side.id for side in sides.values() if side.run is None]
    if not predicted:
        right = display.REFERENCE if display.REFERENCE in sides else others[-1]
        return (display.HILLSHADE if display.HILLSHADE in sides else others[0]), right
    # Sorting is stable: among equals the newest stays first.
    best = min(predicted, key=lambda s: (s.model != PREFERRED_MODEL, s.dataset != "rs-dr"))
    left = twin(sides, best, "rs" if best.dataset == "rs-dr" else "rs-dr")
    if left is None and best.run:
        left = sides.get(f"baseline:{best.run.id}")
    if left is None:
        left = next((side for side in predicted if side is not best), None)
    if left is None:
        return (display.REFERENCE if display.REFERENCE in sides else others[0]), best.id
    return left.id, best.id


def twin(sides: Sides, side: Side, dataset: str) -> Side | None:
    """The same network on `dataset`: the side itself, else of the same preset, else the newest."""
    if side.run is None:
        return None
    same = [s for s in sides.values() if s.model == side.model and s.dataset == dataset]
    same.sort(key=lambda s: (s is not side, s.preset != side.preset))
    return same[0] if same else None


def circular(left: Side, right: Side) -> bool:
    """Whether RS and RS-DR are compared: on the two sides, or in a layer of gained pixels."""
    return {*left.datasets, *right.datasets} == set(DATASETS)


def _changes(scene: Scene) -> list[Side]:
    found = layers.change_layers(scene)
    titles = Counter(change.title for _, change in found)
    sides = []
    for layer, change in found:
        more = f" · {change.experiment}" if titles[change.title] > 1 else ""
        title = f"Gained and lost · {change.title}{more}"
        sides.append(Side(layer.id, title, layer, datasets=change.datasets))
    return sides


def missing(asked: str, scene: Scene) -> str:
    """Why a side of that id cannot be shown, and what to do about it."""
    try:
        run = runs.load(asked.removeprefix("run:")) if asked.startswith("run:") else None
    except NotFound:
        run = None
    if run is None:
        return f"There is no '{asked}' to show (any more): the usual pair is shown instead."
    if run.outdated(scene.name, scene.fingerprint):
        why = f"its map is of an earlier import of scene '{scene.name}'; predict it again"
    elif run.prediction(scene.name).exists():
        why = "its map is damaged; predict it again"
    else:
        why = (
            f"it has no map of scene '{scene.name}' (it learned from '{run.config.scene}'); "
            "choose that scene, or apply it to this one on the Training page"
        )
    return f"Run '{run.id}' cannot be shown: {why}. The usual pair is shown instead."


def _predicted(layer: Layer, scene: Scene, known: Mapping[str, Run]) -> Side | None:
    """None where the run was deleted this moment."""
    kind, run_id = layer.id.split(":", 1)
    run, baseline = known.get(run_id), kind == "baseline"
    if run is None:
        return None
    folder = run.path / layers.BASELINE if baseline else run.prediction(scene.name)
    datasets = tuple(run.config.dataset.split("+"))
    scored = folder if (folder / run_files.COUNTS).exists() else None
    return Side(layer.id, layer.title, layer, run, baseline, scored, datasets)


def _told_apart(side: Side) -> Side:
    return replace(side, title=f"{side.title} · {side.run.id}") if side.run else side
