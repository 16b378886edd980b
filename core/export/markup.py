"""Small pieces of HTML; every text in them is escaped."""

from collections.abc import Mapping, Sequence
from html import escape

from core.numerals import whole

DASH = "–"


def table(head: Sequence[str], rows: Sequence[Sequence[str]], caption: str = "") -> str:
    """
    >>> table(["a"], [["<1"]])
    '<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>&lt;1</td></tr></tbody></table>'
    """
    said = f"<caption>{escape(caption)}</caption>" if caption else ""
    top = "".join(f"<th>{escape(word)}</th>" for word in head)
    body = "".join(f"<tr>{_cells(row)}</tr>" for row in rows)
    return f"<table>{said}<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def facts(values: Mapping[str, str]) -> str:
    """A table of name and value."""
    body = "".join(f"<tr>{_cells(pair)}</tr>" for pair in values.items())
    return f"<table class='facts'><tbody>{body}</tbody></table>"


def cards(values: Mapping[str, str]) -> str:
    """Figures to be read from afar."""
    inner = (
        f"<div><span>{escape(k)}</span><strong>{escape(v)}</strong></div>"
        for k, v in values.items()
    )
    return f"<div class='cards'>{''.join(inner)}</div>"


def paragraph(text: str, kind: str = "") -> str:
    about = f" class='{kind}'" if kind else ""
    return f"<p{about}>{escape(text)}</p>"


def number(value: float | None, decimals: int) -> str:
    """A figure with a true minus, a dash where there is none.

    >>> number(-1.25, 1), number(None, 2), number(float("nan"), 2)
    ('−1.2', '–', '–')
    """
    if value is None or value != value:
        return DASH
    text = f"{value:.{decimals}f}" if decimals else whole(round(value))
    return text.replace("-", "−")


def _cells(row: Sequence[str]) -> str:
    return "".join(f"<td>{escape(str(value))}</td>" for value in row)
