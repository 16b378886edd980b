"""The stored analysis: analysis.json in the scene's folder, found again by what it was made of;
analysis-<area>.json of a part of the scene.

Light to import: a page reads the result without drawing in scikit-learn.
"""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict
from zlib import compress, decompress

import numpy as np

from core import atomic, digests, stored
from core.analysis.areas.area import WHOLE, Area
from core.analysis.control import Shifted
from core.analysis.one_pass.coding import Coded
from core.analysis.one_pass.histogram import FineHistogram
from core.analysis.relations import warnings
from core.analysis.relations.collinearity import collinearity
from core.factors import CAUSATIVE
from core.scene.store import Scene

# Raised whenever the stored object changes its meaning: an older one is computed anew.
FORMAT = 3
FILE = "analysis.json"
SIGNIFICANCE = "significance"
STRATA = "strata"
# What one pass tells, kept while the forests grow.
RELATIONS = "relations"
# A page stores one a map extent; the oldest go.
MOST_AREAS = 20


class Kept(TypedDict):
    """What all files of this room hold: of which state of the scene, and the result."""

    key: dict[str, Any]
    result: dict[str, Any]


class Early(Kept):
    """relations.json"""

    coded: dict[str, Any]


@dataclass(frozen=True)
class Stored:
    """`result` is what `--json` prints; the rest is what other breaks, codings and subsets are
    computed from without reading a pixel."""

    result: dict
    histograms: dict[str, FineHistogram]
    coded: Coded
    shifted: Shifted | None = None


def load(scene: Scene, area: Area = WHOLE) -> dict | None:
    """Return the stored result, or None where there is none of this very scene and area."""
    found = _read(scene, area)
    return found["result"] if found else None


def open_stored(scene: Scene, area: Area = WHOLE) -> Stored | None:
    """The stored result with its histograms and correlations."""
    found = _read(scene, area)
    if found is None:
        return None
    fine = {name: _histogram(value) for name, value in found["histograms"].items()}
    moved = found["shifted"]
    shifted = Shifted.from_json(moved) if moved else None
    return Stored(found["result"], fine, Coded.from_json(found["coded"]), shifted)


def _read(scene: Scene, area: Area) -> dict | None:
    found = stored.made_again(path_of(scene, area), Kept)
    return found if found and found["key"] == key_of(scene, area) else None


def outdated(scene: Scene, area: Area = WHOLE) -> str | None:
    """Return one sentence where a stored analysis cannot be used any more; None where there is
    none, or it is good."""
    found = stored.made_again(path_of(scene, area), Kept)
    was, now = (found or {}).get("key", {}), key_of(scene, area)
    if found is None or was == now:
        return None
    what = "an earlier version of SlideScope"
    if was.get("format") == FORMAT:
        what = "another inventory version" if _same_pixels(was, now) else "an earlier import"
        if _same_pixels(was, now) and was.get("inventory") == now["inventory"]:
            what = "other names of classes"
    return (
        f"The stored statistics of scene '{scene.name}' are of {what} and cannot be shown: "
        "compute them again."
    )


def _same_pixels(was: dict, now: dict) -> bool:
    return was.get("fingerprint") == now["fingerprint"]


def save(scene: Scene, made: Stored, area: Area = WHOLE) -> None:
    fine = {name: _packed(value) for name, value in made.histograms.items()}
    value: dict = {"key": key_of(scene, area), "result": made.result}
    value |= {"histograms": fine, "coded": made.coded.to_json()}
    value |= {"shifted": made.shifted.to_json() if made.shifted else None}
    atomic.write_json(path_of(scene, area), stored.sealed(value))
    _remove(path_of(scene, area, RELATIONS))
    areas = sorted(scene.path.glob("analysis-*.json"), key=lambda f: f.stat().st_mtime)
    for old in areas[:-MOST_AREAS]:
        digest = old.stem.rpartition("-")[2]
        for stem in ("analysis", RELATIONS, SIGNIFICANCE, f"{STRATA}-*"):
            for file in scene.path.glob(f"{stem}-{digest}.json"):
                _remove(file)


def _remove(file: Path) -> None:
    digests.forget(file)
    file.unlink(missing_ok=True)


def save_relations(scene: Scene, found: dict, coded: Coded, area: Area = WHOLE) -> None:
    """Keep what `relations` says of all factors until the whole analysis is there."""
    value = {"key": key_of(scene, area), "result": found, "coded": coded.to_json()}
    atomic.write_json(path_of(scene, area, RELATIONS), stored.sealed(value))


