"""Reading rasters on the grid."""

import numpy as np
import pytest
from rasterio.transform import Affine
from rasterio.warp import transform
from rasterio.windows import Window
from scipy.ndimage import binary_erosion

from core.scene.align.align import AlignedBand, offset_on
from core.scene.align.derive import bearing_rasters
from core.scene.align.mosaic import AlignedBearings, AlignedMosaic
from core.scene.files.raster import open_band
from core.scene.files.source import Source
from core.scene.grid import Grid
from tests import rasters

GRID = Grid(rasters.UTM, (12.5, 0, rasters.X, 0, -12.5, rasters.Y), 300, 280)
WHOLE = Window(0, 0, GRID.width, GRID.height)


def read(*paths: str, grid: Grid = GRID, nearest: bool = False, window: Window = WHOLE):
    files = tuple(open_band(Source(path, 1)) for path in paths)
    with AlignedMosaic(files, grid, nearest) as mosaic:
        return mosaic.read(window)


# GDAL widens its kernel where pixels are merged, which shifts values by a few hundredths of a
# pixel; where pixels are split, bilinear is exact on a plane.
@pytest.mark.parametrize(("cell", "pixels"), [(20, 0.0005), (10, 0.06)])
def test_a_plane_stays_a_plane(tmp_path, cell, pixels):
    size = 3800 // cell
    path = rasters.write(tmp_path / "a.tif", rasters.ramp(size, size, cell), cell=cell)
    expected = rasters.ramp(280, 300, 12.5)
    inner = np.s_[2:-2, 2:-2]
    gradient = 12.5 * np.hypot(0.5, 0.25)
    np.testing.assert_allclose(read(path)[inner], expected[inner], atol=pixels * gradient)


def test_a_plane_in_degrees_stays_a_plane_in_metres(tmp_path):
    place = Affine(0.00015, 0, 102.36, 0, -0.00015, 27.29)
    rows, columns = np.mgrid[:500, :500] + 0.5
    x, y = transform("EPSG:4326", rasters.UTM, *(place * (columns.ravel(), rows.ravel())))
    plane = (0.5 * (np.array(x) - rasters.X) + 0.25 * (np.array(y) - rasters.Y)).reshape(500, 500)
    path = rasters.write(
        tmp_path / "a.tif", plane.astype(np.float32), crs="EPSG:4326", transform=place
    )
    found, expected = read(path), rasters.ramp(280, 300, 12.5)
    # At the raster's edge a pixel has half of its neighbours.
    valid = binary_erosion(np.isfinite(found), iterations=2)
    assert valid.mean() > 0.5
    gradient = 12.5 * np.hypot(0.5, 0.25)
    np.testing.assert_allclose(found[valid], expected[valid], atol=0.02 * gradient)


@pytest.mark.parametrize("crs", ["same", "degrees"])
def test_values_do_not_depend_on_the_window(tmp_path, crs):
    noise = np.random.default_rng(0).random((700, 700)).astype(np.float32)
    if crs == "same":
        path = rasters.write(tmp_path / "a.tif", noise, cell=5)
    else:
        place = Affine(0.00005, 0, 102.37, 0, -0.00005, 27.285)
        path = rasters.write(tmp_path / "a.tif", noise, crs="EPSG:4326", transform=place)
    whole = read(path)
    assert np.isfinite(whole).mean() > 0.2
    for row, column, height, width in ((0, 0, 17, 300), (250, 3, 30, 41), (130, 200, 99, 100)):
        part = read(path, window=Window(column, row, width, height))
        np.testing.assert_array_equal(part, whole[row : row + height, column : column + width])


def test_coinciding_pixels_are_copied_even_if_a_millimetre_off(tmp_path):
    values = np.random.default_rng(1).random((280, 300)).astype(np.float32)
    path = rasters.write(tmp_path / "a.tif", values, origin=(rasters.X + 0.001, rasters.Y))
    assert offset_on(open_band(Source(path)), GRID) == (0, 0)
    np.testing.assert_array_equal(read(path), values)


def test_a_shifted_raster_is_copied_to_its_place(tmp_path):
    values = np.ones((10, 10), np.float32)
    origin = (rasters.X + 5 * 12.5, rasters.Y + 3 * 12.5)
    found = read(rasters.write(tmp_path / "a.tif", values, origin=origin))
    assert np.isfinite(found).sum() == 7 * 10
    assert np.isfinite(found[:7, 5:15]).all()


