"""The PyTorch twins compute what our networks compute, and the bench ends with its figures."""

import json
import subprocess
import sys

import numpy as np
import pytest

keras = pytest.importorskip("keras")
pytest.importorskip("torch", reason="PyTorch is needed by the benches alone")

from bench import torch_twin  # noqa: E402
from models import catalogue  # noqa: E402


@pytest.mark.parametrize("name", ["fcadensenet", "fc_densenet", "unet"])
def test_a_twin_with_copied_weights_predicts_the_same(name):
    network = catalogue.build(name, "quick", 4, tile=None)
    draw = np.random.default_rng(0)
    # No weight may stand at the zero or one that it starts from, on either side.
    network.set_weights(
        [w + draw.uniform(0, 0.1, w.shape) * (w.ndim == 1) for w in network.get_weights()]
    )
    module = torch_twin.copy_weights(network, torch_twin.twin(name, "quick", 4))
    x = draw.normal(size=(2, 32, 64, 4)).astype("float32")
    ours = keras.ops.convert_to_numpy(network(x, training=False))
    assert ours.std() > 0.01
    np.testing.assert_allclose(torch_twin.predict(module, x), ours, atol=1e-5)


def test_a_network_without_a_counterpart_is_refused():
    plain = catalogue.build("fc_densenet", "quick", 4, tile=32)
    deeper = torch_twin.twin("fc_densenet", "quick", 4, depths=(2,) * 11)
    with pytest.raises(ValueError, match=r"conv2d_\d+: .* into "):
        torch_twin.copy_weights(plain, deeper)


@pytest.mark.slow
def test_the_bench_checks_that_both_agree_and_prints_its_figures_last():
    small = ["--model=unet", "--preset=quick", "--tile=32", "--batch=1", "--repeats=1"]
    done = subprocess.run(
        [sys.executable, "bench/train.py", *small], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["probability_difference"] < 1e-4
    assert figures["loss_difference"] < 1e-3
    for name in ("time_vs_torch_fp32", "time_vs_torch_bf16", "tiles_per_s"):
        assert figures[name] > 0
