"""Containers, archives, odd types and hostile files, as somebody may bring them."""

import shutil
import zipfile

import h5py
import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine
from shapely import box

from core.errors import SlideScopeError
from core.scene.files import formats, guard, sampling
from core.scene.files.raster import open_band
from core.scene.files.source import parse_source
from core.scene.files.vectors import read_polygons
from tests import rasters

VALUES = np.arange(12, dtype=np.float32).reshape(3, 4)


def read(text: str) -> np.ndarray:
    raster = open_band(parse_source(text))
    with guard.gdal_options(), raster.open() as dataset:
        return dataset.read(raster.band)


def write_h5(path, arrays: dict, **attributes) -> str:
    with h5py.File(path, "w") as file:
        for name, values in arrays.items():
            file[name] = values
        file.attrs.update(attributes)
    return str(path)


MINTPY = {"FILE_TYPE": "velocity", "WIDTH": "4", "LENGTH": "3", "UNIT": "m/year"}
PLACE = {"X_FIRST": "102.4", "Y_FIRST": "27.2", "X_STEP": "0.001", "Y_STEP": "-0.001"}


def test_a_variable_is_chosen_by_name_and_the_error_lists_them(tmp_path):
    path = write_h5(tmp_path / "a.h5", {"one": VALUES, "deep/two": VALUES + 100})
    np.testing.assert_array_equal(read(f"{path}:one"), VALUES)
    np.testing.assert_array_equal(read(f"{path}:deep/two"), VALUES + 100)
    np.testing.assert_array_equal(read(f"{path}:two"), VALUES + 100)
    with pytest.raises(SlideScopeError, match=r"it has deep/two, one; choose one, as a.h5:"):
        read(path)
    with pytest.raises(SlideScopeError, match="has no 'three'"):
        read(f"{path}:three")


def test_the_only_array_of_a_file_needs_no_name(tmp_path):
    path = write_h5(tmp_path / "a.h5", {"only": VALUES})
    np.testing.assert_array_equal(read(path), VALUES)
    np.testing.assert_array_equal(read(f"{path}:only"), VALUES)


def test_mintpys_grid_unit_and_zeros_are_understood(tmp_path):
    path = write_h5(
        tmp_path / "v.h5", {"velocity": VALUES, "velocityStd": VALUES}, **MINTPY, **PLACE
    )
    raster = open_band(parse_source(f"{path}:velocity"))
    assert raster.crs.to_epsg() == 4326 and raster.nodata == 0 and raster.unit == "m/year"
    assert raster.transform == Affine(0.001, 0, 102.4, 0, -0.001, 27.2)
    with raster.open() as dataset:
        assert dataset.read_masks(1)[0].tolist() == [0, 255, 255, 255]


def test_mintpy_in_utm(tmp_path):
    place = PLACE | {"EPSG": "32648", "X_FIRST": "240000", "X_STEP": "30"}
    path = write_h5(tmp_path / "v.h5", {"velocity": VALUES}, **MINTPY, **place)
    assert open_band(parse_source(path)).crs.to_epsg() == 32648


def test_radar_coordinates_are_explained(tmp_path):
    path = write_h5(tmp_path / "v.h5", {"velocity": VALUES}, **MINTPY)
    with pytest.raises(SlideScopeError, match=r"radar coordinates.*geocode.py"):
        open_band(parse_source(path))


def test_links_to_other_files_are_refused(tmp_path):
    write_h5(tmp_path / "secret.h5", {"x": VALUES})
    with h5py.File(tmp_path / "link.h5", "w") as file:
        file["a"] = h5py.ExternalLink("secret.h5", "/x")
    with h5py.File(tmp_path / "virtual.h5", "w") as file:
        layout = h5py.VirtualLayout((3, 4), "f4")
        layout[:] = h5py.VirtualSource(str(tmp_path / "secret.h5"), "x", (3, 4))
        file.create_virtual_dataset("a", layout)
    (tmp_path / "passwd").write_bytes(bytes(48))
    with h5py.File(tmp_path / "raw.h5", "w") as file:
        file.create_dataset("a", (3, 4), "f4", external=[(str(tmp_path / "passwd"), 0, 48)])
    shutil.copy(tmp_path / "raw.h5", tmp_path / "raw.nc")
    for name in ("link.h5", "virtual.h5", "raw.h5", "raw.nc"):
        with pytest.raises(SlideScopeError, match="from another file"):
            open_band(parse_source(str(tmp_path / name)))


