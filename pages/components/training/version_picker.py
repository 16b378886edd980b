"""Which version of the inventory a training learns; shown where there is a choice."""

import streamlit as st

from core.language.translation import in_words
from core.runs.request import TrainRequest
from core.scene import inventory
from core.scene.store import Scene
from pages.components import field
from pages.components.field import PERSIST


def show(scene: Scene) -> int | None:
    """Return the chosen version, None for the imported one."""
    known = inventory.numbers(scene)
    if len(known) < 2:
        return None
    entries = {n: inventory.at(scene, n).inventory for n in known}
    chosen = st.selectbox(
        options=known,
        format_func=in_words(lambda n: _words(n, entries[n])),
        key=f"inventory-version-{scene.name}",
        **field.words(field.of(TrainRequest, "inventory_version")),
        **PERSIST,
    )
    return None if chosen == known[0] else chosen


def _words(number: int, entry: dict) -> str:
    """
    >>> _words(2, {"polygons": 180, "decisions": ["a", "b"]})
    '2: 180 landslides, 2 from the review'
    """
    reviewed = f", {len(entry['decisions'])} from the review" if "decisions" in entry else ""
    return f"{number}: {entry['polygons']} landslides{reviewed}"
