"""Displacement: how the ground moved at a place that is clicked, or in a landslide."""

import streamlit as st

from core.language.translation import in_words, tr
from core.maps.sides import Side
from core.objects import motion
from core.objects.motion import Slide
from core.scene.store import Scene
from core.workflows.requests import DisplacementRequest
from pages.components import displacement_view, field
from pages.components.compare import spots
from pages.components.compare.object_table import Go

_SLIDES = field.of(DisplacementRequest, "landslide")
_SLIDE = "spot_slide"


def show(scene: Scene, left: Side, right: Side, threshold: float, go: Go) -> None:
    """Draw what is chosen and what moved there."""
    if not motion.possible(scene):
        st.caption(
            tr(
                "How the ground moved at a place: the scene's rate must be made of interferograms, "
                "with their displacements kept; import it again with the stack as deformation."
            )
        )
        return
    _choice(scene, go)
    chosen = spots.chosen(scene)
    found = {name: spots.displacement(scene, spot) for name, spot in chosen.items()}
    for name, spot in chosen.items():
        if found[name] is None:
            st.caption(tr(f"**{name}**: {_nothing(spot)}"))
    there = {name: place for name, place in found.items() if place is not None}
    if not there:
        if not chosen:
            st.caption(tr("Click on the map, or choose a landslide."))
        return
    displacement_view.show(scene, there, "compare")


def _choice(scene: Scene, go: Go) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.segmented_control(
            tr("Which place"),
            spots.NAMES,
            key=spots.WHICH,
            default=spots.NAMES[0],
            required=True,
            format_func=in_words(lambda name: f"Place {name}"),
            label_visibility="collapsed",
        )
        st.button(tr("Clear"), type="tertiary", on_click=spots.clear)
    slides = motion.slides(scene)
    if slides:
        st.selectbox(
            tr(f"Or a {_SLIDES.title.lower()}"),
            slides,
            index=None,
            key=_SLIDE,
            format_func=in_words(lambda slide: slide.words),
            placeholder=tr("or a {0}, {1}").format(tr(_SLIDES.title.lower()), tr(_SLIDES.hint)),
            label_visibility="collapsed",
            on_change=_picked,
            args=(scene, go),
        )
    _whole(scene)


def _whole(scene: Scene) -> None:
    """Offer the landslide that the pixel chosen now lies in."""
    spot = spots.chosen(scene).get(st.session_state.get(spots.WHICH) or spots.NAMES[0])
    if not spot or "slide" in spot:
        return
    slide = motion.slide_at(scene, spot["row"], spot["column"])
    if slide:
        st.button(tr(f"Take the whole {slide.title}"), on_click=_put, args=(scene, slide))


def _put(scene: Scene, slide: Slide) -> None:
    spots.put(scene, {"slide": slide.number})


def _picked(scene: Scene, go: Go) -> None:
    slide = st.session_state.get(_SLIDE)
    if slide is not None:
        spots.put(scene, {"slide": slide.number})
        go(slide)
        st.session_state[_SLIDE] = None


def _nothing(spot: dict) -> str:
    if "slide" in spot:
        return f"the mask keeps no pixel of landslide {spot['slide']}."
    return "no series there: no pair has data at this place."