def test_classes_are_never_averaged(tmp_path):
    classes = np.random.default_rng(2).choice([1, 7, 40], (400, 400)).astype(np.int16)
    path = rasters.write(tmp_path / "a.tif", classes, cell=9, nodata=-9999)
    found = read(path, nearest=True)
    assert set(np.unique(found[np.isfinite(found)])) == {1, 7, 40}


@pytest.mark.parametrize("nodata", [-9999.0, np.nan])
def test_no_data_stays_and_leaks_at_most_one_pixel(tmp_path, nodata):
    values = np.full((360, 380), 5, np.float32)
    values[100:150, 100:150] = nodata
    path = rasters.write(tmp_path / "a.tif", values, cell=10, nodata=nodata)
    found = read(path)
    known = found[np.isfinite(found)]
    assert known.min() == known.max() == 5
    hole = np.zeros(found.shape, bool)
    hole[80:120, 80:120] = True
    assert np.isnan(found[hole]).all()
    hole[79:121, 79:121] = True
    assert np.isfinite(found[~hole]).all()


def test_later_files_fill_the_gaps_of_earlier_ones(tmp_path):
    first, second = np.full((280, 300), 1, np.float32), np.full((280, 300), 2, np.float32)
    first[:, 100:] = np.nan
    second[:50] = np.nan
    found = read(
        rasters.write(tmp_path / "a.tif", first), rasters.write(tmp_path / "b.tif", second)
    )
    assert (found[:, :100] == 1).all() and (found[50:, 100:] == 2).all()
    assert np.isnan(found[:50, 100:]).all()


def test_scale_and_offset_are_applied(tmp_path):
    path = rasters.write(tmp_path / "a.tif", np.full((280, 300), 200, np.uint8), scale=(0.5, -10))
    assert (read(path) == 90).all()


def test_bearings_average_through_north(tmp_path):
    values = np.where(np.arange(380) % 2, 350, 10).astype(np.float32)
    path = rasters.write(tmp_path / "a.tif", np.tile(values, (360, 1)), cell=10)
    sines, cosines = bearing_rasters(open_band(Source(path)), tmp_path / "b.tif")
    with AlignedBearings(AlignedMosaic((sines,), GRID), AlignedMosaic((cosines,), GRID)) as aspect:
        found = aspect.read(WHOLE)[:, 2:-2]
    assert (np.minimum(found, 360 - found) <= 10.01).all()


@pytest.mark.parametrize("turn", ["rotated", "upside down"])
def test_a_turned_raster_comes_out_north_up(tmp_path, turn):
    middle = Affine.translation(rasters.X + 1800, rasters.Y - 1800)
    if turn == "rotated":
        place = middle * Affine.rotation(30) * Affine.scale(15, -15)
    else:
        place = middle * Affine.scale(15, 15)
    place = place * Affine.translation(-200, -200)
    rows, columns = np.mgrid[:400, :400] + 0.5
    x, y = place * (columns, rows)
    plane = (0.5 * (x - rasters.X) + 0.25 * (y - rasters.Y)).astype(np.float32)
    found = read(rasters.write(tmp_path / "a.tif", plane, transform=place))
    valid = np.zeros(found.shape, bool)
    valid[100:180, 100:180] = True
    np.testing.assert_allclose(found[valid], rasters.ramp(280, 300, 12.5)[valid], atol=5e-3)


@pytest.mark.parametrize(("cell", "shift"), [(10, 3.0), (20, 7.0), (12.5, 4.0), (5, 0.0)])
def test_the_lane_without_gdal_agrees_with_gdals_warper(tmp_path, cell, shift):
    size = int(3900 // cell)
    values = np.random.default_rng(3).random((size, size)).astype(np.float32)
    origin = (rasters.X - shift, rasters.Y + shift)
    path = rasters.write(tmp_path / "a.tif", values, cell=cell, origin=origin)
    raster = open_band(Source(path))
    direct = AlignedBand(raster, GRID, "bilinear")
    warped = AlignedBand(raster, GRID, "bilinear")
    assert direct._direct
    warped._direct = False
    inner = np.s_[5:-5, 5:-5]
    np.testing.assert_allclose(direct.read(WHOLE)[inner], warped.read(WHOLE)[inner], atol=2e-3)
