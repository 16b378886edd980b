"""A small picture of a split, with its legend and counts."""

from dataclasses import replace

import numpy as np
import streamlit as st

from core.errors import SlideScopeError
from core.language import joining
from core.language.translation import tr
from core.learning import split
from core.learning.split import Split, TileTable
from core.learning.tiles import plots
from core.maps import colours, splits
from core.runs import measured, run_files
from core.runs.request import TrainRequest
from core.runs.store import Run
from core.scene import store
from core.scene.store import Scene
from pages.components import plain
from pages.components.language import Later


def planned_for(scene: Scene, request: TrainRequest) -> None:
    """Draw the split that these settings would give; of a k-fold its first fold."""
    if not plots.is_quick(scene):
        return
    fold = 1 if request.folds else None
    try:
        parts, table = plots.split_for(scene, replace(request, fold=fold))
    except SlideScopeError as error:
        st.warning(plain.sentence(str(error)))
        return
    _draw(scene, parts, table)
    if fold:
        st.caption(tr(f"Fold 1 of {request.folds}."))
    elif request.split == "block" and not request.test_scene:
        _enough(split.summary(parts, table, scene)["test"]["landslides"])


def _enough(landslides: int | None) -> None:
    """Says so where one split tells little: before the training, not after it."""
    if landslides is not None and landslides < measured.ENOUGH:
        st.caption(
            tr(
                f"{measured.why(landslides)}: choose “every tile in turn (k-fold)” above for "
                "figures that others can rely on."
            )
        )


def of_run(run: Run) -> None:
    """Draw the split of a run, while its scene is as it was."""
    record = run.path / run_files.SPLIT
    if run.config.scene not in store.names() or not record.exists():
        return
    scene = store.load(run.config.scene)
    if scene.fingerprint == run.config.fingerprint and plots.is_quick(scene):
        parts = split.load(record)
        _draw(scene, parts, split.tile_table(scene, parts.tiling))
        st.caption(tr(f"{joining.capital(run.config.split_words)}, seed {run.config.drawn_by}."))


def _draw(scene: Scene, parts: Split, table: TileTable) -> None:
    written = (scene.path / "scene.json").stat().st_mtime_ns
    state = (scene.name, written, parts.buffer, parts.part.tobytes(), table.landslide.tobytes())
    picture, found = _drawn(state, scene, parts, table)
    if picture is not None:
        words = f"Scene {scene.name}, every tile in the colour of its part"
        st.image(picture, width="stretch", alt=tr(words))
    st.html(
        "".join(
            _entry(colour, tr(said)) for colour, said in zip(colours.SPLIT_COLOURS, _said(found))
        )
    )
    for note in parts.notes:
        st.caption(plain.sentence(note))


def _said(found: dict) -> list[str]:
    """The legend's words: tiles of each part, and what the buffer costs."""
    words = {"train": "training", "validation": "validation", "test": "test, held out"}
    said = [
        f"{word}: {found[part]['tiles']} tiles, {100 * found[part]['prevalence']:.2f} % landslide"
        for part, word in words.items()
    ]
    dropped = 100 * found["train"]["dropped_share"]
    if found["buffer_px"]:
        said.append(f"buffer of {found['buffer_px']} px: {dropped:.0f} % of the training pixels")
    return said


def _entry(colour: str, words: str) -> str:
    square = f"display:inline-block;width:0.8em;height:0.8em;margin-right:0.4em;background:{colour}"
    return f'<div style="font-size:0.85rem"><span style="{square}"></span>{words}</div>'


@st.cache_data(max_entries=16, show_spinner=False)
def _drawn(
    state: tuple, _scene: Scene, _parts: Split, _table: TileTable
) -> tuple[np.ndarray | None, dict]:
    """The picture, where there can be one, and the counts of each part."""
    found = split.summary(_parts, _table, _scene)
    if not splits.can_be_drawn(_scene):
        return None, found
    return splits.picture(_base(_scene.name, state[1]), _parts), found


@st.cache_data(max_entries=8, show_spinner=Later("Drawing the scene"))
def _base(name: str, written: int) -> np.ndarray:
    """`written` makes the cache forget a scene that was imported again."""
    return splits.base(store.load(name))
