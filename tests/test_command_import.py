"""`python -m core import` and `scenes`, as a user types them."""

import json

import numpy as np
import pytest
from shapely import LineString, box

from core.__main__ import main
from core.scene import store
from tests import rasters


@pytest.fixture
def folder(workspace, tmp_path, monkeypatch):
    """The folder the user types in: rasters of every kind of trouble, and a good scene 'old'."""
    monkeypatch.chdir(tmp_path)
    rows, columns = np.mgrid[:80, :90]
    dem = (1000 + 9 * rows + 30 * np.sin(columns / 9)).astype(np.float32)
    rasters.write(tmp_path / "dem.tif", dem)
    rasters.write(tmp_path / "rgb.tif", np.ones((3, 100, 113), np.uint8) * 50, cell=10)
    rasters.write(tmp_path / "far.tif", dem, origin=(rasters.X + 1e6, rasters.Y))
    rasters.write(tmp_path / "nocrs.tif", dem, crs=None)
    rasters.write(tmp_path / "empty.tif", np.full((80, 90), -9999, np.float32), nodata=-9999)
    rasters.write(tmp_path / "wide.tif", dem, cell=5000)
    (tmp_path / "text.tif").write_text("not a raster")
    (tmp_path / "a.vrt").write_text("<VRTDataset rasterXSize='1' rasterYSize='1'/>")
    x, y = rasters.X, rasters.Y
    slide = box(x + 100, y - 300, x + 200, y - 200)
    rasters.write_polygons(tmp_path / "slides.gpkg", [slide])
    rasters.write_polygons(tmp_path / "away.gpkg", [box(x + 1e5, y, x + 1.1e5, y + 9)])
    rasters.write_polygons(tmp_path / "faults.gpkg", [LineString([(x, y), (x + 9, y - 9)])])
    assert main(["import", "old", "--elevation", "dem.tif"]) == 0
    return tmp_path


def typed(text: str, capsys) -> tuple[int, str, str]:
    """Return (exit status, standard output, last line of standard error) of a command."""
    capsys.readouterr()
    status = main(text.split())
    out, err = capsys.readouterr()
    return status, out, err.strip().splitlines()[-1] if err.strip() else ""


def test_import_prints_one_object(folder, capsys):
    line = "import hill --elevation dem.tif --factor red=rgb.tif:1 --inventory slides.gpkg --json"
    status, out, _ = typed(line, capsys)
    result = json.loads(out)
    assert status == 0
    assert (result["scene"], result["kind"]) == ("hill", "area")
    assert (result["width"], result["height"]) == (90, 80)
    assert (result["crs"], result["resolution"]) == ("EPSG:32648", 12.5)
    assert result["factors"] == ["red", "elevation", "slope", "aspect", "curvature"]
    assert result["landslide_share"] == pytest.approx(64 / 7200)
    assert (result["landslides"], result["polygons_without_pixel"]) == (1, 0)
    assert (store.load("hill").path / "display" / "layers.json").exists()


def test_import_is_told_in_words_too(folder, capsys):
    status, out, _ = typed("import hill --elevation dem.tif --inventory slides.gpkg", capsys)
    assert status == 0
    assert out.startswith("Scene 'hill' is 90 x 80 pixels.\n")
    assert "derived from dem.tif" in out and "Landslides: 1, 0.89 % of the area." in out


def test_a_dry_run_says_what_would_be_done_and_leaves_nothing(folder, capsys):
    line = "import hill --elevation dem.tif --factor red=rgb.tif:2 --dry-run --json"
    status, out, _ = typed(line, capsys)
    plan = {step["factor"]: step["done"] for step in json.loads(out)["plan"]}
    assert status == 0
    assert plan["elevation"] == "copied pixel by pixel"
    assert plan["red"] == "resampled, bilinear"
    assert plan["slope"].startswith("derived on elevation's own pixels")
    assert store.names() == ["old"]


def test_a_scene_is_written_over_only_when_asked(folder, capsys):
    before = store.load("old").fingerprint
    assert typed("import old --elevation dem.tif --resolution 25", capsys)[0] == 2
    assert store.load("old").fingerprint == before
    assert typed("import old --elevation dem.tif --resolution 25 --replace", capsys)[0] == 0
    assert store.load("old").grid.resolution == (25, 25)


