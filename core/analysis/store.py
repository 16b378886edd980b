"""The stored analysis: analysis.json in the scene's folder, found again by what it was made of.

Light to import: a page reads the result without drawing in scikit-learn.
"""

from collections.abc import Sequence

import numpy as np

from core import atomic
from core.analysis.collinearity import collinearity
from core.factors import CAUSATIVE
from core.scene.store import Scene

# Raised whenever the stored object changes its meaning.
FORMAT = 1
FILE = "analysis.json"


def load(scene: Scene) -> dict | None:
    """Return the stored analysis, or None where there is none of this very scene."""
    stored = atomic.read_json(scene.path / FILE)
    return stored["result"] if stored and stored["key"] == _key(scene) else None


def save(scene: Scene, result: dict) -> None:
    atomic.write_json(scene.path / FILE, {"key": _key(scene), "result": result})


def _key(scene: Scene) -> dict:
    version = scene.inventory["version"] if scene.inventory else None
    return {"format": FORMAT, "fingerprint": scene.fingerprint, "inventory": version}


def relations(names: Sequence[str], correlation: np.ndarray) -> dict:
    """Return pearson, collinearity and condition_number as JSON has them; None where a
    coefficient is undefined."""
    found = collinearity(list(names), correlation)
    values = [[None if np.isnan(v) else float(v) for v in row] for row in correlation]
    return {
        "pearson": {"factors": list(names), "matrix": values},
        "collinearity": [row.to_json() for row in found.rows],
        "condition_number": found.condition_number,
    }


def subset(analysis: dict, names: Sequence[str]) -> dict:
    """The relations of these factors alone, from the stored correlation matrix.

    VIF depends on which factors stand beside each other: it is computed anew.
    """
    every = analysis["pearson"]["factors"]
    at = [every.index(name) for name in names]
    matrix = np.array(analysis["pearson"]["matrix"], dtype=float)
    return relations(names, matrix[np.ix_(at, at)])


def view(analysis: dict, causative: bool) -> dict:
    """Return pearson, collinearity, condition_number, importance and auc: of all factors, or of
    the paper's causative ones on the same pixels."""
    names = causative_of(analysis["pearson"]["factors"]) if causative else []
    if names:
        return {**subset(analysis, names), **(analysis["causative"] or _NO_IMPORTANCE)}
    keys = ("pearson", "collinearity", "condition_number", "importance", "auc")
    return {key: analysis[key] for key in keys}


_NO_IMPORTANCE = {"importance": None, "auc": None}


def causative_of(names: Sequence[str]) -> list[str]:
    """The paper's causative factors among `names`, in the order of its Table 2.

    >>> causative_of(["nir", "slope", "deformation"])
    ['deformation', 'slope']
    """
    return [name for name in CAUSATIVE if name in names]
