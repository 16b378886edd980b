"""k-fold by block: every used tile is measured once, by a network that did not see it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.errors import SlideScopeError
from core.learning import split
from core.learning.prediction import products
from core.learning.scores import baseline, evaluation, metrics
from core.learning.scores.evaluation import BlockLayout
from core.runs import run_files
from core.runs.config import RunConfig
from core.runs.store import Run

SPREAD = ("precision", "recall", "f1", "kappa", "miou", "iou_landslide", "average_precision")


def pooled(runs: Sequence[Run], threshold: float = 0.5) -> dict:
    """Metrics from the summed counts of the held-out parts of all folds, never a mean of ratios.

    Keys: those of `evaluation.score` (the intervals are over the blocks of the whole scene),
    threshold, split, area_words, landslides, `spread` {metric: standard deviation over the folds},
    `folds` (a row a fold), baseline_rf and baseline_gbm (the baselines, pooled alike; None where a
    fold lacks them).
    """
    _check(runs)
    ordered = sorted(runs, key=lambda run: run.config.fold or 0)
    config = ordered[0].config
    layout = evaluation.layout_of(ordered[0], config.scene)
    held_out = [_held_out(run.prediction()) for run in ordered]
    rows = [
        {"fold": run.config.fold, "run": run.id, **_scores([each], threshold, layout)}
        for run, each in zip(ordered, held_out)
    ]
    found = _scores(held_out, threshold, layout)
    everywhere = np.full(len(held_out[0]), metrics.TEST)
    return {
        **found,
        "threshold": threshold,
        "split": f"{config.split} split, {config.folds} folds",
        "area_words": "every tile, each held out once",
        "landslides": evaluation.landslides(ordered[0], config.scene, everywhere, "test"),
        "synthetic": config.synthetic,
        "spread": {n: float(np.std([r[n] for r in rows], ddof=1)) for n in SPREAD},
        "folds": rows,
        **{name: _baseline(ordered, name, threshold, layout) for name in baseline.NAMES},
    }


def _baseline(runs: Sequence[Run], name: str, threshold: float, layout: BlockLayout) -> dict | None:
    """Scores of a baseline over all folds, None where one lacks it."""
    folders = [run.path / name for run in runs]
    if not all((folder / run_files.COUNTS).exists() for folder in folders):
        return None
    return _scores([_held_out(folder) for folder in folders], threshold, layout)


def sets(runs: Sequence[Run]) -> list[list[Run]]:
    """The complete sets of folds among `runs` (newest first): alike in all but the fold."""
    found: dict[RunConfig, dict[int, Run]] = {}
    for run in runs:
        if run.config.fold and run.predicted():
            found.setdefault(replace(run.config, fold=None), {}).setdefault(run.config.fold, run)
    complete = [list(f.values()) for config, f in found.items() if len(f) == config.folds]
    return [each for each in complete if _held_out_once(each)]


def of_network(run: Run, runs: Sequence[Run]) -> list[Run] | None:
    """The complete set of folds of the same network as `run` (whatever its seed and length), None
    where there is none."""
    names = ("scene", "fingerprint", "inventory_version", "model", "dataset", "preset", "coding")
    same = [getattr(run.config, name) for name in names]
    found = sets(runs)
    return next((s for s in found if [getattr(s[0].config, n) for n in names] == same), None)


def _held_out_once(runs: Sequence[Run]) -> bool:
    """No tile lies in two test parts: folds that were drawn differently are no set."""
    parts = [split.load(run.path / run_files.SPLIT).part for run in runs]
    alike = len({len(part) for part in parts}) == 1
    return alike and bool((np.sum([p == metrics.TEST for p in parts], axis=0) <= 1).all())


def _check(runs: Sequence[Run]) -> None:
    folds = sorted(run.config.fold or 0 for run in runs)
    if not runs or folds != list(range(1, (runs[0].config.folds or 0) + 1)):
        raise SlideScopeError(
            f"Folds {', '.join(map(str, folds)) or 'none'} are here: a pooled table needs each "
            "fold exactly once; run `python -m core kfold` to train those that are missing."
        )
    if not _held_out_once(runs):
        raise SlideScopeError(
            f"The folds of '{runs[0].id}' overlap: some were drawn by an earlier version of the "
            "software, so tiles are held out twice; run `python -m core kfold` to train them anew."
        )


def _held_out(folder: Path) -> np.ndarray:
    """Counts (tiles, 200, 2) of a fold's test part; 0 in the others' tiles."""
    counts, part = products.load_counts(folder)
    return np.where((part == metrics.TEST)[:, None, None], counts, 0)


def _scores(held_out: Sequence[np.ndarray], threshold: float, layout: BlockLayout) -> dict:
    """Scores of one fold's counts, or of the sum of several."""
    counts = np.sum(held_out, axis=0)
    there = counts.any(axis=(1, 2))
    return evaluation.score(counts, np.where(there, metrics.TEST, 255), "test", threshold, layout)
