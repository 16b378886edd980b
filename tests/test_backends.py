"""The same code on every backend of Keras, each in a process of its own.

`make test-backends` runs all networks, and a whole training, on TensorFlow, JAX and PyTorch; a
sweep (`make test-faults`) JAX on FCADenseNet alone: FC_DenseNet's layers and attention.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.runs import store as runs

pytestmark = [pytest.mark.slow, pytest.mark.sweep]

PROJECT = Path(__file__).resolve().parents[1]
BACKENDS = ("jax", "tensorflow", "torch")
ASKED = os.environ.get("SLIDESCOPE_BACKENDS", "jax").split(",")
THOROUGH = "SLIDESCOPE_BACKENDS" in os.environ
NETWORKS = ("fcadensenet", *(("fcn", "unet", "fc_densenet") if THOROUGH else ()))
# Half the time of JAX on a processor is spent on making code fast that runs twice.
XLA = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"


def python(backend: str, *argv: str) -> dict:
    """Run a module on a backend; return the JSON object that it printed last."""
    environment = {**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": str(PROJECT)}
    if backend == "jax":
        environment |= {"XLA_FLAGS": XLA, "JAX_PLATFORMS": "cpu"}
    done = subprocess.run(
        [sys.executable, "-m", *argv],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def reference(tmp_path_factory) -> Path:
    """Weights of the networks and what TensorFlow predicts with them."""
    folder = tmp_path_factory.mktemp("reference")
    python("tensorflow", "tests.backend_check", "reference", str(folder), *NETWORKS)
    return folder


@pytest.mark.parametrize("backend", BACKENDS)
def test_networks_fit_save_load_and_predict_as_tensorflow_does(backend, reference):
    if backend not in ASKED:
        pytest.skip("`make test-backends` runs it")
    found = python(backend, "tests.backend_check", "check", str(reference), *NETWORKS)
    assert found.pop("backend") == backend
    assert set(found) == set(NETWORKS)


@pytest.mark.parametrize("backend", [name for name in BACKENDS if name != "tensorflow"])
def test_a_training_runs_from_the_scene_to_its_last_epoch(backend, tiny_scene):
    if not THOROUGH or backend not in ASKED:
        pytest.skip("`make test-backends` runs it")
    asked = ["train", "tiny", "--model", "unet", "--dataset", "rs", "--preset", "quick"]
    done = python(backend, "core", *asked, "--epochs", "2", "--no-predict", "--json")
    history = runs.load(done["run"]).history()
    assert [row["epoch"] for row in history] == [1, 2]
    # Two steps: the loss moves, so the weights were updated and kept between the batches.
    assert history[0]["loss"] != history[1]["loss"]