def test_a_tile_scene(folder, capsys):
    rgb = np.random.default_rng(0).integers(1, 255, (3, 256, 128)).astype(np.uint8)
    rasters.write(folder / "strip.tif", rgb, crs=None)
    rasters.write(folder / "mask.tif", (rgb[0] > 200).astype(np.uint8), crs=None)
    line = (
        "import strip --tiles 128 --factor red=strip.tif:1 --factor green=strip.tif:2 "
        "--inventory mask.tif --json"
    )
    status, out, _ = typed(line, capsys)
    assert status == 0
    assert json.loads(out)["kind"] == "tiles" and json.loads(out)["height"] == 256


def test_scenes_are_listed(folder, capsys):
    status, out, _ = typed("scenes --json", capsys)
    assert status == 0
    assert [line["scene"] for line in json.loads(out)["scenes"]] == ["old"]
    assert "90 x 80" in typed("scenes", capsys)[1]


BAD = {
    "missing file": ("--elevation no.tif", "File 'no.tif' is missing"),
    "not a raster": ("--elevation text.tif", "'text.tif' cannot be read as a raster"),
    "wrong band": ("--factor red=rgb.tif:4", "no band 4: bands are numbered 1 to 3"),
    "no band": ("--factor red=rgb.tif", "has 3 bands: say which one"),
    "no overlap": ("--elevation dem.tif --red far.tif", "No overlap: red ('far.tif')"),
    "no CRS on one": ("--elevation dem.tif --red nocrs.tif", "'nocrs.tif' has no coordinate"),
    "all no data": ("--elevation dem.tif --red empty.tif", "'red' (empty.tif) holds nothing"),
    "inventory elsewhere": (
        "--elevation dem.tif --inventory away.gpkg",
        "1 polygons and none of them lies in the scene",
    ),
    "inventory of lines": ("--elevation dem.tif --inventory faults.gpkg", "lines do not close"),
    "inventory missing": ("--elevation dem.tif --inventory no.gpkg", "'no.gpkg' is missing"),
    "VRT": ("--elevation a.vrt", "is a VRT"),
    "URL": ("--elevation https://example.org/dem.tif", "not a file on this machine"),
    "network path": ("--elevation /vsicurl/https://example.org/a.tif", "not a file on this"),
    "resolution without CRS": ("--red nocrs.tif --resolution 10", "needs a coordinate reference"),
    "too many pixels": (
        "--elevation wide.tif --resolution 10",
        "= 1800 million pixels: the limit is 1000 million",
    ),
    "unknown categorical": ("--elevation dem.tif --categorical rock", "no factor of this import"),
    "categorical number": ("--elevation dem.tif --categorical elevation", "always a number"),
    "no factor": ("", "No factor given"),
    "factor twice": ("--red rgb.tif:1 --factor red=rgb.tif:2", "given twice"),
    "no file": ("--factor red", "does not name a factor and its file"),
    "factor name": ("--factor 1red=rgb.tif:1", "Invalid factor name '1red'"),
    "like and resolution": ("--elevation dem.tif --like dem.tif --resolution 9", "contradict"),
    "odd tiles": ("--factor red=rgb.tif:1 --tiles 128", "tiles one below the other"),
    "polygons as number": ("--elevation dem.tif --red slides.gpkg", "holds polygons"),
    "no class": ("--elevation dem.tif --lithology slides.gpkg:rock", "no attribute 'rock'"),
}


@pytest.mark.parametrize(("options", "sentence"), BAD.values(), ids=BAD.keys())
def test_bad_input_is_one_sentence_and_leaves_nothing(folder, capsys, options, sentence):
    status, out, told = typed(f"import new {options}", capsys)
    assert status == 2 and out == ""
    assert sentence in told
    assert told.endswith(".") and "Traceback" not in told
    assert store.names() == ["old"]
    assert [p.name for p in store.load("old").path.parent.iterdir()] == ["old"]


@pytest.mark.parametrize("name", ["a/b", "../up", ".hidden", ""])
def test_a_scene_name_is_a_plain_name(folder, capsys, name):
    capsys.readouterr()
    assert main(["import", name, "--elevation", "dem.tif"]) == 2
    assert f"Invalid name '{name}'" in capsys.readouterr().err
