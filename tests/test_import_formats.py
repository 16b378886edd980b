"""The formats that people bring are read, or the command is told that makes them readable."""

import shutil
import struct
import zipfile
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import pytest
import rasterio
import rasterio.shutil
from rasterio.crs import CRS
from rasterio.transform import Affine
from shapely import Point, box

from core.errors import SlideScopeError
from core.scene import store
from core.scene.files import browse, formats, guard, uploads, workbooks
from core.scene.files.raster import open_band
from core.scene.files.source import parse_source
from tests import rasters, small_import

# Without a DEM that is not asked for.
imported = partial(small_import.imported, dem="")
refused = partial(small_import.refused, dem="")
SIZE = 60
ROWS, COLUMNS = np.mgrid[:SIZE, :SIZE]
HEIGHTS = (1500 + 9 * ROWS + 4 * COLUMNS).astype(np.float32)
PLACE = Affine(12.5, 0, 240000, 0, -12.5, 3020000)
SLIDES = [box(240100, 3019500, 240200, 3019600), box(240300, 3019700, 240400, 3019800)]
SLIDE_PIXELS = 128


@pytest.fixture
def folder(workspace, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rasters.write(tmp_path / "dem.tif", HEIGHTS)
    return tmp_path


def slide_pixels(scene: store.Scene) -> int:
    with rasterio.open(scene.needed_mask) as source:
        return int(source.read(1).sum())


def write(path, driver: str, dtype: str = "float32") -> None:
    about = {"width": SIZE, "height": SIZE, "count": 1, "dtype": dtype, "transform": PLACE}
    with rasterio.open(path, "w", driver=driver, crs=rasters.UTM, **about) as target:
        target.write(HEIGHTS.astype(dtype), 1)


def copy(folder, name: str, driver: str) -> None:
    rasterio.shutil.copy(folder / "dem.tif", folder / name, driver=driver)


def grass(path) -> None:
    head = "north: 3020000\nsouth: 3019250\neast: 240750\nwest: 240000\nrows: 60\ncols: 60\n"
    path.write_text(head + "\n".join(" ".join(f"{v:g}" for v in row) for row in HEIGHTS) + "\n")


# How it is written -> what the command line is given.
RASTERS = {
    "erdas": (lambda f: write(f / "a.img", "HFA"), "a.img"),
    "envi .img": (lambda f: write(f / "a.img", "ENVI"), "a.img"),
    "envi without extension": (lambda f: write(f / "data", "ENVI"), "data"),
    "envi by its header": (lambda f: write(f / "data", "ENVI"), "data.hdr"),
    "envi .dat by its header": (lambda f: write(f / "a.dat", "ENVI"), "a.hdr"),
    "envi of any name": (lambda f: write(f / "a.raw", "ENVI"), "a.raw"),
    "surfer 6": (lambda f: write(f / "a.grd", "GSBG"), "a.grd"),
    "surfer 7": (lambda f: write(f / "a.grd", "GS7BG", "float64"), "a.grd"),
    "surfer text": (lambda f: copy(f, "a.grd", "GSAG"), "a.grd"),
    "gmt": (lambda f: copy(f, "a.grd", "netCDF"), "a.grd"),
    "r": (lambda f: copy(f, "a.grd", "RRASTER"), "a.grd"),
    "saga": (lambda f: write(f / "a.sdat", "SAGA"), "a.sgrd"),
    "grid in .txt": (
        lambda f: (copy(f, "a.asc", "AAIGrid"), (f / "a.asc").rename(f / "a.txt")),
        "a.txt",
    ),
    "grass": (lambda f: grass(f / "a.asc"), "a.asc"),
    "arcinfo folder": (lambda f: arcinfo(f / "grid"), "grid"),
    "arcinfo file": (lambda f: arcinfo(f / "grid"), "grid/w001001.adf"),
}


def arcinfo(folder) -> None:
    """An ArcInfo binary grid of floats, in blocks of 256 x 4 pixels, none of them compressed."""
    folder.mkdir()
    head = bytearray(308)
    head[:8], head[16:20] = b"GRID1.2\0", struct.pack(">i", 2)
    head[256:272] = struct.pack(">dd", 12.5, 12.5)
    head[288:308] = struct.pack(">iiiii", 1, SIZE // 4, 256, 1, 4)
    magic = b"\x00\x00\x27\x0a\xff\xff\xfc\x14"
    data, index = bytearray(magic.ljust(100, b"\0")), bytearray(magic.ljust(100, b"\0"))
    for row in range(0, SIZE, 4):
        block = np.full((4, 256), np.finfo(np.float32).min, ">f4")
        block[:, :SIZE] = HEIGHTS[row : row + 4]
        index += struct.pack(">ii", len(data) // 2, block.nbytes // 2)
        data += struct.pack(">H", block.nbytes // 2) + block.tobytes()
    for part in (data, index):
        part[24:28] = struct.pack(">i", len(part) // 2)
    files = {
        "hdr.adf": head,
        "w001001.adf": data,
        "w001001x.adf": index,
        "dblbnd.adf": struct.pack(">dddd", 240000, 3019250, 240750, 3020000),
        "sta.adf": struct.pack(">dddd", 1500, 2267, 1883, 200),
        "prj.adf": b"Projection UTM\nZone 48\nDatum WGS84\nUnits METERS\nParameters\n",
    }
    for name, content in files.items():
        (folder / name).write_bytes(bytes(content))


@pytest.mark.parametrize(("written", "given"), RASTERS.values(), ids=RASTERS)
def test_a_raster_of_each_format(folder, capsys, written, given):
    written(folder)
    raster = open_band(parse_source(given))
    assert raster.crs is None or raster.crs.to_epsg() == 32648
    scene = imported(f"--elevation dem.tif --factor x={given} --crs x=EPSG:32648", capsys)
    assert (scene.read(["x"]) == scene.read(["elevation"])).all()


def test_members_of_an_archive_are_told_apart_too(folder, capsys):
    write(folder / "a.img", "HFA")
    arcinfo(folder / "grid")
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.write(folder / "a.img", "in/a.img")
    with zipfile.ZipFile(folder / "g.zip", "w") as archive:
        for path in (folder / "grid").iterdir():
            archive.write(path, f"grid/{path.name}")
    for name in ("a.zip", "g.zip"):
        scene = imported(f"--elevation dem.tif --factor x={name}", capsys)
        assert (scene.read(["x"]) == scene.read(["elevation"])).all()


def frame() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"name": ["a", "b"]}, geometry=SLIDES, crs=rasters.UTM)


VECTORS = {
    "geodatabase": ("s.gdb", "OpenFileGDB"),
    "geojson called .json": ("s.json", "GeoJSON"),
    "flatgeobuf": ("s.fgb", "FlatGeobuf"),
    "kml": ("s.kml", "KML"),
}


@pytest.mark.parametrize(("name", "driver"), VECTORS.values(), ids=VECTORS)
def test_a_vector_file_of_each_format(folder, capsys, name, driver):
    polygons = frame() if driver == "OpenFileGDB" else frame().to_crs(4326)
    polygons.to_file(folder / name, driver=driver)
    scene = imported(f"--elevation dem.tif --inventory {name}", capsys)
    assert slide_pixels(scene) == SLIDE_PIXELS
    facts = uploads.describe(str(folder / name))
    assert facts.kind == "vector" and facts.size == "2 polygons"
    assert uploads.found_at(str(folder / name), [folder]) == [str(folder / name)]


def test_a_geodatabase_in_a_zip_and_one_of_several_layers(folder, capsys):
    frame().to_file(folder / "s.gdb", driver="OpenFileGDB", layer="landslides")
    cities = gpd.GeoDataFrame({"n": [1]}, geometry=[Point(240100, 3019500)], crs=rasters.UTM)
    pyogrio.write_dataframe(
        cities, folder / "s.gdb", layer="cities", driver="OpenFileGDB", append=True
    )
    with zipfile.ZipFile(folder / "s.gdb.zip", "w") as archive:
        for path in (folder / "s.gdb").iterdir():
            archive.write(path, f"s.gdb/{path.name}")
    for given in ("s.gdb", "s.gdb:landslides", "s.gdb.zip"):
        scene = imported(f"--elevation dem.tif --inventory {given}", capsys)
        assert slide_pixels(scene) == SLIDE_PIXELS


KML = '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>'


def placemark(shape) -> str:
    lon, lat = shape.exterior.xy
    ring = " ".join(f"{x:.9f},{y:.9f},0" for x, y in zip(lon, lat))
    return (
        "<Placemark><name>a</name><Polygon><outerBoundaryIs><LinearRing><coordinates>"
        f"{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
    )


def test_folders_and_pins_of_google_earth(folder, capsys):
    first, second = map(placemark, frame().to_crs(4326).geometry)
    pin = (
        "<Placemark><name>camp</name><Point><coordinates>102.4,27.3</coordinates></Point>"
        "</Placemark>"
    )
    text = (
        f"{KML}{pin}<Folder><name>A</name>{first}<Folder><name>A</name>{second}</Folder></Folder>"
    )
    (folder / "s.kml").write_text(f"{text}</Document></kml>")
    with zipfile.ZipFile(folder / "s.kmz", "w") as archive:
        archive.write(folder / "s.kml", "doc.kml")
        archive.writestr("files/icon.png", b"no picture")
    for name in ("s.kml", "s.kmz"):
        scene = imported(f"--elevation dem.tif --inventory {name}", capsys)
        assert slide_pixels(scene) == SLIDE_PIXELS
        assert any("1 point" in note and "(camp)" in note for note in scene.notes)


def test_a_link_to_the_net_is_not_followed(folder, capsys):
    link = "<NetworkLink><Link><href>http://127.0.0.1:9/a.kml</href></Link></NetworkLink>"
    (folder / "s.kml").write_text(f"{KML}{link}</Document></kml>")
    told = refused("--elevation dem.tif --inventory s.kml", capsys)
    assert "is not followed" in told and "KML" in told


DISGUISED = {
    "s.kml": b"<OGRVRTDataSource><OGRVRTLayer name='x'/></OGRVRTDataSource>",
    "s.json": b'{"type": "gdal_streamed_alg", "command_line": "gdal vector x", "a": "Feature"}',
    "s.geojson": b'{"command_line": "x", "type": "gdal_streamed_alg"}',
    "s.fgb": b"<x/>",
}


@pytest.mark.parametrize("name", DISGUISED)
def test_another_format_under_a_name_is_refused(tmp_path, name):
    (tmp_path / name).write_bytes(DISGUISED[name])
    with pytest.raises(SlideScopeError, match="inside, whatever its name"):
        guard.check_vector(tmp_path / name)


def test_a_table_of_points_in_a_workbook(folder, capsys):
    x, y = 240050 + np.arange(60) * 11.0, 3019950 - np.arange(60) * 11.0
    lon, lat = pyproj.Transformer.from_crs(32648, 4326, always_xy=True).transform(x, y)
    table = pd.DataFrame({"经度": lon, "纬度": lat, "形变速率": -np.linspace(1, 30, 60)})
    pyogrio.write_dataframe(table, folder / "p.xlsx", driver="XLSX", layer="Sheet1")
    scene = imported("--elevation dem.tif --deformation p.xlsx", capsys)
    assert scene.factor("deformation").minimum == pytest.approx(-30, abs=0.5)
    pyogrio.write_dataframe(table, folder / "p.xlsx", driver="XLSX", layer="B", append=True)
    assert "2 sheets" in refused("--elevation dem.tif --deformation p.xlsx", capsys)
    (folder / "q.xlsx").write_bytes(b"PK no workbook")
    assert "cannot be read as a workbook" in refused(
        "--elevation dem.tif --deformation q.xlsx", capsys
    )


def test_a_workbook_that_would_fill_the_memory_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(workbooks, "MAX_BYTES", 100)
    table = pd.DataFrame({"lon": [1.0], "lat": [2.0], "v": [3.0]})
    pyogrio.write_dataframe(table, tmp_path / "p.xlsx", driver="XLSX")
    with pytest.raises(SlideScopeError, match="unpacks to"):
        workbooks.as_text(tmp_path / "p.xlsx")


CURES = {
    "s.tab": "ogr2ogr s.gpkg s.tab",
    "s.gml": "ogr2ogr s.gpkg s.gml",
    "s.rar": "unpack it",
    "s.lyrx": "only points to data",
    "s.xls": ".csv",
    "s.mdb": "shapefile",
    "s.xyz9": "gdal_translate s.xyz9 s.tif",
}


@pytest.mark.parametrize("name", CURES)
@pytest.mark.parametrize("option", ["inventory", "lithology", "elevation"])
def test_what_stays_out_is_told_its_own_way_in(folder, capsys, name, option):
    (folder / name).write_bytes(b"some content")
    base = "" if option == "elevation" else "--elevation dem.tif"
    assert CURES[name] in refused(f"{base} --{option} {name}", capsys)


def rpc_image(path, side: int = 200, parallax: float = 0.05) -> tuple[float, float]:
    """An image without a grid whose columns count up, and its RPC as text: pixels along longitude
    and latitude, moved by `parallax` of half its width a 500 m of height."""
    to_degrees = pyproj.Transformer.from_crs(32648, 4326, always_xy=True)
    lon, lat = to_degrees.transform(240375, 3019625)
    values = np.broadcast_to(np.arange(1, side + 1, dtype="uint16") * 10, (side, side))
    about = {"width": side, "height": side, "count": 2, "dtype": "uint16"}
    with rasterio.open(path, "w", driver="GTiff", **about) as target:
        target.write(np.stack([values, values]))
    half = side / 2
    numbers = {"LINE_OFF": half, "SAMP_OFF": half, "LAT_OFF": lat, "LONG_OFF": lon}
    numbers |= {"HEIGHT_OFF": 1880, "LINE_SCALE": half, "SAMP_SCALE": half}
    numbers |= {"LAT_SCALE": 0.006, "LONG_SCALE": 0.006, "HEIGHT_SCALE": 500}
    one, line, sample = [1] + [0] * 19, [0, 0, -1] + [0] * 17, [0, 1, 0, parallax] + [0] * 16
    for name, terms in (
        ("LINE_NUM", line),
        ("SAMP_NUM", sample),
        ("LINE_DEN", one),
        ("SAMP_DEN", one),
    ):
        numbers |= {f"{name}_COEFF_{i}": term for i, term in enumerate(terms, 1)}
    text = "".join(f"{name}: {value}\n" for name, value in numbers.items())
    path.with_name(f"{path.stem}_rpc.txt").write_text(text)
    return lon, lat


def test_an_image_with_rpc_is_warped_on_the_elevation(folder, capsys):
    lon, _ = rpc_image(folder / "GF1_MSS.tif")
    assert "give --elevation" in refused("--red GF1_MSS.tif:1", capsys)
    assert "say which one, as GF1_MSS.tif:1" in refused(
        "--elevation dem.tif --red GF1_MSS.tif", capsys
    )
    scene = imported("--elevation dem.tif --red GF1_MSS.tif:1", capsys)
    assert any("orthorectified by its RPC on 'dem.tif'" in note for note in scene.notes)
    red = scene.read(["red"]).reshape(scene.grid.shape)
    heights = scene.read(["elevation"]).reshape(scene.grid.shape)
    rows, columns = np.mgrid[: scene.grid.height, : scene.grid.width] + 0.5
    x, y = scene.grid.affine * (columns, rows)
    there, _ = pyproj.Transformer.from_crs(32648, 4326, always_xy=True).transform(x, y)
    sample = 100 + 100 * ((there - lon) / 0.006 + 0.05 * (heights - 1880) / 500)
    # RPCs count from the first pixel's centre, where the image holds 10.
    known = np.isfinite(red)
    assert known.mean() > 0.9
    np.testing.assert_allclose(red[known], (10 * (sample + 1))[known], atol=4)


def test_gcps_alone_are_refused_with_the_command(folder, capsys):
    gcps = [
        rasterio.control.GroundControlPoint(r, c, 240000 + 12 * c, 3020000 - 12 * r)
        for r, c in ((0, 0), (0, 59), (59, 0), (59, 59))
    ]
    about = {"width": SIZE, "height": SIZE, "count": 1, "dtype": "float32"}
    with rasterio.open(folder / "g.tif", "w", driver="GTiff", **about) as target:
        target.write(HEIGHTS, 1)
        target.gcps = (gcps, CRS.from_epsg(32648))
    assert "gdalwarp -order 1" in refused("--elevation dem.tif --red g.tif", capsys)


def test_a_folder_of_an_arcinfo_grid_is_one_raster_for_pages(folder):
    arcinfo(folder / "grid")
    (found,) = uploads.found_at(str(folder / "grid"), [folder])
    listed = browse.listing(str(folder), [folder])
    assert not listed.folders and "grid" in [entry.name for entry in listed.files]
    (row,) = uploads.rows(found, [folder])
    assert row.kind == "raster" and row.band_count == 1
    shutil.rmtree(folder / "grid")
    assert formats.data_of(folder / "grid") == folder / "grid"


def test_a_geopackage_of_tiles_is_told_how_to_become_a_raster(folder, capsys):
    values = (HEIGHTS / 20).astype("uint8")
    rasters.write(folder / "u.tif", values)
    rasterio.shutil.copy(folder / "u.tif", folder / "t.gpkg", driver="GPKG")
    for option in ("--inventory", "--factor x=", "--lithology"):
        given = f"{option}t.gpkg" if option.endswith("=") else f"{option} t.gpkg"
        assert "gdal_translate t.gpkg t.tif" in refused(f"--elevation dem.tif {given}", capsys)
