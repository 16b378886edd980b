"""More factors: further terrain ones, and what the radar's geometry tells."""

from collections.abc import Iterable
from typing import Any

import streamlit as st

from core.factors import (
    DEFORMATION,
    EARLIER,
    EXTRA,
    FROM_BANDS,
    FROM_ORBIT,
    FROM_TWO_ORBITS,
    MORE_TERRAIN,
    WIDE_TERRAIN,
)
from core.language.translation import in_words, tr
from core.request import options
from core.scene.files.source import Source
from core.scene.insar.orbit import Orbit
from core.scene.plan import units
from core.scene.plan.assignment import Assignment, Further, keys
from core.scene.plan.override import OPTIONS, Override
from core.scene.plan.overrides import OF_FACTOR, SECOND
from core.scene.plan.request import ImportRequest
from pages.components import field
from pages.components.field import PERSIST
from pages.components.scene import decisions

_ORBIT = options(Orbit)
ANGLES = (units.INCIDENCE, units.HEADING)
NUMBER = "a number"
NORTH = (
    "Two rates do not hold three components: motion to the north, which both orbits hardly see, is "
    "neglected (taken as 0)."
)
HIDDEN = (
    "Visibility finds active layover and shadow only: ground in the shadow of another slope is not "
    "found. What is not visible is not known to be stable: rates there are left out,"
    " and maps hatch it."
)


def show(assignments: list[Assignment]) -> Further:
    """Let the user ask for more factors; return what they need."""
    with st.expander(tr("More factors: terrain and radar"), key="import_more"):
        added = _pills("Of the terrain", (*MORE_TERRAIN, *WIDE_TERRAIN), "import_terrain")
        if {"red", "nir"} <= {a.use for a in assignments}:
            earlier = set(EARLIER) <= {a.factor for a in assignments}
            indices = FROM_BANDS if earlier else FROM_BANDS[:1]
            added += _pills("Of the bands", indices, "import_bands")
            if not earlier:
                st.caption(
                    tr(
                        "With the bands of an earlier date, called red_before and nir_before, "
                        "there is its change too."
                    )
                )
        rate = any(a.use == DEFORMATION for a in assignments)
        radar = _pills(
            "Of the radar's geometry",
            (*FROM_ORBIT, *FROM_TWO_ORBITS) if rate else ("visibility",),
            "import_radar",
        )
        if not rate:
            st.caption(
                tr("With a deformation rate there are rates down the slope, east and up too.")
            )
        one = other = second = None
        if radar:
            st.markdown(tr("**Orbit of the deformation rate**"))
            one = _orbit("first", assignments)
        if "visibility" in radar:
            st.caption(tr(HIDDEN))
        if set(radar) & set(FROM_TWO_ORBITS):
            st.markdown(tr("**The other orbit**, ascending beside descending"))
            second = _second(assignments)
            other = _orbit("second", assignments, heading=-168.0)
            st.caption(tr(NORTH))
    return Further(
        added=(*added, *radar),
        orbit=one,
        second=second,
        second_orbit=other if second else None,
        decided=_decided(assignments, second),
    )


def _pills(label: str, names: tuple[str, ...], key: str) -> tuple[str, ...]:
    chosen = st.pills(
        tr(label),
        names,
        selection_mode="multi",
        format_func=in_words(lambda name: EXTRA[name].title),
        key=key,
        **PERSIST,
    )
    return tuple(name for name in names if name in (chosen or ()))


def _orbit(which: str, assignments: list[Assignment], heading: float = -12.0) -> Orbit:
    one, two, three, four = st.columns(4)
    with one:
        incidence = _angle(which, units.INCIDENCE, assignments, 39.0)
    with two:
        direction = _angle(which, units.HEADING, assignments, heading)
    with three:
        look = field.show(_ORBIT["look"], f"{which}_look")
    with four:
        positive = field.show(_ORBIT["positive"], f"{which}_positive")
    return Orbit(incidence, direction, look, positive)


def _angle(which: str, name: str, assignments: list[Assignment], usual: float) -> float | Source:
    """A number of degrees, or one of the rasters that were chosen."""
    rasters = {a.row.name: a.source for a in assignments if a.row.kind == "raster"}
    asked, key = _ORBIT[name], f"{which}_{name}"
    kind = st.selectbox(
        options=(NUMBER, *rasters), key=f"{key}_kind", **field.words(asked), **PERSIST
    )
    if kind != NUMBER:
        _unit(f"{'second_' * (which == 'second')}{name}", name)
        return rasters[kind]
    return field.show(asked, key, start=usual, label_visibility="collapsed")


def _unit(owner: str, angle: str) -> None:
    """What a raster of an angle is in; options call it `owner`."""
    decisions.put(owner, "unit", _of(units.KNOWN[angle], f"unit:{owner}", st) or "")


def _of(known: Iterable[str], key: str, where: Any) -> str | None:
    """The unit that is chosen, None to take it as it is found."""
    asked = OPTIONS["unit"]
    return where.selectbox(
        options=list(known),
        index=None,
        key=key,
        placeholder=tr(asked.hint),
        **field.words(asked),
        **PERSIST,
    )


def _second(assignments: list[Assignment]) -> Source | None:
    files = {a.row.name: a.source for a in assignments if a.row.kind in ("raster", "points")}
    one, two = st.columns(2)
    asked = field.of(ImportRequest, "second")
    chosen = one.selectbox(
        options=list(files),
        index=None,
        key="import_second",
        placeholder=tr(asked.hint),
        **field.words(asked),
        **PERSIST,
    )
    decisions.put(SECOND, "unit", _of(units.RATES, "import_second_unit", two) or "")
    return files.get(chosen) if chosen else None


def _decided(assignments: list[Assignment], second: Source | None) -> dict[str, Override]:
    """Decisions about factors as wholes, and about the second rate."""
    names = {a.factor for a in keys(assignments).values()}
    found = {name: decisions.about(name) for name in names}
    found = {name: item for name, item in found.items() if set(item.given()) & set(OF_FACTOR)}
    angles = {f"{prefix}{angle}" for prefix in ("", f"{SECOND}_") for angle in ANGLES}
    found |= {name: decisions.about(name) for name in angles}
    return found | ({SECOND: decisions.about(SECOND)} if second else {})
