"""The networks that come with the software load, say what they are, and their maps are theirs."""

import json
import shutil

import numpy as np
import pytest
import rasterio
from rasterio.windows import Window

from bench import curves_svg, model_cards, shipped_truth
from core import atomic, paths
from core.display import bins
from core.learning import shipped, split
from core.learning.prediction import products
from core.learning.scores import evaluation, metrics
from core.learning.tiles.tiling import Tiling, tiling_of
from core.runs import store, tables
from core.runs.config import RunConfig
from core.scene import store as scenes
from core.scene.grid import Grid

FOLDERS = sorted(f.parent for f in paths.PRETRAINED.glob("*/config.json"))
CROP = shipped_truth.CROP_FILE


def test_every_network_is_there_and_two_of_them_on_both_datasets():
    assert {f.name for f in FOLDERS} == {
        "sample-fcadensenet-rs-dr-shipped",
        "sample-fcadensenet-rs-shipped",
        "sample-fc_densenet-rs-dr-shipped",
        "sample-unet-rs-dr-shipped",
        "sample-unet-rs-shipped",
        "sample-fcn-rs-dr-shipped",
    }


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: f.name)
def test_no_shipped_network_saw_the_scene_that_it_is_shown_on(folder):
    config = RunConfig.from_json(atomic.read_json(folder / "config.json"))
    assert config.test_scene == "sample" not in config.learned_from
    assert len(config.learned_from) >= 6
    splits = [split.load(folder / "split.json")]
    splits += [split.load(folder / f"split-{name}.json") for name in config.learned_from[1:]]
    assert not any(len(parts.tiles(metrics.TEST)) for parts in splits)


def test_the_paired_table_has_an_interval_for_every_pair():
    pairs = atomic.read_json(paths.PRETRAINED / model_cards.PAIRS)
    named = {(pair["before"], pair["after"]) for pair in pairs}
    for model in ("fcadensenet", "unet"):
        assert (f"{model}·rs", f"{model}·rs-dr") in named
    assert ("fc_densenet·rs-dr", "fcadensenet·rs-dr") in named
    text = (paths.PRETRAINED / "README.md").read_text()
    for pair in pairs:
        assert pair["blocks"] == 64
        value, low, high = pair["metrics"]["f1"]
        assert low < value < high
        assert model_cards._difference(pair["metrics"]["f1"]) in text


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: f.name)
def test_a_shipped_network_says_what_it_is(folder):
    config = RunConfig.from_json(atomic.read_json(folder / "config.json"))
    assert config.synthetic
    assert ("deformation" in config.factors) == (config.dataset == "rs-dr")
    run = model_cards.run_of(folder)
    card, found = (folder / "card.md").read_text(), model_cards.figures(run)
    assert card == model_cards.card(run, [model_cards.run_of(f) for f in FOLDERS])
    for name in model_cards.METRICS:
        assert f"{found['packed'][name]:.4f}" in card
        assert f"{found['packed']['baseline_rf'][name]:.4f}" in card
    assert "synthetic" in card
    assert "chosen by the generator, not found" in card


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda f: f.name)
def test_the_figures_of_a_card_follow_from_the_files_beside_it(folder):
    """Counts of map and baseline against the reference are kept in the card's confusion counts."""
    found = model_cards.figures(model_cards.run_of(folder))
    with np.load(folder / shipped.BASELINES["baseline_rf"], allow_pickle=False) as file:
        total = metrics.area_counts(file["counts"], file["part"], "test")
        assert found["split"]["test"]["tiles"] == int((file["part"] == metrics.TEST).sum())
    assert metrics.scores(total)["f1"] == found["packed"]["baseline_rf"]["f1"]
    # All of the scene is unseen.
    with rasterio.open(folder / shipped.MAP) as shown:
        predicted = int((shown.read(1) > 100).sum())
    assert predicted == found["packed"]["tp"] + found["packed"]["fp"]


def test_the_readme_is_the_one_that_the_script_writes():
    runs = [model_cards.run_of(folder) for folder in FOLDERS]
    runs.sort(key=lambda run: model_cards.ORDER.index((run.config.model, run.config.dataset)))
    assert (paths.PRETRAINED / "README.md").read_text() == model_cards.readme(runs)


