"""How hard is the synthetic sample scene? Gradient boosting by pixel, and trained networks.

    python bench/sample_difficulty.py [--folder DIR] [--size 2048] [--seed 7] [--splits 3]
                                      [--networks [DIR]]

Generates the scene (or takes the folder of one), aligns it to the elevation grid, and measures F1
of a booster on held-out blocks with all factors (RS-DR), without deformation (RS) and with
deformation alone. `--networks` also lets the shipped FCADenseNets on RS and on RS-DR (or those in
DIR) predict three scenes that no network has seen, with a bootstrap interval of the gain over
blocks. All labels are the complete truth, so landslides that the inventory leaves out count as
landslides. The last line is one JSON object; exit status 1 if the scene, or the gain, is outside
the range it is meant to lie in.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
from rasterio.features import rasterize
from rasterio.warp import Resampling, reproject
from scipy import ndimage
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import precision_recall_curve

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench import sample_networks
from sample_data.watershed import generate

PRETRAINED = Path(__file__).resolve().parent.parent / "models" / "pretrained"

TOPOGRAPHIC = ("elevation", "slope", "aspect", "curvature", "lithology")
REMOTE_SENSING = ("B2", "B3", "B4", "B8", *TOPOGRAPHIC)
WINDOWS = (3, 9)
BLOCKS, HELD_OUT = 4, 5  # blocks along a side; blocks of all 16 held out in one split
BACKGROUND_SHARE = 1 / 20  # of the background cells that are trained on, weighted back


def align(path: Path, shape, transform, crs) -> np.ndarray:
    """First band of a raster on the elevation grid, bilinear, NaN where there is no data."""
    out = np.full(shape, np.nan, np.float32)
    with rasterio.open(path) as file:
        reproject(
            rasterio.band(file, 1),
            out,
            dst_transform=transform,
            dst_crs=crs,
            dst_nodata=np.nan,
            resampling=Resampling.bilinear,
        )
    return out


def load(folder: Path) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Factors on the elevation grid by name, and the label: 0, 1 fresh, 2 slow."""
    with rasterio.open(folder / "DEM.tif") as file:
        z, transform, crs = file.read(1), file.transform, file.crs
    grid = (z.shape, transform, crs)
    factors = {name: align(folder / f"S2_{name}.tif", *grid) for name in ("B2", "B3", "B4", "B8")}
    south, east = np.gradient(z, transform.a)
    factors["elevation"] = z
    factors["slope"] = np.degrees(np.arctan(np.hypot(east, south)))
    factors["aspect"] = np.degrees(np.arctan2(-east, south)) % 360
    factors["curvature"] = -100 * ndimage.laplace(z) / transform.a**2
    rock, truth = (gpd.read_file(folder / f"{name}.gpkg") for name in ("lithology", "truth"))
    codes = zip(rock.geometry, rock["code"])
    factors["lithology"] = rasterize(codes, out_shape=z.shape, transform=transform)
    factors["deformation"] = align(folder / "deformation.tif", *grid)
    kinds = zip(truth.geometry, np.where(truth["kind"] == "fresh", 1, 2))
    label = rasterize(kinds, out_shape=z.shape, transform=transform, dtype="uint8")
    return {name: a.astype(np.float32) for name, a in factors.items()}, label


def inflation(factors: dict[str, np.ndarray]) -> dict[str, float]:
    """VIF of the topographic factors and deformation over cells where all are valid."""
    names = ("deformation", *TOPOGRAPHIC)
    table = np.stack([factors[name].ravel() for name in names]).astype(np.float64)
    table = table[:, np.isfinite(table).all(0)]
    vif = np.diag(np.linalg.inv(np.corrcoef(table)))
    return {name: round(float(v), 3) for name, v in zip(names, vif)}


def neighbourhood(factor: np.ndarray) -> list[np.ndarray]:
    """The value, and mean and deviation in square windows; gaps count as 0."""
    a = np.nan_to_num(factor).astype(np.float64)
    columns = [a]
    for width in WINDOWS:
        mean = ndimage.uniform_filter(a, width)
        square = ndimage.uniform_filter(a * a, width)
        columns += [mean, np.sqrt(np.maximum(square - mean * mean, 0))]
    return [c.astype(np.float32).ravel() for c in columns]


