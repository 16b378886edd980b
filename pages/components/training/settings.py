"""The settings of a training, in plain words, with the paper's value beside each."""

from typing import Any

import streamlit as st

from core.factors import factor
from core.language.translation import in_words, tr
from core.learning.networks import encoder
from core.learning.training import presets
from core.request import Option, options
from core.runs.config import MODEL_TITLES
from core.runs.request import BUFFER_PX, TrainRequest
from core.runs.settings import BY_NAME, GROUPS
from core.scene import datasets, inventory
from core.scene.store import Scene
from pages.components import allowed, field
from pages.components.field import PERSIST
from pages.components.training import (
    device_line,
    learned_from,
    split_picture,
    test_picker,
    version_picker,
)

_ASKED = options(TrainRequest)
PRESETS = {
    "quick": "Fewer filters, the same blocks: about five minutes on two processor cores.",
    "thorough": "The full networks for a thousand steps: at most an hour on two processor cores.",
    "paper": "The paper's size and settings: meant for a GPU, hours on a processor.",
}


def show(scene: Scene) -> TrainRequest | None:
    """Draw the settings; return the request when the user asks to start."""
    model = st.selectbox(
        field.label(_ASKED["model"]),
        list(MODEL_TITLES)[::-1],
        format_func=in_words(MODEL_TITLES.get),
        key="model",
        **PERSIST,
    )
    dataset = _dataset(scene)
    preset = st.segmented_control(
        field.label(_ASKED["preset"]),
        list(PRESETS),
        default="quick",
        format_func=tr,
        required=True,
        key="preset",
        **PERSIST,
    )
    st.caption(tr(PRESETS[preset]))
    if model == encoder.MODEL:
        st.caption(tr(f"Its encoder starts from {encoder.words(None)}."))
    version = version_picker.show(scene)
    chosen: dict[str, Any] = {"inventory_version": version}
    start = st.container()
    sources = learned_from.show(scene, model, dataset, preset)
    names = ",".join(filter(None, (scene.name, sources.pop("more"))))
    chosen |= sources
    for name, title in GROUPS.items():
        with st.expander(tr(title)):
            chosen |= _group(name, preset, scene)
            if name == "tested":
                chosen |= test_picker.show(scene, dataset, chosen["split"], names.split(","))
                about = {"scene": names, "model": model, "dataset": dataset}
                request = TrainRequest(preset=preset, **about, **chosen)
                split_picture.planned_for(inventory.at(scene, version), request)
    with start:
        return request if _start(scene, preset) else None


def _group(name: str, preset: str, scene: Scene) -> dict[str, Any]:
    """Draw what belongs to one group; None leaves a setting to the preset."""
    found = {}
    for each in _ASKED.values():
        if each.group == name:
            known = each.name in BY_NAME
            found[each.name] = _setting(each, preset) if known else _plan(each, scene)
    return found


def _setting(each: Option, preset: str) -> Any:
    words = presets.preset_words(each, preset)
    chosen = each.choices or each.kind is bool
    return field.show(each, each.name, left_to=f"as the preset: {words}" if chosen else words)


def _plan(each: Option, scene: Scene) -> Any:
    """A setting that no preset has: its default is a value of its own."""
    if each.name == "buffer":
        return field.show(each, each.name, left_to=str(BUFFER_PX), most=scene.tile - 1)
    if each.name == "seed":
        return field.show(each, each.name, left_to="0") or 0
    if each.name == "split_seed":
        return field.show(each, each.name, left_to="as the seed")
    return field.show(each, each.name)


def _dataset(scene: Scene) -> str:
    """RS, RS-DR or a stored list of factors; no RS-DR where the scene has no deformation."""
    possible, named = scene.has_deformation, datasets.fitting(scene)
    key = "dataset" if possible else "dataset-rs-only"
    offered = [*(("rs", "rs-dr") if possible else ("rs",)), *named]
    if st.session_state.get(key, offered[0]) not in offered:
        del st.session_state[key]  # of another scene
    chosen = st.segmented_control(
        field.label(_ASKED["dataset"]),
        offered,
        format_func=in_words(lambda name: name if name in named else name.upper()),
        default="rs-dr" if possible else "rs",
        required=True,
        disabled=not possible and not named,
        key=key,
        **PERSIST,
    )
    if chosen in named:
        st.caption(tr(f"{chosen}: {', '.join(factor(name).title for name in named[chosen])}."))
    elif not possible:
        st.caption(
            tr(
                f"RS-DR needs the deformation rate, which scene '{scene.name}' does not have: "
                "import it again with one."
            )
        )
    else:
        st.caption(tr("RS-DR: every factor. RS: all but the deformation rate."))
    return chosen


def _start(scene: Scene, preset: str) -> bool:
    """The button, and one line on where and with what it will run."""
    ready = scene.inventory is not None
    if not ready:
        st.info(
            tr(
                f"Scene '{scene.name}' has no landslide inventory, and a training needs one: "
                "import it again with one."
            )
        )
    device_line.show(slow=preset == "paper")
    return allowed.button(tr("Start training"), type="primary", disabled=not ready, width="stretch")
