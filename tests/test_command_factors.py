"""`factors SCENE --json`: the whole analysis, its refusals, and that a page finds it again."""

import csv
import json
import re

import numpy as np
import pytest

from core import workflows
from core.analysis import analysis, store
from core.analysis.tables import every_csv
from core.commands import parse, show
from core.errors import SlideScopeError
from core.jobs.report import silent
from tests import stack
from tests.chinese import english

SIDE = 384


def run(*argv: str) -> dict:
    return workflows.run(parse(["factors", *argv]), silent)


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


@pytest.fixture(autouse=True)
def small_forests(monkeypatch):
    stack.few_trees(monkeypatch)


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
    assert list(rows) == [*scene.factor_names, "noise", "shuffled labels"]
    assert rows["slope"]["above_noise"] and not rows["aspect"]["above_noise"]
    for name in ("noise", "shuffled labels"):
        assert rows[name]["control"] and rows[name]["above_noise"] is None
    assert rows["shuffled labels"]["permutation"]["mean"] < rows["slope"]["permutation"]["mean"]
    assert result["null_auc"]["mean"] < 0.7 and result["area"]["words"] == "whole scene"
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
    assert run("planted", "--pixels", "400") == result
    assert store.load(scene)["importance"] == result["importance"]
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
    assert factors_shown[:5] == ["deformation", "slope", "aspect", "lithology", "noise"]
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
    show("factors", run("planted", "--pixels", "400"))
    said = capsys.readouterr().out
    assert "planted (synthetic): 132096 pixels, 10.4 % dropped" in said
    assert "Deformation rate" in said and "control" in said and "held-out AUC" in said
    assert "area: whole scene" in said and "Evidence per class" in said


def test_an_analysis_of_an_older_version_is_computed_anew(scene):
    run("planted", "--pixels", "400")
    path = scene.path / store.FILE
    stored = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({"key": {**stored["key"], "format": 1}, "result": {}}), "utf-8")
    assert store.load(scene) is None and store.open_stored(scene) is None
    assert run("planted", "--pixels", "400")["n"] > 0


def test_statistics_that_are_gone_once_they_are_computed_are_one_sentence(scene, monkeypatch):
    monkeypatch.setattr(analysis, "analyse", lambda *asked, **more: {})
    with pytest.raises(SlideScopeError, match="were replaced or removed"):
        run("planted", "--pixels", "400")


def test_everything_at_once(scene, tmp_path, capsys):
    """One run with every wish; each part is tested by itself elsewhere."""
    page = tmp_path / "审计.html"
    result = run(
        "planted", "--pixels", "400", "--area", "buffer:200", "--drop-column", "--significance",
        "--without", "aspect, lithology", "--save-dataset", "moving", "--breaks", "natural",
        "--classes", "4", "--breaks-of", "slope=10,25", "--coding", "recommended",
        "--report", str(page),
    )  # fmt: skip
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    assert result["area"]["words"] == "landslides and 200 m around them"
    assert result["n"] <= result["area"]["pixels"] < SIDE * SIDE
    assert result["importance"][0]["drop_column"]["mean"] > 0
    assert result["sampling"]["drop_column_forests"] == 3
    assert result["what_if"]["factors"] == ["slope", "deformation"]
    assert result["dataset"] == {"name": "moving", "factors": ["slope", "deformation"]}
    tables = {t["factor"]: t for t in result["evidence"]["factors"]}
    assert tables["slope"]["breaks"] == "own" and len(tables["slope"]["classes"]) == 3
    assert tables["deformation"]["breaks"] == "natural"
    assert len(tables["deformation"]["classes"]) == 4
    assert tables["aspect"]["breaks"] == "sectors" and tables["lithology"]["breaks"] == "classes"
    assert len(result["significance"]["pairs"]) == 6
    _check_page(page.read_text("utf-8"))
    again = run("planted", "--pixels", "400", "--area", "buffer:200", "--significance")
    assert again["significance"] == result["significance"]  # found again
    show("factors", result)
    assert "Dataset moving" in capsys.readouterr().out
    assert store.load(scene) is None, "the whole scene is another analysis"
    _check_tables(result)


def test_a_chinese_report_of_everything_has_no_english_sentence(scene, tmp_path):
    page = tmp_path / "a.html"
    run(
        "planted", "--pixels", "400", "--area", "buffer:200", "--significance",
        "--without", "aspect, lithology", "--report", str(page), "--language", "zh",
    )  # fmt: skip
    ours, papers = re.split("<h2>参考文献</h2>", page.read_text("utf-8"))
    for title in ("相关性", "共线性", "显著性", "重要性", "证据"):
        assert f"<h2>{title}</h2>" in ours
    assert english(ours) == []
    assert "Breiman, L. (2001): Random forests." in papers  # a title stays as it was printed
    assert english(papers.split("</p><h2>")[1]) == []


