"""Weights files: only plain numbers inside one file pass; kernels are halved, vectors are not."""

import h5py
import numpy as np
import pytest

from core.errors import SlideScopeError
from core.learning.networks import weights


@pytest.fixture
def plain(tmp_path):
    path = tmp_path / "plain.weights.h5"
    with h5py.File(path, "w") as file:
        conv = file.create_group("layers/conv/vars")
        conv.attrs["name"] = "conv"
        conv["0"] = np.linspace(-2, 2, 72, dtype=np.float32).reshape(3, 3, 2, 4)
        conv["1"] = np.float32([1e-7, 4321.123, -3, 0])
        file["layers/dropout/vars/0"] = np.uint32([1, 2])
    return path


def test_shapes_names_every_array(plain):
    assert weights.shapes(plain) == {
        "layers/conv/vars/0": (3, 3, 2, 4),
        "layers/conv/vars/1": (4,),
        "layers/dropout/vars/0": (2,),
    }


def test_halving_keeps_vectors_whole_and_kernels_near(plain, tmp_path):
    half = tmp_path / "half.weights.h5"
    weights.halve(plain, half)
    assert weights.shapes(half) == weights.shapes(plain)
    with h5py.File(plain) as old, h5py.File(half) as new:
        kernel, halved = (f["layers/conv/vars/0"][()] for f in (old, new))
        assert halved.dtype == np.float16
        assert np.abs(kernel - halved).max() < 1e-3
        vector = new["layers/conv/vars/1"]
        assert vector.dtype == np.float32
        assert (vector[()] == old["layers/conv/vars/1"][()]).all()
        assert new["layers/conv/vars"].attrs["name"] == "conv"


def test_what_half_precision_cannot_hold_is_not_halved(plain, tmp_path):
    with h5py.File(plain, "a") as file:
        file["layers/conv/vars/0"][0, 0, 0, 0] = 1e6
    with pytest.raises(ValueError, match="beyond half precision"):
        weights.halve(plain, tmp_path / "half.weights.h5")


def external_link(file, folder):
    file["there"] = h5py.ExternalLink("other.h5", "/secret")


def soft_link(file, folder):
    file["there"] = h5py.SoftLink("/layers/conv")


def external_data(file, folder):
    (folder / "raw.bin").write_bytes(b"x" * 64)
    file.create_dataset("raw", (16,), "f4", external=[("raw.bin", 0, 64)])


def virtual_data(file, folder):
    layout = h5py.VirtualLayout((4,), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "data", (4,))
    file.create_virtual_dataset("virtual", layout)


def endless_groups(file, folder):
    file["layers/again"] = file["layers"]


def huge_array(file, folder):
    file.create_dataset("huge", (2**40,), "f4", chunks=(1024,), compression="gzip")


def text_data(file, folder):
    file["text"] = "not a number"


HOSTILE = {
    external_link: "'there' is a link to somewhere else",
    soft_link: "'there' is a link to somewhere else",
    external_data: "'raw' lies in another file",
    virtual_data: "'virtual' lies in another file",
    endless_groups: "no end of groups",
    huge_array: "claims more than",
    text_data: "'text' is no array of numbers",
}


@pytest.mark.parametrize("spoil", HOSTILE, ids=lambda f: f.__name__)
def test_a_hostile_file_is_refused_in_one_sentence(plain, tmp_path, spoil):
    with h5py.File(plain, "a") as file:
        spoil(file, tmp_path)
    with pytest.raises(SlideScopeError, match=HOSTILE[spoil]) as caught:
        weights.shapes(plain)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"\x89HDF\r\n\x1a\n" + b"\0" * 99])
def test_what_is_no_hdf5_is_refused(tmp_path, content):
    path = tmp_path / "x.weights.h5"
    path.write_bytes(content)
    with pytest.raises(SlideScopeError, match=r"no HDF5 file|cannot be read"):
        weights.shapes(path)


def test_a_truncated_file_is_refused(plain):
    plain.write_bytes(plain.read_bytes()[:900])
    with pytest.raises(SlideScopeError, match="cannot be read"):
        weights.shapes(plain)


def test_mismatch_finds_what_no_layer_needs():
    assert weights.mismatch({"a": (1,), "b": (2,)}, {"a": (1,)}) == "'b' belongs to no layer"
    assert weights.mismatch({"a": (1,)}, {"a": (1,)}) is None
