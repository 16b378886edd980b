"""Which device and backend a training will use, without loading either."""

import os

import pytest

from core.errors import SlideScopeError
from core.learning.networks import device


@pytest.fixture(autouse=True)
def fresh():
    device._detect.cache_clear()
    yield
    device._detect.cache_clear()


def driver(tmp_path, monkeypatch, names: str) -> None:
    """An nvidia-smi that lists `names`."""
    tool = tmp_path / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\nprintf '{names}'\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


def test_hidden_gpus_are_told(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    found = device.detect()
    assert found.kind == "cpu"
    assert "CUDA_VISIBLE_DEVICES" in found.why


def test_a_driver_without_a_gpu_is_told(tmp_path, monkeypatch):
    driver(tmp_path, monkeypatch, "")
    assert device.detect().why == "The NVIDIA driver lists no GPU."


@pytest.mark.parametrize(
    ("backend", "title"), [("tensorflow", "TensorFlow"), ("jax", "JAX"), ("torch", "PyTorch")]
)
def test_a_gpu_that_the_backend_cannot_reach_is_told_with_the_cure(
    tmp_path, monkeypatch, backend, title
):
    driver(tmp_path, monkeypatch, "H100\\n")
    monkeypatch.setenv("KERAS_BACKEND", backend)
    monkeypatch.setitem(device._SUPPORT, backend, lambda: False)
    found = device.detect()
    assert found.kind == "cpu"
    assert f"H100 is there, {title}'s CUDA libraries are not" in found.why
    monkeypatch.setitem(device._SUPPORT, backend, lambda: True)
    device._detect.cache_clear()
    assert device.detect() == device.Device("gpu", "H100")


def test_an_unknown_or_missing_backend_is_one_sentence(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "theano")
    with pytest.raises(SlideScopeError, match="Unknown KERAS_BACKEND 'theano'"):
        device.check_backend()
    monkeypatch.setitem(device.BACKENDS, "theano", "Theano")
    with pytest.raises(SlideScopeError, match="Theano is not installed"):
        device.check_backend()
    monkeypatch.delenv("KERAS_BACKEND")
    assert device.backend_title() == "TensorFlow"