def _check_page(text: str) -> None:
    for title in ("Correlation", "Collinearity", "Significance", "Importance", "Evidence"):
        assert f"<h2>{title}</h2>" in text
    assert "Without Aspect, Lithology" in text and "Dutilleul" in text and "<svg" in text
    assert "http" not in text.replace("http-equiv", ""), "the page fetches nothing"


def _check_tables(result: dict) -> None:
    tables = every_csv(result)
    assert set(tables) == {
        "summary", "correlation", "collinearity", "warnings", "coding", "vif-by-coding",
        "importance", "evidence", "ranking", "roc", "significance",
    }  # fmt: skip
    for text in tables.values():
        rows = list(csv.reader(text.splitlines()))
        assert len({len(row) for row in rows}) == 1
    assert len(tables["coding"].splitlines()) == 1 + 6


def test_statistics_of_an_area_are_those_of_its_pixels(scene):
    result = run("planted", "--pixels", "400", "--area", "outside")
    values = scene.read().reshape(-1, 4).astype(np.float64)
    values = values[(scene.read_mask().ravel() == 0) & np.isfinite(values).all(axis=1)]
    varying = [0, 1, 3]  # outside landslides lithology has one class
    expected = np.corrcoef(values[:, varying].T)
    matrix = np.array(result["pearson"]["matrix"], float)[np.ix_(varying, varying)]
    np.testing.assert_allclose(matrix, expected, atol=1e-8)
    assert result["collinearity"][2]["reason"] == "constant"
    assert result["importance"] is None and "0 pixels of each class" in result["importance_reason"]


def test_significance_is_honest_about_smooth_fields(scene):
    found = run("planted", "--pixels", "400", "--significance")["significance"]
    assert found["step_px"] == 4 and found["pixels"] <= 10_000
    rows = {(row["a"], row["b"]): row for row in found["pairs"]}
    values = scene.read()[2::4, 2::4].reshape(-1, 4).astype(float)
    values = values[np.isfinite(values).all(axis=1)]
    assert found["pixels"] == len(values)
    both = rows["slope", "deformation"]
    assert both["r"] == pytest.approx(np.corrcoef(values[:, 0], values[:, 3])[0, 1], abs=1e-9)
    assert both["p"] == pytest.approx(both["p_pixels"], abs=0.1) and both["p_holm"] >= both["p"]
    assert rows["slope", "lithology"]["measure"] == "correlation ratio"
    assert rows["slope", "aspect"]["measure"] == "circular-linear"
    assert rows["slope", "lithology"]["p"] > rows["slope", "lithology"]["p_pixels"]


def blank(layer: np.ndarray, keep: slice = slice(0)) -> np.ndarray:
    """No data but in the rows `keep`."""
    found = np.full(layer.shape, np.nan)
    found[keep] = layer[keep]
    return found


def _twin(layers, mask):
    return {**layers, "twin": layers["slope"]}, mask, []


def _thirty(layers, mask):
    rng = np.random.default_rng(9)
    more = {f"因子{i}": rng.standard_normal(mask.shape) for i in range(26)}
    return {**layers, **more}, mask, []


