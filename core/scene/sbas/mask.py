"""Another mask for a rate that is there: which pixels are kept, without a new inversion."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import rasterio

from core import atomic
from core.errors import SlideScopeError
from core.scene.grid import Grid
from core.scene.sbas import layers
from core.scene.sbas.outcome import FILE, Outcome
from core.scene.sbas.settings import MaskSettings

NAMES = tuple(each.name for each in fields(MaskSettings))


@dataclass(frozen=True)
class Grounds:
    """What a mask goes by, float32 (H, W) each, NaN where no pair has data; `used`: pairs
    of the stack that the rate is made of."""

    rate: np.ndarray
    error: np.ndarray
    temporal_coherence: np.ndarray
    pairs: np.ndarray
    islands: np.ndarray
    used: int

    def kept(self, mask: MaskSettings) -> np.ndarray:
        """(H, W) bool, by the rules of the chain."""
        fine = np.isfinite(self.rate)
        fine &= self.temporal_coherence >= mask.min_temporal_coherence
        fine &= self.pairs >= mask.min_pairs * self.used
        if mask.max_rate_error is not None:
            fine &= self.error <= mask.max_rate_error
        if mask.islands == "1":
            fine &= self.islands == 1
        return fine

    @property
    def ground(self) -> int:
        """Pixels that have pairs at all: what shares are of."""
        return int((self.pairs > 0).sum())

    def share(self, mask: MaskSettings) -> float:
        """Share of the ground with pairs that a mask keeps."""
        return float(self.kept(mask).sum() / max(1, self.ground))

    def by_temporal_coherence(self, bins: int = 50) -> tuple[np.ndarray, np.ndarray]:
        """Pixels (bins,) in equal steps of temporal coherence, and the edges (bins + 1,)."""
        known = self.temporal_coherence[np.isfinite(self.temporal_coherence)]
        return np.histogram(known, bins, (0.0, 1.0))


def read(folder: Path, found: Outcome) -> Grounds:
    """The grounds of the chain's folder, whose outcome is `found`."""
    return Grounds(
        rate=_layer(folder, "rate"),
        error=_layer(folder, "rate_error"),
        temporal_coherence=_layer(folder, "temporal_coherence"),
        pairs=_layer(folder, "pairs"),
        islands=_layer(folder, "islands"),
        used=found.pairs_used,
    )


def _layer(folder: Path, name: str) -> np.ndarray:
    with rasterio.open(folder / f"{name}.tif", driver="GTiff") as file:
        return file.read(1)


def of(settings: Mapping[str, Any]) -> MaskSettings:
    """The mask among the settings of an outcome."""
    return MaskSettings(**{name: settings[name] for name in NAMES})


def words(mask: MaskSettings) -> str:
    """
    >>> words(MaskSettings(max_rate_error=4))
    'temporal coherence from 0.7, 50 % of the pairs, error up to 4 mm/yr'
    """
    told = f"temporal coherence from {mask.min_temporal_coherence:g}"
    told += f", {100 * mask.min_pairs:.0f} % of the pairs"
    if mask.max_rate_error is not None:
        told += f", error up to {mask.max_rate_error:g} mm/yr"
    return f"{told}, one island of dates" if mask.islands == "1" else told


def check(grounds: Grounds, mask: MaskSettings) -> np.ndarray:
    """What a mask keeps, (H, W) bool; raise a SlideScopeError where that is nothing."""
    kept = grounds.kept(mask)
    if not kept.any():
        best = float(np.nanmax(grounds.temporal_coherence))
        raise SlideScopeError(
            f"No pixel has {words(mask)} (best temporal coherence {best:.2f}): ask for less."
        )
    return kept


def write(folder: Path, found: Outcome, mask: MaskSettings) -> Outcome:
    """Write the rate under another mask and what is said of it into the chain's folder."""
    grounds = read(folder, found)
    kept = check(grounds, mask)
    rate = np.where(kept, grounds.rate, np.float32(np.nan))
    layers.write(folder, "deformation", rate, Grid.from_json(found.grid))
    made = replace(
        found,
        settings={**found.settings, **{name: getattr(mask, name) for name in NAMES}},
        figures={**found.figures, **figures(grounds, kept, found)},
    )
    atomic.write_json(folder / FILE, made.to_json())
    return made


def figures(grounds: Grounds, kept: np.ndarray, found: Outcome) -> dict[str, float | int | None]:
    """Those of an outcome's figures that follow the mask."""
    rate, error = grounds.rate[kept], grounds.error[kept]
    known = error[np.isfinite(error)]
    limit = max(span.fastest_mm_yr for span in found.spans)
    fast = np.abs(rate) + 2 * np.nan_to_num(error) > limit
    return {
        "pixels_kept": int(kept.sum()),
        "share_kept": round(float(kept.sum() / max(1, grounds.ground)), 4),
        "rate_min": round(float(rate.min()), 4),
        "rate_median": round(float(np.median(rate)), 4),
        "rate_mean": round(float(rate.mean(dtype=np.float64)), 4),
        "rate_max": round(float(rate.max()), 4),
        "error_median": round(float(np.median(known)), 4) if known.size else None,
        "temporal_coherence_median": round(float(np.median(grounds.temporal_coherence[kept])), 4),
        "pixels_of_several_islands": int((grounds.islands[kept] > 1).sum()),
        "share_too_fast": round(float(fast.mean()), 4),
    }
