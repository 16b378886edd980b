"""What is stored of a scene's factors, read once per state of its files."""

import json

import streamlit as st

from core.analysis import choice, store
from core.analysis.areas.area import Area
from core.analysis.classing import Classing
from core.analysis.store import Stored
from core.maps import card
from core.scene.store import Scene
from pages.components.language import Later


def stored(scene: Scene, area: Area) -> Stored | None:
    """The stored analysis of an area, None where there is no good one."""
    return _stored(*_key(scene, area), scene, area)


def significance(scene: Scene, area: Area) -> dict | None:
    return _significance(*_key(scene, area, store.SIGNIFICANCE), scene, area)


def strata(scene: Scene, area: Area, by: str) -> dict | None:
    return _strata(*_key(scene, area, f"{store.STRATA}-{by}"), scene, area, by)


def evidence(scene: Scene, area: Area, classing: Classing) -> dict | None:
    """Evidence in these classes; natural breaks take a moment."""
    found = stored(scene, area)
    return _evidence(*_key(scene, area), json.dumps(classing.to_json()), scene, found, classing)


def picture(scene: Scene, name: str, side: int) -> str | None:
    """A factor's map as a data address; None where its layers are not prepared."""
    file = scene.path / "display" / "layers.json"
    if not file.exists():
        return None
    return _picture(str(file), file.stat().st_mtime_ns, name, side, scene)


def _key(scene: Scene, area: Area, stem: str = "analysis") -> tuple:
    file = store.path_of(scene, area, stem)
    made_of = json.dumps(store.key_of(scene, area))
    if not file.exists():
        return str(file), 0, 0, made_of
    state = file.stat()
    return str(file), state.st_mtime_ns, state.st_size, made_of


@st.cache_resource(max_entries=8, show_spinner=False)
def _stored(path, written, size, made_of, _scene: Scene, _area: Area) -> Stored | None:
    return store.open_stored(_scene, _area)


@st.cache_resource(max_entries=8, show_spinner=False)
def _significance(path, written, size, made_of, _scene: Scene, _area: Area) -> dict | None:
    return store.load_significance(_scene, _area)


@st.cache_resource(max_entries=8, show_spinner=False)
def _strata(path, written, size, made_of, _scene: Scene, _area: Area, _by: str) -> dict | None:
    return store.load_strata(_scene, _by, _area)


@st.cache_resource(max_entries=32, show_spinner=Later("Cutting into classes"))
def _evidence(path, written, size, made_of, classes, _scene, _stored, _classing) -> dict | None:
    return choice.evidence_of(_scene, _stored, _classing)


@st.cache_data(max_entries=64, show_spinner=False)
def _picture(path, written, name: str, side: int, _scene: Scene) -> str:
    return card.picture(_scene, name, side)
