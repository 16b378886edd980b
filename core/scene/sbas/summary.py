"""What is said of a finished map: its figures, its datum, its warnings."""

from dataclasses import asdict
from typing import Any

import numpy as np

from core.numerals import fixed
from core.scene.interferograms.network import fastest_mm_yr
from core.scene.sbas import cycles, series
from core.scene.sbas.datum import MOVING_MM_YR, Datum
from core.scene.sbas.layers import LAYERS
from core.scene.sbas.outcome import Outcome, spans_of
from core.scene.sbas.settings import SbasSettings
from core.scene.sbas.work import Map, Work

# Share of kept pixels beyond what the shortest pairs can show that is worth a word.
TOO_FAST_SHARE = 0.001
# Radians that triplets are off beside whole cycles, on the mean, that are worth a word.
LOOSE_ENDS = 0.1


def summarise(
    work: Work, given: SbasSettings, whole: Map, fitted: Datum, kept: np.ndarray
) -> Outcome:
    """The outcome of a map whose pixels `kept` (H, W) have a rate."""
    found, stack = work.found, work.stack
    moves = box_rate(work, whole, fitted)
    return Outcome(
        dates=tuple(day.isoformat() for day in found.network.dates),
        pairs=found.pairs,
        pairs_used=len(found.kept),
        triplets=len(found.network.triplets),
        islands=sum(len(island) > 1 for island in found.network.islands),
        wavelength_m=float(stack.wavelength_m),
        grid=stack.grid.to_json(),
        settings=asdict(given),
        steps=work.settings.steps,
        reference={**asdict(found.reference), "moves_mm_yr": moves},
        whole_pairs={found.pairs[m].name: int(n) for m, n in zip(found.kept, work.turns) if n},
        spans=spans_of(found, stack.wavelength_m),
        datum=_datum(fitted),
        figures=figures(work, whole, kept),
        layers=_files(work.settings.series),
        looked_at=found.rows_share,
        warnings=warnings(work, whole, fitted, kept, moves),
        zeros={found.pairs[m].name: float(zero) for m, zero in zip(found.kept, work.zero)},
    )


def _files(with_series: bool) -> dict[str, str]:
    files = {f"{name}.tif": layer.title for name, layer in LAYERS.items()}
    return files | ({series.FILE: "Displacement at every date"} if with_series else {})


def _datum(fitted: Datum) -> dict[str, Any]:
    return {
        "terms": list(fitted.terms),
        "spread_mm_yr": _plain(fitted.spread_mm_yr),
        "stable_share": _plain(fitted.stable_share),
        "stable_mm_yr": _plain(fitted.stable_mm_yr),
    }


def _plain(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else round(float(value), 4)


def _mean(values: np.ndarray) -> float | None:
    return _plain(values.mean(dtype=np.float64)) if values.size else None


def box_rate(work: Work, whole: Map, fitted: Datum) -> float | None:
    """mm/yr that the reference box has once the datum is taken off; None without a datum."""
    if fitted.planes is None:
        return None
    rate = whole["rate"][work.found.reference.box(whole["rate"].shape)]
    return _plain(np.median(rate[np.isfinite(rate)])) if np.isfinite(rate).any() else None


def figures(work: Work, whole: Map, kept: np.ndarray) -> dict[str, float | int | None]:
    """Of the kept pixels, unless the name says otherwise; rates and errors in mm/yr."""
    rate, error = whole["rate"][kept], whole.error[kept]
    known = error[np.isfinite(error)]
    ground = whole["pairs"] > 0
    before, after = (whole[name][np.isfinite(whole[name])] for name in ("before", "after"))
    loose = cycles.loose_ends(work.found.network, work.found.sample, work.zero)
    return (
        {
            "pixels": int(kept.size),
            "pixels_with_pairs": int(ground.sum()),
            "pixels_kept": int(kept.sum()),
            "share_kept": _plain(kept.sum() / max(1, ground.sum())),
            "rate_min": _plain(rate.min()),
            "rate_median": _plain(np.median(rate)),
            "rate_mean": _plain(rate.mean(dtype=np.float64)),
            "rate_max": _plain(rate.max()),
            "error_median": _plain(np.median(known)) if known.size else None,
            "temporal_coherence_median": _plain(np.median(whole["temporal_coherence"][kept])),
            "closures_before": _mean(before),
            "closures_after": _mean(after),
            "cycles_changed": _plain(whole["changed"][ground].mean(dtype=np.float64)),
            "pixels_of_several_islands": int((whole["islands"][kept] > 1).sum()),
            "closure_beside_cycles_rad": _plain(loose),
            "share_too_fast": _plain(too_fast(work, rate, error)),
        }
        if kept.any()
        else {"pixels": int(kept.size), "pixels_kept": 0}
    )


def too_fast(work: Work, rate: np.ndarray, error: np.ndarray) -> float:
    """Share whose rate, with two errors, passes what the shortest pairs can show."""
    limit = fastest_mm_yr(float(work.found.network.spans_days.min()), work.stack.wavelength_m)
    return float((np.abs(rate) + 2 * np.nan_to_num(error) > limit).mean())


def warnings(
    work: Work, whole: Map, fitted: Datum, kept: np.ndarray, moves: float | None
) -> tuple[str, ...]:
    """Everything that somebody who uses the map should know."""
    words = [*work.found.warnings, *fitted.warnings]
    if moves is not None and not work.found.reference.given and abs(moves) > MOVING_MM_YR:
        words.append(
            f"The reference box moves {abs(moves):.0f} mm/yr against its surroundings; the datum "
            "was taken from stable ground."
        )
    fast = too_fast(work, whole["rate"][kept], whole.error[kept])
    if fast > TOO_FAST_SHARE:
        days = int(work.found.network.spans_days.min())
        limit = fastest_mm_yr(days, work.stack.wavelength_m)
        words.append(
            f"{100 * fast:.1f} % of the pixels may move faster than the {limit:.0f} mm/yr that the "
            f"shortest pairs ({days} days) can show at a sharp edge: their rate may be cycles off."
        )
    loose = cycles.loose_ends(work.found.network, work.found.sample, work.zero)
    if loose is not None and abs(loose) > LOOSE_ENDS:
        words.append(
            f"Triplets miss closing by {fixed(loose, 2, signed=True)} rad on the mean, beside "
            "whole cycles: plants and moisture lean on the rate of short pairs; leave out the "
            "shortest to see how much."
        )
    return tuple(words)
