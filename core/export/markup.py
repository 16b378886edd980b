"""Small pieces of HTML; every text in them is escaped."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from cmap import Colormap

from core.language import joining
from core.language.translation import tr
from core.numerals import fixed

# Readable with every colour vision, and the page's own.
COLOURS = Colormap("crameri:vik")
LINES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
SIDE = 320


STYLE = Path(__file__).parent / "assets" / "report.css"
# Nothing is fetched, whatever a name in the data says.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


DASH = "–"


def told(text: object) -> str:
    """A text of ours in the reader's language, a name (`Own`) as it is, both as HTML writes them.

    >>> told("p < 0.5")
    'p &lt; 0.5'
    """
    return escape(tr(text if isinstance(text, str) else str(text)))


def table(head: Sequence[str], rows: Sequence[Sequence[str]], caption: str = "") -> str:
    """
    >>> table(["a"], [["<1"]])
    '<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>&lt;1</td></tr></tbody></table>'
    """
    said = f"<caption>{told(caption)}</caption>" if caption else ""
    top = "".join(f"<th>{told(word)}</th>" for word in head)
    body = "".join(f"<tr>{_cells(row)}</tr>" for row in rows)
    return f"<table>{said}<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def facts(values: Mapping[str, str]) -> str:
    """A table of name and value."""
    body = "".join(f"<tr>{_cells(pair)}</tr>" for pair in values.items())
    return f"<table class='facts'><tbody>{body}</tbody></table>"


def cards(values: Mapping[str, str]) -> str:
    """Figures to be read from afar."""
    inner = (
        f"<div><span>{told(k)}</span><strong>{told(v)}</strong></div>" for k, v in values.items()
    )
    return f"<div class='cards'>{''.join(inner)}</div>"


def heading(text: str) -> str:
    return f"<h2>{told(text)}</h2>"


def paragraph(text: str, kind: str = "") -> str:
    about = f" class='{kind}'" if kind else ""
    return f"<p{about}>{told(text)}</p>"


def number(value: float | None, decimals: int) -> str:
    """A figure with a true minus, a dash where there is none.

    >>> number(-1.25, 1), number(None, 2), number(float("nan"), 2)
    ('−1.2', '–', '–')
    """
    return fixed(value, decimals)


def _cells(row: Sequence[str]) -> str:
    return "".join(f"<td>{told(value)}</td>" for value in row)


def document(title: str, parts: Sequence[str]) -> str:
    """Return the whole HTML; `parts` is markup whose texts are escaped already."""
    return (
        f'<!doctype html>\n<html lang="{joining.tag()}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{told(title)}</title><style>{STYLE.read_text(encoding='utf-8')}</style></head>"
        f"<body>{''.join(parts)}</body></html>\n"
    )


def heatmap(titles: Sequence[str], matrix: Sequence[Sequence[float | None]], caption: str) -> str:
    """A table of coefficients, each cell in the colour of its figure from -1 to 1."""
    head = "".join(f"<th>{told(title)}</th>" for title in ["", *titles])
    rows = "".join(
        f"<tr><td>{told(title)}</td>{''.join(map(_cell, row))}</tr>"
        for title, row in zip(titles, matrix)
    )
    said = f"<caption>{told(caption)}</caption>"
    return f"<table>{said}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _cell(value: float | None) -> str:
    if value is None:
        return f"<td>{number(None, 2)}</td>"
    colour = COLOURS((value + 1) / 2).hex[:7]
    ink = "#fff" if abs(value) > 0.55 else "#14181b"
    return f"<td style='background:{colour};color:{ink}'>{number(value, 2)}</td>"


def bar(share: float, colour: str = LINES[0]) -> str:
    """A bar as long as `share` (0..1) of its cell.

    >>> bar(0.5, "red")
    "<div style='background:red;height:0.7em;width:50.0%'></div>"
    """
    width = 100 * min(max(share, 0.0), 1.0)
    return f"<div style='background:{colour};height:0.7em;width:{width:.1f}%'></div>"


def bars(head: Sequence[str], rows: Sequence[tuple[list[str], float]], caption: str) -> str:
    """A table whose last column draws the figure that each row brings, the largest in full."""
    most = max([value for _, value in rows] or [0]) or 1
    top = "".join(f"<th>{told(word)}</th>" for word in [*head, ""])
    body = "".join(
        f"<tr>{''.join(f'<td>{told(cell)}</td>' for cell in cells)}"
        f"<td style='width:22%'>{bar(value / most)}</td></tr>"
        for cells, value in rows
    )
    said = f"<caption>{told(caption)}</caption>"
    return f"<table class='bars'>{said}<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def curves(named: Sequence[tuple[str, Sequence[float], Sequence[float]]], caption: str) -> str:
    """ROC curves: (title, false positive rates, true positive rates)."""
    lines, legend = [], []
    for at, (title, x, y) in enumerate(named):
        colour, dash = LINES[at % len(LINES)], "none" if at < len(LINES) else "5 3"
        points = " ".join(f"{SIDE * a:.1f},{SIDE * (1 - b):.1f}" for a, b in zip(x, y))
        style = f"fill='none' stroke='{colour}' stroke-width='2' stroke-dasharray='{dash}'"
        lines.append(f"<polyline points='{points}' {style}/>")
        legend.append(f"<span style='color:{colour}'>{told(title)}</span>")
    frame = f"<rect width='{SIDE}' height='{SIDE}' fill='none' stroke='#888'/>"
    chance = f"<line x1='0' y1='{SIDE}' x2='{SIDE}' y2='0' stroke='#888' stroke-dasharray='3 3'/>"
    box = f"viewBox='-2 -2 {SIDE + 4} {SIDE + 4}' width='{SIDE}' role='img'"
    return (
        f"<figure><svg {box} aria-label='{told(caption)}'>{frame}{chance}"
        f"{''.join(lines)}</svg><div class='legend'>{' '.join(legend)}</div>"
        f"<figcaption>{told(caption)}</figcaption></figure>"
    )
