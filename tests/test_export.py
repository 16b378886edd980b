"""`export`: files that GDAL's own tools take, that say where they come from, and nothing else."""

import json
import re
import shutil
import sqlite3
import struct
import subprocess
from dataclasses import replace
from xml.etree import ElementTree

import geopandas as gpd
import numpy as np
import pytest
import rasterio

from core import atomic, digests, workflows
from core.__main__ import main
from core.errors import SlideScopeError
from core.export import exporting, polygons, report, store
from core.language import reader
from core.learning.prediction import outlining, products, windows
from core.scene import store as scenes
from core.scene.grid import Grid
from core.workflows.requests import ExportRequest
from tests.chinese import english

COLUMNS = ["area_ha", "probability", "deformation_mean", "deformation_extreme", "slope_mean"]


@pytest.fixture
def run(tiny_runs):
    """A run whose map is younger than its weights, which are no network at all."""
    run = tiny_runs[0]
    (run.path / "model").mkdir()
    weights = run.path / "model" / "model.weights.h5"
    weights.write_bytes(b"weights")
    sha256 = windows.sha256(weights).hex()
    products.save_origin(run.prediction(), scenes.load("tiny"), weights=sha256)
    shutil.copyfile(run.prediction() / "probability.tif", run.prediction() / "uncertainty.tif")
    return run


@pytest.fixture
def out(run, tmp_path, capsys):
    """The folder of an export at 0.6."""
    argv = ["export", run.id, "--out", str(tmp_path / "out"), "--threshold", "0.6", "--json"]
    assert main(argv) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["files"] == sorted(f.name for f in (tmp_path / "out").iterdir())
    assert (found["landslides"], found["threshold"]) == (5, 0.6)
    return tmp_path / "out"


@pytest.mark.parametrize("name", ("probability", "mask", "uncertainty"))
def test_rasters_are_cogs_on_the_scenes_grid(out, tiny_scene, name):
    with rasterio.open(out / f"{name}.tif") as raster:
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert raster.block_shapes == [(512, 512)]
        assert Grid(raster.crs.to_string(), tuple(raster.transform)[:6], 384, 256) == (
            tiny_scene.grid
        )
    assert directories_first(out / f"{name}.tif")


def directories_first(path) -> bool:
    """Whether every directory of the file lies before the first pixel, as a COG asks for."""
    data = path.read_bytes()
    offset, pixels, directories = struct.unpack_from("<I", data, 4)[0], [], []
    while offset:
        directories.append(offset)
        (count,) = struct.unpack_from("<H", data, offset)
        for n in range(count):
            tag, _, many, value = struct.unpack_from("<HHII", data, offset + 2 + 12 * n)
            if tag == 324:  # TileOffsets
                at = value if many > 1 else offset + 2 + 12 * n + 8
                pixels.append(min(struct.unpack_from(f"<{many}I", data, at)))
        (offset,) = struct.unpack_from("<I", data, offset + 2 + 12 * count)
    return max(directories) < min(pixels)


def test_tags_say_where_a_raster_comes_from(out, run):
    with rasterio.open(out / "mask.tif") as raster:
        tags = raster.tags()
    sha256 = windows.sha256(run.path / "model" / "model.weights.h5").hex()
    assert tags["MODEL_SHA256"] == sha256
    assert (tags["RUN"], tags["MODEL"], tags["DATASET"]) == (run.id, "fcadensenet", "rs-dr")
    assert (tags["SCENE"], tags["SCENE_FINGERPRINT"]) == ("tiny", "tiny")
    assert (tags["THRESHOLD"], tags["SYNTHETIC"]) == ("0.6", "yes")


def test_values_are_the_predictions(out, run):
    with rasterio.open(run.prediction() / "probability.tif") as source:
        expected = source.read(1)
    with rasterio.open(out / "probability.tif") as p, rasterio.open(out / "mask.tif") as m:
        np.testing.assert_array_equal(p.read(1), expected)
        mask = m.read(1)
    np.testing.assert_array_equal(mask == 255, np.isnan(expected))
    bins = np.floor(np.nan_to_num(expected).astype(float) * 200 + 1e-6)
    np.testing.assert_array_equal(mask == 1, bins >= 120)


def test_a_hash_that_is_not_sure_is_left_out(run, tiny_scene, tmp_path):
    products.save_origin(run.prediction(), tiny_scene)
    (run.path / "model" / "model.weights.h5").write_bytes(b"trained on since")
    found = exporting.export(run, tiny_scene, tmp_path / "out")
    assert any("weights" in note for note in found["notes"])
    with rasterio.open(tmp_path / "out" / "mask.tif") as raster:
        assert raster.tags()["MODEL_SHA256"] == "unknown"


