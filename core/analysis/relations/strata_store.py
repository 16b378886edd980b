"""The stored strata of a categorical factor.

Light to import: a page reads the result without drawing in the pass.
"""

from core import atomic
from core.analysis import store
from core.analysis.areas.area import WHOLE, Area
from core.scene.store import Scene


def load(scene: Scene, by: str, area: Area = WHOLE) -> dict | None:
    """Return what is stored of this very scene, factor and area, or None."""
    stored = atomic.read_json(store.path_of(scene, area, f"{store.STRATA}-{by}"))
    return stored["result"] if stored and stored["key"] == store.key_of(scene, area) else None


def save(scene: Scene, by: str, result: dict, area: Area = WHOLE) -> None:
    value = {"key": store.key_of(scene, area), "result": result}
    atomic.write_json(store.path_of(scene, area, f"{store.STRATA}-{by}"), value)
