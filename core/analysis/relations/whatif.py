"""What if a factor were left out? Everything anew from stored correlations, without a pixel.

The pixels stay those with data in all factors of the stored analysis, so that only the choice of
factors makes the difference.
"""

from collections.abc import Sequence

import numpy as np

from core.analysis.one_pass.coding import (
    CODINGS,
    PAPER,
    RECOMMENDED,
    Coded,
    association,
    class_codes,
    measure,
)
from core.analysis.relations import warnings
from core.analysis.relations.collinearity import collinearity
from core.analysis.store import Stored, plain
from core.errors import SlideScopeError
from core.factors import factor
from core.numerals import fixed
from core.scene.store import SceneFactor

# A smaller change is not worth a sentence.
CHANGE = 0.005


def relations_of(coded: Coded, names: Sequence[str], coding: str) -> dict:
    """Return {correlation: {factors, matrix}, collinearity, condition_number, warnings} of these
    factors alone in a coding."""
    groups = list(coded.groups(names, coding).values())
    found = collinearity(list(names), coded.matrix, groups)
    matrix = association(coded, names, coding)
    return {
        "correlation": {"factors": list(names), "matrix": plain(matrix)},
        "collinearity": [row.to_json() for row in found.rows],
        "condition_number": found.condition_number,
        "warnings": warnings.warnings(found, coded.matrix, groups),
    }


def what_if(stored: Stored, without: Sequence[str], coding: str = PAPER) -> dict:
    """Return {without, factors, coding, n} and what `relations_of` gives, of the factors left."""
    every = stored.result["pearson"]["factors"]
    left = remaining(every, without)
    if coding not in CODINGS:
        raise SlideScopeError(
            f"Unknown coding '{coding}': it must be paper or recommended; choose one."
        )
    about = {"without": list(without), "factors": left, "coding": coding, "n": stored.result["n"]}
    return {**about, **relations_of(stored.coded, left, coding)}


def remaining(every: Sequence[str], without: Sequence[str]) -> list[str]:
    """The factors left, in order.

    >>> remaining(["a", "b", "c"], ["b"])
    ['a', 'c']
    """
    unknown = [name for name in without if name not in every]
    if unknown:
        raise SlideScopeError(
            f"There is no factor '{unknown[0]}' to leave out: the analysis has "
            f"{', '.join(every)}; choose one of these."
        )
    left = [name for name in every if name not in without]
    if not left:
        raise SlideScopeError(
            f"Leaving out {', '.join(without)} leaves no factor: statistics need at least one; "
            "keep one."
        )
    return left


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
        f"{fixed(before, 2)} to {fixed(after, 2)}."
    )


def _why(coded: Sequence[SceneFactor]) -> str:
    bearings = [item.known.title for item in coded if item.kind == "circular"]
    many = [i.known.title for i in coded if i.kind == "categorical" and not class_codes(i)]
    classes = [i.known.title for i in coded if i.kind == "categorical" and class_codes(i)]
    parts = []
    if classes:
        parts.append(f"the codes of {' and '.join(classes)} as if they were amounts")
    if bearings:
        parts.append(f"0° and 360° of {' and '.join(bearings)} as far apart as can be")
    better = [f"{c} as classes" for c in classes] + [f"{b} as sine and cosine" for b in bearings]
    left = (
        f"{' and '.join(many)} {'have' if len(many) > 1 else 'has'} too many classes"
        if many
        else ""
    )
    if not parts:
        return f"{left}, so that both codings take the codes as if they were amounts"
    told = f"Paper coding takes {' and '.join(parts)}, recommended coding takes {', '.join(better)}"
    return told + (f" ({left} for that: its codes stay amounts)" if left else "")


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
