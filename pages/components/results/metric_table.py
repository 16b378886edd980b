"""A table of metrics as papers print it: a row a model, the best value of a column bold, the 90 %
interval in small print below a value."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.language.translation import tr
from core.numerals import fixed, interval
from core.runs.tables import METRICS, Gain, Row, best
from pages.components import plain


def show(
    key: str,
    rows: Sequence[Row],
    metrics: Sequence[str],
    caption: str,
    gain: Gain | None = None,
    gained: str = "Gain",
) -> None:
    """Draw rows and, under them, a gain, which `gained` names; the caption says area and split."""
    with st.container(key=f"metrics-{key}"):
        st.markdown(tr(_table(rows, metrics, gain, gained)))
    st.caption(plain.sentence(caption))


def _table(rows: Sequence[Row], metrics: Sequence[str], gain: Gain | None, gained: str) -> str:
    lines = [_line("", [METRICS[name] for name in metrics]), "|:--|" + "--:|" * len(metrics)]
    tops = {name: best(rows, name) for name in metrics}
    for row in rows:
        cells = [_cell(row, name, tops[name]) for name in metrics]
        label = f"{row.label} :gray[{row.named}]" if row.named else row.label
        lines.append(_line(f"*{label}*" if row.beside else label, cells))
    if gain:
        lines.append(
            _line(f"{gained}, points", [_signed(gain.points, name, 2) for name in metrics])
        )
        lines.append(_line(f"{gained}, %", [_signed(gain.percent, name, 1) for name in metrics]))
    return "\n".join(lines)


def _line(label: str, cells: Sequence[str]) -> str:
    return f"| {label} | " + " | ".join(cells) + " |"


def _cell(row: Row, name: str, top: float | None) -> str:
    """Four decimals, as the paper prints them."""
    value = row.values.get(name)
    if value is None:
        return "–"
    is_top = not row.beside and value == top
    shown = f"**{fixed(value, 4)}**" if is_top else fixed(value, 4)
    return f"{shown} {small(row.intervals.get(name))}".rstrip()


def small(ends: Sequence[float] | None) -> str:
    """An interval in small grey print; nothing where there is none."""
    return f":small[:gray[{interval(ends, leading=False)}]]" if ends else ""


def _signed(values: Mapping[str, float | None], name: str, decimals: int) -> str:
    return fixed(values.get(name), decimals, signed=True)
