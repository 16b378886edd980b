"""What the charts of all pages share: how they are drawn, and how a browser saves them.

Every chart has two buttons, PNG and SVG; the browser makes both by itself, and nothing is fetched.
Plotly has one of them; pages/assets/charts.js puts the other beside it.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.language import reader
from core.language.translation import tr

SCRIPT = Path(__file__).resolve().parents[1] / "assets" / "charts.js"
# Pixels of a saved PNG for each of the page: at the 96 of an inch of a screen about 400 an inch.
SCALE = 4


def script() -> str:
    """What puts the second button beside Plotly's."""
    return SCRIPT.read_text(encoding="utf-8")


def draw(figure: go.Figure, key: str, where: Any = st, tools: Sequence[str] = (), **more: Any):
    """Draw a chart and return what is selected in it; `tools` are buttons of Plotly's beside those
    that save it, which name the file after `key`."""
    buttons = [list(tools), ["toImage"]] if tools else [["toImage"]]
    saved = {"format": "png", "scale": SCALE, "filename": f"slidescope-{key}"}
    config = {"displaylogo": False, "modeBarButtons": buttons, "toImageButtonOptions": saved}
    return where.plotly_chart(told(figure), key=key, config=config, **more)


# Of a chart, what holds words; x, y and z may hold names instead of numbers.
_WORDS = frozenset(("text", "title", "name", "hovertemplate", "hovertext", "ticktext", "x", "y"))
_WORDS_TOO = frozenset(("labels", "customdata", "label", "texttemplate", "categoryarray"))


def told(figure: go.Figure) -> go.Figure:
    """The chart with its words in the reader's language."""
    if reader.current() == reader.ENGLISH:
        return figure
    # Without Plotly's look at every part: nothing but words differs.
    return go.Figure(_told(figure.to_plotly_json(), ""), skip_invalid=True)


def _told(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return {key: _told(each, key) for key, each in value.items()}
    if isinstance(value, str):
        return tr(value) if name in _WORDS or name in _WORDS_TOO else value
    if isinstance(value, (list, tuple)) or getattr(value, "dtype", np.dtype(int)).kind in "OU":
        return [_told(each, name) for each in value]
    return value


def kept(make: Callable[..., go.Figure], *given: Any) -> go.Figure:
    """Return `make(*given)`, built once: Plotly takes longer over a chart than we over its numbers.

    `given` is what JSON can hold.
    """
    name = f"{make.__module__}.{make.__name__}.{reader.current()}"
    return _kept(name, json.dumps(given), make, given)


@st.cache_resource(max_entries=128, show_spinner=False)
def _kept(name: str, words: str, _make: Callable[..., go.Figure], _given: tuple) -> go.Figure:
    return told(_make(*_given))