def f1_curve(truth, score, weight=None) -> tuple[np.ndarray, np.ndarray]:
    """F1 at every threshold, and the thresholds."""
    precision, recall, thresholds = precision_recall_curve(truth, score, sample_weight=weight)
    return (2 * precision * recall / (precision + recall + 1e-9))[:-1], thresholds


def held_out_f1(columns, truth, block, split: int) -> float:
    """F1 on the held-out blocks of one split, at the threshold best on the training blocks."""
    draw = np.random.default_rng(100 + split)
    test = np.isin(block, draw.permutation(BLOCKS**2)[:HELD_OUT])
    train = np.flatnonzero(~test)
    train = train[truth[train] | (draw.random(train.size) < BACKGROUND_SHARE)]
    weight = np.where(truth[train], 1, 1 / BACKGROUND_SHARE)
    model = HistGradientBoostingClassifier(
        max_iter=70,
        max_leaf_nodes=24,
        min_samples_leaf=120,
        l2_regularization=5.0,
        max_bins=127,
        early_stopping=False,
        random_state=0,
    )
    known = np.stack([c[train] for c in columns], 1)
    model.fit(known, truth[train], sample_weight=weight)
    f1, thresholds = f1_curve(truth[train], model.predict_proba(known)[:, 1], weight)
    new = np.stack([c[test] for c in columns], 1)
    hit = model.predict_proba(new)[:, 1] >= thresholds[np.argmax(f1)]
    both = (hit & truth[test]).sum()
    return float(2 * both / max(1, hit.sum() + truth[test].sum()))


def measure(folder: Path, splits: int) -> dict:
    """All figures of the scene in `folder`."""
    factors, label = load(folder)
    truth = label.ravel() > 0
    side = np.minimum(np.arange(len(label)) * BLOCKS // len(label), BLOCKS - 1)
    block = (BLOCKS * side[:, None] + side).ravel()
    columns = {name: neighbourhood(factor) for name, factor in factors.items()}
    sets = {
        "rs_dr_f1": (*REMOTE_SENSING, "deformation"),
        "rs_f1": REMOTE_SENSING,
        "deformation_f1": ("deformation",),
    }
    out = {}
    for key, names in sets.items():
        chosen = [c for name in names for c in columns[name]]
        scores = [held_out_f1(chosen, truth, block, split) for split in range(splits)]
        out[key] = round(float(np.mean(scores)), 3)
        print(key, [round(s, 3) for s in scores], flush=True)
    out["difference"] = round(out["rs_dr_f1"] - out["rs_f1"], 3)
    out["vif"] = inflation(factors)
    out["landslides"] = len(gpd.read_file(folder / "truth.gpkg"))
    out["imbalance"] = round(float((~truth).sum() / truth.sum()), 1)
    return out


def acceptable(figures: dict) -> bool:
    """The range the scene is meant to lie in."""
    return (
        0.4 <= figures["rs_dr_f1"] <= 0.8
        and 0.05 <= figures["difference"] <= 0.25
        and figures["deformation_f1"] < figures["rs_dr_f1"]
        and max(figures["vif"].values()) < 2
    )


def main() -> int:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, help="a generated scene; otherwise one is made")
    parser.add_argument("--size", type=int, default=2048)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument(
        "--networks",
        type=Path,
        nargs="?",
        const=PRETRAINED,
        metavar="DIR",
        help="let the networks in DIR predict unseen scenes too (default: the shipped ones)",
    )
    wish = parser.parse_args()
    if wish.networks is not None:
        sample_networks.networks(wish.networks)  # missing ones are told before the long work
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as made:
        folder = wish.folder or Path(made)
        if wish.folder is None:
            generate(folder, wish.size, wish.seed)
        figures = measure(folder, wish.splits)
    figures["labels"] = "complete truth of the synthetic scene, with landslides left out"
    good = acceptable(figures)
    if wish.networks is not None:
        figures["networks"] = sample_networks.measure(wish.networks, wish.size)
        good = good and sample_networks.acceptable(figures["networks"])
    figures["seconds"] = round(time.perf_counter() - start, 1)
    figures["ok"] = good
    print(json.dumps(figures))
    return 0 if figures["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
