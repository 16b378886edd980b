"""`pack` and `load`: a network goes out as a file and comes back the same; others do not."""

import json
import zipfile

import h5py
import numpy as np
import pytest

from core import atomic, paths
from core.__main__ import main
from core.errors import SlideScopeError
from core.learning.networks import bundle, loading, network, weights
from core.runs import store
from tests.test_model_card import card_of


@pytest.fixture
def written(tiny_runs):
    """A run with a card and stand-in weights: enough for everything before Keras."""
    run = tiny_runs[0]
    scene_card = card_of_run(run)
    (run.path / "model").mkdir()
    atomic.write_json(run.path / "model" / "model.json", scene_card.to_json())
    with h5py.File(run.path / "model" / "model.weights.h5", "w") as file:
        file["layers/conv/vars/0"] = np.zeros((3, 3, 7, 4), np.float32)
    return run


def card_of_run(run, **changes):
    from core.scene import store as scenes

    return card_of(scenes.load(run.config.scene), **{"model": "fcn", **changes})


def test_a_packed_run_unpacks_as_it_was(written, tmp_path):
    found = bundle.pack(written, tmp_path / "net.zip")
    assert found["bytes"] == (tmp_path / "net.zip").stat().st_size
    bundle.unpack(tmp_path / "net.zip", tmp_path / "out")
    for name in ("config.json", "history.csv", "model/model.json", "model/model.weights.h5"):
        assert (tmp_path / "out" / name).read_bytes() == (written.path / name).read_bytes()


def test_a_pair_of_files_and_a_folder_of_both_are_taken(written, tmp_path):
    for number, source in enumerate(("model/model.weights.h5", "model")):
        out = tmp_path / f"out{number}"
        bundle.unpack(written.path / source, out)
        assert sorted(p.name for p in (out / "model").iterdir()) == sorted(bundle.NEEDED)


def test_a_run_without_a_network_cannot_be_packed(tiny_runs, tmp_path):
    with pytest.raises(SlideScopeError, match="has no network yet"):
        bundle.pack(tiny_runs[0], tmp_path / "net.zip")


def zipped(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name.replace("__", "/"), data)
    return path


PACKED = ("model.json", "model.weights.h5")
BAD_ZIPS = {
    "points outside": {"..__model.json": "{}"},
    "lacks model.json and model.weights.h5": {"readme.txt": "hello"},
    "lacks model.weights.h5": {"model.json": "{}"},
    "has more than 1.0 MB": {"model.json": " " * (2**20 + 1), "model.weights.h5": b""},
    "holds 'model.json' twice": {"a__model.json": "{}", "b__model.json": "{}"},
}


@pytest.mark.parametrize("words", BAD_ZIPS)
def test_a_bad_zip_is_refused_in_one_sentence(tmp_path, words):
    with pytest.raises(SlideScopeError, match=words):
        bundle.unpack(zipped(tmp_path / "bad.zip", **BAD_ZIPS[words]), tmp_path / "out")
    assert not list(tmp_path.parent.glob("model.json"))


def test_a_zip_bomb_stops_at_the_limit(tmp_path, monkeypatch):
    monkeypatch.setitem(bundle.PARTS, "model.weights.h5", ("model/model.weights.h5", 2**21))
    bomb = zipped(tmp_path / "bomb.zip", **{"model.json": "{}", "model.weights.h5": b"\0" * 2**25})
    assert bomb.stat().st_size < 2**16
    with pytest.raises(SlideScopeError, match=r"has more than 2\.1 MB"):
        bundle.unpack(bomb, tmp_path / "out")
    assert (tmp_path / "out" / "model" / "model.weights.h5").stat().st_size <= 2**21


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + b"\0" * 18 + b"junk", b"text"])
def test_what_is_neither_zip_nor_weights_is_refused(tmp_path, content):
    path = tmp_path / "net.bin"
    path.write_bytes(content)
    with pytest.raises(SlideScopeError, match=r"net\.bin"):
        bundle.unpack(path, tmp_path / "out")


def test_a_damaged_zip_is_refused(written, tmp_path):
    path = tmp_path / "net.zip"
    bundle.pack(written, path)
    data = bytearray(path.read_bytes())
    data[40:200] = b"\xff" * 160
    path.write_bytes(data)
    with pytest.raises(SlideScopeError, match=r"damaged|cannot be read|lacks"):
        bundle.unpack(path, tmp_path / "out")


def test_json_of_endless_depth_is_refused(tmp_path):
    (tmp_path / "model.json").write_text("[" * 200_000)
    with pytest.raises(SlideScopeError, match="is no JSON"):
        bundle.read_json(tmp_path / "model.json")


@pytest.mark.parametrize("number", ["1e999", "-Infinity", "NaN"])
def test_a_rate_that_is_no_number_is_refused_before_the_network_is_built(
    written, tmp_path, monkeypatch, number
):
    monkeypatch.setattr(network, "load_foreign", lambda *_: pytest.fail("built"))
    members = {name: (written.path / "model" / name).read_bytes() for name in PACKED}
    members["config.json"] = f'{{"learning_rate": {number}}}'
    told = r"config\.json cannot be used: its learning_rate is (-?inf|nan), which is no number"
    with pytest.raises(SlideScopeError, match=told):
        loading.load(zipped(tmp_path / "network.zip", **members))


