"""The VIF / TOL table: a bar with the lines at 5 and 10, a flag beyond them; both codings, and
the paper's."""

from html import escape

import streamlit as st

from core import paper
from core.analysis.relations.collinearity import HIGH, MODERATE
from core.factors import factor
from core.language.translation import tr
from core.numerals import fixed

# The bar's right end; larger values fill it.
END = 12.0
STYLE = """<style>
.vif { width: 100%; border-collapse: collapse; font-size: 0.84rem; line-height: 1.35; }
.vif th { font-weight: 600; text-align: right; padding: 2px 4px; opacity: 0.75; }
.vif td { text-align: right; padding: 3px 4px; font-variant-numeric: tabular-nums; }
.vif tr + tr td { border-top: 1px solid rgba(128, 128, 128, 0.25); }
.vif th:first-child, .vif td:first-child { text-align: left; }
.vif th[colspan] { text-align: center; border-bottom: 1px solid; }
.vif .bar { position: relative; width: 26%; min-width: 60px; padding: 0; }
.vif .bar div { height: 0.7rem; background: #0072B2; }
.vif .bar i { position: absolute; top: 0; bottom: 0; width: 0; border-left: 1px dashed; }
.vif .watch div { background: #E69F00; } .vif .high div { background: #D55E00; }
.vif .bar span { position: absolute; bottom: 2px; transform: translateX(-50%); }
.vif .theirs { opacity: 0.8; }
</style>"""
BAR = "<th class='bar'>{marks}</th>"


def _th(title: str, about: str = "", span: int = 0) -> str:
    """A head in the reader's language, with what it means."""
    more = f" title='{escape(tr(about), quote=True)}'" if about else ""
    more += f" colspan='{span}'" if span else ""
    return f"<th{more}>{tr(title)}</th>"


def _vif_tol() -> tuple[str, str]:
    return _th("VIF", "Variance inflation factor"), _th("TOL", "Tolerance, 1 / VIF")


def _short_head() -> str:
    vif, tol = _vif_tol()
    suiting = _th("recom&shy;mended", "Aspect as sine and cosine, classes as classes")
    theirs = _th("paper", "VIF printed in the paper, Table 2")
    return f"<tr>{_th('Factor')}{vif}{BAR}{tol}{suiting}{theirs}</tr>"


def _long_head() -> str:
    vif, tol = _vif_tol()
    columns = _th("GVIF (columns)", "Generalised VIF of all columns, and their number")
    return (
        f"<tr><th></th>{_th('paper coding', span=3)}{_th('recommended coding', span=4)}"
        f"{_th('Table 2, printed', span=2)}</tr>"
        f"<tr>{_th('Factor')}{vif}{BAR}{tol}{vif}{BAR}{tol}{columns}"
        "<th>VIF</th><th>TOL</th></tr>"
    )


def show(plain: list[dict], suiting: list[dict]) -> None:
    """Draw rows {factor, vif, tol, reason?} in paper coding, the recommended VIF beside."""
    _draw(_short_head(), [_short(one, two) for one, two in zip(plain, suiting)])


def show_both(plain: list[dict], suiting: list[dict]) -> None:
    """Draw both codings in full."""
    _draw(_long_head(), [_long(one, two) for one, two in zip(plain, suiting)])


def _draw(head: str, rows: list[str]) -> None:
    marks = "".join(f"<span style='{_at(v)}'>{v:.0f}</span>" for v in (MODERATE, HIGH))
    head = head.replace("{marks}", marks)
    st.html(
        f"{STYLE}<table class='vif'><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"
    )


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


def _short(one: dict, two: dict) -> str:
    theirs = paper.TABLE_2.get(one["factor"], (None, None))
    cells = (*_figures(one), _cell(two["vif"], two.get("reason", "")))
    return f"<tr>{_title(one)}{''.join(cells)}{_cell(theirs[0], kind='theirs')}</tr>"


def _long(one: dict, two: dict) -> str:
    theirs = paper.TABLE_2.get(one["factor"], (None, None))
    columns = f"{_number(two.get('gvif'), 'n/a')} ({two['df']})" if two.get("df") else ""
    cells = (*_figures(one), *_figures(two), f"<td>{columns}</td>")
    printed = "".join(_cell(value, kind="theirs") for value in theirs)
    return f"<tr>{_title(one)}{''.join(cells)}{printed}</tr>"


def _title(row: dict) -> str:
    flag = {"": "", "watch": " &#9650;", "high": " &#9650;&#9650;"}[_kind(row)]
    return f"<td>{escape(tr(factor(row['factor']).title))}{flag}</td>"


def _kind(row: dict) -> str:
    vif = row["vif"]
    if row["tol"] == 0 or (vif or 0) > HIGH:
        return "high"
    return "" if vif is not None and vif <= MODERATE else "watch"


def _figures(row: dict) -> tuple[str, str, str]:
    """VIF, its bar and TOL."""
    bar = f"<td class='bar {_kind(row)}'>{_bar(row)}</td>"
    return _cell(row["vif"], row.get("reason", "")), bar, _cell(row["tol"], "n/a")


def _cell(value: float | None, otherwise: str = "", kind: str = "") -> str:
    return f"<td class='{kind}'>{_number(value, escape(otherwise))}</td>"


def _bar(row: dict) -> str:
    """The bar's width in percent of `END`, full where VIF is infinite."""
    value = END if row["tol"] == 0 else row["vif"] or 0
    lines = "".join(f"<i style='{_at(v)}'></i>" for v in (MODERATE, HIGH))
    return f"<div style='width:{100 * min(value, END) / END:.1f}%'></div>{lines}"


def _at(vif: float) -> str:
    return f"left:{100 * vif / END:.1f}%"


def _number(value: float | None, otherwise: str) -> str:
    return otherwise if value is None else fixed(value, 3)
