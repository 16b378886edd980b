"""What moved at some places: chart, figures, residuals of the pairs, CSV."""

import streamlit as st

from core.errors import SlideScopeError
from core.language import joining
from core.language.translation import tr
from core.scene import store
from core.scene.sbas import displacement, misfit
from core.scene.sbas.displacement import DEVIATION, Displacement
from core.scene.store import Scene
from core.workflows.requests import DisplacementRequest
from pages.components import chart, displacement_chart, field, plain

_RESIDUALS = field.words(field.of(DisplacementRequest, "residuals"))


def show(scene: Scene, places: dict[str, Displacement], key: str) -> None:
    """Chart, figures, residuals and CSV of places by name."""
    residuals = _residuals(scene, places, key)
    places = {
        name: misfit.regrouped(place, residuals[name]) if name in residuals else place
        for name, place in places.items()
    }
    figure = displacement_chart.figure(places)
    chart.draw(figure, key=f"{key}-displacement")
    for name, place in places.items():
        st.caption(joining.titled(f"**{name}**", words(place)))
    st.caption(tr(DEVIATION))
    for name, found in residuals.items():
        st.caption(
            tr(f"**{name}**: what its {len(found)} pairs miss the series by. {_turned(found)}")
        )
        about = displacement_chart.residuals(found)
        chart.draw(about, key=f"{key}-residuals-{name}")
    st.download_button(
        tr("CSV"),
        displacement.csv(list(places.values())),
        f"{scene.name}-displacement.csv",
        "text/csv",
        key=f"{key}-csv",
        on_click="ignore",
    )


def words(place: Displacement) -> str:
    """A place in a sentence of the reader's language: its rate, then what speaks for it."""
    told = [place.title, f"**{displacement_chart.rate_words(place)}**"]
    if place.pixels > 1:
        told.append(f"mean of {place.pixels} pixels")
    if place.temporal_coherence is not None:
        told.append(f"temporal coherence {place.temporal_coherence:.2f}")
    told.append(f"{100 * place.pairs:.0f} % of the pairs")
    if place.islands > 1:
        told.append(f"{place.islands} islands of dates, bridged by the mean rate")
    if not place.kept:
        told.append("left out by the mask")
    return joining.comma().join(map(tr, told))


def _residuals(scene: Scene, places: dict[str, Displacement], key: str) -> dict:
    """Of the pixels among the places, where the user asks for them: the files are read again."""
    pixels = {name: place for name, place in places.items() if place.row is not None}
    if not pixels or not st.toggle(key=f"{key}-pairs", **_RESIDUALS):
        return {}
    found = {}
    for name, place in pixels.items():
        try:
            with st.spinner(tr("Reading the pairs")):
                found[name] = _read(scene.name, scene.fingerprint, place.row, place.column)
        except SlideScopeError as error:
            st.caption(plain.sentence(str(error)))
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
