"""`factors SCENE --json`: the whole analysis, its refusals, and that a page finds it again."""

import json

import numpy as np
import pytest

from core.analysis import store
from core.commands import factors
from core.jobs.report import silent
from tests import stack

SIDE = 384


def arguments(*argv: str):
    import argparse

    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers()
    factors.add_factors(commands)
    return parser.parse_args(["factors", *argv])


def run(*argv: str) -> dict:
    args = arguments(*argv)
    return args.run(args, silent)


def planted(rng, **extra) -> tuple[dict, np.ndarray]:
    """Slope tells landslides, aspect does not, lithology class 3 holds most of them."""
    mask = np.zeros((SIDE, SIDE), np.uint8)
    for row, column in rng.integers(0, SIDE - 20, (14, 2)):
        mask[row : row + 16, column : column + 12] = 1
    layers = {
        "slope": 20 + 5 * rng.standard_normal((SIDE, SIDE)) + 9 * mask,
        "aspect": rng.uniform(0, 360, (SIDE, SIDE)),
        "lithology": np.where(mask & (rng.random((SIDE, SIDE)) < 0.7), 3, 1 + (mask * 0)),
        "deformation": rng.standard_normal((SIDE, SIDE)) * 10,
        **extra,
    }
    layers["deformation"][:40] = np.nan
    return layers, mask


@pytest.fixture
def scene(workspace):
    layers, mask = planted(np.random.default_rng(2))
    return stack.scene(layers, mask, categorical=("lithology",))


def test_json_holds_correlation_collinearity_and_importance(scene):
    result = run("planted", "--pixels", "2000")
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert result["scene"] == "planted" and result["synthetic"]
    assert result["n"] == SIDE * (SIDE - 40)
    assert result["dropped_share"] == pytest.approx(40 / SIDE)
    assert result["without_deformation"]["dropped_share"] == 0
    assert result["pearson"]["factors"] == list(scene.factor_names)
    assert np.shape(result["pearson"]["matrix"]) == (4, 4)
    assert {tuple(row) for row in result["collinearity"]} == {("factor", "vif", "tol")}
    rows = {row["factor"]: row for row in result["importance"]}
    assert list(rows) == [*scene.factor_names, "noise"]
    assert rows["slope"]["above_noise"] and not rows["aspect"]["above_noise"]
    assert rows["noise"]["control"] and rows["noise"]["above_noise"] is None
    assert result["sampling"]["landslide"] == result["sampling"]["other"] == 1000
    assert 0.5 < result["auc"]["mean"] <= 1


def test_class_shares_match_a_direct_count(scene):
    explored = run("planted", "--pixels", "400")["explorer"]["lithology"]
    lithology, mask = scene.read(["lithology"])[..., 0], scene.read_mask()
    for row in explored["classes"]:
        here = lithology == float(row["code"])
        assert row["pixels"] == here.sum()
        assert row["share"] == pytest.approx(mask[here].mean())


def test_histograms_and_classes_of_a_number_hold_every_pixel(scene):
    explored = run("planted", "--pixels", "400")["explorer"]["slope"]
    mask = scene.read_mask()
    assert sum(explored["inside"]) == mask.sum()
    assert sum(explored["outside"]) == (mask == 0).sum()
    assert len(explored["edges"]) == 41
    pixels = [row["pixels"] for row in explored["classes"]]
    assert len(pixels) == 10 and sum(pixels) == mask.size
    assert max(pixels) < 1.05 * mask.size / 10


def test_a_stored_analysis_is_found_again_until_the_scene_changes(scene):
    result = run("planted", "--pixels", "400")
    written = (scene.path / store.FILE).stat().st_mtime_ns
    assert store.load(scene) == result == run("planted", "--pixels", "400")
    assert (scene.path / store.FILE).stat().st_mtime_ns == written
    assert run("planted", "--pixels", "600")["sampling"]["asked"] == 600
    layers, mask = planted(np.random.default_rng(3))
    assert store.load(stack.scene(layers, mask, categorical=("lithology",))) is None


def test_the_causative_view_is_the_analysis_of_these_factors_alone(workspace):
    rng = np.random.default_rng(2)
    layers, mask = planted(rng)
    layers["red"] = layers["slope"] + rng.standard_normal((SIDE, SIDE))
    stack.scene(layers, mask, categorical=("lithology",))
    result = run("planted", "--pixels", "400")
    view = store.view(result, causative=True)
    assert view["pearson"]["factors"] == ["deformation", "slope", "aspect", "lithology"]
    vif = {row["factor"]: row["vif"] for row in view["collinearity"]}
    assert vif["slope"] < 2 < 10 < result["collinearity"][0]["vif"]
    factors_shown = [row["factor"] for row in view["importance"]]
    assert factors_shown == ["deformation", "slope", "aspect", "lithology", "noise"]
    assert store.view(result, causative=False)["pearson"] == result["pearson"]


