"""Text comes out right: encodings of attributes and tables, separators, headers, columns by name
and number, names in Chinese."""

import zipfile

import geopandas as gpd
import pytest

from core.errors import SlideScopeError
from core.scene.files import encoding, points, tables
from core.scene.files.guess import guess
from core.scene.files.source import Source, parse_source
from core.scene.files.vectors import read_polygons
from core.scene.plan import overrides
from core.scene.plan.override import Override
from tests import rasters
from tests.small_import import (
    PLACES,
    RATES,
    degrees,
    imported,
    noted,
    refused,
    square,
    write_dem,
)

QUARTERS = [square(x, y, 300) for y in (0, 300) for x in (0, 300)]
ROCKS = ["花岗岩", "灰岩", "砂岩", "页岩"]
PLACED = degrees()


@pytest.fixture
def here(workspace, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_dem(tmp_path)
    return tmp_path


def shapefile(path, code: str, page: str | None = None, **fields) -> None:
    """A shapefile whose .dbf is in `code` and whose .cpg says `page`, or is not there."""
    gpd.GeoDataFrame(fields, geometry=QUARTERS, crs=rasters.UTM).to_file(path, encoding=code)
    path.with_suffix(".cpg").unlink()
    if page:
        path.with_suffix(".cpg").write_text(page)


# --- attributes ---

PAGES = [
    ("GBK", None, "GB18030, which its bytes suggest"),
    ("GBK", "GBK", "GB18030, as the file says"),
    ("GBK", "936", "GB18030, as the file says"),
    ("GBK", "UTF-8", "GB18030, which its bytes suggest"),
    ("GBK", "ISO-8859-1", "GB18030, which its bytes suggest"),
    ("UTF-8", None, "UTF-8, which its bytes are"),
    ("UTF-8", "UTF-8", None),
]


@pytest.mark.parametrize(("code", "page", "told"), PAGES)
def test_names_of_classes_whatever_the_shapefile_says(here, capsys, code, page, told):
    shapefile(here / "r.shp", code, page, 岩性=ROCKS, 代码=[1, 2, 3, 4])
    notes = noted("--lithology r.shp", capsys)
    legend = imported("--lithology r.shp", capsys).factor("lithology").legend
    assert sorted(legend.values()) == sorted(ROCKS)
    assert (f"is read as {told}" in notes) if told else ("is read as" not in notes)
    assert "by attribute '岩性'" in notes


@pytest.mark.filterwarnings("ignore:.*has been truncated")
def test_rare_characters_and_text_that_is_cut_off(here):
    shapefile(here / "r.shp", "GBK", 岩性=["堃岩", "镕砂岩", "玢岩", "页岩"])
    assert read_polygons(parse_source("r.shp"))["岩性"].tolist()[:3] == ["堃岩", "镕砂岩", "玢岩"]
    shapefile(here / "u.shp", "UTF-8", "UTF-8", 岩性=["花岗岩" * 29, "b", "c", "d"])
    text = read_polygons(parse_source("u.shp"))["岩性"][0]
    assert set(text) == set("花岗岩") and len(text) == 254 // 3


def test_western_text_is_not_taken_for_chinese(here):
    shapefile(here / "r.shp", "ISO-8859-1", lith=["Gößnitz", "Überall", "ä", "Kalk"])
    assert read_polygons(parse_source("r.shp"))["lith"].tolist() == [
        *("Gößnitz", "Überall", "ä", "Kalk")
    ]


def test_the_encoding_is_decided_otherwise(here, capsys):
    shapefile(here / "r.shp", "CP1251", lith=["Гранит", "Песчаник", "Сланец", "Гнейс"])
    assert "--encoding lithology=ENCODING" in noted("--lithology r.shp", capsys)
    scene = imported("--lithology r.shp --encoding lithology=cp1251", capsys)
    assert "Гранит" in scene.factor("lithology").legend.values()
    assert "is not in utf-8" in refused("--lithology r.shp --encoding lithology=utf-8", capsys)
    told = refused("--lithology r.shp --encoding lithology=klingon", capsys)
    assert "no encoding of text" in told
    assert "is not a shapefile or table" in refused("--encoding elevation=gbk", capsys)


def test_text_in_an_archive_and_in_geojson(here):
    shapefile(here / "r.shp", "GBK", 岩性=ROCKS)
    with zipfile.ZipFile(here / "m.zip", "w") as archive:
        for extension in ("shp", "shx", "dbf", "prj"):
            archive.write(here / f"r.{extension}", f"图/r.{extension}")
    assert read_polygons(parse_source("m.zip"))["岩性"].tolist() == ROCKS
    rasters.write_polygons(here / "r.geojson", QUARTERS, 岩性=ROCKS)
    text = (here / "r.geojson").read_text(encoding="utf-8")
    (here / "g.geojson").write_bytes(text.encode("gbk"))
    assert read_polygons(parse_source("g.geojson"))["岩性"].tolist() == ROCKS


@pytest.mark.parametrize(
    ("text", "name"),
    [("GB2312", "gb18030"), ("utf_8", "utf-8"), ("ANSI 936", "gb18030"), ("big5", "big5")],
)
def test_encodings_as_people_write_them(text, name):
    assert encoding.check(text) == name


@pytest.mark.parametrize("text", ["", "base64", "rot13", "none", "\0"])
def test_what_is_no_encoding(text):
    with pytest.raises(SlideScopeError, match="no encoding of text"):
        encoding.check(text)


# --- tables ---


def write(path, header: list[str], separator=",", code="utf-8", number=str, before="", end=""):
    rows = [separator.join(map(number, (*place, v))) + end for place, v in zip(PLACED, RATES)]
    lines = [separator.join(header), *rows] if header else rows
    path.write_bytes((before + "\n".join(lines) + "\n").encode(code))
    return path.name


def comma(value) -> str:
    return str(value).replace(".", ",")


TABLES = {
    "GBK": (["经度", "纬度", "形变速率"], {"code": "gbk"}),
    "UTF-16": (["经度", "纬度", "形变速率(mm/yr)"], {"code": "utf-16"}),
    "UTF-16 without a mark": (["lon", "lat", "vel"], {"code": "utf-16-le", "separator": "\t"}),
    "UTF-8 with a mark": (["lon", "lat", "vel"], {"code": "utf-8-sig"}),
    "decimal commas": (["lon", "lat", "vel"], {"separator": ";", "number": comma}),
    "quoted commas": (["lon", "lat", "vel"], {"number": lambda v: f'"{comma(v)}"'}),
    "commas and blanks": (["lon", "lat", "vel"], {"separator": "  ", "number": comma}),
    "bars": (["lon", "lat", "vel"], {"separator": "|"}),
    "units in names": (["Longitude (deg)", "Latitude (deg)", "Velocity [mm/yr]"], {}),
    "rows that end with a comma": (["lon", "lat", "v"], {"end": ","}),
    "a remark before": (["lon", "lat", "v"], {"before": "# StaMPS\n", "separator": "\t"}),
    "names in a remark": ([], {"before": "# lon lat v_los\n", "separator": " "}),
    "text before": (["lon", "lat", "v"], {"before": "SARscape export\nDate: 2020\n\n"}),
    "Excel's line": (["lon", "lat", "v"], {"before": "sep=;\n", "separator": ";"}),
    "POINT_X": (["POINT_X", "POINT_Y", "v"], {}),
}


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize("extension", ["csv", "txt"])
def test_tables_as_they_are_saved(tmp_path, kind, extension):
    header, how = TABLES[kind]
    write(tmp_path / f"a.{extension}", header, **how)
    found = points.read(Source(str(tmp_path / f"a.{extension}")))
    assert list(zip(found.x, found.y)) == PLACED and found.values.tolist() == RATES


def test_columns_by_name_and_without_a_header_by_number(here, capsys):
    write(here / "n.txt", ["export_res_ 1", "b", "c"], "\t")
    write(here / "h.txt", [], " ")
    cure = "--columns deformation=lon=1,lat=2,rate=3"
    assert cure in refused("--deformation h.txt", capsys)
    assert "no columns for longitude and latitude" in refused("--deformation n.txt", capsys)
    for options in (
        "h.txt --columns lon=1,lat=2,rate=3",
        f"h.txt {cure}",
        "h.txt:3 --columns deformation:lon=1,lat=2",
        "n.txt --columns lat=B,lon=1,rate=c",
    ):
        scene = imported(f"--deformation {options}", capsys)
        assert scene.factor("deformation").minimum == pytest.approx(min(RATES))


BAD_COLUMNS = {
    "--columns lon=1,lat=2,rate=9": "has no column '9'",
    "--columns lon=1": "does not name columns",
    "--columns lon=1,x=2,rate=3": "does not name columns",
    "--columns deformation=7": "does not name columns",
    "--columns elevation=lon=1,lat=2": "is not a table of points",
}


@pytest.mark.parametrize("options", BAD_COLUMNS)
def test_columns_that_are_none(here, capsys, options):
    write(here / "h.txt", [], " ")
    assert BAD_COLUMNS[options] in refused(f"--deformation h.txt {options}", capsys)


def test_columns_without_a_name_are_those_of_the_only_table(here, capsys):
    assert "no table of points is given" in refused("--columns lon=1,lat=2", capsys)


def test_decisions_about_text_go_through_the_command_line():
    given = {"deformation": Override(encoding="gb18030", columns="lon=1,lat=b c")}
    (one, other) = overrides.to_argv(given)
    lists = {"encoding": [one.partition("=")[2]], "columns": [other.partition("=")[2]]}
    assert overrides.parse(lists) == given


EGMS = "pid,latitude,longitude,easting,northing,mean_velocity,20180103\n"


def test_eastings_are_used_where_the_reference_system_is_in_metres(tmp_path):
    rows = [
        f"a{i},{lat},{lon},{x},{y},-4,{i}"
        for i, ((lon, lat), (x, y)) in enumerate(zip(PLACED, PLACES))
    ]
    (tmp_path / "e.csv").write_text(EGMS + "\n".join(rows))
    in_metres = points.read(Source(str(tmp_path / "e.csv")), rasters.UTM)
    assert list(zip(in_metres.x, in_metres.y)) == PLACES
    assert points.read(Source(str(tmp_path / "e.csv"))).x[0] == PLACED[0][0]


REFUSED = {
    "a decimal comma too many": ("lon,lat,v\n102,3,27,2,-4,5\n102,4,27,3,-4,6\n", "decimal comma"),
    "degrees and minutes": ('lon,lat,v\n"102°1\'2""","27°1\'2""",-4\n', "decimal degrees"),
    "swapped": ("lat,lon,v\n102.1,27.2,-4\n", "swapped"),
    "eastings called lon": ("lon,lat,v\n240000,3020000,-4\n", "--crs NAME=EPSG:N"),
    "two columns of one name": ("lon,lat,v,v\n102,27,3,4\n", "a.txt:3"),
    "letters": ("lon,lat,v\n102.1E,27.2N,3\n", "decimal degrees"),
    "full-width commas": ("经度，纬度，速率\n102，27，3\n", "full-width commas"),
    "two rates": ("lon,lat,vel_up,vel_east\n102,27,3,4\n", "several columns that may be the rate"),
    "eastings": ("x,y,v\n240000,3020000,-4\n", "EPSG:3035"),
    "degrees called x": ("x,y,v\n102,27,-4\n", "EPSG:4326, by its numbers"),
    "a letter": ("Dear all, please find\nattached, the data\n", "no columns for longitude"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_tables_that_are_refused_with_a_cure(tmp_path, kind):
    text, told = REFUSED[kind]
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    with pytest.raises(SlideScopeError, match=told) as error:
        points.read(Source(str(tmp_path / "a.txt")))
    assert "\n" not in str(error.value)


def test_a_grid_in_text_is_no_table(tmp_path):
    grid = "ncols 2\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize 1\n1 2\n3 4\n"
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.txt", grid)
    with pytest.raises(SlideScopeError, match="rename it"):
        points.read(Source(str(tmp_path / "a.zip"), None, "a.txt"))


def test_degrees_and_a_reference_system_in_metres_contradict_each_other(tmp_path):
    write(tmp_path / "a.csv", ["lon", "lat", "v"])
    with pytest.raises(SlideScopeError, match="places in degrees"):
        points.read(Source(str(tmp_path / "a.csv")), rasters.UTM)


def test_lines_without_a_number_are_counted(here, capsys):
    write(here / "a.csv", ["lon", "lat", "v"])
    write(here / "b.csv", ["lon", "lat", "v"], end="\n")
    assert points.read(Source("b.csv")).notes == (), "blank lines are none"
    text = (here / "a.csv").read_text().replace("-5.5", "n/a").replace("-6.5", "")
    (here / "a.csv").write_text(text)
    assert "2 lines of 'a.csv' without a number" in noted("--deformation a.csv", capsys)


def test_a_zipped_table(here, capsys):
    write(here / "a.csv", ["经度", "纬度", "速率"], code="gbk")
    with zipfile.ZipFile(here / "a.zip", "w") as archive:
        archive.write("a.csv", "数据/a.csv")
        archive.writestr("__MACOSX/._a.csv", b"\0\5\x16\7")
    for written in ("a.zip", "a.zip:a.csv", "a.zip:a.csv:速率"):
        assert imported(f"--deformation {written}", capsys).factor("deformation").maximum == -3.5


def test_sinking_counted_as_positive_is_told(here, capsys):
    write(here / "a.csv", ["经度", "纬度", "沉降速率"])
    assert "--sign deformation=away" in noted("--deformation a.csv", capsys)


def test_a_table_names_its_columns():
    assert tables.tidy("  年均形变速率（mm/a） ") == "年均形变速率"


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("高程.tif", "elevation"),
        ("研究区坡度.tif", "slope"),
        ("坡向_30m.tif", "aspect"),
        ("曲率.tif", "curvature"),
        ("剖面曲率.tif", "profile_curvature"),
        ("岩性.shp", "lithology"),
        ("地层.gpkg", "lithology"),
        ("滑坡编目.shp", "inventory"),
        ("InSAR形变速率.tif", "deformation"),
        ("土地利用.tif", "landcover"),
        ("近红外.tif", "nir"),
        ("water_mask.tif", None),
        ("cloud-mask.tif", None),
        ("mask.tif", "inventory"),
        ("landslide_mask.tif", "inventory"),
    ],
)
def test_names_are_guessed(file, name):
    assert guess(file).name == name