def test_together_they_stay_small():
    assert sum(f.stat().st_size for f in paths.PRETRAINED.rglob("*") if f.is_file()) < 25e6


@pytest.fixture(scope="module")
def crop():
    """A piece of the sample scene, as the shipped networks' scene had it."""
    with np.load(CROP, allow_pickle=False) as file:
        bytes_ = np.ascontiguousarray(file["planes"].transpose(2, 3, 0, 1))
        names, corner = tuple(str(n) for n in file["names"]), tuple(int(n) for n in file["corner"])
        return bytes_.view(np.float32)[..., 0], names, corner, str(file["fingerprint"])


def crop_scene(values, names) -> scenes.Scene:
    """The piece as a scene of its own."""
    height, width = values.shape[:2]
    grid = Grid("EPSG:32648", (12.5, 0, 240000, 0, -12.5, 3020000), width, height)
    factors = tuple(
        scenes.SceneFactor(n, "continuous", scenes.factor(n).unit, "sample", 1.0) for n in names
    )
    with scenes.create("crop") as folder:
        how = products.profile(grid, "float32", np.nan)
        how |= {"count": len(names), "blockxsize": 128, "blockysize": 128}
        with rasterio.open(folder / "stack.tif", "w", **how) as target:
            target.write(np.moveaxis(values, -1, 0))
        made = scenes.Scene(
            "crop", folder, "area", 128, grid, factors, True, "crop", "2026-01-01", None
        )
        scenes.save(made)
    return scenes.load("crop")


@pytest.mark.slow
@pytest.mark.parametrize("model", ["fcadensenet-rs-dr", "unet-rs-dr"])
def test_a_shipped_map_is_what_the_shipped_weights_predict(workspace, crop, model):
    from core.learning.prediction import prediction

    values, names, corner, fingerprint = crop
    folder = paths.PRETRAINED / f"sample-{model}-shipped"
    assert atomic.read_json(folder / shipped.ABOUT)["fingerprint"] == fingerprint
    scene = crop_scene(values, names)
    copy = paths.runs_folder() / folder.name
    shutil.copytree(folder, copy)
    run = store.load(folder.name)
    prediction.predict(run, scene)
    with rasterio.open(run.prediction("crop") / "probability.tif") as source:
        anew = bins.to_display(source.read(1))
    with rasterio.open(folder / shipped.MAP) as shown:
        there = shown.read(1, window=Window(corner[1], corner[0], *anew.shape))
    inside = (shipped_truth.INSIDE,) * 2  # nothing beyond the piece reaches these pixels
    apart = np.abs(anew[inside].astype(int) - there[inside])
    assert (apart > 1).mean() < 0.001
    assert (apart > 0).mean() < 0.02
    assert len(np.unique(there[inside])) > 20


def test_only_networks_of_the_same_scene_are_offered(tiny_scene):
    assert shipped.available(tiny_scene) == []


@pytest.fixture
def packed(tiny_scene, tiny_runs, tmp_path, monkeypatch):
    """A tiny run packed as the real ones are: its map, its baseline, its split."""
    pretrained = tmp_path / "pretrained"
    monkeypatch.setattr(paths, "PRETRAINED", pretrained)
    run, folder = tiny_runs[0], pretrained / "tiny-fcadensenet-rs-dr-shipped"
    folder.mkdir(parents=True)
    for name in ("config.json", "history.csv"):
        shutil.copyfile(run.path / name, folder / name)
    counts, part = products.load_counts(run.prediction())
    for file in shipped.BASELINES.values():
        np.savez_compressed(folder / file, counts=counts[..., ::-1], part=part)
    split.save(split.Split(tiling_of(tiny_scene), part, 0), folder / "split.json")
    (folder / "model").mkdir()
    (folder / "model" / "model.json").write_text("{}")
    shipped.store(run.prediction(), tiny_scene, folder)
    atomic.write_json(folder / "figures.json", {"cost": {"seconds": 3.0, "device": "CPU, 2 cores"}})
    return folder, run


