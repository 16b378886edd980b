"""Files as they come: each ends in a right scene or in one sentence, never in a traceback."""

import zipfile

import h5py
import numpy as np
import pytest

from core.__main__ import main
from core.scene import store
from core.scene.files import archives, browse
from core.scene.files.raster import open_band
from core.scene.files.source import Source
from tests import rasters

VALUES = (500 + 10 * np.arange(30)[:, None] + np.arange(40)[None] ** 1.5).astype(np.float32)
LAT, LON = np.linspace(27, 26.9, 30), np.linspace(102.5, 102.6, 40)


@pytest.fixture
def folder(workspace, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def netcdf(path, rows: np.ndarray, columns: np.ndarray, names=("lat", "lon")) -> str:
    """A NetCDF-4 variable `z` with coordinates in degrees and no reference system."""
    units = {"lat": "degrees_north", "lon": "degrees_east"}
    with h5py.File(path, "w") as file:
        item = file.create_dataset("z", data=np.ones((len(rows), len(columns)), np.float32))
        for n, (name, values) in enumerate(zip(names, (rows, columns))):
            file[name] = values
            file[name].make_scale(name)
            file[name].attrs.update({"units": units[name], "standard_name": name + "itude"})
            item.dims[n].attach_scale(file[name])
    return path.name


def told(capsys, *options: str) -> str:
    assert main(["import", "a", *options]) == 2
    return capsys.readouterr().err.strip().splitlines()[-1]


def test_uneven_unsorted_and_swapped_coordinates_are_refused(folder, capsys):
    uneven, unsorted = LAT.copy(), LAT.copy()
    uneven[7:] -= 0.02
    unsorted[[3, 9]] = unsorted[[9, 3]]
    for rows in (uneven, unsorted):
        path = netcdf(folder / "a.nc", rows, LON)
        assert "not evenly spaced or not sorted" in told(capsys, "--elevation", path)
    path = netcdf(folder / "b.nc", LON, LAT, ("lon", "lat"))
    assert "x and y are swapped" in told(capsys, "--elevation", path)


def test_degrees_without_a_reference_system_are_told_and_placed(folder, capsys):
    path = netcdf(folder / "a.nc", LAT, LON)
    assert open_band(Source(path)).degrees
    assert main(["import", "a", "--factor", f"x={path}", "--dry-run"]) == 0
    assert "--crs x=EPSG:4326 places it on the earth" in capsys.readouterr().out
    assert main(["import", "a", "--factor", f"x={path}", "--crs", "x=EPSG:4326"]) == 0
    assert store.load("a").grid.crs == "EPSG:32648"


@pytest.mark.parametrize("scale", [0.0, float("nan")])
def test_a_scale_that_wipes_out_every_number_is_none(folder, scale):
    path = rasters.write(folder / "a.tif", VALUES.astype(np.int16), scale=(scale, 0.0))
    assert open_band(Source(path)).unscale == (1.0, 0.0)


def test_an_archive_that_unpacks_without_end_is_refused_at_once(folder, capsys):
    with (
        zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("dem.tif", "w") as member,
    ):
        for _ in range(archives.SUSPICIOUS_BYTES // 2**24 + 1):
            member.write(bytes(2**24))
    assert "over 100 times what is stored" in told(capsys, "--elevation", "a.zip")


def test_a_table_of_endless_columns_is_refused(folder, capsys):
    rasters.write(folder / "dem.tif", VALUES)
    (folder / "a.csv").write_text("lon,lat,vel" + ",x" * 9000 + "\n1,2,3\n")
    assert "columns" in told(capsys, "--elevation", "dem.tif", "--deformation", "a.csv")


def test_a_grid_beyond_the_map_is_refused(folder, capsys):
    rasters.write(folder / "dem.tif", VALUES, cell=100, origin=(-2000, 2000), crs="EPSG:3031")
    assert "the map ends at 85.05 degrees" in told(capsys, "--elevation", "dem.tif")


def test_an_array_in_one_huge_chunk_is_refused(folder, capsys):
    with h5py.File(folder / "a.h5", "w") as file:
        file.create_dataset("z", shape=(20000, 20000), dtype="f4", chunks=(20000, 20000))
    assert "stored in chunks of 1.6 GB" in told(capsys, "--elevation", "a.h5")


def test_the_browser_shows_what_may_be_opened_and_nothing_else(tmp_path):
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    (inside / "deep").mkdir(parents=True)
    outside.mkdir()
    for place in (inside, outside):
        rasters.write(place / "a.tif", VALUES)
    (inside / "readme.txt").write_text("no raster")
    (inside / ".hidden.tif").write_text("")
    (inside / "link.tif").symlink_to(outside / "a.tif")
    (inside / "way").symlink_to(outside)
    (inside / "loop").symlink_to(inside / "loop")
    found = browse.listing(str(inside), [inside])
    assert [f.name for f in found.files] == ["a.tif"]
    assert (found.folders, found.above, found.hidden) == ((str(inside / "deep"),), None, 3)
    assert browse.listing(str(inside / "deep"), [inside]).above == str(inside)
    for place in (outside, inside / "way", inside / "deep" / ".." / ".." / "outside"):
        with pytest.raises(browse.SlideScopeError, match="outside the folders"):
            browse.listing(str(place), [inside])
