"""What a stack of interferograms is, before the rate is made of it."""

from typing import Any

import streamlit as st

from core.language.translation import tr
from core.scene.sbas import network_view
from pages.components import network_chart, plain


def show(told: dict[str, Any]) -> None:
    """Draw the network, and say in a few sentences what is known of the stack."""
    st.markdown(
        tr(
            f"**Deformation rate from interferograms**: {told['title']}, "
            f"{plain.words(told['label'])}"
        )
    )
    left, right = st.columns([3, 2], gap="large")
    with left:
        network_chart.show(network_view.of_report(told), "import")
    with right:
        # The first sentence stands above.
        for sentence in told["lines"][1:]:
            st.caption(plain.sentence(sentence))