def zipped(path, *files) -> str:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, arcname=f"in/{file.name}")
    return str(path)


def test_a_raster_in_an_archive(tmp_path):
    rasters.write(tmp_path / "a.tif", VALUES)
    rasters.write(tmp_path / "b.tif", VALUES + 5)
    alone = zipped(tmp_path / "a.zip", tmp_path / "a.tif")
    both = zipped(tmp_path / "ab.zip", tmp_path / "a.tif", tmp_path / "b.tif")
    np.testing.assert_array_equal(read(alone), VALUES)
    np.testing.assert_array_equal(read(f"{both}:in/b.tif"), VALUES + 5)
    np.testing.assert_array_equal(read(f"{both}:b.tif:1"), VALUES + 5)
    with pytest.raises(SlideScopeError, match=r"it has in/a.tif, in/b.tif; choose one"):
        read(both)


def test_polygons_in_an_archive_with_the_code_page_of_the_shapefile(tmp_path):
    path = tmp_path / "rocks.shp"
    rasters.write_polygons(path, [box(0, 0, 1, 1)], unit=["Gößnitz"])
    stem = (path, *(path.with_suffix(e) for e in (".shx", ".dbf", ".prj", ".cpg")))
    archive = zipped(tmp_path / "rocks.zip", *stem)
    assert guard.is_vector(archive)
    frame = read_polygons(parse_source(f"{archive}:unit"))
    assert frame["unit"].tolist() == ["Gößnitz"]


def test_hostile_archives_are_refused(tmp_path):
    rasters.write(tmp_path / "a.tif", VALUES)
    with zipfile.ZipFile(tmp_path / "out.zip", "w") as archive:
        archive.write(tmp_path / "a.tif", arcname="../../a.tif")
    (tmp_path / "no.zip").write_bytes(b"PK\x03\x04 and nothing more")
    vrt = "<VRTDataset rasterXSize='4' rasterYSize='4'/>"
    with zipfile.ZipFile(tmp_path / "vrt.zip", "w") as archive:
        archive.writestr("a.vrt", vrt)
        archive.writestr("readme.txt", "x")
    with zipfile.ZipFile(tmp_path / "fake.zip", "w") as archive:
        archive.writestr("a.tif", vrt)
    for name, told in (
        ("out.zip", "points out of the archive"),
        ("no.zip", "damaged or another format"),
        ("vrt.zip", "holds no raster"),
        ("fake.zip", "cannot be read as a raster"),
    ):
        with pytest.raises(SlideScopeError, match=told):
            open_band(parse_source(str(tmp_path / name)))


