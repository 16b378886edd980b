"""What the way of splitting does to the figures: paper against block, and every tile in turn."""

from collections.abc import Sequence

import streamlit as st

from core.language.translation import tr
from core.learning.scores import kfold
from core.manuscript import table_notes
from core.runs import gap, measured, tables
from core.runs.store import Run
from pages.components import plain
from pages.components.results import metric_table

METRICS = tuple(tables.METRICS)


def gaps(runs: Sequence[Run]) -> None:
    """A table for each network that was measured with both splits; nothing where there is none."""
    found = gap.gaps(runs)
    if not found:
        return
    st.subheader(tr("The same network with both splits"), anchor=False)
    for each in found:
        pair = ("Paper split", each.paper), ("Block split", each.block)
        rows = [tables.row(word, run.metrics()) for word, run in pair]
        config = each.block.config
        st.markdown(tr(f"**{each.block.title}** :gray[{config.preset}]"))
        areas = "; against ".join(measured.area(run) for _, run in pair)
        said = f"{each.words} {areas}. {table_notes.sureness([r.metrics() for _, r in pair])}"
        metric_table.show(f"gap-{each.block.id}", rows, METRICS, said)


def folds(runs: Sequence[Run]) -> None:
    """The pooled figures of every complete set of folds; nothing where there is none."""
    found = [kfold.pooled(each) for each in kfold.sets(runs)]
    if not found:
        return
    st.subheader(tr("Every tile measured once: k-fold by block"), anchor=False)
    rows = []
    for each in found:
        run = next(r for r in runs if r.id == each["folds"][0]["run"])
        rows.append(tables.row(f"{run.title} :gray[{run.config.preset}]", each))
        rows += tables.baselines(each, f", {run.config.dataset.upper()}")
    said = "; ".join(dict.fromkeys(map(_area, found)))
    spread = "; ".join(f"{100 * each['spread']['f1']:.1f}" for each in found)
    caption = (
        f"{said}. From summed counts; standard deviation of F1 over the folds: {spread} points. "
        f"{table_notes.sureness(found)}"
    )
    metric_table.show("kfold", rows, METRICS, caption)


def joined(runs: Sequence[Run]) -> None:
    """The maps that are joined from several runs; nothing where there is none."""
    _without_network("joined", "Maps joined from several runs", tables.joined(runs))


def brought(runs: Sequence[Run]) -> None:
    """The maps that were made elsewhere; nothing where there is none."""
    _without_network("brought", "Maps made elsewhere", tables.brought(runs))


def _without_network(key: str, title: str, found: Sequence[Run]) -> None:
    if not found:
        return
    st.subheader(tr(title), anchor=False)
    origins = {run.id: plain.words(run.config.origin_words) for run in found}
    rows = [tables.row(f"{run.title} :gray[{origins[run.id]}]", run.metrics()) for run in found]
    areas = "; ".join(dict.fromkeys(measured.area(run) for run in found))
    sure = table_notes.sureness([run.metrics() for run in found])
    metric_table.show(key, rows, METRICS, f"{areas}. {sure}")


def _area(found: dict) -> str:
    kind = ", synthetic scene" if found["synthetic"] else ""
    mapped = f", {found['landslides']} mapped landslides" if found["landslides"] else ""
    return (
        f"{found['tiles']} tiles, {found['area_words']}{kind}{mapped}; {found['split']}; "
        f"threshold {found['threshold']:g}"
    )
