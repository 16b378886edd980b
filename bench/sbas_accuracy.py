"""How true the rate of a stack is, on synthetic stacks whose truth is known.

    python bench/sbas_accuracy.py [--seeds 4]

Stacks: A = 103 dates over 870 days, 303 pairs (the paper's shape), 40 m; B = 31 dates over a year,
80 m, a strong delay with height; gaps = A with two winters of 75 days without pairs above the
median height; sharp = a slide of -140 mm/yr with a sharp edge, pairs to 60 days, unwrapped by
scikit-image (left out without it). 12 slides of -136.5 to 44 mm/yr cover a quarter of A and B.

Goals: root mean square error A <= 4.3, B <= 5.7 mm/yr; on stable ground |bias| <= 1 mm/yr and true
errors within two stated ones at 90 to 98 %; slope of got on true rates across gaps .9 to 1.1; the
sharp slide within 10 %.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
import rasterio
from scipy import ndimage

from core.scene.sbas import chain
from core.scene.sbas.settings import SbasSettings
from tests import interferograms
from tests.interferograms import Stack

A = interferograms.network(103, 870, 3, 26)
B = interferograms.network(31, 360, 3, 60)
LONG = interferograms.network(61, 720, 5, 60)
WINTERS = ((320, 395), (690, 765))
EVERY_PIXEL = {"min_temporal_coherence": 0.0, "min_pairs": 0.0}


def layers(stack: Stack, settings: SbasSettings) -> dict[str, np.ndarray]:
    """The chain's rasters of a stack."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        chain.run(stack, settings, stack.heights, None, Path(folder))
        for file in Path(folder).glob("*.tif"):
            with rasterio.open(file) as opened:
                found[file.stem] = opened.read().squeeze()
    return found


def score(stack: Stack, settings: SbasSettings | None = None) -> dict[str, float]:
    """Root mean square error over the map; bias, spread and two-sigma coverage on stable ground."""
    found = layers(stack, settings or SbasSettings())
    away = found["deformation"] - stack.rate
    kept = np.isfinite(away)
    stable = kept & ~ndimage.binary_dilation(stack.slides > 0, iterations=2)
    within = np.abs(away[stable]) < 2 * found["rate_error"][stable]
    return {
        "rmse_mm_yr": float(np.sqrt((away[kept] ** 2).mean())),
        "bias_mm_yr": float(away[stable].mean()),
        "std_mm_yr": float(away[stable].std()),
        "coverage_2sigma": float(within.mean()),
        "kept": float(kept.mean()),
    }


def of_a(seed: int, size: int = 128) -> Stack:
    return interferograms.make(A, seed, size)


def of_b(seed: int) -> Stack:
    return interferograms.make(B, seed, pixel_m=80.0, delay=15.0)


def gaps(seed: int, cycles: str = "search") -> dict[str, float]:
    """Slope, bias and coverage above the median height, where the winters have no pairs."""
    errors = ("turbulence", "height", "noise")
    stack = interferograms.make(A, seed, 64, rates=np.linspace(-100, 44, 4), errors=errors)
    cut = np.zeros(len(A.pairs), bool)
    for first, last in WINTERS:
        cut |= (A.days[A.second] > first) & (A.days[A.first] < last)
    high = stack.heights > np.median(stack.heights)
    gone = cut[:, None, None] & high
    stack = replace(
        stack,
        phase=np.where(gone, np.nan, stack.phase),
        coherence=np.where(gone, np.nan, stack.coherence),
    )
    found = layers(stack, SbasSettings(cycles=cycles, **EVERY_PIXEL))
    moving, stable = high & (np.abs(stack.rate) > 15), high & (stack.rate == 0)
    away = found["deformation"] - stack.rate
    slope = np.polyfit(stack.rate[moving], found["deformation"][moving], 1)[0]
    within = np.abs(away[stable]) < 2 * found["rate_error"][stable]
    return {
        "slope": float(slope),
        "bias_mm_yr": float(away[stable].mean()),
        "coverage_2sigma": float(within.mean()),
    }


def unwrapper() -> Callable | None:
    """scikit-image's, as `interferograms.make` asks for one; None without it."""
    try:
        from skimage.restoration import unwrap_phase
    except ImportError:
        return None

    def unwrap(wrapped: np.ndarray, valid: np.ndarray) -> np.ndarray:
        return np.ma.filled(unwrap_phase(np.ma.array(wrapped, mask=~valid), rng=0), 0.0)

    return unwrap


def sharp(seed: int, unwrap: Callable) -> dict[str, float]:
    """Median rate of the fastest slide over its true one, without and with the search."""
    errors = ("turbulence", "height", "noise", "gaps")
    rates = np.linspace(-140, 44, 4)
    stack = interferograms.make(LONG, seed, 80, rates=rates, errors=errors, taper=50, unwrap=unwrap)
    inside = (stack.slides == 1) & (stack.rate < -0.9 * 140)
    got = {}
    for cycles in ("none", "search"):
        settings = SbasSettings(cycles=cycles, min_temporal_coherence=0.0)
        rate = layers(stack, settings)["deformation"][inside]
        got[f"{cycles}_mm_yr"] = float(np.nanmedian(rate))
    return got


def main() -> dict:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=4)
    seeds = range(parser.parse_args().seeds)
    sets: dict[str, list[dict]] = {
        "A": [score(of_a(seed)) for seed in seeds],
        "B": [score(of_b(seed)) for seed in list(seeds)[:3]],
        "gaps": [gaps(seed) for seed in list(seeds)[:3]],
    }
    if unwrap := unwrapper():
        sets["sharp"] = [sharp(seed, unwrap) for seed in list(seeds)[:2]]
    else:
        print("No scikit-image, no sharp slide: pip install -r requirements-bench.txt")
    for name, rows in sets.items():
        for seed, row in enumerate(rows):
            print(f"{name:<6}{seed}  " + "  ".join(f"{k} {v:.3f}" for k, v in row.items()))
    return {
        name: {key: [round(row[key], 3) for row in rows] for key in rows[0]}
        for name, rows in sets.items()
    }


if __name__ == "__main__":
    print(json.dumps(main()))