def test_a_vector_file_in_an_archive_is_told_by_its_content(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.gpkg", "<OGRVRTDataSource></OGRVRTDataSource>")
    with pytest.raises(SlideScopeError, match="whatever its name"):
        read_polygons(parse_source(str(tmp_path / "a.zip")))


def test_an_archive_that_unpacks_to_more_than_the_limit_is_refused_unread(tmp_path, monkeypatch):
    rasters.write(tmp_path / "a.tif", VALUES)
    path = zipped(tmp_path / "a.zip", tmp_path / "a.tif")
    monkeypatch.setattr(formats, "MAX_DECLARED_BYTES", 10)
    with pytest.raises(SlideScopeError, match="unpacks to"):
        open_band(parse_source(path))


@pytest.mark.parametrize(
    "dtype", ["int8", "uint16", "int16", "uint32", "int64", "uint64", "float64"]
)
def test_every_type_of_number_is_read(tmp_path, dtype):
    path = rasters.write(tmp_path / "a.tif", VALUES.astype(dtype))
    np.testing.assert_array_equal(read(path), VALUES)


@pytest.mark.parametrize("dtype", ["complex64", "complex_int16"])
def test_complex_numbers_are_refused(tmp_path, dtype):
    how = {"driver": "GTiff", "width": 4, "height": 3, "count": 1, "dtype": dtype}
    with rasterio.open(tmp_path / "a.tif", "w", **how) as target:
        target.write(VALUES.astype("complex64"), 1)
    with pytest.raises(SlideScopeError, match="complex numbers"):
        open_band(parse_source(str(tmp_path / "a.tif")))


def test_a_file_that_is_cut_off_is_refused_when_it_is_read(tmp_path):
    path = rasters.write(tmp_path / "a.tif", np.random.default_rng(0).random((200, 200)))
    whole = (tmp_path / "a.tif").read_bytes()
    for size in (3, 100, len(whole) // 2):
        (tmp_path / "a.tif").write_bytes(whole[:size])
        with pytest.raises(SlideScopeError, match="cannot be read as a raster"):
            raster = open_band(parse_source(path))
            with raster.open() as dataset, guard.reading(raster.path):
                dataset.read(1)


def test_a_cut_off_hdf5_file_is_refused(tmp_path):
    path = write_h5(tmp_path / "a.h5", {"only": np.zeros((300, 300))})
    whole = (tmp_path / "a.h5").read_bytes()
    (tmp_path / "a.h5").write_bytes(whole[: len(whole) // 3])
    with pytest.raises(SlideScopeError, match="damaged, cut off"):
        open_band(parse_source(path))


def test_envi_and_esri_headers(tmp_path):
    VALUES.tofile(tmp_path / "a.img")
    (tmp_path / "a.hdr").write_text(
        "ENVI\nsamples = 4\nlines = 3\nbands = 1\ndata type = 4\ninterleave = bsq\nbyte order = 0\n"
    )
    np.testing.assert_array_equal(read(str(tmp_path / "a.img")), VALUES)
    VALUES.tofile(tmp_path / "b.flt")
    (tmp_path / "b.hdr").write_text(
        "ncols 4\nnrows 3\nxllcorner 240000\nyllcorner 3020000\ncellsize 30\nbyteorder LSBFIRST\n"
    )
    np.testing.assert_array_equal(read(str(tmp_path / "b.flt")), VALUES)


def test_a_system_without_a_place_is_refused(tmp_path):
    how = {"driver": "GTiff", "width": 4, "height": 3, "count": 1, "dtype": "float32"}
    with rasterio.open(tmp_path / "a.tif", "w", crs=rasters.UTM, **how) as target:
        target.write(VALUES, 1)
    with pytest.raises(SlideScopeError, match="no geotransform"):
        open_band(parse_source(str(tmp_path / "a.tif")))


def test_swapped_coordinates_are_named(tmp_path):
    place = Affine(0.0001, 0, 27.2, 0, -0.0001, 102.4)
    path = rasters.write(tmp_path / "a.tif", VALUES, crs="EPSG:4326", transform=place)
    with pytest.raises(SlideScopeError, match="x and y are swapped"):
        open_band(parse_source(path))


def broken(whole: bytes, rng: np.random.Generator) -> bytes:
    """Cut off, or with a few bytes changed, most of them in the header."""
    if rng.random() < 0.3:
        return whole[: rng.integers(len(whole))]
    data = bytearray(whole)
    reach = len(data) if rng.random() < 0.3 else min(len(data), 600)
    for place in rng.integers(reach, size=rng.integers(1, 10)):
        data[place] = rng.integers(256)
    return bytes(data)


@pytest.mark.parametrize("kind", ["tif", "h5", "zip"])
def test_a_damaged_file_is_read_or_refused_in_one_sentence(tmp_path, kind):
    rng = np.random.default_rng(0)
    values = rng.random((64, 64)).astype(np.float32)
    rasters.write(tmp_path / "whole.tif", values, nodata=-9999)
    write_h5(tmp_path / "whole.h5", {"velocity": values}, **MINTPY, **PLACE)
    zipped(tmp_path / "whole.zip", tmp_path / "whole.tif")
    whole = (tmp_path / f"whole.{kind}").read_bytes()
    refused = 0
    for number in range(40):
        path = tmp_path / f"{number}.{kind}"
        path.write_bytes(broken(whole, rng))
        try:
            sampling.take(open_band(parse_source(str(path))))
        except SlideScopeError as error:
            refused += 1
            assert str(error).endswith(".") and "\n" not in str(error)
    assert 5 < refused <= 40
