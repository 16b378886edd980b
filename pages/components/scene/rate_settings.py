"""How a rate is made of interferograms: every step of the chain as a widget of its option."""

from typing import Any

import streamlit as st

from core.language.translation import tr
from core.request import options
from core.scene.plan.request import ImportRequest
from pages.components import field

GROUPS = {
    "Pairs": ("max_days", "drop", "wavelength"),
    "Inversion": ("cycles", "weights", "gaps", "series"),
    "Datum": ("reference_pixel", "datum", "height_delay", "ramp", "annual"),
    "What is kept": ("min_temporal_coherence", "min_pairs", "max_rate_error", "islands"),
}
MASK = GROUPS["What is kept"]


def show() -> dict[str, Any]:
    """Draw the options, folded; return the values that the request takes."""
    found = {}
    known = options(ImportRequest)
    with st.expander(tr("How the rate is made"), key="rate_settings"):
        for column, (title, names) in zip(st.columns(4, gap="medium"), GROUPS.items()):
            with column:
                st.markdown(tr(f"**{title}**"))
                found |= {n: field.show(known[n], f"rate_{n}") for n in names}
    return found
