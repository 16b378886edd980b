"""What if a factor were left out? Everything anew from stored correlations, without a pixel.

The pixels stay those with data in all factors of the stored analysis, so that only the choice of
factors makes the difference.
"""

from collections.abc import Sequence

from core.analysis.one_pass.coding import CODINGS, PAPER, Coded, association
from core.analysis.relations import warnings
from core.analysis.relations.collinearity import collinearity
from core.analysis.store import Stored, plain
from core.errors import SlideScopeError


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
