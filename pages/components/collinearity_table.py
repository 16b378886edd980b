"""The VIF / TOL table: a bar with the lines at 5 and 10, a flag beyond them, the paper beside."""

from html import escape

import streamlit as st

from core import paper
from core.analysis.collinearity import HIGH, MODERATE
from core.factors import factor

# The bar's right end; larger values fill it.
END = 12.0
STYLE = """<style>
.vif { width: 100%; border-collapse: collapse; font-size: 0.84rem; line-height: 1.35; }
.vif th { font-weight: 600; text-align: right; padding: 2px 4px; opacity: 0.75; }
.vif td { text-align: right; padding: 3px 4px; font-variant-numeric: tabular-nums; }
.vif tr + tr td { border-top: 1px solid rgba(128, 128, 128, 0.25); }
.vif th:first-child, .vif td:first-child { text-align: left; }
.vif .bar { position: relative; width: 26%; min-width: 60px; padding: 0; }
.vif .bar div { height: 0.7rem; background: #0072B2; }
.vif .bar i { position: absolute; top: 0; bottom: 0; width: 0; border-left: 1px dashed; }
.vif .watch div { background: #E69F00; } .vif .high div { background: #D55E00; }
.vif .bar span { position: absolute; bottom: 2px; transform: translateX(-50%); }
.vif .theirs { opacity: 0.6; }
</style>"""
HEADER = (
    "<tr><th>Factor</th><th title='Variance inflation factor'>VIF</th><th class='bar'>{marks}</th>"
    "<th title='Tolerance, 1 / VIF'>TOL</th>"
    "<th title='Printed in the paper, Table 2'>paper VIF</th><th>TOL</th></tr>"
)


def show(rows: list[dict]) -> None:
    """Draw `rows` {factor, vif, tol, reason?}."""
    body = "".join(_row(row) for row in rows)
    marks = "".join(f"<span style='{_at(v)}'>{v:.0f}</span>" for v in (MODERATE, HIGH))
    head = HEADER.format(marks=marks)
    st.html(f"{STYLE}<table class='vif'><thead>{head}</thead><tbody>{body}</tbody></table>")


def verdict(rows: list[dict]) -> str:
    """Return one sentence on the whole table.

    >>> slope = {"factor": "slope", "vif": 1.25, "tol": 0.8}
    >>> verdict([slope, {"factor": "aspect", "vif": 8.0, "tol": 0.125}])
    'VIF above 5: Aspect.'
    >>> verdict([slope])
    'Every VIF is below 5: no factor repeats the others.'
    """
    groups = {
        "Perfectly collinear": [r for r in rows if r["vif"] is None and r["tol"] == 0],
        "Constant, so without VIF": [r for r in rows if r["tol"] is None],
        "VIF above 10": [r for r in rows if r["vif"] is not None and r["vif"] > HIGH],
        "VIF above 5": [r for r in rows if r["vif"] is not None and MODERATE < r["vif"] <= HIGH],
    }
    found = [
        f"{words}: {', '.join(factor(r['factor']).title for r in group)}."
        for words, group in groups.items()
        if group
    ]
    return " ".join(found) or "Every VIF is below 5: no factor repeats the others."


def _row(row: dict) -> str:
    vif = row["vif"]
    kind = "" if vif is not None and vif <= MODERATE else "watch"
    if row["tol"] == 0 or (vif or 0) > HIGH:
        kind = "high"
    flag = {"": "", "watch": " &#9650;", "high": " &#9650;&#9650;"}[kind]
    theirs = paper.TABLE_2.get(row["factor"])
    cells = (
        f"<td>{escape(factor(row['factor']).title)}{flag}</td>",
        f"<td>{_number(vif, escape(row.get('reason', '')))}</td>",
        f"<td class='bar {kind}'>{_bar(row)}</td>",
        f"<td>{_number(row['tol'], 'n/a')}</td>",
        *(f"<td class='theirs'>{f'{v:.3f}'}</td>" for v in theirs or ()),
    )
    return f"<tr>{''.join(cells)}{'' if theirs else '<td></td><td></td>'}</tr>"


def _bar(row: dict) -> str:
    """The bar's width in percent of `END`, full where VIF is infinite."""
    value = END if row["tol"] == 0 else row["vif"] or 0
    lines = "".join(f"<i style='{_at(v)}'></i>" for v in (MODERATE, HIGH))
    return f"<div style='width:{100 * min(value, END) / END:.1f}%'></div>{lines}"


def _at(vif: float) -> str:
    return f"left:{100 * vif / END:.1f}%"


def _number(value: float | None, otherwise: str) -> str:
    return otherwise if value is None else f"{value:.3f}"
