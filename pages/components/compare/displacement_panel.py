"""Displacement: how the ground moved at a place that is clicked, or in a landslide."""

import streamlit as st

from core.errors import SlideScopeError
from core.maps.sides import Side
from core.objects import motion
from core.objects.motion import Slide
from core.scene import store
from core.scene.sbas import displacement, misfit
from core.scene.sbas.displacement import DEVIATION, Displacement
from core.scene.store import Scene
from pages.components import displacement_chart
from pages.components.compare import spots
from pages.components.compare.object_table import Go

_SLIDE = "spot_slide"
CONFIG = {"displaylogo": False, "modeBarButtons": [["toImage"]]}


def show(scene: Scene, left: Side, right: Side, threshold: float, go: Go) -> None:
    """Draw what is chosen and what moved there."""
    if not motion.possible(scene):
        st.caption(
            "How the ground moved at a place: the scene's rate must be made of interferograms, "
            "with their displacements kept; import it again with the stack as deformation."
        )
        return
    _choice(scene, go)
    chosen = spots.chosen(scene)
    found = {name: spots.displacement(scene, spot) for name, spot in chosen.items()}
    for name, spot in chosen.items():
        if found[name] is None:
            st.caption(f"**{name}**: {_nothing(spot)}")
    there = {name: place for name, place in found.items() if place is not None}
    if not there:
        if not chosen:
            st.caption("Click on the map, or choose a landslide.")
        return
    drawn(scene, there, "compare")


def drawn(scene: Scene, places: dict[str, Displacement], key: str) -> None:
    """Chart, figures, residuals and CSV of places by name."""
    residuals = _residuals(scene, places, key)
    places = {
        name: misfit.regrouped(place, residuals[name]) if name in residuals else place
        for name, place in places.items()
    }
    figure = displacement_chart.figure(places)
    st.plotly_chart(figure, key=f"{key}-displacement", config=CONFIG)
    for name, place in places.items():
        st.caption(f"**{name}**: {words(place)}")
    st.caption(DEVIATION)
    for name, found in residuals.items():
        st.caption(f"**{name}**: what its {len(found)} pairs miss the series by. {_turned(found)}")
        about = displacement_chart.residuals(found)
        st.plotly_chart(about, key=f"{key}-residuals-{name}", config=CONFIG)
    st.download_button(
        "CSV",
        displacement.csv(list(places.values())),
        f"{scene.name}-displacement.csv",
        "text/csv",
        key=f"{key}-csv",
        on_click="ignore",
    )


def words(place: Displacement) -> str:
    """A place in a sentence: its rate, then what speaks for it."""
    told = [f"{place.title}, **{displacement_chart.rate_words(place)}**"]
    if place.pixels > 1:
        told.append(f"mean of {place.pixels} pixels")
    if place.temporal_coherence is not None:
        told.append(f"temporal coherence {place.temporal_coherence:.2f}")
    told.append(f"{100 * place.pairs:.0f} % of the pairs")
    if place.islands > 1:
        told.append(f"{place.islands} islands of dates, bridged by the mean rate")
    if not place.kept:
        told.append("left out by the mask")
    return ", ".join(told)


def _choice(scene: Scene, go: Go) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.segmented_control(
            "Which place",
            spots.NAMES,
            key=spots.WHICH,
            default=spots.NAMES[0],
            required=True,
            format_func=lambda name: f"Place {name}",
            label_visibility="collapsed",
        )
        st.button("Clear", type="tertiary", on_click=spots.clear)
    slides = motion.slides(scene)
    if slides:
        st.selectbox(
            "Or a landslide",
            slides,
            index=None,
            key=_SLIDE,
            format_func=lambda slide: slide.words,
            placeholder="or a landslide, the fastest first",
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
        st.button(f"Take the whole {slide.title}", on_click=_put, args=(scene, slide))


def _put(scene: Scene, slide: Slide) -> None:
    spots.put(scene, {"slide": slide.number})


def _picked(scene: Scene, go: Go) -> None:
    slide = st.session_state.get(_SLIDE)
    if slide is not None:
        spots.put(scene, {"slide": slide.number})
        go(slide)
        st.session_state[_SLIDE] = None


def _residuals(scene: Scene, places: dict[str, Displacement], key: str) -> dict:
    """Of the pixels among the places, where the user asks for them: the files are read again."""
    pixels = {name: place for name, place in places.items() if place.row is not None}
    if not pixels or not st.toggle("Residuals of the pairs", key=f"{key}-pairs"):
        return {}
    found = {}
    for name, place in pixels.items():
        try:
            with st.spinner("Reading the pairs"):
                found[name] = _read(scene.name, scene.fingerprint, place.row, place.column)
        except SlideScopeError as error:
            st.caption(str(error))
            break
    return found


@st.cache_data(max_entries=64, show_spinner=False)
def _read(name: str, fingerprint: str, row: int, column: int) -> tuple[misfit.Residual, ...]:
    """`fingerprint` makes the cache forget a scene that was imported again."""
    return misfit.of_pixel(store.load(name).path, row, column)


def _turned(found) -> str:
    turned = sum(bool(each.turns) for each in found)
    if not turned:
        return "None was whole cycles off."
    return f"Orange: {turned} were whole cycles off, which the import took off."


def _nothing(spot: dict) -> str:
    if "slide" in spot:
        return f"the mask keeps no pixel of landslide {spot['slide']}."
    return "no series there: no pair has data at this place."
