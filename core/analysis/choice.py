"""An analysis of some of its factors alone: what is shown after a factor was switched off.

Everything comes from what is stored, on the same pixels; only forests are not grown again.
"""

from collections.abc import Sequence

from core.analysis.areas.area import WHOLE, Area
from core.analysis.classing import Classing
from core.analysis.evidence import tables
from core.analysis.relations.whatif import codings
from core.analysis.store import Stored, causative_of, holm, load_relations, subset
from core.factors import BANDS
from core.scene.store import Scene


def at_first(names: Sequence[str]) -> list[str]:
    """The factors to begin with: image bands are no causative factors (paper, section 4.1).

    >>> at_first(["red", "slope", "landcover"]), at_first(["red", "nir"])
    (['slope', 'landcover'], ['red', 'nir'])
    """
    return [name for name in names if name not in BANDS] or list(names)


def evidence_of(scene: Scene, stored: Stored, classing: Classing) -> dict | None:
    """The evidence of every factor in classes of one's own choice; None without an inventory."""
    known = stored.result["evidence"]
    if known is None or classing == Classing():
        return known
    factors = [scene.factor(name) for name in stored.histograms]
    return tables(factors, stored.histograms, known["landslides"], classing, stored.shifted)


def early(scene: Scene, area: Area = WHOLE) -> dict | None:
    """How the factors to begin with relate, as soon as one pass has told; None before."""
    kept = load_relations(scene, area)
    if kept is None:
        return None
    result, coded = kept
    names = at_first(result["pearson"]["factors"])
    both = codings(coded, [scene.factor(name) for name in names])
    return {"n": result["n"], **subset(result, names), "coding": both}


def narrowed(
    scene: Scene,
    stored: Stored,
    names: Sequence[str],
    evidence: dict | None = None,
    significance: dict | None = None,
) -> dict:
    """Return the stored result as `--json` has it, of the factors `names` alone.

    `importance_factors` are those its forests were grown with. p-values are adjusted for the pairs
    that are left.
    """
    result = stored.result
    found = {
        **result,
        **subset(result, names),
        "coding": codings(stored.coded, [scene.factor(name) for name in names]),
        "factors": [row for row in result["factors"] if row["factor"] in names],
        **_importance(result, names),
        "evidence": _evidence(evidence, names),
    }
    if significance:
        pairs = [row for row in significance["pairs"] if {row["a"], row["b"]} <= set(names)]
        found["significance"] = {**significance, "pairs": holm(pairs)}
    return found


def _importance(result: dict, names: Sequence[str]) -> dict:
    """The paper's six have forests of their own; of other choices the rows of all are shown."""
    every = result["pearson"]["factors"]
    six = causative_of(every)
    if result["causative"] and set(names) == set(six):
        return {**result["causative"], "null_auc": None, "importance_factors": six}
    rows = [row for row in result["importance"] or [] if row["control"] or row["factor"] in names]
    return {"importance": rows or None, "importance_factors": every}


def _evidence(evidence: dict | None, names: Sequence[str]) -> dict | None:
    if evidence is None:
        return None
    left = [table for table in evidence["factors"] if table["factor"] in names]
    return {**evidence, "factors": [{**table, "rank": n} for n, table in enumerate(left, 1)]}
