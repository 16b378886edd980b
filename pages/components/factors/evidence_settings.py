"""Into which classes the factors are put: method, number, and breaks of one's own."""

import streamlit as st

from core.analysis.classing import METHODS, Classing, parse_own
from core.analysis.request import FactorsRequest
from core.factors import factor
from core.language.translation import in_words, tr
from core.request import options
from core.scene.store import Scene
from pages.components import field
from pages.components.field import PERSIST

_ASKED = options(FactorsRequest)
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
        options=list(METHODS),
        format_func=in_words(METHODS.get),
        required=True,
        key=_METHOD,
        **field.words(_ASKED["breaks"]),
        **PERSIST,
    )
    classes = _ASKED["classes"]
    count.number_input(field.label(classes), key=_COUNT, **field.bounds(classes), **PERSIST)
    item = scene.factor(name)
    unit = f", {item.unit}" if item.unit else ""
    asked = _ASKED["breaks_of"]
    own.text_input(
        f"{field.label(asked)} {tr(factor(name).title)}{unit}",
        key=_own(scene, name),
        placeholder=tr(asked.hint),
        disabled=item.kind == "categorical",
        help=tr(asked.help),
        **PERSIST,
    )


def _own(scene: Scene, name: str) -> str:
    return f"own_breaks-{scene.name}-{name}"
