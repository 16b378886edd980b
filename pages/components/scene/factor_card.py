"""Cards of a scene's factors: picture, name, range, no data, histogram, source."""

from html import escape
from pathlib import Path

import streamlit as st

from core.language.translation import tr
from core.maps import card
from core.scene import store
from pages.components.language import Later

CSS = Path(__file__).resolve().parents[2] / "assets" / "scene.css"


def show(scene: store.Scene) -> None:
    """Draw a card for every factor of the scene."""
    st.html(CSS)
    found = _cards(scene.name, (scene.path / "scene.json").stat().st_mtime_ns)
    st.html(f'<div class="factor-cards">{"".join(_card(item) for item in found)}</div>')


@st.cache_data(max_entries=8, show_spinner=Later("Drawing the factors"))
def _cards(name: str, written: int) -> tuple[card.MapCard, ...]:
    """`written` makes the cache forget a scene that was imported again."""
    return card.cards(store.load(name))


def _card(item: card.MapCard) -> str:
    title, unit = escape(tr(item.title)), escape(tr(item.unit))
    source, missing = escape(tr(item.source)), tr("no data")
    picture = escape(tr(f"Map of {item.title}"))
    return (
        '<figure class="factor-card">'
        f'<img src="{item.picture}" alt="{picture}">'
        f"{_histogram(item)}<figcaption>"
        f'<p title="{title}, {unit}"><b>{title}</b> <span>{unit}</span></p>'
        f"<p>{escape(tr(item.values))} <span>· {missing} {escape(item.no_data)}</span></p>"
        f'<p title="{source}"><span>{source}</span></p>'
        "</figcaption></figure>"
    )


def _histogram(item: card.MapCard) -> str:
    """Bars in the map's colours, so that they are the picture's legend too."""
    bars = "".join(
        f'<i title="{escape(tr(bar.words))}" '
        f'style="height:{100 * bar.height:.1f}%;background:{bar.colour}"></i>'
        for bar in item.bars
    )
    label = escape(tr(f"Histogram of {item.title}"))
    return f'<div class="factor-bars" role="img" aria-label="{label}">{bars}</div>'
