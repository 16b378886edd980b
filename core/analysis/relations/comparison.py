"""Both codings side by side, and one sentence on what differs and why."""

from collections.abc import Sequence

import numpy as np

from core.analysis.one_pass.coding import PAPER, RECOMMENDED, Coded, measure
from core.analysis.relations.whatif import relations_of
from core.factors import factor
from core.scene.store import SceneFactor

# A smaller change is not worth a sentence.
CHANGE = 0.005


def codings(coded: Coded, factors: Sequence[SceneFactor]) -> dict:
    """Return {paper, recommended: as `relations_of`, difference: one sentence}.

    `recommended.correlation` has `measures` besides: what each figure of its matrix is.
    """
    names = [item.name for item in factors]
    both = {coding: relations_of(coded, names, coding) for coding in (PAPER, RECOMMENDED)}
    measures = [[measure(one, other) for other in factors] for one in factors]
    both[RECOMMENDED]["correlation"]["measures"] = measures
    return {**both, "difference": difference(both, factors)}


def difference(both: dict, factors: Sequence[SceneFactor]) -> str:
    """One sentence on what differs between the codings of these factors, and why."""
    coded = [item for item in factors if item.kind != "continuous"]
    if not coded:
        return "All factors are plain numbers, so both codings are the same."
    why = _why(coded)
    pair = _largest_change(both, factors)
    if pair is None:
        return f"{why}; here no coefficient changes by more than {CHANGE:g}."
    one, other, before, after = pair
    return (
        f"{why}; the largest change is between {factor(one).title} and {factor(other).title}, from "
        f"{before:.2f} to {after:.2f}."
    ).replace("-", "−")


def _why(coded: Sequence[SceneFactor]) -> str:
    bearings = [item.known.title for item in coded if item.kind == "circular"]
    classes = [item.known.title for item in coded if item.kind == "categorical"]
    parts = []
    if classes:
        parts.append(f"the codes of {' and '.join(classes)} as if they were amounts")
    if bearings:
        parts.append(f"0° and 360° of {' and '.join(bearings)} as far apart as can be")
    better = [f"{c} as classes" for c in classes] + [f"{b} as sine and cosine" for b in bearings]
    return f"Paper coding takes {' and '.join(parts)}, recommended coding takes {', '.join(better)}"


def _largest_change(both: dict, factors: Sequence[SceneFactor]):
    names = [item.name for item in factors]
    before, after = (
        np.array(both[coding]["correlation"]["matrix"], float) for coding in (PAPER, RECOMMENDED)
    )
    change = np.nan_to_num(np.abs(np.abs(after) - np.abs(before)))
    one, other = np.unravel_index(change.argmax(), change.shape)
    if change[one, other] <= CHANGE:
        return None
    return names[one], names[other], before[one, other], after[one, other]
