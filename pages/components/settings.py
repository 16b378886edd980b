"""The settings of a training, in plain words, with the paper's value beside each."""

import streamlit as st

from core.learning import device, options
from core.runs.config import MODEL_TITLES
from core.runs.request import TrainRequest
from core.scene.store import Scene

PRESETS = {
    "quick": "Fewer filters, the same blocks: minutes on two processor cores.",
    "paper": "The paper's size and settings: meant for a GPU, hours on a processor.",
}
SPLITS = {
    "block": "blocks of tiles, a buffer between",
    "paper": "single tiles, as the paper",
}
AUGMENTATIONS = {
    "": "as the preset",
    "paper": "all flips and quarter turns",
    "safe": "north-south flip only",
    "none": "none",
}
CODINGS = {
    "paper": "plain numbers",
    "recommended": "one-hot, sine and cosine",
}
PERSIST = {"persist_state": "session"}


def show(scene: Scene) -> TrainRequest | None:
    """Draw the settings; return the request when the user asks to start."""
    model = st.selectbox(
        "Model", list(MODEL_TITLES)[::-1], format_func=MODEL_TITLES.get, key="model", **PERSIST
    )
    dataset = _dataset(scene)
    preset = st.segmented_control(
        "Preset", list(PRESETS), default="quick", required=True, key="preset", **PERSIST
    )
    st.caption(PRESETS[preset])
    with st.expander("More settings"):
        more = _more(preset)
    request = TrainRequest(scene=scene.name, model=model, dataset=dataset, preset=preset, **more)
    return request if _start(scene, preset) else None


def _dataset(scene: Scene) -> str:
    """RS or RS-DR; only RS where the scene has no deformation."""
    possible = scene.has_deformation
    chosen = st.segmented_control(
        "Dataset",
        ["rs", "rs-dr"],
        format_func=str.upper,
        default="rs-dr" if possible else "rs",
        required=True,
        disabled=not possible,
        key="dataset" if possible else "dataset-rs-only",
        **PERSIST,
    )
    if not possible:
        st.caption(
            f"RS-DR needs the deformation rate, which scene '{scene.name}' does not have: import "
            "it again with one."
        )
    else:
        st.caption("RS-DR: every factor. RS: all but the deformation rate.")
    return chosen


def _more(preset: str) -> dict:
    quick = preset == "quick"
    epochs = st.number_input(
        "Epochs :gray[paper: not printed]",
        1,
        100_000,
        None,
        placeholder=f"as many as make {options.QUICK_STEPS} steps" if quick else "100",
        key="epochs",
        **PERSIST,
    )
    split = _choice("Split of the tiles :gray[paper: 7:3 of single tiles]", SPLITS, "split")
    augmentation = _choice(
        "Augmentation :gray[paper: flips and turns]", AUGMENTATIONS, "augmentation"
    )
    coding = _choice("Lithology and aspect :gray[paper: plain numbers]", CODINGS, "coding")
    left, right = st.columns(2)
    batch = left.number_input(
        "Batch, tiles :gray[paper: 8]", 1, 256, None, placeholder="8", key="batch", **PERSIST
    )
    rate = right.number_input(
        "Learning rate :gray[paper: 0.0001]",
        1e-6,
        1.0,
        None,
        format="%g",
        placeholder="0.001, falling" if quick else "0.0001",
        key="learning_rate",
        **PERSIST,
    )
    seed = left.number_input(
        "Seed :gray[paper: not printed]", 0, 2**31 - 1, 0, key="seed", **PERSIST
    )
    return {
        "epochs": epochs,
        "split": split,
        "augmentation": augmentation or None,
        "coding": coding,
        "batch": batch,
        "learning_rate": rate,
        "seed": seed,
    }


def _choice(label: str, options: dict, key: str) -> str:
    return st.selectbox(label, list(options), format_func=options.get, key=key, **PERSIST)


def _start(scene: Scene, preset: str) -> bool:
    """The button, and one sentence on where and with what it will run."""
    ready = scene.inventory is not None
    if not ready:
        st.info(
            f"Scene '{scene.name}' has no landslide inventory, and a training needs one: import it "
            "again with one."
        )
    found = device.detect()
    if preset == "paper" and found.kind == "cpu":
        st.caption(f"Will run on: {found.name}. Expect hours; {found.why}")
    else:
        st.caption(f"Will run on: {found.name}.")
    return st.button("Start training", type="primary", disabled=not ready, width="stretch")
