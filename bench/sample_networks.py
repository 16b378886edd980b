"""What well trained networks find on scenes of the generator that they have never seen.

Two networks, one with the deformation rate and one without, predict freshly generated scenes
through the product's own import and prediction. `bench/sample_difficulty.py --networks` calls it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
from rasterio.features import rasterize

SEEDS = (21, 22, 23)  # neither the sample's nor one of those that the shipped networks learn from
ARMS = {"rs_dr": "fcadensenet-rs-dr", "rs": "fcadensenet-rs"}
BLOCK = 256  # px: wider than a landslide, so that blocks are nearly independent
DRAWS, INTERVAL = 1000, (5, 95)
THRESHOLD = 0.5
KINDS = ("fresh", "slow")
GAIN = (0.05, 0.25)


def networks(folder: Path) -> dict[str, Path]:
    """Folder of the trained network of each arm; SystemExit where one is missing."""
    found = {}
    for arm, name in ARMS.items():
        fits = [
            f.parent for f in sorted(folder.glob("*/config.json")) if f"{name}-shipped" in str(f)
        ]
        if not fits:
            raise SystemExit(
                f"No network '*{name}-shipped' in '{folder}': both arms are needed; "
                "ship them with bench/ship_models.py first."
            )
        found[arm] = fits[0]
    return found


def measure(folder: Path, size: int = 2048, seeds: tuple[int, ...] = SEEDS) -> dict:
    """Scores of both arms over all scenes, their difference and its interval over blocks."""
    chosen = networks(folder)
    kept = os.environ.get("SLIDESCOPE_WORKSPACE")
    with tempfile.TemporaryDirectory() as workspace:
        os.environ["SLIDESCOPE_WORKSPACE"] = workspace
        try:
            parts = [_of_scene(chosen, size, seed) for seed in seeds]
        finally:
            os.environ.pop("SLIDESCOPE_WORKSPACE")
            if kept is not None:
                os.environ["SLIDESCOPE_WORKSPACE"] = kept
    table = {arm: np.concatenate([part[arm] for part in parts]) for arm in ARMS}
    return {"seeds": list(seeds), "size": size, **figures(table)}


def _of_scene(chosen: dict[str, Path], size: int, seed: int) -> dict[str, np.ndarray]:
    """Counts of both arms on the scene of one seed, generated, imported and predicted anew."""
    from core import paths
    from core.learning.prediction import prediction
    from core.runs import store as runs
    from core.scene import store as scenes
    from core.workflows import sample

    made = sample.make(f"unseen{seed}", size=size, seed=seed)
    scene = scenes.load(made["scene"])
    truth = gpd.read_file(Path(made["out"]) / "truth.gpkg")
    shapes = zip(truth.geometry, 1 + truth["kind"].map(KINDS.index), strict=True)
    kind = rasterize(shapes, out_shape=scene.grid.shape, transform=scene.grid.affine, dtype="uint8")
    out = {}
    for arm, source in chosen.items():
        target = paths.runs_folder() / source.name
        if not target.exists():
            shutil.copytree(source, target)
        run = runs.load(source.name)
        prediction.predict(run, scene)
        with rasterio.open(run.prediction(scene.name) / "probability.tif") as file:
            probability = file.read(1, masked=True).filled(np.nan)
        out[arm] = counts(probability, kind)
        print(f"seed {seed} {arm}: F1 {f1(out[arm].sum(0)):.3f}", flush=True)
    return out


def counts(probability: np.ndarray, kind: np.ndarray) -> np.ndarray:
    """Hits and misses of each kind (0 none, 1 fresh, 2 slow) by block, int64 (blocks, 3, 2).

    `[..., 1]` is at or above the threshold; cells without a probability are left out.

    >>> counts(np.array([[0.6, 0.2, np.nan]]), np.array([[2, 0, 1]])).tolist()
    [[[1, 0], [0, 0], [0, 1]]]
    """
    rows, cols = (np.arange(n) // BLOCK for n in kind.shape)
    block = rows[:, None] * (cols.max() + 1) + cols
    seen = np.isfinite(probability)
    code = (block * 3 + kind) * 2 + (np.nan_to_num(probability) >= THRESHOLD)
    number = np.bincount(code[seen], minlength=6 * (block.max() + 1))
    return number.reshape(-1, 3, 2)


def f1(table: np.ndarray) -> np.ndarray:
    """F1 of counts (..., 3, 2), shape (...).

    >>> float(f1(np.array([[80, 5], [2, 3], [3, 2]])))
    0.5
    """
    hit = table[..., 1:, 1].sum(-1)
    return 2 * hit / np.maximum(hit + table[..., 1].sum(-1) + table[..., 1:, 0].sum(-1), 1)


def figures(table: dict[str, np.ndarray]) -> dict:
    """Scores of both arms' counts (blocks, 3, 2), the gain and its interval by paired bootstrap."""
    out = {}
    for arm, its in table.items():
        all_of = its.sum(0)
        out[arm] = {"f1": round(float(f1(all_of)), 3)}
        out[arm]["precision"] = round(float(all_of[1:, 1].sum() / max(1, all_of[:, 1].sum())), 3)
        for row, kind in enumerate(KINDS, start=1):
            out[arm][f"recall_{kind}"] = round(float(all_of[row, 1] / max(1, all_of[row].sum())), 3)
    draw = np.random.default_rng(0)
    blocks = len(table["rs"])
    picks = draw.multinomial(blocks, np.full(blocks, 1 / blocks), size=DRAWS)
    drawn = {arm: f1(np.tensordot(picks, its, 1)) for arm, its in table.items()}
    low, high = np.percentile(drawn["rs_dr"] - drawn["rs"], INTERVAL)
    gain = float(f1(table["rs_dr"].sum(0)) - f1(table["rs"].sum(0)))
    out["gain"], out["interval"] = round(gain, 3), [round(float(v), 3) for v in (low, high)]
    out["blocks"] = blocks
    return out


def acceptable(found: dict) -> bool:
    """RS-DR is ahead by as much as is meant, and not by chance."""
    return GAIN[0] <= found["gain"] <= GAIN[1] and found["interval"][0] > 0