def load_relations(scene: Scene, area: Area = WHOLE) -> tuple[dict, Coded] | None:
    """What was kept of an analysis under way, or that was stopped; None where there is none."""
    found = stored.made_again(path_of(scene, area, RELATIONS), Early)
    if found is None or found["key"] != key_of(scene, area):
        return None
    return found["result"], Coded.from_json(found["coded"])


def path_of(scene: Scene, area: Area, stem: str = "analysis") -> Path:
    digest = hashlib.sha256(area.key.encode()).hexdigest()[:12]
    return scene.path / (f"{stem}-{digest}.json" if area.parts else f"{stem}.json")


def key_of(scene: Scene, area: Area) -> dict:
    """What an analysis was made of; another key, another analysis."""
    version = scene.inventory["version"] if scene.inventory else None
    made_of = {"format": FORMAT, "fingerprint": scene.fingerprint, "inventory": version}
    # Labels of classes are stored with what is said of them.
    named = {f.name: f.names for f in scene.factors if f.names}
    return {**made_of, "area": area.key, **({"names": named} if named else {})}


def _packed(fine: FineHistogram) -> dict:
    counts = b64encode(compress(fine.counts.astype("<i8").tobytes())).decode()
    return {"low": fine.low, "width": fine.width, "bins": fine.counts.shape[1], "counts": counts}


def _histogram(value: dict) -> FineHistogram:
    counts = np.frombuffer(decompress(b64decode(value["counts"])), "<i8")
    return FineHistogram(value["low"], value["width"], counts.reshape(2, value["bins"]))


def relations(names: Sequence[str], correlation: np.ndarray) -> dict:
    """Return pearson, collinearity, condition_number and warnings as JSON has them; None where a
    coefficient is undefined."""
    found = collinearity(list(names), correlation)
    return {
        "pearson": {"factors": list(names), "matrix": plain(correlation)},
        "collinearity": [row.to_json() for row in found.rows],
        "condition_number": found.condition_number,
        "warnings": warnings.warnings(found, correlation),
    }


def plain(matrix: np.ndarray) -> list[list[float | None]]:
    """A matrix as JSON has it, None for NaN."""
    return [[None if np.isnan(v) else float(v) for v in row] for row in matrix]


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
    keys = ("pearson", "collinearity", "condition_number", "warnings", "importance", "auc")
    return {key: analysis[key] for key in keys}


_NO_IMPORTANCE = {"importance": None, "auc": None}


def causative_of(names: Sequence[str]) -> list[str]:
    """The paper's causative factors among `names`, in the order of its Table 2.

    >>> causative_of(["nir", "slope", "deformation"])
    ['deformation', 'slope']
    """
    return [name for name in CAUSATIVE if name in names]


def load_significance(scene: Scene, area: Area = WHOLE) -> dict | None:
    """Return what is stored of this very scene and area, or None."""
    found = stored.made_again(path_of(scene, area, SIGNIFICANCE), Kept)
    return found["result"] if found and found["key"] == key_of(scene, area) else None


def save_significance(scene: Scene, result: dict, area: Area = WHOLE) -> None:
    value = {"key": key_of(scene, area), "result": result}
    atomic.write_json(path_of(scene, area, SIGNIFICANCE), stored.sealed(value))


def holm(pairs: list[dict]) -> list[dict]:
    """Add `p_holm`: p adjusted for the number of pairs that were tested.

    >>> [row["p_holm"] for row in holm([{"p": 0.01}, {"p": None}, {"p": 0.04}, {"p": 0.03}])]
    [0.03, None, 0.06, 0.06]
    """
    tested = sorted((row["p"], at) for at, row in enumerate(pairs) if row["p"] is not None)
    adjusted: dict[int, float] = {}
    highest = 0.0
    for rank, (p, at) in enumerate(tested):
        highest = max(highest, min(1.0, p * (len(tested) - rank)))
        adjusted[at] = highest
    return [{**row, "p_holm": adjusted.get(at)} for at, row in enumerate(pairs)]


def load_strata(scene: Scene, by: str, area: Area = WHOLE) -> dict | None:
    """Return what is stored of this very scene, factor and area, or None."""
    found = stored.made_again(path_of(scene, area, f"{STRATA}-{by}"), Kept)
    return found["result"] if found and found["key"] == key_of(scene, area) else None


def save_strata(scene: Scene, by: str, result: dict, area: Area = WHOLE) -> None:
    value = {"key": key_of(scene, area), "result": result}
    atomic.write_json(path_of(scene, area, f"{STRATA}-{by}"), stored.sealed(value))
