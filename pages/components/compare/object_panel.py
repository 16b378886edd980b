"""Objects: landslides detected by size, missed and false ones, and why one is where it is."""

from collections.abc import Iterable

import streamlit as st

from core.language.translation import in_words, message, sentences, tr
from core.learning.scores import evaluation
from core.maps.sides import Side
from core.objects import score
from core.objects.found import FoundObjects
from core.review.queue import Asked
from core.runs.measured import scene_of
from core.scene.store import Scene
from pages.components.compare import object_profile, object_table, score_settings
from pages.components.compare.object_table import Go

KINDS = {"missed": "Missed", "false": "False"}
NONE = {
    "missed": "No missed object here at this threshold.",
    "false": "No false object here at this threshold.",
}


def show(scene: Scene, left: Side, right: Side, threshold: float, go: Go) -> None:
    """Draw the scores of both sides, then one side's missed or false objects."""
    sides = {n: s for n, s in (("Left", left), ("Right", right)) if s.run and not s.baseline}
    if not sides:
        st.caption(tr("Landslide by landslide: choose a network's map on either side."))
        return
    with st.spinner(tr("Looking at every landslide")):
        asked = {name: _asked(side, scene, threshold) for name, side in sides.items()}
        found = {name: each.objects for name, each in asked.items()}
    st.markdown(table(found, scene))
    first = next(iter(asked.values()))
    words = evaluation.area_words(first.run, scene.name, first.area)
    where = words[0].upper() + words[1:]
    st.caption(sentences(f"{where} · threshold {threshold:.3f}.", score.RULE))
    with st.container(horizontal=True, gap="small"):
        side = _one_of("Objects of", list(sides), "object_side", list(sides)[-1])
        kind = _one_of("Which objects", list(KINDS), "object_kind", "missed", KINDS.get)
    _list(asked[side], found[side], kind, go)


def _asked(side: Side, scene: Scene, threshold: float) -> Asked:
    area = score.area_of(side.run, scene, score_settings.area())
    return Asked(side.run, scene_of(side.run, scene.name), threshold, area)


def _one_of(label: str, options: list, key: str, default, words=str) -> str:
    if st.session_state.get(key) not in options:
        st.session_state[key] = default
    return st.segmented_control(
        tr(label),
        options,
        key=key,
        format_func=in_words(words),
        required=True,
        label_visibility="collapsed",
    )


def table(found: dict[str, FoundObjects], scene: Scene) -> str:
    """Markdown: a row a size class, a column a side; then false objects and boundary F1."""
    lines = [_row("Detected", found), "|:--|" + "--:|" * len(found)]
    by_side = [score.by_size(each, scene) for each in found.values()]
    for rows in zip(*by_side):
        shares = (_share(row.detected, row.landslides) for row in rows)
        lines.append(_row(rows[0].size.words, shares))
    totals = (_share(len(f.landslides) - len(f.missed), len(f.landslides)) for f in found.values())
    lines.append(_row("all landslides", totals))
    false = (_share(len(f.false), len(f.predicted)) for f in found.values())
    lines.append(_row("false objects", false))
    edges = (f"{f.boundary.f1:.3f}" for f in found.values())
    lines.append(_row("boundary F1", edges))
    return "\n".join(lines)


def _row(title: str, cells: Iterable[str]) -> str:
    return f"| {' | '.join(map(tr, (title, *cells)))} |"


def _share(part: int, whole: int) -> str:
    """
    >>> _share(8, 29), _share(0, 0)
    ('**28 %** 8 of 29', '– none')
    """
    return f"**{100 * part / whole:.0f} %** {part} of {whole}" if whole else "– none"


def _list(asked: Asked, found: FoundObjects, kind: str, go: Go) -> None:
    items = found.missed if kind == "missed" else found.false
    if not items:
        st.caption(tr(NONE[kind]))
        return
    share = message("% predicted") if kind == "missed" else message("% mapped")
    columns = {
        message("object"): ([item.key for item in items], None),
        **object_table.size_column(items),
        "p": ([item.probability for item in items], ".3f"),
        share: ([100 * item.share for item in items], ".1f"),
    }
    st.caption(tr(f"{len(items)} by area × mean probability; choose one to see it."))
    key = f"object-{asked.run.id}-{asked.threshold:g}-{asked.area}-{kind}"
    chosen = object_table.show(items, columns, key, go)
    if chosen:
        object_profile.show(asked, chosen)