def test_nothing_is_left_of_a_refused_network(written, tmp_path, capsys):
    known = {run.id for run in store.runs()}
    bad = zipped(tmp_path / "bad.zip", **{"model.json": "{]", "model.weights.h5": b"x"})
    assert main(["load", str(bad)]) == 2
    assert capsys.readouterr().err.strip().splitlines()[-1].startswith("'model.json' is no JSON")
    assert {run.id for run in store.runs()} == known
    assert not [p for p in paths.runs_folder().iterdir() if "bad" in p.name]


def test_an_upload_gets_a_name_of_ours(workspace):
    kept = bundle.keep([("../../x y.zip", b"z")])
    assert kept.name == "x-y.zip"
    assert kept.is_relative_to(paths.uploads_folder())
    pair = bundle.keep([("my.json", b"{}"), ("net.weights.h5", b"h")])
    assert (pair.with_name("model.json").read_bytes(), pair.read_bytes()) == (b"{}", b"h")


@pytest.mark.parametrize("names", [["a.zip", "b.zip"], ["a.h5"], ["a.json", "b.json"], []])
def test_an_upload_that_is_no_network_is_refused(workspace, names):
    with pytest.raises(SlideScopeError, match="a network is one zip, or its weights"):
        bundle.keep([(name, b"") for name in names])


def test_a_configuration_from_elsewhere_says_only_what_is_well_formed(tiny_runs):
    run = tiny_runs[0]
    told = {**run.config.to_json(), "seed": "x", "batch": 4, "model": "resnet", "loss": "magic"}
    config = loading._config(card_of_run(run), told)
    assert (config.batch, config.seed, config.model, config.loss) == (4, 0, "fcn", "bce")
    assert config.scene == "tiny"
    strange = loading._config(card_of_run(run), {**told, "fingerprint": "other"})
    assert strange.scene == "tiny-elsewhere"
    for scene in ("../../etc", 7, None):
        assert loading._config(card_of_run(run), {**told, "scene": scene}).scene == "elsewhere"


@pytest.fixture
def trained(tiny_runs):
    """A run with a real small network, its weights away from where they start."""
    run = tiny_runs[0]
    card = card_of_run(run)
    network.keras().utils.set_random_seed(1)
    built = network.rebuilt(card)
    rng = np.random.default_rng(0)
    for weight in built.trainable_weights:
        weight.assign(np.asarray(weight) + 0.02 * rng.standard_normal(weight.shape))
    network.save(built, card, run.path / "model")
    return run, built


@pytest.mark.slow
def test_a_network_comes_back_the_same_and_bad_ones_do_not(trained, tmp_path, capsys):
    run, built = trained
    tile = np.random.default_rng(2).normal(size=(1, 128, 128, 7)).astype(np.float32)
    before = np.asarray(built(tile, training=False))
    assert before.std() > 0.01
    assert main(["pack", run.id, "--out", str(tmp_path / "net.zip"), "--json"]) == 0
    assert main(["load", str(tmp_path / "net.zip"), "--name", "again", "--json"]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (result["run"], result["fits"]) == ("again", ["tiny"])
    again = store.load("again")
    assert (again.state, again.loaded["source"]) == ("done", "net.zip")
    same, _ = network.load(again.path / "model")
    assert np.array_equal(before, np.asarray(same(tile, training=False)))

    folder = tmp_path / "half"
    folder.mkdir()
    weights.halve(run.path / "model" / network.WEIGHTS, folder / network.WEIGHTS)
    (folder / "model.json").write_bytes((run.path / "model" / "model.json").read_bytes())
    loading.load(folder, "half")
    half, card = network.load(store.load("half").path / "model")
    assert np.abs(before - np.asarray(half(tile, training=False))).max() < 0.02

    def refused(words, value=None):
        with pytest.raises(SlideScopeError, match=words):
            network.load_foreign(folder, value or card.to_json())

    narrower = card.to_json() | {"channels": card.to_json()["channels"][:6]}
    refused(r"do not fit FCN \(quick, 6 channels\): '.*' has shape", narrower)
    refused("Unknown model 'resnet'", card.to_json() | {"model": "resnet"})
    refused("has no preset 'huge'", card.to_json() | {"preset": "huge"})
    with h5py.File(folder / network.WEIGHTS, "a") as file:
        name = next(n for n in weights.shapes(run.path / "model" / network.WEIGHTS))
        kept = file[name][()]
        del file[name]
        file.flush()
    refused("is missing")
    with h5py.File(folder / network.WEIGHTS, "a") as file:
        file[name] = np.full(kept.shape, np.nan, np.float32)
    refused("infinite or none at all")


def test_a_name_that_is_taken_is_not_written_over(written, tmp_path):
    with pytest.raises(SlideScopeError, match="exists already"):
        loading.load(tmp_path, written.id)
