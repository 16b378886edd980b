"""What the charts of the analysis share."""

import json
from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go
import streamlit as st

# Of Plotly's buttons the one that saves the picture; nothing is fetched from the network.
DOWNLOAD = {"displaylogo": False, "modeBarButtons": [["toImage"]]}


def kept(make: Callable[..., go.Figure], *given: Any) -> go.Figure:
    """Return `make(*given)`, built once: Plotly takes longer over a chart than we over its numbers.

    `given` is what JSON can hold.
    """
    return _kept(f"{make.__module__}.{make.__name__}", json.dumps(given), make, given)


@st.cache_resource(max_entries=128, show_spinner=False)
def _kept(name: str, words: str, _make: Callable[..., go.Figure], _given: tuple) -> go.Figure:
    return _make(*_given)
