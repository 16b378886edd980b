"""Fit, save, load and predict tiny versions of the four networks on one backend of Keras.

    KERAS_BACKEND=jax python -m tests.backend_check FOLDER

FOLDER/<network>.weights.h5 and .npy: weights and prediction of the first backend that ran; a later
one loads them and must predict the same within TOLERANCE. `tests/test_backends.py` runs it, each
backend in a process of its own.
"""

import json
import sys
from pathlib import Path

import numpy as np

from core.learning import network, recipe
from core.runs.config import RunConfig
from models import catalogue

TOLERANCE = 1e-4
CHANNELS, TILE, BATCH = 3, 32, 2
# Every kind of block and all five poolings, as few maps as can be: JAX compiles layer by layer.
DENSE = {"filters": 4, "growth": 2, "depths": (1,) * 11, "bottleneck": 1}
TINY = {
    "fcn": {"filters": 2, "fully_connected": 4},
    "unet": {"filters": 2},
    "fc_densenet": DENSE,
    "fcadensenet": DENSE,
}


def build(name: str):
    """The network behind its z-score, compiled as `train` does."""
    network.keras().utils.set_random_seed(0)
    built = catalogue.build(name, "quick", CHANNELS, tile=TILE, **TINY[name])
    return catalogue.with_zscore(built, np.arange(CHANNELS) * 10.0, np.ones(CHANNELS) * 2.0)


def check(name: str, folder: Path) -> dict:
    """Raise an AssertionError unless the network does what it must; return what was measured."""
    rng = np.random.default_rng(0)
    x = rng.normal(10.0, 2.0, (BATCH, TILE, TILE, CHANNELS)).astype("float32")
    x[0, :4, :4, 1] = np.nan
    y = (rng.random((BATCH, TILE, TILE, 1)) < 0.2).astype("float32")
    weight = np.ones((BATCH, TILE, TILE), "float32")
    weight[:, :, :8] = 0

    built = build(name)
    config = RunConfig("s", "f", 1, True, name, "quick", "rs", (), learning_rate=0.01)
    recipe.compile(built, config, steps=4, prevalence=0.2)
    before = built.get_weights()
    losses = [float(built.train_on_batch(x, recipe.target(y, weight))) for _ in range(2)]
    assert np.isfinite(losses).all(), losses
    assert not all(np.array_equal(a, b) for a, b in zip(before, built.get_weights()))
    own = np.asarray(built.predict_on_batch(x))
    network.save_weights(built, folder / "own.weights.h5")
    built.set_weights([np.zeros_like(w) for w in built.get_weights()])
    built.load_weights(folder / "own.weights.h5")
    np.testing.assert_array_equal(np.asarray(built.predict_on_batch(x)), own)

    shared, expected = folder / f"{name}.weights.h5", folder / f"{name}.npy"
    if not expected.exists():
        network.save_weights(built, shared)
        np.save(expected, own)
    # What the first backend trained; in the same network, because JAX would compile another anew.
    built.load_weights(shared)
    difference = float(np.abs(np.asarray(built.predict_on_batch(x)) - np.load(expected)).max())
    assert difference <= TOLERANCE, f"{name}: differs by {difference}"
    return {"losses": losses, "difference": difference}


def main() -> None:
    folder = Path(sys.argv[1])
    keras = network.keras()
    found = {name: check(name, folder) for name in TINY}
    print(json.dumps({"backend": keras.backend.backend(), "networks": found}))


if __name__ == "__main__":
    main()