def test_geopackage_is_one_by_its_own_tables(out):
    with sqlite3.connect(out / "landslides.gpkg") as base:
        assert base.execute("PRAGMA application_id").fetchone()[0] == 0x47504B47  # GPKG
        assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        # 1.3: GDAL 3.6 (Debian 12) does not take 1.4 for valid.
        assert base.execute("PRAGMA user_version").fetchone()[0] == 10300
        query = "SELECT table_name, data_type, srs_id FROM gpkg_contents"
        assert base.execute(query).fetchall() == [("landslides", "features", 32648)]


def test_polygons_tell_what_the_factors_say(out, run, tiny_scene):
    frame = gpd.read_file(out / "landslides.gpkg").set_index("id")
    with rasterio.open(out / "mask.tif") as m, rasterio.open(out / "probability.tif") as p:
        values = tiny_scene.read()
        for row in frame.itertuples():
            inside = rasterio.features.geometry_mask(
                [row.geometry], tiny_scene.grid.shape, tiny_scene.grid.affine, invert=True
            )
            assert inside.sum() == row.pixels and (m.read(1)[inside] == 1).all()
            assert row.area_ha == pytest.approx(row.geometry.area / 1e4)
            assert row.probability == pytest.approx(p.read(1)[inside].mean(), rel=1e-5)
            named = dict(zip(tiny_scene.factor_names, values[inside].T.astype(float)))
            moved = named["deformation"][np.isfinite(named["deformation"])]
            assert row.deformation_mean == pytest.approx(moved.mean())
            assert row.deformation_extreme == pytest.approx(moved[np.abs(moved).argmax()])
            assert row.slope_mean == pytest.approx(named["slope"].mean())
            turn = np.radians(named["aspect"])
            mean = np.degrees(np.arctan2(np.sin(turn).mean(), np.cos(turn).mean())) % 360
            assert row.aspect_mean == pytest.approx(mean)
            codes, counts = np.unique(named["lithology"], return_counts=True)
            legend = tiny_scene.factor("lithology").legend
            assert row.lithology == legend[f"{codes[counts.argmax()]:g}"]
    assert frame.geometry.is_valid.all()


def test_profiles_do_not_depend_on_strips(out, tiny_scene):
    def rows(height):
        stream = outlining.landslides(out, tiny_scene, height, polygons.measure_of(tiny_scene))
        found = [polygons.row(item, tiny_scene, 0) for item in stream]
        return sorted(found, key=lambda row: row["pixels"])

    for whole, cut in zip(rows(256), rows(7), strict=True):
        assert cut["lithology"] == whole["lithology"]
        for name in COLUMNS:
            assert cut[name] == pytest.approx(whole[name])


def test_more_polygons_than_are_kept_in_memory_are_all_written(
    run, tiny_scene, tmp_path, monkeypatch
):
    monkeypatch.setattr(outlining, "AT_ONCE", 2)
    exporting.export(run, tiny_scene, tmp_path / "out", 0.6)
    for name in ("landslides.gpkg", "landslides.geojson"):
        frame = gpd.read_file(tmp_path / "out" / name)
        assert sorted(frame["id"]) == [1, 2, 3, 4, 5]


def test_geojson_is_in_longitude_and_latitude(out):
    frame = gpd.read_file(out / "landslides.geojson")
    there = gpd.read_file(out / "landslides.gpkg").to_crs("EPSG:4326")
    assert frame.crs.to_epsg() == 4326
    np.testing.assert_allclose(frame.total_bounds, there.total_bounds, atol=1e-6)


def test_a_scene_without_crs_has_no_geojson_and_says_so(run, tiny_scene, tmp_path):
    plain = replace(tiny_scene, grid=replace(tiny_scene.grid, crs=None))
    found = exporting.export(run, plain, tmp_path / "out")
    assert "landslides.geojson" not in found["files"]
    assert any("no coordinate reference system" in note for note in found["notes"])
    assert "area_ha" not in gpd.read_file(tmp_path / "out" / "landslides.gpkg").columns


def test_no_landslide_at_all_is_said_and_written(run, tiny_scene, tmp_path):
    found = exporting.export(run, tiny_scene, tmp_path / "out", 1.0)
    assert found["landslides"] == 0 and any("empty" in note for note in found["notes"])
    assert len(gpd.read_file(tmp_path / "out" / "landslides.gpkg")) == 0
    assert json.loads((tmp_path / "out" / "landslides.geojson").read_text())["features"] == []


