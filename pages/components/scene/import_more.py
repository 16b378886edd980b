"""More factors: further terrain ones, and what the radar's geometry tells."""

import streamlit as st

from core.factors import DEFORMATION, EXTRA, FROM_ORBIT, FROM_TWO_ORBITS, MORE_TERRAIN
from core.scene.files.source import Source
from core.scene.insar import orbit
from core.scene.insar.orbit import Orbit
from core.scene.plan import units
from core.scene.plan.assignment import Assignment, Further, keys
from core.scene.plan.overrides import OF_FACTOR, SECOND, Override
from pages.components.scene import decisions

ANGLES = (units.INCIDENCE, units.HEADING)
PERSIST = {"persist_state": "session"}
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
    with st.expander("More factors: terrain and radar", key="import_more"):
        added = _pills("Of the terrain", MORE_TERRAIN, "import_terrain")
        rate = any(a.use == DEFORMATION for a in assignments)
        radar = _pills(
            "Of the radar's geometry",
            (*FROM_ORBIT, *FROM_TWO_ORBITS) if rate else ("visibility",),
            "import_radar",
        )
        if not rate:
            st.caption("With a deformation rate there are rates down the slope, east and up too.")
        one = other = second = None
        if radar:
            st.markdown("**Orbit of the deformation rate**")
            one = _orbit("first", assignments)
        if "visibility" in radar:
            st.caption(HIDDEN)
        if set(radar) & set(FROM_TWO_ORBITS):
            st.markdown("**The other orbit**, ascending beside descending")
            second = _second(assignments)
            other = _orbit("second", assignments, heading=-168.0)
            st.caption(NORTH)
    return Further(
        added=(*added, *radar),
        orbit=one,
        second=second,
        second_orbit=other if second else None,
        decided=_decided(assignments, second),
    )


def _pills(label: str, names: tuple[str, ...], key: str) -> tuple[str, ...]:
    chosen = st.pills(
        label,
        names,
        selection_mode="multi",
        format_func=lambda name: EXTRA[name].title,
        key=key,
        **PERSIST,
    )
    return tuple(name for name in names if name in (chosen or ()))


def _orbit(which: str, assignments: list[Assignment], heading: float = -12.0) -> Orbit:
    one, two, three, four = st.columns(4)
    with one:
        incidence = _angle(which, "Incidence", assignments, 39.0, (orbit.STEEPEST, 89.9))
    with two:
        direction = _angle(which, "Heading", assignments, heading, (-360.0, 360.0))
    with three:
        look = st.selectbox("Looks to the", orbit.LOOKS, key=f"{which}_look", **PERSIST)
    with four:
        positive = st.selectbox(
            "A positive rate means",
            orbit.SIGNS,
            format_func=lambda sign: f"{sign} the satellite".replace("away", "away from"),
            key=f"{which}_positive",
            **PERSIST,
        )
    return Orbit(incidence, direction, look, positive)


def _angle(
    which: str, label: str, assignments: list[Assignment], usual: float, ends: tuple[float, float]
) -> float | Source:
    """A number of degrees, or one of the rasters that were chosen."""
    rasters = {a.row.name: a.source for a in assignments if a.row.kind == "raster"}
    key = f"{which}_{label.lower()}"
    kind = st.selectbox(
        f"{label}, degrees",
        (NUMBER, *rasters),
        key=f"{key}_kind",
        help="Incidence: from the vertical, at the ground. Heading: direction of flight, clockwise "
        "from north, about -12 ascending and -168 descending.",
        **PERSIST,
    )
    if kind != NUMBER:
        _unit(f"{'second_' * (which == 'second')}{label.lower()}", label.lower())
        return rasters[kind]
    return st.number_input(
        label,
        *ends,
        usual,
        step=0.1,
        format="%.1f",
        key=key,
        label_visibility="collapsed",
        **PERSIST,
    )


def _unit(owner: str, angle: str) -> None:
    """What a raster of an angle is in; options call it `owner`."""
    chosen = st.selectbox(
        "Its unit",
        list(units.KNOWN[angle]),
        index=None,
        key=f"unit:{owner}",
        placeholder="as found",
        **PERSIST,
    )
    decisions.put(owner, "unit", chosen or "")


def _second(assignments: list[Assignment]) -> Source | None:
    files = {a.row.name: a.source for a in assignments if a.row.kind in ("raster", "points")}
    one, two = st.columns(2)
    chosen = one.selectbox(
        "Its deformation rate",
        list(files),
        index=None,
        key="import_second",
        placeholder="one of the files above, left out there",
        **PERSIST,
    )
    chosen_unit = two.selectbox(
        "Its unit",
        list(units.RATES),
        index=None,
        key="import_second_unit",
        placeholder="as found",
        **PERSIST,
    )
    decisions.put(SECOND, "unit", chosen_unit or "")
    return files.get(chosen) if chosen else None


def _decided(assignments: list[Assignment], second: Source | None) -> dict[str, Override]:
    """Decisions about factors as wholes, and about the second rate."""
    names = {a.factor for a in keys(assignments).values()}
    found = {name: decisions.about(name) for name in names}
    found = {name: item for name, item in found.items() if set(item.given()) & set(OF_FACTOR)}
    angles = {f"{prefix}{angle}" for prefix in ("", f"{SECOND}_") for angle in ANGLES}
    found |= {name: decisions.about(name) for name in angles}
    return found | ({SECOND: decisions.about(SECOND)} if second else {})