def test_without_inventory_importance_is_null_with_a_reason(workspace):
    layers, _ = planted(np.random.default_rng(2))
    stack.scene(layers)
    result = run("planted")
    assert result["importance"] is None and "no landslide inventory" in result["importance_reason"]
    assert result["collinearity"][0]["vif"] > 0


def test_an_inventory_without_a_landslide_gives_null_with_a_reason(workspace):
    layers, mask = planted(np.random.default_rng(2))
    stack.scene(layers, mask * 0)
    result = run("planted")
    assert result["importance"] is None and "0 pixels of each class" in result["importance_reason"]


def test_constant_and_twin_factors(workspace):
    layers, mask = planted(np.random.default_rng(2), flat=np.full((SIDE, SIDE), 7.25))
    layers["twin"] = layers["slope"]
    stack.scene(layers, mask)
    result = run("planted", "--pixels", "400")
    rows = {row["factor"]: row for row in result["collinearity"]}
    assert rows["flat"] == {"factor": "flat", "vif": None, "tol": None, "reason": "constant"}
    for name in ("slope", "twin"):
        assert rows[name]["vif"] is None and rows[name]["tol"] == 0
        assert rows[name]["reason"] == "perfectly collinear"
    assert rows["aspect"]["vif"] == pytest.approx(1, abs=0.01)
    flat = result["pearson"]["factors"].index("flat")
    assert set(result["pearson"]["matrix"][flat]) == {None}
    assert len(result["explorer"]["flat"]["classes"]) == 1


def test_a_factor_without_data_is_left_out_by_name(workspace):
    layers, mask = planted(np.random.default_rng(2), empty=np.full((SIDE, SIDE), np.nan))
    stack.scene(layers, mask)
    result = run("planted", "--pixels", "400")
    assert result["excluded"] == [{"factor": "empty", "reason": "no data"}]
    assert "empty" not in result["pearson"]["factors"] and result["n"] > 0


def test_deformation_that_meets_no_other_data_is_left_out(workspace):
    layers, mask = planted(np.random.default_rng(2))
    layers["slope"][:100], layers["deformation"][100:] = np.nan, np.nan
    layers["deformation"][:100] = 1.0
    stack.scene(layers, mask)
    result = run("planted", "--pixels", "400")
    assert result["excluded"][0]["factor"] == "deformation"
    assert result["pearson"]["factors"] == ["slope", "aspect", "lithology"]
    assert result["n"] == SIDE * (SIDE - 100)


def test_fewer_pixels_than_factors_are_refused_in_one_sentence(workspace, capsys):
    from core.__main__ import main

    layers, mask = planted(np.random.default_rng(2))
    layers["aspect"][:], layers["aspect"][0, 50:53] = np.nan, 1.0
    stack.scene(layers, mask)
    assert main(["factors", "planted"]) == 2
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert "3 pixels with data in all 3 factors" in said and "without 'aspect'" in said


def test_a_sample_size_out_of_range_is_refused(scene, capsys):
    from core.__main__ import main

    assert main(["factors", "planted", "--pixels", "7"]) == 2
    assert "Invalid sample size 7" in capsys.readouterr().err


def test_tiles_of_a_tile_scene(workspace):
    rng = np.random.default_rng(0)
    mask = (rng.random((128 * 8, 128)) < 0.1).astype(np.uint8)
    stack.scene({"red": mask + rng.standard_normal(mask.shape)}, mask, kind="tiles")
    result = run("planted", "--pixels", "1000")
    assert result["sampling"]["block_px"] == 128 and result["auc"]["mean"] > 0.6


def test_the_words_for_people(scene, capsys):
    args = arguments("planted", "--pixels", "400")
    args.show(args.run(args, silent))
    said = capsys.readouterr().out
    assert "planted (synthetic): 132096 pixels, 10.4 % dropped" in said
    assert "Deformation rate" in said and "control" in said and "held-out AUC" in said


def test_kashmir_classes_match_a_direct_count(workspace, real_data):
    from core.__main__ import main

    folder = real_data / "kashmir"
    files = {"elevation": "AW3D30.tif", "lithology": "Geology.tif", "inventory": "landslides.shp"}
    options = [part for k, v in files.items() for part in (f"--{k}", str(folder / v))]
    assert main(["import", "kashmir", *options, "--like", str(folder / "AW3D30.tif")]) == 0
    result = run("kashmir", "--pixels", "4000")
    scene = store_of("kashmir")
    lithology, mask = scene.read(["lithology"])[..., 0], scene.read_mask()
    for row in result["explorer"]["lithology"]["classes"]:
        here = lithology == float(row["code"])
        assert row["landslide_pixels"] == mask[here].sum()
    values = scene.read().reshape(-1, len(scene.factors)).astype(np.float64)
    values = values[np.isfinite(values).all(axis=1)]
    np.testing.assert_allclose(result["pearson"]["matrix"], np.corrcoef(values.T), atol=1e-8)


def store_of(name: str):
    from core.scene import store as scenes

    return scenes.load(name)
