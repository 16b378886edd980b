"""Outlines of predicted landslides: strips or whole, the same polygons."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from scipy import ndimage

from core.learning.prediction import outlining, products


@pytest.fixture
def folder(tiny_scene, tmp_path):
    """A prediction of blobs of every size, many of which cross the borders of strips."""
    noise = np.random.default_rng(3).standard_normal(tiny_scene.grid.shape)
    smooth = ndimage.gaussian_filter(noise, 3)
    probability = (0.5 + smooth / smooth.std() / 8).astype(np.float32)
    probability[:, 100] = 0.1
    probability[:, 101] = 0.9  # one that crosses every strip
    with rasterio.open(
        tmp_path / "probability.tif", "w", **products.profile(tiny_scene.grid, "float32", np.nan)
    ) as target:
        target.write(probability, 1)
    products.write_mask(tmp_path, tiny_scene.grid)
    return tmp_path


def outlines(folder, scene, rows):
    assert outlining.write(folder, scene, rows) > 0
    frame = gpd.read_file(folder / "landslides.gpkg")
    (folder / "landslides.gpkg").unlink()
    return frame.sort_values(["area_ha", "probability"]).reset_index(drop=True)


@pytest.mark.parametrize("rows", (1, 7, 64, 255))
def test_strips_give_the_polygons_of_the_whole_mask(tiny_scene, folder, rows):
    whole, cut = (outlines(folder, tiny_scene, n) for n in (256, rows))
    assert len(cut) == len(whole)
    for column in ("area_ha", "probability"):
        np.testing.assert_allclose(cut[column], whole[column], rtol=1e-6)
    apart = whole.geometry.union_all().symmetric_difference(cut.geometry.union_all())
    assert apart.area < 1e-6


def test_every_landslide_pixel_lies_in_one_outline(tiny_scene, folder):
    found = list(outlining.landslides(folder, tiny_scene, 30))
    with rasterio.open(folder / "mask.tif") as source:
        mask = source.read(1) == 1
    assert sum(item.pixels for item in found) == mask.sum()
    assert len(found) == ndimage.label(mask, np.ones((3, 3)))[1]


def test_no_outline_crosses_the_border_of_a_tile(tiny_scene, folder):
    tiles = replace(tiny_scene, kind="tiles")
    edge = tiny_scene.grid.bounds[3] - 128 * tiny_scene.grid.resolution[1]
    bounds = outlines(folder, tiles, 1024).bounds
    assert not ((bounds.miny < edge - 1e-6) & (bounds.maxy > edge + 1e-6)).any()


def test_more_polygons_than_are_kept_in_memory_are_all_written(tiny_scene, folder, monkeypatch):
    whole = outlines(folder, tiny_scene, 256)
    monkeypatch.setattr(outlining, "AT_ONCE", 3)
    assert len(outlines(folder, tiny_scene, 256)) == len(whole)


def test_an_empty_mask_leaves_an_empty_file(tiny_scene, folder):
    products.write_mask(folder, tiny_scene.grid, threshold=1.0)
    assert outlining.write(folder, tiny_scene) == 0
    assert len(gpd.read_file(folder / "landslides.gpkg")) == 0
