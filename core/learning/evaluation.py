"""Evaluate a prediction: the metrics of an area at a threshold, the pixel baseline beside them."""

from pathlib import Path

import numpy as np

from core import atomic
from core.errors import SlideScopeError
from core.learning import calibration, metrics, products
from core.runs.store import Run


def evaluate(
    run: Run, scene: str | None = None, area: metrics.Area = "test", threshold: float = 0.5
) -> dict:
    """Return the metrics of `run` on an area of `scene`, from whole-area counts.

    Keys: run, scene, area, area_words, split, threshold, the ten of `metrics.scores`,
    average_precision, ece and reliability (`core.learning.calibration`), tiles, pixels,
    prevalence, empty_mask, baseline_rf (the same of the pixel random forest, None where it was not
    trained for this scene).
    """
    if not run.predicted(scene):
        raise SlideScopeError(
            f"Run '{run.id}' has no prediction for scene '{scene or run.test_scene}': scores "
            f"come from a predicted map; run `python -m core predict {run.id}` first."
        )
    folder = run.prediction(scene)
    on_own = folder.name == run.config.scene
    if not on_own and area != "all":
        raise SlideScopeError(
            f"Area '{area}' does not exist on scene '{folder.name}': run '{run.id}' was trained "
            f"on '{run.config.scene}', so every tile is unseen; choose --area all."
        )
    found = _score(folder, area, threshold)
    words = metrics.AREA_WORDS[area] if on_own else "whole scene, none of it seen in training"
    where = {
        "run": run.id,
        "scene": folder.name,
        "area": area,
        "area_words": words,
        "split": run.config.split,
        "threshold": threshold,
        "synthetic": run.config.synthetic,
    }
    baseline = run.path / "baseline_rf"
    has_baseline = on_own and (baseline / "counts.npz").exists()
    return {
        **where,
        **found,
        "baseline_rf": _score(baseline, area, threshold) if has_baseline else None,
    }


def _score(folder: Path, area: metrics.Area, threshold: float) -> dict:
    counts, part = products.load_counts(folder)
    total = metrics.area_counts(counts, part, area)
    scores = metrics.scores(total, threshold)
    pixels = int(total.sum())
    in_area = np.ones(len(part), bool) if area == "all" else part == metrics.AREAS[area]
    return {
        **scores,
        "average_precision": metrics.average_precision(total),
        "ece": calibration.expected_error(total),
        "reliability": calibration.reliability(total),
        "tiles": int(in_area.sum()),
        "pixels": pixels,
        "prevalence": (scores["tp"] + scores["fn"]) / pixels if pixels else 0.0,
        "empty_mask": scores["tp"] + scores["fp"] == 0,
    }


def store(run: Run, scene: str | None = None) -> dict:
    """Write metrics.json (held-out tiles of the own scene, else all; threshold 0.5)."""
    own = (scene or run.test_scene) == run.config.scene
    found = evaluate(run, scene, "test" if own else "all")
    atomic.write_json(run.prediction(scene) / "metrics.json", found)
    return found