# What is wrong -> (layers, mask, options) of layers and mask, and what has to be said or found.
AWKWARD = {
    "a constant factor": (
        lambda layers, mask: ({**layers, "flat": mask * 0.0 + 7}, mask, []),
        lambda r: r["collinearity"][-1]["reason"] == "constant"
        and r["coding"]["recommended"]["collinearity"][-1]["reason"] == "constant",
    ),
    "two identical factors": (
        _twin,
        lambda r: [w["factor"] for w in r["warnings"]] == ["slope", "twin"]
        and r["condition_number"] is None,
    ),
    "a factor without data in the area": (
        lambda layers, mask: (
            {**layers, "slope": blank(layers["slope"], slice(0, 100))}, mask[:], ["--area", AREA],
        ),
        lambda r: r["excluded"] == [{"factor": "slope", "reason": "no data in the area"}]
        and "slope" not in r["pearson"]["factors"],
    ),
    "no landslides": (
        lambda layers, mask: (layers, mask * 0, []),
        lambda r: "0 pixels of each class" in r["importance_reason"]
        and r["evidence"]["landslides"] == 0
        and r["evidence"]["factors"][0]["classes"][0]["frequency_ratio"] is None,
    ),
    "landslides everywhere": (
        lambda layers, mask: (layers, mask * 0 + 1, []),
        lambda r: r["importance"] is None
        and r["evidence"]["factors"][0]["classes"][0]["frequency_ratio"] == 1
        and r["evidence"]["factors"][0]["auc"] is None,
    ),
    "one class only": (
        lambda layers, mask: ({**layers, "lithology": mask * 0 + 4.0}, mask, []),
        lambda r: r["collinearity"][2]["reason"] == "constant",
    ),
    "thirty factors, names in Chinese": (
        _thirty, lambda r: len(r["collinearity"]) == 30 and r["collinearity"][-1]["vif"] < 1.1,
    ),
    "fewer pixels than factors": (
        lambda layers, mask: ({**layers, "aspect": blank(layers["aspect"], ROW)}, mask, []),
        "3 pixels with data in all 3 factors",
    ),
    "an area without a pixel": (
        lambda layers, mask: (layers, mask, ["--area", "class:lithology=9"]),
        "holds no pixel centre",
    ),
    "no factor with data in the area": (
        lambda layers, mask: (
            {n: blank(v, slice(0, 100)) for n, v in layers.items()}, mask, ["--area", AREA],
        ),
        "No factor of scene 'planted' has data in the area",
    ),
    "an unknown factor left out": (
        lambda layers, mask: (layers, mask, ["--without", "坡"]), "no factor '坡' to leave out",
    ),
    "a report into nowhere": (
        lambda layers, mask: (layers, mask, ["--report", "/nowhere/at/all.html"]),
        "There is no folder for the report",
    ),
}  # fmt: skip
ROW = (0, slice(50, 53))
# The lower half of the planted scene, in degrees.
CORNERS = [[102.3, 27.2], [102.5, 27.2], [102.5, 27.255], [102.3, 27.255], [102.3, 27.2]]
AREA = "polygon:" + json.dumps({"type": "Polygon", "coordinates": [CORNERS]})


@pytest.mark.parametrize("wrong", AWKWARD)
def test_awkward_input_has_a_right_result_or_one_sentence(workspace, wrong):
    make, expected = AWKWARD[wrong]
    layers, mask, options = make(*planted(np.random.default_rng(2)))
    stack.scene(layers, mask, categorical=("lithology",))
    if isinstance(expected, str):
        with pytest.raises(SlideScopeError, match=re.escape(expected)) as caught:
            run("planted", "--pixels", "200", *options)
        assert str(caught.value).endswith(".")
    else:
        result = run("planted", "--pixels", "200", *options)
        assert json.loads(json.dumps(result, allow_nan=False)) == result
        assert expected(result)


def test_kashmir_classes_match_a_direct_count(workspace, real_data):
    from core.__main__ import main

    folder = real_data / "kashmir"
    files = {"elevation": "AW3D30.tif", "lithology": "Geology.tif", "inventory": "landslides.shp"}
    options = [part for k, v in files.items() for part in (f"--{k}", str(folder / v))]
    assert main(["import", "kashmir", *options, "--like", str(folder / "AW3D30.tif")]) == 0
    result = run("kashmir", "--pixels", "4000")
    scene = store_of("kashmir")
    lithology, mask = scene.read(["lithology"])[..., 0], scene.read_mask()
    tables = {t["factor"]: t for t in result["evidence"]["factors"]}
    for row in tables["lithology"]["classes"]:
        here = lithology == float(row["code"])
        assert (row["pixels"], row["landslide_pixels"]) == (here.sum(), mask[here].sum())
        density = mask[here].mean()
        assert row["share"] == pytest.approx(density)
        assert row["frequency_ratio"] == pytest.approx(density / mask.mean())
    assert sum(row["pixels"] for row in tables["lithology"]["classes"]) == mask.size
    assert {"factor", "vif", "tol"} <= set(result["collinearity"][0])
    controls = [row["factor"] for row in result["importance"] if row["control"]]
    assert controls == ["noise", "shuffled labels"]
    values = scene.read().reshape(-1, len(scene.factors)).astype(np.float64)
    values = values[np.isfinite(values).all(axis=1)]
    np.testing.assert_allclose(result["pearson"]["matrix"], np.corrcoef(values.T), atol=1e-8)


def store_of(name: str):
    from core.scene import store as scenes

    return scenes.load(name)


def test_by_takes_each_class_by_itself(scene):
    found = run("planted", "--pixels", "600", "--by", "lithology")["strata"]
    values, mask = scene.read(["lithology"])[..., 0], scene.read_mask() == 1
    for stratum in found["strata"]:
        here = values == stratum["code"]
        assert stratum["pixels"] == here.sum()
        if stratum["reason"]:
            assert not here.any() and not stratum["factors"]
            continue
        assert stratum["landslide_share"] == pytest.approx(mask[here].mean(), abs=1e-12)
        assert "lithology" not in stratum["pearson"]["factors"]
    assert not all(stratum["reason"] for stratum in found["strata"])
    with pytest.raises(SlideScopeError, match=r"'slope' cannot stratify.*lithology"):
        run("planted", "--by", "slope")