def test_a_shipped_map_comes_back_with_the_same_counts_and_metrics(tiny_scene, packed):
    folder, run = packed
    assert shipped.install(tiny_scene) == [folder.name]
    again = store.load(folder.name)
    counts, _ = products.load_counts(again.prediction())
    assert np.array_equal(counts, products.load_counts(run.prediction())[0])
    own, theirs = again.metrics(), run.metrics()
    assert {k: own[k] for k in ("f1", "miou", "tp", "average_precision")} == {
        k: theirs[k] for k in ("f1", "miou", "tp", "average_precision")
    }
    assert own["baseline_rf"]["tiles"] == own["baseline_gbm"]["tiles"] == theirs["tiles"]
    assert (again.state, again.preview()) == ("done", False)
    assert shipped.unfinished(tiny_scene) == []
    spent = tables.of(again, tiny_scene)
    assert spent.packed and spent.seconds_per_km2 == pytest.approx(3.0 / 15.36)
    with rasterio.open(again.prediction() / "probability.tif") as source:
        assert "bin centres" in source.tags()["SOURCE"]
    names = {p.name for p in again.prediction().iterdir()}
    assert names == {p.name for p in run.prediction().iterdir()}


def test_a_copy_of_the_scene_that_differs_by_roundings_gets_a_preview(tiny_scene, packed):
    from dataclasses import replace

    rounded = replace(tiny_scene, fingerprint="rounded")
    scenes.save(rounded)
    folder, _ = packed
    shipped.install(rounded)
    run = store.load(folder.name)
    assert run.preview()
    assert run.metrics()
    assert [r.id for r in shipped.unfinished(rounded)] == [folder.name]


def test_another_scene_gets_no_shipped_map(tiny_scene, packed):
    from dataclasses import replace

    slope = tiny_scene.factor("slope")
    steeper = replace(slope, quantiles=tuple(2 * q for q in slope.quantiles))
    factors = tuple(steeper if f.name == "slope" else f for f in tiny_scene.factors)
    other = replace(tiny_scene, fingerprint="other", factors=factors)
    shipped.install(other)
    run = store.load(packed[0].name)
    assert not run.predicted()
    assert [r.id for r in shipped.unfinished(other)] == [run.id]


def test_a_run_that_is_there_is_left_alone(tiny_scene, packed):
    shipped.install(tiny_scene)
    run = store.load(packed[0].name)
    mine = {**run.needed_metrics(), "f1": 0.123}
    atomic.write_json(run.prediction() / "metrics.json", mine)
    shipped.install(tiny_scene)
    assert run.metrics() == mine


def test_curves_are_drawn_as_a_picture():
    rows = [{"epoch": e, "loss": 1 / e, "val_loss": 1.2 / e, "val_f1": 0.1 * e} for e in (1, 2, 3)]
    svg = curves_svg.draw(rows, 2)
    assert svg.startswith("<svg ")
    assert svg.count("<polyline") == 4
    assert 'd="M160.0 0V180"' in svg


def test_hidden_landslides_are_counted_by_the_generators_truth(tiny_scene, tmp_path, monkeypatch):
    import geopandas as gpd
    from shapely.geometry import box

    left, top = tiny_scene.grid.transform[2], tiny_scene.grid.transform[5]
    west = box(left, top - 256 * 12.5, left + 130 * 12.5, top)
    east = box(left + 130 * 12.5, top - 256 * 12.5, left + 384 * 12.5, top)
    truth = gpd.GeoDataFrame(
        {"kind": ["slow", "fresh"], "mapped": [1, 1]}, geometry=[west, east], crs="EPSG:32648"
    )
    truth.to_file(tmp_path / "truth.gpkg", driver="GPKG")
    monkeypatch.setattr(shipped_truth, "truth_file", lambda: tmp_path / "truth.gpkg")
    reference = tiny_scene.read_mask()
    parts = split.Split(Tiling(256, 384), np.array([2, 0, 0, 0, 0, 2], np.uint8), 0)
    found = shipped_truth.hidden_share(tiny_scene, parts)
    assert found["share_of_landslides"] == 0.5
    assert found["share_of_pixels"] == pytest.approx(reference[:, :130].sum() / reference.sum())
    test = reference[:128, :128].sum(), reference[128:, 256:].sum()
    assert found["share_of_held_out_pixels"] == pytest.approx(test[0] / sum(test))


def test_evaluation_of_a_shipped_run_names_its_area(tiny_scene, packed):
    shipped.install(tiny_scene)
    found = evaluation.evaluate(store.load(packed[0].name))
    assert found["area_words"] == "held-out tiles"
    assert json.dumps(found)
