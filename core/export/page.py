"""One HTML page with everything inside it, for reading and for printing to PDF."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

STYLE = Path(__file__).parent / "assets" / "report.css"
# Nothing is fetched, whatever a name in the data says.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def document(title: str, parts: Sequence[str]) -> str:
    """Return the whole HTML; `parts` is markup whose texts are escaped already."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE.read_text(encoding='utf-8')}</style></head>"
        f"<body>{''.join(parts)}</body></html>\n"
    )
