"""Review: false objects that may be landslides nobody mapped; decisions, undo, new version."""

from collections.abc import Callable

import streamlit as st

from core import access
from core.errors import SlideScopeError
from core.language.translation import message, sentences, tr
from core.maps.sides import Side
from core.request import options
from core.review import decisions, outline, reviewing
from core.review.queue import Asked, Candidate, queue
from core.runs.measured import scene_of
from core.scene.store import Scene
from core.workflows.requests import ReviewRequest
from pages.components import allowed, door, field, plain
from pages.components.compare import object_profile, object_table, outline_edit, review_log
from pages.components.compare.object_table import Go

_ASKED = options(ReviewRequest)
# Of the slider: more is for the command line.
NARROWER, WIDER = -5, 10
AUTHOR = "reviewer"
_COMMENT, _GROW, _OUTLINE, _SAID = "review_comment", "review_grow", "review_outline", "review_said"
_SUBJECT = "review_subject"
WHY = (
    "Predicted and not in the inventory: a false alarm, or a landslide that nobody mapped (paper, "
    "5.2). Whole scene, by mean probability × |mean deformation|."
)


def show(scene: Scene, left: Side, right: Side, threshold: float, go: Go) -> None:
    """Draw the queue of the right side's map, the chosen object and what can be done with it."""
    side = next((s for s in (right, left) if s.run and not s.baseline), None)
    if side is None:
        st.caption(tr("A review needs a network's map on either side: choose one."))
        return
    asked = Asked(side.run, scene_of(side.run, scene.name), threshold)
    reviewing.check_inventory(asked.scene)
    if not door.signs_in():
        st.text_input(
            field.label(_ASKED["author"]),
            key=AUTHOR,
            placeholder=tr(_ASKED["author"].hint),
            label_visibility="collapsed",
            persist_state="session",
            max_chars=decisions.LONGEST_NAME,
        )
    with st.spinner(tr("Looking for false objects")):
        found = queue(asked)
    waiting = sum(each.state == "open" for each in found)
    many = f"**{side.title}**: {len(found)} false objects, {waiting} open."
    st.caption(sentences(many, WHY))
    _told()
    chosen = _table(asked, found, go) if found else None
    if chosen:
        _decide(asked, chosen)
        object_profile.show(asked, chosen.item)
    review_log.show(scene, lambda of: act(reviewing.undo, scene, author(), of))
    review_log.version(scene, lambda: act(reviewing.make_version, scene, author()))


def author() -> str:
    # Who has signed in decides under that name.
    return access.actor().name if door.signs_in() else st.session_state.get(AUTHOR) or ""


def act(what: Callable, *args, **more) -> bool:
    """Do what a button asks for; a problem is told in the panel, once."""
    try:
        what(*args, **more)
    except SlideScopeError as error:
        st.session_state[_SAID] = str(error)
        return False
    return True


def _told() -> None:
    if said := st.session_state.pop(_SAID, None):
        st.error(plain.sentence(said))


def _table(asked: Asked, found: tuple[Candidate, ...], go: Go) -> Candidate | None:
    items = [each.item for each in found]
    columns = {
        message("object"): ([item.key for item in items], None),
        message("state"): ([each.state for each in found], None),
        "p": ([item.probability for item in items], ".2f"),
    }
    if any(item.deformation is not None for item in items):
        columns["mm/yr"] = ([item.deformation for item in items], ".1f")
    columns |= object_table.size_column(items)
    key = f"review-{asked.run.id}-{asked.threshold:g}"
    item = object_table.show(items, columns, key, go, height=160)
    return next((each for each in found if each.item is item), None)


def _decide(asked: Asked, chosen: Candidate) -> None:
    _forget_edits(asked.subject(chosen.item.key))
    if chosen.of:
        st.caption(tr(_verdict(chosen.state, chosen.of)))
    for each in chosen.comments:
        st.caption(plain.words(f"{each.author}: {each.comment}"))
    if drawn := outline_edit.drawn(asked, chosen):
        st.session_state[_OUTLINE] = drawn
    st.text_input(
        field.label(_ASKED["comment"]),
        key=_COMMENT,
        placeholder=tr(_ASKED["comment"].hint),
        label_visibility="collapsed",
        max_chars=reviewing.LONGEST_COMMENT,
    )
    _buttons(asked, chosen)
    if st.session_state.get(_OUTLINE):
        st.caption(tr(_changed(asked)))
    with st.expander(tr("Edit the outline by figures or text")):
        st.session_state.setdefault(_GROW, 0)
        st.slider(min_value=NARROWER, max_value=WIDER, key=_GROW, **field.words(_ASKED["grow"]))
        drawn = _ASKED["outline"]
        st.text_area(key=_OUTLINE, placeholder=tr(drawn.hint), height=90, **field.words(drawn))


def _verdict(state: str, by: decisions.Decision) -> str:
    who, when = plain.words(by.author), by.time[:16].replace("T", " ")
    return f"accepted by {who}, {when}" if state == "accepted" else f"rejected by {who}, {when}"


def _buttons(asked: Asked, chosen: Candidate) -> None:
    with st.container(horizontal=True, gap="small"):
        for title, what in (
            ("Accept", reviewing.accept),
            ("Reject", reviewing.reject),
            ("Comment only", reviewing.remark),
        ):
            primary = "primary" if title == "Accept" else "secondary"
            about = {"on_click": _pressed, "args": (what, asked, chosen.item.key)}
            allowed.button(tr(title), type=primary, **about)
        outline_edit.button(asked, chosen)


def _forget_edits(subject: tuple) -> None:
    """An outline that was edited for one object must never be accepted for the next."""
    if st.session_state.get(_SUBJECT) != subject:
        st.session_state[_SUBJECT] = subject
        st.session_state[_OUTLINE], st.session_state[_GROW] = "", 0


def _changed(asked: Asked) -> str:
    """What Accept will take, or what is wrong with it."""
    try:
        words = outline.words(st.session_state[_OUTLINE], asked.scene)
    except SlideScopeError as error:
        return f":red[{plain.sentence(str(error))}]"
    return f"Accept takes the edited outline: {words}."


def _pressed(what: Callable, asked: Asked, key: str) -> None:
    more = {"comment": st.session_state.get(_COMMENT) or ""}
    if what is reviewing.accept:
        more["grow"] = st.session_state.get(_GROW) or 0
        more["drawn"] = st.session_state.get(_OUTLINE) or ""
    # What was typed stays until it was taken.
    if act(what, asked, key, author(), **more):
        st.session_state[_COMMENT], st.session_state[_OUTLINE] = "", ""
        st.session_state[_GROW] = 0
        outline_edit.drop()
