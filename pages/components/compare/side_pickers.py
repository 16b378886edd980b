"""RS | RS-DR and what is left and right; kept in the URL and across pages."""

import streamlit as st

from core.language.translation import in_words, message, tr
from core.maps import sides as choice
from core.maps.sides import Side, Sides
from core.scene.store import Scene

KEPT = "compare_choice"
_LEFT, _RIGHT, _DATASET, _WORD = "compare_left", "compare_right", "compare_dataset", "compare_word"
# What is picked, told in the picker itself.
PICKED = {"left": message("Left: {0}"), "right": message("Right: {0}")}
DATASET_TITLES = {"rs": "RS", "rs-dr": "RS-DR"}


def chosen(scene: Scene, sides: Sides) -> tuple[Side, Side]:
    """Return what is left and right: the URL's, else the last choice, else the first pair."""
    kept = st.session_state.get(KEPT, {})
    same_scene = kept.get("scene", scene.name) == scene.name
    wanted = {**kept, **st.query_params.to_dict()} if same_scene else {}
    first = dict(zip(("left", "right"), choice.first_pair(sides)))
    unknown = [wanted[s] for s in first if s in wanted and wanted[s] not in sides]
    if unknown:
        _say(choice.missing(unknown[0], scene))
    ids = {s: wanted[s] if wanted.get(s) in sides else first[s] for s in first}
    _keep(scene.name, **ids)
    return sides[ids["left"]], sides[ids["right"]]


def datasets(scene: Scene, sides: Sides, right: Side) -> None:
    """The RS | RS-DR switch: which run of the right side's network is shown; none where a scene
    has no deformation."""
    if not scene.has_deformation and all(side.dataset != "rs-dr" for side in sides.values()):
        return
    switched = right.dataset if right.dataset in DATASET_TITLES else None
    st.session_state[_DATASET] = switched
    st.segmented_control(
        tr("Dataset of the right side"),
        list(DATASET_TITLES),
        format_func=in_words(DATASET_TITLES.get),
        key=_DATASET,
        on_change=_switched,
        args=(sides, right),
        disabled=right.run is None,
        required=switched is not None,
        label_visibility="collapsed",
        help=None,
    )


def pair(sides: Sides, left: Side, right: Side) -> None:
    """The left and the right picker."""
    for side, key, now in (("left", _LEFT, left), ("right", _RIGHT, right)):
        st.session_state[key] = now.id
        st.selectbox(
            tr(side.capitalize()),
            list(sides),
            format_func=lambda i, side=side: _picked_words(sides[i], side),
            key=key,
            on_change=_picked,
            args=(side, key),
            label_visibility="collapsed",
        )


def _picked_words(chosen: Side, side: str) -> str:
    return tr(PICKED[side]).format(tr(chosen.title))


def word() -> str | None:
    """What the last choice led to, where it is not what was asked for; said once."""
    return st.session_state.pop(_WORD, None)


def keep_threshold(threshold: float) -> None:
    """Remember the map's threshold in the URL and across pages."""
    _keep(st.session_state[KEPT]["scene"], threshold=f"{threshold:g}")


def threshold(usual: float) -> float:
    """The threshold a new map starts with: the URL's, else the last one, else the `usual`."""
    kept = {**st.session_state.get(KEPT, {}), **st.query_params.to_dict()}
    try:
        value = round(float(kept.get("threshold", usual)) * 200) / 200
    except (ValueError, OverflowError):
        return usual
    return value if 0 <= value <= 1 else usual


def _keep(scene: str, **values: str) -> None:
    kept = st.session_state.get(KEPT, {})
    if kept.get("scene") != scene:
        kept = {"scene": scene}
    st.session_state[KEPT] = {**kept, **values}
    for name, value in values.items():
        if st.query_params.get(name) != value:
            st.query_params[name] = value


def _picked(side: str, key: str) -> None:
    _keep(st.session_state[KEPT]["scene"], **{side: st.session_state[key]})


def _switched(sides: Sides, right: Side) -> None:
    dataset = st.session_state[_DATASET]
    if dataset is None:
        return
    found = choice.twin(sides, right, dataset)
    if found is None:
        title = right.run.config.model_title if right.run else right.title
        _say(f"{title} has no run on {DATASET_TITLES[dataset]} for this scene: train one first.")
        return
    _keep(st.session_state[KEPT]["scene"], right=found.id)


def _say(sentence: str) -> None:
    st.session_state[_WORD] = sentence
