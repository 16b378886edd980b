"""The landslide inventory on the grid."""

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from shapely import MultiPolygon, Point, box, force_3d

from core.errors import SlideScopeError
from core.jobs.report import silent
from core.scene import inventory
from core.scene.files.source import Source
from core.scene.grid import Grid
from core.scene.plan.layout import SceneGrid
from tests import rasters

GRID = Grid(rasters.UTM, (10, 0, rasters.X, 0, -10, rasters.Y), 60, 50)
AREA = SceneGrid(GRID, "area", 128)


def square(column, row, width, height=None):
    """A rectangle in pixel coordinates of the grid, brought to the ground."""
    left, top = rasters.X + 10 * column, rasters.Y - 10 * row
    return box(left, top - 10 * (height or width), left + 10 * width, top)


def burn(tmp_path, geometries, layout=AREA, crs=rasters.UTM):
    path = rasters.write_polygons(tmp_path / "slides.gpkg", geometries, crs)
    entry, notes = inventory.write(Source(path), layout, tmp_path / "1", silent)
    with rasterio.open(tmp_path / "1" / "mask.tif") as mask:
        return entry, notes, mask.read(1), gpd.read_file(tmp_path / "1" / "outlines.gpkg")


def test_a_pixel_belongs_to_the_polygon_that_holds_its_centre(tmp_path):
    entry, notes, mask, _ = burn(tmp_path, [square(3.4, 5.4, 4.2)])
    assert mask[5:10, 3:8].sum() == mask.sum() == 25
    assert entry["landslide_share"] == 25 / 3000
    assert (entry["polygons"], entry["polygons_without_pixel"], notes) == (1, 0, [])


def test_polygons_between_pixel_centres_are_counted(tmp_path):
    entry, notes, mask, outlines = burn(tmp_path, [square(3, 5, 4), square(20.6, 20.6, 0.3)])
    assert mask.sum() == 16
    assert (entry["polygons"], entry["polygons_without_pixel"]) == (2, 1)
    assert notes == [
        "1 of 2 landslide polygons (50 %) hold no pixel centre and are left out of the reference "
        "mask."
    ]
    assert sorted(outlines["has_pixel"]) == [0, 1]


def test_a_polygon_under_another_still_has_its_pixels(tmp_path):
    entry, _, mask, _ = burn(tmp_path, [square(3, 5, 4), square(3, 5, 4), square(4, 6, 1)])
    assert mask.sum() == 16
    assert entry["polygons_without_pixel"] == 0


def test_multipolygons_with_heights_in_another_system(tmp_path):
    many = force_3d(MultiPolygon([square(2, 2, 5), square(20, 20, 5)]), 900.0)
    degrees = gpd.GeoSeries([many], crs=rasters.UTM).to_crs("EPSG:4326")
    entry, _, mask, outlines = burn(tmp_path, list(degrees), crs="EPSG:4326")
    assert mask[2:7, 2:7].all() and mask[20:25, 20:25].all() and mask.sum() == 50
    assert entry["polygons"] == 1
    assert outlines["area_ha"][0] == pytest.approx(0.5, rel=1e-3)


def test_polygons_outside_the_scene_are_left_out_and_said(tmp_path):
    entry, notes, _, outlines = burn(tmp_path, [square(3, 5, 4), square(500, 5, 4)])
    assert entry["polygons"] == len(outlines) == 1
    assert notes == ["Landslide polygons outside the scene, left out: 1."]


def test_polygons_across_strips_are_burnt_once(tmp_path):
    tall = SceneGrid(Grid(rasters.UTM, (10, 0, rasters.X, 0, -10, rasters.Y), 20, 600), "area", 128)
    _, _, mask, _ = burn(tmp_path, [square(5, 100, 3, 400)], tall)
    assert mask.sum() == 1200 and mask[100:500, 5:8].all()


@pytest.mark.parametrize(
    ("geometries", "sentence"),
    [
        ([square(500, 5, 4)], "1 polygons and none of them lies in the scene"),
        ([square(3.6, 5.6, 0.2)], "smaller than a pixel"),
        ([Point(rasters.X + 5, rasters.Y - 5)], "holds 1 point and no polygon.*--point-radius 30"),
    ],
)
def test_an_inventory_that_marks_nothing_is_refused(tmp_path, geometries, sentence):
    with pytest.raises(SlideScopeError, match=sentence):
        burn(tmp_path, geometries)


def test_polygons_need_a_reference_system_where_the_scene_has_one(tmp_path):
    with pytest.raises(SlideScopeError, match="no coordinate reference system"):
        burn(tmp_path, [square(3, 5, 4)], crs=None)


def from_mask(tmp_path, values, layout=AREA, **how):
    path = rasters.write(tmp_path / "mask_in.tif", values, **how)
    entry, _ = inventory.write(Source(path), layout, tmp_path / "1", silent)
    with rasterio.open(tmp_path / "1" / "mask.tif") as mask:
        return entry, mask.read(1), gpd.read_file(tmp_path / "1" / "outlines.gpkg")


def test_a_mask_raster_is_copied_and_traced(tmp_path):
    values = np.zeros((50, 60), np.uint8)
    values[3:6, 4:9], values[6, 9], values[30:32, 30:32] = 255, 255, 1
    entry, mask, outlines = from_mask(tmp_path, values, cell=10)
    np.testing.assert_array_equal(mask, values > 0)
    # Two: pixels that touch at a corner are one landslide.
    assert entry["polygons"] == len(outlines) == 2
    assert sorted(outlines["area_ha"].round(4)) == [0.04, 0.16]


def test_a_coarser_mask_is_brought_onto_the_grid_unblurred(tmp_path):
    values = np.zeros((25, 30), np.uint8)
    values[5:10, 5:10] = 1
    _, mask, _ = from_mask(tmp_path, values, cell=20)
    assert set(np.unique(mask)) == {0, 1}
    assert mask[10:20, 10:20].all() and mask.sum() == 100


def test_nothing_crosses_the_border_of_a_tile(tmp_path):
    values = np.zeros((256, 128), np.uint8)
    values[120:136, 50:60] = 1
    strip = SceneGrid(Grid(None, (1, 0, 0, 0, 1, 0), 128, 256), "tiles", 128)
    entry, _, outlines = from_mask(tmp_path, values, strip, crs=None)
    assert entry["polygons"] == 2
    assert sorted(outlines.area) == [80, 80]


@pytest.mark.parametrize(("value", "sentence"), [(0, "marks no landslide"), (1, "every pixel")])
def test_a_mask_of_one_value_is_refused(tmp_path, value, sentence):
    with pytest.raises(SlideScopeError, match=sentence):
        from_mask(tmp_path, np.full((50, 60), value, np.uint8), cell=10)
