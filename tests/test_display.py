"""Display rasters: what they hold, and that they lie where the scene lies."""

import json
from dataclasses import replace

import numpy as np
import pytest
import rasterio
from rasterio.warp import transform

from core.display import bins, display, raster, stretch
from core.scene import store
from tests import tiny

FACTORS = set(tiny.NAMES)


def shown(scene, layer, row, column):
    """Display value of a layer where the centre of a scene pixel lies."""
    x, y = scene.grid.affine @ (column + 0.5, row + 0.5)
    with rasterio.open(scene.path / "display" / f"{layer}.tif") as source:
        xs, ys = transform(scene.grid.crs, source.crs, [x], [y])
        return source.read(1)[source.index(xs[0], ys[0])]


def test_every_layer_is_there_and_described(tiny_scene):
    folder = tiny_scene.path / "display"
    value = json.loads((folder / "layers.json").read_text())
    ids = {layer["id"] for layer in value["layers"]}
    assert ids == FACTORS | {display.HILLSHADE, display.REFERENCE}
    assert {f.stem for f in folder.glob("*.tif")} == ids
    assert not list(tiny_scene.path.glob(".display*"))


def test_rasters_are_web_map_cogs(tiny_scene):
    for file in (tiny_scene.path / "display").glob("*.tif"):
        with rasterio.open(file) as source:
            assert source.crs.to_epsg() == 3857
            assert source.dtypes == ("uint8",) and source.nodata == 0
            assert source.block_shapes == [(256, 256)]
            # 12.5 m at 27 degrees north: zoom 14 is the level just finer.
            assert source.res[0] == pytest.approx(2 * 20037508.342789244 / 256 / 2**14)
            assert source.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"


def test_classes_keep_their_numbers(tiny_scene):
    assert shown(tiny_scene, "lithology", 60, 100) == 1
    assert shown(tiny_scene, "lithology", 60, 300) == 2
    assert shown(tiny_scene, "lithology", 200, 300) == 3


def test_reference_mask_is_two_on_landslides(tiny_scene):
    for row, column, _ in tiny.LANDSLIDES:
        assert shown(tiny_scene, display.REFERENCE, row, column) == 2
    assert shown(tiny_scene, display.REFERENCE, 130, 200) == 1


def test_no_data_is_zero(tiny_scene):
    assert shown(tiny_scene, "deformation", 110, 40) == 0
    assert shown(tiny_scene, "elevation", 4, 5) == 0


def test_elevation_is_linear_between_its_quantiles(tiny_scene):
    item = tiny_scene.factor("elevation")
    lo, _, hi = item.quantiles
    values = tiny_scene.read(("elevation",))[..., 0]
    for row, column in ((40, 200), (100, 150), (200, 250)):
        expected = 1 + 254 * np.clip((values[row, column] - lo) / (hi - lo), 0, 1)
        assert abs(shown(tiny_scene, "elevation", row, column) - expected) <= 3


def test_diverging_factors_are_centred():
    item = store.SceneFactor("deformation", "continuous", "mm/yr", "", 1.0, -140, 45, (-90, 0, 20))
    assert stretch.of(item) == stretch.Stretch(-90.0, 90.0)


def test_flat_factor_still_has_a_stretch():
    item = store.SceneFactor("slope", "continuous", "°", "", 1.0, 3.0, 3.0, (3.0, 3.0, 3.0))
    assert stretch.of(item).to_display(np.array([3.0]))[0] == 1


def test_prediction_holds_the_bins(tiny_runs):
    run = tiny_runs[0]
    scene = store.load("tiny")
    with rasterio.open(run.prediction() / "probability.tif") as source:
        probability = source.read(1)
    file = run.prediction() / "display" / "probability.tif"
    with rasterio.open(file) as source:
        drawn = source.read(1)
        for row, column in ((40, 60), (90, 300), (130, 200)):
            x, y = scene.grid.affine @ (column + 0.5, row + 0.5)
            xs, ys = transform(scene.grid.crs, source.crs, [x], [y])
            assert drawn[source.index(xs[0], ys[0])] == bins.to_display(probability[row, column])
    assert set(np.unique(drawn)) <= set(range(201))


@pytest.fixture
def pixel_scene(tiny_scene):
    """The tiny scene as tiles without a place on Earth: 128 wide, 768 high."""
    grid = replace(tiny_scene.grid, crs=None, width=128, height=768)
    stack = np.moveaxis(tiny_scene.read(), -1, 0)
    stacked = np.concatenate([stack[..., c : c + 128] for c in (0, 128, 256)], axis=1)
    mask = tiny_scene.read_mask()
    mask = np.concatenate([mask[:, c : c + 128] for c in (0, 128, 256)])
    scene = replace(tiny_scene, kind="tiles", grid=grid)
    tiny._write(scene.stack_path, grid, stacked, np.nan)
    tiny._write(scene.mask_path, grid, mask[None], None)
    store.save(scene)
    display.prepare_scene(scene)
    return store.load("tiny")


def test_scene_without_crs_keeps_its_pixels(pixel_scene):
    value = json.loads((pixel_scene.path / "display" / "layers.json").read_text())
    assert value["georeferenced"] is False
    assert value["bounds"] == [[-768, 0], [0, 128]]
    assert value["zoom"] == 2
    with rasterio.open(pixel_scene.path / "display" / f"{display.REFERENCE}.tif") as source:
        assert source.crs is None and source.shape == (768, 128)
        assert source.overviews(1) == [2, 4]
        np.testing.assert_array_equal(source.read(1), pixel_scene.read_mask() + 1)


def test_hillshade_does_not_cross_tiles(pixel_scene):
    with rasterio.open(pixel_scene.path / "display" / f"{display.HILLSHADE}.tif") as source:
        before = source.read(1)
    stack = np.moveaxis(pixel_scene.read(), -1, 0)
    stack[2, 128:] += 5000
    tiny._write(pixel_scene.stack_path, pixel_scene.grid, stack, np.nan)
    display.prepare_scene(pixel_scene)
    with rasterio.open(pixel_scene.path / "display" / f"{display.HILLSHADE}.tif") as source:
        np.testing.assert_array_equal(source.read(1)[:128], before[:128])


def test_outlines_lie_on_the_landslides(tiny_scene):
    shapes = json.loads((tiny_scene.path / "display" / "outlines.json").read_text())["features"]
    assert len(shapes) == len(tiny.LANDSLIDES)
    centres = [np.mean(f["geometry"]["coordinates"][0], axis=0) for f in shapes]
    for row, column, _ in tiny.LANDSLIDES:
        x, y = tiny_scene.grid.affine @ (column + 0.5, row + 0.5)
        longitude, latitude = transform(tiny_scene.grid.crs, "EPSG:4326", [x], [y])
        away = np.abs(np.array(centres) - (longitude[0], latitude[0])).max(axis=1).min()
        assert away < 12.5 / 111_000


def test_strips_cover_the_grid_in_whole_blocks(tiny_scene):
    windows = list(raster.strips(tiny_scene.grid, raster.STRIP_BYTES // (384 * 128)))
    assert [w.row_off for w in windows] == [0, 128]
    assert sum(w.height for w in windows) == tiny_scene.grid.height
