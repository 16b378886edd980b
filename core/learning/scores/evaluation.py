"""Evaluate a prediction: the metrics of an area at a threshold, the pixel baseline beside them."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core import atomic
from core.access import Refused
from core.errors import NotFound, SlideScopeError
from core.learning import split
from core.learning.prediction import products
from core.learning.scores import baseline, calibration, intervals, metrics, operating_point
from core.learning.tiles.tiling import Tiling, tiling_of
from core.runs import measured, run_files
from core.runs.store import Run
from core.scene import store as scenes

UNSEEN = "whole scene {}, none of it seen in training"
UNKNOWN = "whole scene {}, where the map was trained is not known"


@dataclass(frozen=True)
class BlockLayout:
    """The tiles of the scene that was measured, and its `kind`: what its blocks are."""

    tiling: Tiling
    kind: str

    def blocks(self, counts: np.ndarray, inside: np.ndarray) -> np.ndarray:
        """int64 (blocks, 200, 2) of counts (tiles, 200, 2) in the tiles that are `inside`; none
        where the tiles are not these (the scene was imported anew)."""
        if len(counts) != len(self.tiling):
            return np.zeros((0, *counts.shape[1:]), np.int64)
        tiles = split.with_pixels(inside, counts)
        return split.block_sums(counts, tiles, self.tiling, self.kind)


def evaluate(
    run: Run,
    scene: str | None = None,
    area: metrics.Area = "test",
    threshold: float | None = None,
    version: int | None = None,
) -> dict:
    """Return the metrics of `run` on an area of `scene`, from whole-area counts, at a threshold
    that is by default the one kept with the run, else 0.5.

    Keys: run, scene, area, area_words, split, fold, folds, threshold, flips (looks that the map is
    the mean of), the ten of `metrics.scores`, average_precision, ece and reliability
    (`core.learning.scores.calibration`), tiles, pixels, prevalence, empty_mask, blocks, intervals
    ({metric: [low, high]} of `core.learning.scores.intervals`, None where there are too few blocks;
    intervals_why says why), landslides (mapped ones of the area, None where the scene is gone),
    evidence (a sentence where a test part of few landslides is no evidence, else None),
    inventory_version, baseline_rf and baseline_gbm (the same of the pixel random forest and of the
    booster with windows, None where they were not measured there: the booster on the test part
    alone).

    `version` of the inventory to score against: by default the one that the run was trained on.
    """
    if not run.predicted(scene):
        raise SlideScopeError(
            f"Run '{run.id}' has no prediction for scene '{scene or run.test_scene}': scores "
            f"come from a predicted map; run `python -m core predict {run.id}` first."
        )
    threshold = operating_point.kept_threshold(run) if threshold is None else threshold
    folder = run.prediction(scene)
    on_own = folder.name in run.config.learned_from
    check_area(run, folder.name, area)
    usual = measured.version_of(run, folder.name)
    counts, part = products.load_counts(folder)
    if version not in (None, usual):
        counts = _recounted(run, folder, version)
    layout = layout_of(run, folder.name)
    mapped = landslides(run, folder.name, part, area, version)
    found = score(counts, part, area, threshold, layout)
    where = {
        "run": run.id,
        "scene": folder.name,
        "area": area,
        "area_words": area_words(run, folder.name, area),
        "split": run.config.split,
        "fold": run.config.fold,
        "folds": run.config.folds,
        "threshold": threshold,
        "flips": run.flips(folder.name),
        "inventory_version": version or usual,
        "landslides": mapped,
        "evidence": measured.words(run.config, mapped) if on_own and area == "test" else None,
        "synthetic": _synthetic(run, folder.name),
    }
    comparable = folder.name == run.test_scene and version in (None, usual)
    return {**where, **found, **_baselines(run, comparable, area, threshold, layout)}


def _baselines(
    run: Run, comparable: bool, area: metrics.Area, threshold: float, layout: BlockLayout
) -> dict[str, dict | None]:
    """The scores of both baselines of a run, None where they were not counted."""
    # Of a scene that no tile was learned from, all is test: what the booster is counted on.
    there = {
        baseline.FOREST: comparable,
        baseline.BOOSTER: comparable and area == usual_area(run),
    }
    return {
        name: _baseline(run, name, area, threshold, layout) if can else None
        for name, can in there.items()
    }


def _baseline(
    run: Run, name: str, area: metrics.Area, threshold: float, layout: BlockLayout
) -> dict | None:
    """The scores of a baseline of the run, None where it was not counted."""
    folder = run.path / name
    if not (folder / run_files.COUNTS).exists():
        return None
    return score(*products.load_counts(folder), area, threshold, layout)


def layout_of(run: Run, scene: str) -> BlockLayout:
    """Of the scene that was measured; of one that is gone, as its split remembers it."""
    if scene in scenes.names():
        found = scenes.load(scene)
        return BlockLayout(tiling_of(found), found.kind)
    tiling = split.load(run.path / run_files.SPLIT).tiling
    return BlockLayout(tiling, "tiles" if tiling.shape[1] == 1 else "area")


def landslides(
    run: Run, scene: str, part: np.ndarray, area: metrics.Area, version: int | None = None
) -> int | None:
    """How many mapped landslides have their centroid in the area."""
    if scene not in scenes.names():
        return None
    try:
        found = measured.scene_of(run, scene, version)
    except NotFound:
        return None  # the version of the inventory is gone
    by_tile = split.landslides_of(found, tiling_of(found)) if found.inventory else np.zeros(0)
    if len(by_tile) != len(part):
        return None  # imported anew, on another grid
    return int(by_tile[metrics.in_area(part, area)].sum())


def _recounted(run: Run, folder: Path, version: int) -> np.ndarray:
    """Counts of the map against another version of the inventory."""
    scene = measured.scene_of(run, folder.name, version)
    return products.count_tiles(folder, scene, tiling_of(scene))


def area_words(run: Run, scene: str, area: metrics.Area) -> str:
    """Such as 'held-out tiles'; of a scene that the run did not learn from, that none was seen."""
    if run.config.brought and scene not in run.config.learned_from:
        return UNKNOWN.format(scene)
    if run.config.brought:
        return f"{metrics.AREA_WORDS[area]} of run {run.config.brought.split_of}"
    return metrics.AREA_WORDS[area] if scene in run.config.learned_from else UNSEEN.format(scene)


def usual_area(run: Run, scene: str | None = None) -> metrics.Area:
    """The area that tells how good a run is: its held-out tiles, or the whole of another scene."""
    own = (scene or run.test_scene) in run.config.learned_from
    return "test" if own and not run.config.test_scene else "all"


def check_area(run: Run, scene: str, area: metrics.Area) -> None:
    learned = run.config.learned_from
    if run.config.brought and not learned and area != "all":
        raise SlideScopeError(
            f"Area '{area}' does not exist for run '{run.id}': it is a map that was brought "
            "without a split; choose --area all, or bring it again with --split-of RUN."
        )
    if scene not in learned and area != "all":
        raise SlideScopeError(
            f"Area '{area}' does not exist on scene '{scene}': run '{run.id}' was trained "
            f"on '{', '.join(learned)}', so every tile is unseen; choose --area all."
        )
    if scene in learned and run.config.test_scene and area == "test":
        raise SlideScopeError(
            f"Run '{run.id}' held out no tile of '{scene}': it is tested on scene "
            f"'{run.config.test_scene}'; choose --scene {run.config.test_scene} or --area all."
        )


def _synthetic(run: Run, scene: str) -> bool:
    """Whether the scene that was measured is synthetic: not always the one trained on."""
    if scene == run.config.scene or scene not in scenes.names():
        return run.config.synthetic
    return scenes.load(scene).synthetic


def score(
    counts: np.ndarray, part: np.ndarray, area: metrics.Area, threshold: float, layout: BlockLayout
) -> dict:
    inside = metrics.in_area(part, area)
    total = metrics.area_counts(counts, part, area)
    scores = metrics.scores(total, threshold)
    pixels = int(total.sum())
    return {
        **scores,
        "average_precision": metrics.average_precision(total),
        "ece": calibration.expected_error(total),
        "reliability": calibration.reliability(total),
        "tiles": int(inside.sum()),
        "pixels": pixels,
        "prevalence": (scores["tp"] + scores["fn"]) / pixels if pixels else 0.0,
        "empty_mask": scores["tp"] + scores["fp"] == 0,
        **sureness(layout.blocks(counts, inside), threshold),
    }


def sureness(blocks: np.ndarray, threshold: float) -> dict:
    """{blocks, intervals, intervals_why} of counts (blocks, 200, 2) at a threshold."""
    found = intervals.intervals(blocks, threshold)
    return {
        "blocks": len(blocks),
        "intervals": found and {name: list(ends) for name, ends in found.items()},
        "intervals_why": intervals.too_few(len(blocks)),
    }


def completed(runs: Iterable[Run]) -> None:
    """Measure again, from the stored counts, what an earlier version measured without intervals."""
    for run in runs:
        found = run.metrics()
        if found and "intervals" not in found and run.predicted():
            with suppress(OSError, Refused):  # who may not write shows what is there
                store(run)


def keep(run: Run, point: operating_point.OperatingPoint) -> None:
    """Keep the threshold with the run, and measure at it whatever of the run was measured."""
    operating_point.store(run, point)
    for metrics_file in run.path.glob(f"predictions/*/{run_files.METRICS}"):
        store(run, metrics_file.parent.name)


def store(run: Run, scene: str | None = None) -> dict:
    """Write metrics.json: the usual area, at the threshold kept with the run, else 0.5."""
    found = evaluate(run, scene, usual_area(run, scene))
    atomic.write_json(run.prediction(scene) / "metrics.json", found)
    return found