def test_project_opens_every_layer_from_beside_it(out):
    root = ElementTree.parse(out / "map.qgs").getroot()
    sources = [e.text.split("|")[0] for e in root.iter("datasource")]
    assert sources == [
        "./landslides.gpkg",
        "./uncertainty.tif",
        "./mask.tif",
        "./probability.tif",
    ]
    assert all((out / source).exists() for source in sources)
    ids = [e.find("id").text for e in root.iter("maplayer")]
    # QGIS takes ids of more than ten letters only.
    assert ids == [e.get("id") for e in root.iter("layer-tree-layer")] and min(map(len, ids)) > 10
    assert root.findtext("properties/SpatialRefSys/ProjectionsEnabled") == "1"
    assert str(out) not in (out / "map.qgs").read_text()
    for name in ("probability", "mask", "uncertainty", "landslides"):
        assert ElementTree.parse(out / f"{name}.qml").getroot().tag == "qgis"


def test_report_needs_nothing_beside_it_and_tells_everything(out, run):
    text = (out / "report.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in text and "@media print" in text
    assert not re.findall(r"(?:src|href)=['\"](?!data:)", text)
    assert "url(" not in text and "<script" not in text
    for word in ("Synthetic scene", "2 held-out tiles", "block split", "threshold 0.6", run.id):
        assert word in text
    for word in ("Provenance", "SHA-256", "python -m core train tiny", "Methods", "GDAL"):
        assert word in text


def test_a_name_in_the_data_is_text_in_the_report(run, tiny_scene, tmp_path):
    (item,) = [f for f in tiny_scene.factors if f.name == "lithology"]
    legend = dict.fromkeys(item.legend, "<b>shale")
    factors = [replace(f, legend=legend) if f is item else f for f in tiny_scene.factors]
    exporting.export(run, replace(tiny_scene, factors=tuple(factors)), tmp_path / "out")
    text = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;shale" in text and "<b>shale" not in text


BAD = {
    "No run 'gone'": ["gone"],
    "has no prediction for scene 'other'": ["RUN", "--scene", "other"],
    "Invalid threshold 1.5": ["RUN", "--threshold", "1.5"],
    "Invalid threshold nan": ["RUN", "--threshold", "nan"],
    "it is a file": ["RUN", "--out", "FILE"],
    "'file' is a file": ["RUN", "--out", "FILE/deeper"],
    "it holds other files ('mine.txt')": ["RUN", "--out", "FULL"],
}


@pytest.mark.parametrize("sentence", BAD)
def test_bad_input_is_one_sentence_and_writes_nothing(run, tiny_scene, tmp_path, capsys, sentence):
    shutil.copytree(tiny_scene.path, tiny_scene.path.with_name("other"))
    atomic.write_json(tiny_scene.path.with_name("other") / "scene.json", renamed(tiny_scene))
    where = tmp_path / "places"
    (where / "full").mkdir(parents=True)
    (where / "file").write_text("mine")
    (where / "full" / "mine.txt").write_text("mine")
    words = {"RUN": run.id, "FILE": str(where / "file"), "FULL": str(where / "full")}
    words["FILE/deeper"] = str(where / "file" / "deeper")
    argv = ["export", *(words.get(word, word) for word in BAD[sentence])]
    argv += [] if "--out" in argv else ["--out", str(where / "new")]
    assert main(argv) == 2
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert sentence in said and said.endswith(".")
    left = sorted(p.relative_to(where).as_posix() for p in where.rglob("*"))
    assert left == ["file", "full", "full/mine.txt"]


def renamed(scene) -> dict:
    return {**scene.to_json(), "name": "other"}


def test_an_earlier_export_is_replaced(out, run, tiny_scene):
    (out / "probability.tif.aux.xml").write_text("what GDAL leaves")
    found = exporting.export(run, tiny_scene, out, 0.7)
    assert store.read(out)["threshold"] == found["threshold"] == 0.7
    (out / "notes.txt").write_text("mine")
    with pytest.raises(SlideScopeError, match="it holds other files"):
        exporting.export(run, tiny_scene, out)
    assert (out / "notes.txt").exists()


def test_a_failing_export_leaves_the_earlier_one(out, run, tiny_scene, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("core.export.report.write", full)
    with pytest.raises(OSError):
        exporting.export(run, tiny_scene, out, 0.7)
    assert store.read(out)["threshold"] == 0.6
    assert [p.name for p in out.parent.iterdir() if p.name.startswith(".")] == []


def test_a_map_of_an_earlier_import_is_refused(run, tiny_scene, tmp_path):
    with pytest.raises(SlideScopeError, match="earlier import"):
        exporting.export(run, replace(tiny_scene, fingerprint="new"), tmp_path / "out")


@pytest.mark.skipif(not shutil.which("gdalinfo"), reason="gdalinfo of Debian's gdal-bin is absent")
def test_gdals_own_tools_read_the_files(out):
    asked = {"probability.tif": ["gdalinfo", "-json"], "landslides.gpkg": ["ogrinfo", "-al", "-so"]}
    said = {}
    for name, command in asked.items():
        done = subprocess.run([*command, out / name], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        said[name] = done.stdout
    raster = json.loads(said["probability.tif"])["metadata"]
    assert raster["IMAGE_STRUCTURE"]["LAYOUT"] == "COG" and raster[""]["THRESHOLD"] == "0.6"
    assert "Feature Count: 5" in said["landslides.gpkg"]


def test_the_list_holds_the_hash_of_every_other_file(out):
    told = json.loads((out / "export.json").read_text())["sha256"]
    others = [file for file in out.iterdir() if file.name != "export.json"]
    assert told == {file.name: digests.of(file) for file in others}


def test_a_report_speaks_of_the_factors_that_the_scene_has(tiny_scene):
    assert "extreme deformation is the rate furthest from 0" in report._columns(tiny_scene)
    left = tuple(f for f in tiny_scene.factors if f.name != "deformation")
    words = report._columns(replace(tiny_scene, factors=left))
    assert words == " Mean aspect is a circular mean; lithology is the class of most pixels."


@pytest.fixture
def chinese(run, tiny_scene, tmp_path):
    """The folder of an export in Chinese."""
    asked = ExportRequest(run.id, str(tmp_path / "zh"), scene="tiny", threshold=0.6, language="zh")
    workflows.run(asked, lambda *told: None)
    return tmp_path / "zh"


def test_a_chinese_report_has_no_english_sentence(chinese):
    text = (chinese / "report.html").read_text(encoding="utf-8")
    assert '<html lang="zh-CN">' in text
    assert english(text) == []
    for word in (
        "tiny的滑坡",
        "合成场景：由程序生成",
        "2个留出瓦片",
        "评分",
        "混淆矩阵",
        "来源信息",
    ):
        assert word in text
    assert re.search(r"导出于\d{4}年\d+月\d+日", text)


def test_names_and_commands_of_a_chinese_report_stay(chinese, run):
    text = (chinese / "report.html").read_text(encoding="utf-8")
    assert f"export {run.id} --scene tiny --threshold 0.6 --out DIR --language zh" in text
    assert run.id in text and "python -m core train tiny" in text


@pytest.mark.parametrize("synthetic, word", [(True, "砂岩"), (False, "sandstone")])
def test_classes_are_translated_where_they_are_ours(run, tiny_scene, tmp_path, synthetic, word):
    with reader.speaking("zh"):
        exporting.export(run, replace(tiny_scene, synthetic=synthetic), tmp_path / "out")
    text = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert f"<td>{word}</td>" in text


def test_layers_of_a_chinese_export_have_chinese_titles_and_english_columns(out, chinese):
    root = ElementTree.parse(chinese / "map.qgs").getroot()
    titles = [layer.findtext("layername") for layer in root.iter("maplayer")]
    assert titles == ["预测滑坡，p ≥ 0.6", "不确定性（标准差）", "预测掩膜，p ≥ 0.6", "滑坡概率"]
    assert "预测为滑坡" in (chinese / "mask.qml").read_text(encoding="utf-8")
    with rasterio.open(chinese / "mask.tif") as raster, rasterio.open(out / "mask.tif") as same:
        assert raster.descriptions[0].startswith("预测滑坡")
        assert raster.tags() == same.tags()
        np.testing.assert_array_equal(raster.read(1), same.read(1))
    columns = [list(gpd.read_file(folder / "landslides.gpkg").columns) for folder in (out, chinese)]
    assert columns[0] == columns[1]


def test_exports_of_two_languages_lie_apart(run, tiny_scene):
    english_one, chinese_one = (
        store.folder_for(run, tiny_scene, 0.6, name) for name in ("en", "zh")
    )
    assert english_one == store.folder_for(run, tiny_scene, 0.6) != chinese_one
