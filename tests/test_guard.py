"""Which files may be opened."""

import time

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin
from shapely import box

from core.errors import SlideScopeError
from core.scene.files import guard
from core.scene.files.raster import open_band
from core.scene.files.source import Source
from core.scene.files.vectors import read_polygons
from tests import rasters

REMOTE = (
    "https://example.org/a.tif",
    "file:///etc/hosts",
    "/vsicurl/https://example.org/a.tif",
    "/vsizip/a.zip/a.tif",
    "<VRTDataset rasterXSize='1' rasterYSize='1'></VRTDataset>",
)


@pytest.mark.parametrize("text", REMOTE)
def test_what_is_not_a_file_on_this_machine_is_refused(text):
    with pytest.raises(SlideScopeError, match="not a file on this machine"):
        guard.open_raster(text)


def test_a_vrt_is_refused_by_name_and_by_content(tmp_path):
    target = rasters.write(tmp_path / "a.tif", np.ones((4, 4), np.uint8))
    vrt = (
        "<VRTDataset rasterXSize='4' rasterYSize='4'><VRTRasterBand dataType='Byte' band='1'>"
        f"<SimpleSource><SourceFilename>{target}</SourceFilename></SimpleSource>"
        "</VRTRasterBand></VRTDataset>"
    )
    (tmp_path / "b.vrt").write_text(vrt)
    (tmp_path / "c.tif").write_text(vrt)
    with pytest.raises(SlideScopeError, match="is a VRT"):
        guard.open_raster(tmp_path / "b.vrt")
    with pytest.raises(SlideScopeError, match="cannot be read as a raster"):
        guard.open_raster(tmp_path / "c.tif")


def test_a_missing_file_a_folder_and_another_format_are_refused(tmp_path):
    with pytest.raises(SlideScopeError, match="is missing"):
        guard.open_raster(tmp_path / "no.tif")
    with pytest.raises(SlideScopeError, match="is a folder"):
        guard.open_raster(tmp_path)
    (tmp_path / "a.nc").write_bytes(b"CDF")
    with pytest.raises(SlideScopeError, match="not a raster that SlideScope reads"):
        guard.open_raster(tmp_path / "a.nc")


def test_a_page_opens_files_of_its_folders_only_and_links_are_followed(tmp_path):
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir(), outside.mkdir()
    good = rasters.write(inside / "a.tif", np.ones((4, 4), np.uint8))
    secret = rasters.write(outside / "b.tif", np.ones((4, 4), np.uint8))
    (inside / "link.tif").symlink_to(secret)
    guard.open_raster(good, folders=[inside]).close()
    for path in (secret, inside / "link.tif", inside / ".." / "outside" / "b.tif"):
        with pytest.raises(SlideScopeError, match="outside the folders"):
            guard.open_raster(path, folders=[inside])


def test_a_raster_of_160_gigabytes_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "huge.tif"
    size = {"width": 200_000, "height": 200_000, "count": 1, "dtype": "float32"}
    blocks = {"tiled": True, "blockxsize": 512, "blockysize": 512, "SPARSE_OK": True}
    how = size | blocks | {"crs": rasters.UTM, "transform": from_origin(0, 0, 1, 1)}
    rasterio.open(path, "w", driver="GTiff", BIGTIFF="YES", **how).close()
    assert path.stat().st_size < 10e6
    started = time.monotonic()
    with pytest.raises(SlideScopeError, match="160 GB"):
        open_band(Source(str(path)))
    assert time.monotonic() - started < 2


def test_what_a_side_car_says_is_believed_and_told(tmp_path):
    path = rasters.write(tmp_path / "a.tif", np.ones((4, 4), np.uint8))
    (tmp_path / "a.tif.aux.xml").write_text(
        "<PAMDataset><PAMRasterBand band='1'><NoDataValue>1</NoDataValue></PAMRasterBand>"
        "</PAMDataset>"
    )
    found = open_band(Source(path))
    assert found.nodata == 1 and "comes from 'a.tif.aux.xml'" in found.told[0]


def test_vector_files_are_told_by_their_content(tmp_path):
    for name in ("a.gpkg", "a.shp", "a.geojson"):
        (tmp_path / name).write_bytes(b"<OGRVRTDataSource></OGRVRTDataSource>")
        with pytest.raises(SlideScopeError, match="whatever its name"):
            guard.check_vector(tmp_path / name)


@pytest.mark.parametrize("name", ["a.shp", "a.gpkg", "a.geojson"])
def test_polygons_of_every_format_are_read(tmp_path, name):
    crs = "EPSG:4326" if name.endswith("json") else rasters.UTM
    path = rasters.write_polygons(tmp_path / name, [box(0, 0, 1, 1)], crs)
    assert len(read_polygons(Source(path))) == 1


def test_a_shapefile_without_its_parts_is_refused(tmp_path):
    path = rasters.write_polygons(tmp_path / "a.shp", [box(0, 0, 1, 1)])
    (tmp_path / "a.dbf").unlink()
    with pytest.raises(SlideScopeError, match=r"without \.dbf"):
        read_polygons(Source(path))
