"""Fit, save, load and predict tiny versions of the four networks on one backend of Keras.

    python -m tests.backend_check reference FOLDER [NETWORK ...]
    KERAS_BACKEND=jax python -m tests.backend_check check FOLDER [NETWORK ...]

`reference` writes weights and what they predict; `check` fits, saves and loads, then predicts the
reference's, within TOLERANCE. `tests/test_backends.py` runs both, each in a process of its own.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np

from core.learning.networks import network
from core.learning.training import recipe
from core.runs.config import RunConfig
from models import catalogue

TOLERANCE = 1e-4
CHANNELS, TILE, BATCH = 3, 32, 2
# Every kind of block and all five poolings, as few maps as can be: JAX compiles layer by layer.
DENSE = {"filters": 4, "growth": 2, "depths": (1,) * 11, "bottleneck": 0}
TINY = {
    "fcn": {"filters": 2, "fully_connected": 4},
    "unet": {"filters": 2},
    "fc_densenet": DENSE,
    "fcadensenet": DENSE,
}


def build(name: str):
    """The tiny network behind its z-score."""
    network.keras().utils.set_random_seed(0)
    built = catalogue.build(name, "quick", CHANNELS, tile=TILE, **TINY[name])
    return catalogue.with_zscore(built, np.arange(CHANNELS) * 10.0, np.ones(CHANNELS) * 2.0)


def tiles() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(x, y, weight) of a batch, with a gap in a channel and pixels that do not count."""
    rng = np.random.default_rng(0)
    x = rng.normal(10.0, 2.0, (BATCH, TILE, TILE, CHANNELS)).astype("float32")
    x[0, :4, :4, 1] = np.nan
    y = (rng.random((BATCH, TILE, TILE, 1)) < 0.2).astype("float32")
    weight = np.ones((BATCH, TILE, TILE), "float32")
    weight[:, :, :8] = 0
    return x, y, weight


def reference(name: str, folder: Path) -> dict:
    """Write weights, every one moved away from where it starts, and their prediction."""
    built, rng = build(name), np.random.default_rng(1)
    # 0.1 around 1 leaves the variances of a batch norm positive.
    built.set_weights([w + 0.1 * rng.standard_normal(w.shape) for w in built.get_weights()])
    network.save_weights(built, folder / f"{name}.weights.h5")
    predicted = np.asarray(built.predict_on_batch(tiles()[0]))
    assert predicted.std() > 1e-4, "a prediction that is the same everywhere would prove nothing"
    np.save(folder / f"{name}.npy", predicted)
    return {"mean": float(predicted.mean()), "std": float(predicted.std())}


def check(name: str, folder: Path) -> dict:
    """Raise an AssertionError unless the network does what it must; return what was measured."""
    x, y, weight = tiles()
    built = build(name)
    config = RunConfig("s", "f", 1, True, name, "quick", "rs", (), learning_rate=0.01)
    recipe.compile(built, config, steps=4, prevalence=0.2)
    before = built.get_weights()
    losses = [float(built.train_on_batch(x, recipe.target(y, weight))) for _ in range(2)]
    assert np.isfinite(losses).all(), losses
    assert not all(np.array_equal(a, b) for a, b in zip(before, built.get_weights()))

    own = np.asarray(built.predict_on_batch(x))
    saved = folder / f"{name}-own.weights.h5"
    network.save_weights(built, saved)
    # Into the same network, emptied: JAX would compile another one anew.
    built.set_weights([np.zeros_like(w) for w in built.get_weights()])
    built.load_weights(saved)
    np.testing.assert_array_equal(np.asarray(built.predict_on_batch(x)), own)

    built.load_weights(folder / f"{name}.weights.h5")
    expected = np.load(folder / f"{name}.npy")
    difference = float(np.abs(np.asarray(built.predict_on_batch(x)) - expected).max())
    assert difference <= TOLERANCE, f"{name}: differs by {difference}"
    return {"losses": losses, "difference": difference}


def main() -> None:
    do, folder = {"reference": reference, "check": check}[sys.argv[1]], Path(sys.argv[2])
    found = {"backend": network.keras().backend.backend()}
    for name in sys.argv[3:] or TINY:
        started = time.process_time()
        found[name] = {**do(name, folder), "cpu_s": round(time.process_time() - started, 1)}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
