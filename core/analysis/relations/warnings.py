"""Which factors are too collinear, and which others explain it."""

from collections.abc import Sequence

import numpy as np

from core.analysis.relations.collinearity import (
    HIGH,
    IN_NULL_SPACE,
    MODERATE,
    SINGULAR,
    Collinearity,
    Row,
    generalised,
    independent,
)
from core.factors import factor

# Names beyond these explain little.
MOST = 3
# A factor explains another's VIF when leaving it out takes at least this share away.
EXPLAINS = 0.1


def warnings(
    found: Collinearity, correlation: np.ndarray, groups: Sequence[Sequence[int]] | None = None
) -> list[dict]:
    """Return {factor, level, vif, explained_by, sentence} of every factor with a VIF from 5 on.

    `level` is moderate (from 5 on), high (from 10 on) or perfect. `explained_by`: {factor, beta,
    vif_without}, at most three, the strongest first: `beta` is the standardised coefficient of the
    regression of the one on all others (None between groups of columns, and where VIF is
    infinite), `vif_without` the VIF that is left when that factor is left out.

    >>> from core.analysis.relations.collinearity import collinearity
    >>> r = np.array([[1.0, 0.95], [0.95, 1.0]])
    >>> row = warnings(collinearity(["a", "b"], r), r)[0]
    >>> row["level"], row["explained_by"]
    ('high', [{'factor': 'b', 'beta': 0.95, 'vif_without': 1.0}])
    """
    names = [row.factor for row in found.rows]
    groups = [list(g) for g in groups] if groups else [[i] for i in range(len(names))]
    said = []
    for at, row in enumerate(found.rows):
        level = level_of(row)
        if level is None:
            continue
        if row.vif is None:
            explained = _dependents(at, names, groups, correlation)
        else:
            explained = _explained(at, row.vif, names, groups, correlation)
        value = {"factor": row.factor, "level": level, "vif": row.vif, "explained_by": explained}
        said.append({**value, "sentence": _sentence(value)})
    return said


def level_of(row: Row) -> str | None:
    if row.vif is None:
        return "perfect" if row.tol == 0 else None
    return "high" if row.vif >= HIGH else "moderate" if row.vif >= MODERATE else None


def _explained(at: int, vif: float, names, groups, correlation: np.ndarray) -> list[dict]:
    """Leaving columns b out turns the inverse's part P_aa into P_aa - P_ab P_bb^-1 P_ba."""
    usable = [i for group in groups for i in group if not np.isnan(correlation[i, i])]
    kept = [usable[i] for i in independent(correlation[np.ix_(usable, usable)])]
    inverse = np.linalg.inv(correlation[np.ix_(kept, kept)])
    place = {column: i for i, column in enumerate(kept)}
    own = [place[c] for c in groups[at]]
    inner = correlation[np.ix_(groups[at], groups[at])]
    found = []
    for other, group in enumerate(groups):
        rest = [place[c] for c in group if c in place]
        if other == at or not rest:
            continue
        across = inverse[np.ix_(own, rest)]
        left = inverse[np.ix_(own, own)] - across @ np.linalg.solve(
            inverse[np.ix_(rest, rest)], across.T
        )
        without = max(1.0, generalised(inner, left) ** (1 / len(own)))
        beta = -across[0, 0] / inverse[own[0], own[0]] if across.size == 1 else None
        if without <= (1 - EXPLAINS) * vif:
            found.append((without, names[other], beta))
    return [
        {"factor": name, "beta": _tidy(beta), "vif_without": _tidy(without)}
        for without, name, beta in sorted(found, key=lambda f: f[0])[:MOST]
    ]


def _dependents(at: int, names, groups, correlation: np.ndarray) -> list[dict]:
    """The factors that share a null vector with this one."""
    usable = [i for group in groups for i in group if not np.isnan(correlation[i, i])]
    values, vectors = np.linalg.eigh(correlation[np.ix_(usable, usable)])
    null = vectors[:, values * SINGULAR <= values[-1]]
    shared = np.abs(null @ null.T)
    place = {column: i for i, column in enumerate(usable)}
    own = [place[c] for c in groups[at]]
    found = []
    for other, group in enumerate(groups):
        columns = [place[c] for c in group if c in place]
        if other != at and columns and shared[np.ix_(own, columns)].max() > IN_NULL_SPACE:
            found.append({"factor": names[other], "beta": None, "vif_without": None})
    return found[: 2 * MOST]


def _sentence(value: dict) -> str:
    title = factor(value["factor"]).title
    others = [factor(row["factor"]).title for row in value["explained_by"]]
    by = ", ".join(others) if others else "no single factor"
    if value["level"] == "perfect":
        return f"{title} is an exact combination of {by}: leave one of them out."
    limit = HIGH if value["level"] == "high" else MODERATE
    said = f"{title} has VIF {value['vif']:.1f}, not below {limit:g}: explained by {by}"
    if others:
        left = value["explained_by"][0]["vif_without"]
        said += f"; without {others[0]} it would be {left:.1f}"
    return said + "."


def _tidy(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.12g}")
