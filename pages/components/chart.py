"""What the charts of all pages share: how they are drawn, and how a browser saves them.

Every chart has two buttons, PNG and SVG; the browser makes both by itself, and nothing is fetched.
Plotly has one of them; pages/assets/charts.js puts the other beside it.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import streamlit as st

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
    return where.plotly_chart(figure, key=key, config=config, **more)


def kept(make: Callable[..., go.Figure], *given: Any) -> go.Figure:
    """Return `make(*given)`, built once: Plotly takes longer over a chart than we over its numbers.

    `given` is what JSON can hold.
    """
    return _kept(f"{make.__module__}.{make.__name__}", json.dumps(given), make, given)


@st.cache_resource(max_entries=128, show_spinner=False)
def _kept(name: str, words: str, _make: Callable[..., go.Figure], _given: tuple) -> go.Figure:
    return _make(*_given)
