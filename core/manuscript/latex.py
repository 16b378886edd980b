"""Tables in LaTeX, set with booktabs: three lines."""

from collections.abc import Sequence

from core.language import joining, reader
from core.manuscript.table import Table

_SIGNS = {
    "\\": r"\textbackslash{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "−": "$-$",
    "–": "--",
    "×": r"$\times$",
    "≥": r"$\geq$",
    "≤": r"$\leq$",
    "±": r"$\pm$",
    "°": r"$^\circ$",
    "\u2009": r"\,",
    "\u2060": "",
    "“": "``",
    "”": "''",
    "’": "'",
}
_SIGNS |= {sign: f"$^{n}$" for n, sign in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
_SIGNS |= {sign: f"$_{n}$" for n, sign in enumerate("₀₁₂₃₄₅₆₇₈₉")}


# What the file needs, as a comment in it.
HEADS = {
    "en": r"% Needs \usepackage{booktabs}; names in Chinese need XeLaTeX with xeCJK.",
    "zh": r"% 需要 \usepackage{booktabs} 和 \usepackage{ctex}，用 XeLaTeX 编译。",
}


def escaped(text: str) -> str:
    """
    >>> escaped("50 % of A_1 −2")
    '50 \\\\% of A\\\\_1 $-$2'
    """
    return "".join(_SIGNS.get(sign, sign) for sign in text)


def text(tables: Sequence[Table]) -> str:
    """All tables, to be taken in with \\input."""
    return "\n\n".join([HEADS[reader.current()], *map(_table, tables)]) + "\n"


def _table(table: Table) -> str:
    sides = "".join("r" if table.is_number(n) else "l" for n in range(len(table.columns)))
    small = "\\scriptsize\n" if len(table.columns) > 8 else "\\small\n"
    title = table.numbered[1]  # the number is LaTeX's own
    lines = [
        "\\begin{table}[htbp]\n\\centering",
        f"\\caption{{{escaped(title)}}}\\label{{tab:{table.name}}}",
        f"{small}\\begin{{tabular}}{{{sides}}}",
        "\\toprule",
        _line(table.head),
        "\\midrule",
        *(_row(table, n, row) for n, row in enumerate(table.shown)),
        "\\bottomrule\n\\end{tabular}",
    ]
    if table.notes:
        notes = joining.paragraph(map(escaped, table.notes))
        lines.append(f"\\par\\smallskip\n\\begin{{minipage}}{{\\linewidth}}\\footnotesize {notes}")
        lines.append("\\end{minipage}")
    return "\n".join([*lines, "\\end{table}"])


def _row(table: Table, number: int, shown: Sequence[str]) -> str:
    cells = [escaped(cell) for cell in shown]
    for n, cell in enumerate(cells):
        if (number, n) in table.bold:
            cells[n] = f"\\textbf{{{cell}}}"
    return " & ".join(cells) + r" \\"


def _line(shown: Sequence[str]) -> str:
    return " & ".join(map(escaped, shown)) + r" \\"
