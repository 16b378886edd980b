"""Into which classes the factors are put: method, number, and breaks of one's own."""

import streamlit as st

from core.analysis.classing import METHODS, MOST, Classing, parse_own
from core.factors import factor
from core.scene.store import Scene

TITLES = {"quantile": "Equal area", "equal": "Equal width", "natural": "Natural"}
_METHOD, _COUNT = "evidence_method", "evidence_classes"
FIRST = Classing()


def classing(scene: Scene) -> Classing:
    """What was asked for, here or in an earlier view."""
    texts = {item.name: st.session_state.get(_own(scene, item.name)) for item in scene.factors}
    given = [f"{name}={text}" for name, text in texts.items() if text]
    method = st.session_state.get(_METHOD) or FIRST.method
    count = st.session_state.get(_COUNT) or FIRST.classes
    return Classing(method, int(count), parse_own(given, scene.factor_names))


def show(scene: Scene, name: str) -> None:
    """Draw the settings; `name` is the factor that own breaks are for."""
    st.session_state.setdefault(_METHOD, FIRST.method)
    st.session_state.setdefault(_COUNT, FIRST.classes)
    method, count, own = st.columns([2.3, 1, 1.9], vertical_alignment="bottom")
    method.segmented_control(
        "Class breaks of numeric factors",
        METHODS,
        format_func=TITLES.get,
        required=True,
        key=_METHOD,
        help="Classes of about equal area, of equal width, or natural breaks (Jenks).",
        persist_state="session",
    )
    count.number_input("Classes", 2, MOST, key=_COUNT, persist_state="session")
    item = scene.factor(name)
    unit = f", {item.unit}" if item.unit else ""
    own.text_input(
        f"Own breaks of {factor(name).title}{unit}",
        key=_own(scene, name),
        placeholder="10, 20, 30",
        disabled=item.kind == "categorical",
        persist_state="session",
        help="Numbers in rising order; the outermost classes are open. Empty: the method above.",
    )


def _own(scene: Scene, name: str) -> str:
    return f"own_breaks-{scene.name}-{name}"
