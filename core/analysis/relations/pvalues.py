"""The stored significance of every pair of factors, and how p-values are adjusted.

Light to import: a page reads the result without drawing in SciPy.
"""

from core import atomic
from core.analysis import store
from core.analysis.areas.area import WHOLE, Area
from core.scene.store import Scene


def load(scene: Scene, area: Area = WHOLE) -> dict | None:
    """Return what is stored of this very scene and area, or None."""
    stored = atomic.read_json(store.path_of(scene, area, store.SIGNIFICANCE))
    return stored["result"] if stored and stored["key"] == store.key_of(scene, area) else None


def save(scene: Scene, result: dict, area: Area = WHOLE) -> None:
    value = {"key": store.key_of(scene, area), "result": result}
    atomic.write_json(store.path_of(scene, area, store.SIGNIFICANCE), value)


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
