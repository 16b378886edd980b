"""Which layer, attribute, member or file is meant: what is evident is taken and said, the rest is
asked about, and nothing is taken for being the first."""

import zipfile

import geopandas as gpd
import h5py
import pandas as pd
import pyogrio
import pytest
from shapely import Point

from core.__main__ import main
from core.scene.files import archives, folder, uploads
from core.scene.files.source import parse_source, parse_sources, typed
from core.scene.plan.assignment import Assignment, request_of
from core.scene.plan.request import GridChoice
from tests import rasters
from tests.page import texts, visit
from tests.small_import import (
    PLACES,
    RATES,
    SIZE,
    full,
    imported,
    line,
    noted,
    refused,
    square,
    write_dem,
)

SLIDES = [square(100, 100), square(300, 100)]
QUARTERS = [square(x, y, 300) for y in (0, 300) for x in (0, 300)]


@pytest.fixture
def here(workspace, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_dem(tmp_path)
    return tmp_path


def layer(path, name: str, geometries: list, **fields) -> None:
    frame = gpd.GeoDataFrame(
        fields or {"a": range(len(geometries))}, geometry=geometries, crs=rasters.UTM
    )
    frame.to_file(path, layer=name, mode="a" if path.exists() else "w")


def zipped(path, members: dict) -> None:
    """Write an archive; a member is a file or its bytes."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            data = content if isinstance(content, bytes) else content.read_bytes()
            archive.writestr(name, data)


def pixels(scene) -> int:
    return round(scene.landslide_share * SIZE**2)


# --- how a part is written ---


@pytest.mark.parametrize(
    "text",
    [
        "a.gpkg:slides",
        "a.gpkg:slides:class=1",
        "a.shp:class=1",
        "a.shp:类别=滑坡",
        "maps.zip:old/rocks.shp:unit",
        "maps.zip:a.gpkg:slides:class=1",
        "maps.zip:points.csv:vel",
        "points.txt:VEL (mm)",
        "C:/data/a.gpkg:b c",
    ],
)
def test_a_part_is_read_as_it_is_written(text):
    assert typed(parse_source(text)) == text


def test_values_of_an_attribute_are_no_files():
    one, other = parse_sources("a.shp:class=1,2,b.shp")
    assert (one.band, one.value, other.path) == ("class", "1,2", "b.shp")


# --- layers ---


def test_the_layer_is_taken_by_its_name_and_that_is_said(here, capsys):
    layer(here / "m.gpkg", "study_area", [square(0, 0, 400)])
    layer(here / "m.gpkg", "landslides", SLIDES)
    assert pixels(imported("--inventory m.gpkg", capsys)) == 128
    told = noted("--inventory m.gpkg", capsys)
    assert "layer 'landslides' of 'm.gpkg' is taken, by its name; it also has study_area" in told


def test_layers_that_nothing_tells_apart_are_asked_about(here, capsys):
    layer(here / "m.gpkg", "a", SLIDES[:1])
    layer(here / "m.gpkg", "b", SLIDES)
    assert "m.gpkg:a" in refused("--inventory m.gpkg", capsys)
    assert pixels(imported("--inventory m.gpkg:b", capsys)) == 128
    assert "no layer and no attribute 'c'" in refused("--inventory m.gpkg:c", capsys)
    assert "has no layer 'c'" in refused("--inventory m.gpkg:c:a=1", capsys)


def test_a_boundary_is_not_taken_for_landslides_that_lie_beside_it_as_points(here, capsys):
    layer(here / "m.gpkg", "boundary", [square(0, 0, 400)])
    layer(here / "m.gpkg", "landslides", [Point(*p) for p in PLACES])
    assert "say which, as m.gpkg:landslides" in refused("--inventory m.gpkg", capsys)
    assert pixels(imported("--inventory m.gpkg --point-radius 20", capsys)) > 50


def test_a_layer_of_points_is_taken_for_a_rate(here, capsys):
    layer(here / "m.gpkg", "frame", QUARTERS)
    layer(here / "m.gpkg", "ps", [Point(*p) for p in PLACES], vel=RATES)
    scene = imported("--deformation m.gpkg", capsys)
    assert scene.factor("deformation").maximum == pytest.approx(-3.5)
    assert any("layer 'ps' of 'm.gpkg' is taken" in note for note in scene.notes)


def test_the_layer_with_the_attribute_that_is_named_is_meant(here, capsys):
    layer(here / "m.gpkg", "roads_area", QUARTERS, x=list("abcd"))
    layer(here / "m.gpkg", "parcels", QUARTERS, age=list("efgh"))
    scene = imported("--lithology m.gpkg:age", capsys)
    assert sorted(scene.factor("lithology").legend.values()) == list("efgh")


@pytest.mark.filterwarnings("ignore:More than one layer")
def test_a_table_beside_the_only_layer_is_no_choice(here, capsys):
    pyogrio.write_dataframe(pd.DataFrame({"style": ["a"]}), here / "m.gpkg", layer="layer_styles")
    layer(here / "m.gpkg", "x", SLIDES)
    assert pixels(imported("--inventory m.gpkg", capsys)) == 128


# --- attributes ---


def test_classes_are_taken_by_an_attribute_that_says_so(here, capsys):
    fields = {
        "id": [1, 2, 3, 4],
        "name": list("wxyz"),
        "ROCK_TYPE": list("abab"),
        "AGE": list("JKJK"),
    }
    rasters.write_polygons(here / "r.gpkg", QUARTERS, **fields)
    scene = imported("--lithology r.gpkg", capsys)
    assert list(scene.factor("lithology").legend.values()) == ["a", "b"]
    assert any("by attribute 'ROCK_TYPE'" in n and "also has name, AGE" in n for n in scene.notes)
    named = imported("--lithology r.gpkg:age", capsys)
    assert list(named.factor("lithology").legend.values()) == ["J", "K"]


def test_attributes_that_nothing_tells_apart_are_asked_about(here, capsys):
    rasters.write_polygons(here / "r.gpkg", QUARTERS, SYMBOL=list("abab"), DESCR=list("cdcd"))
    assert "name one, as r.gpkg:SYMBOL" in refused("--lithology r.gpkg", capsys)
    told = refused("--lithology r.gpkg:SYMBOL=a", capsys)
    assert "picks the landslides of an inventory" in told


LABELS = {
    "0 and 1": ({"class": [1, 0]}, 64),
    "raster to polygon": ({"DN": [0, 1]}, 64),
    "words": ({"label": ["landslide", "non-landslide"]}, 64),
    "truth": ({"landslide": [True, False]}, 64),
    "Chinese": ({"灾种": ["滑坡", "河流"]}, 64),
    "kinds of landslides": ({"type": ["rockfall", "debris flow"]}, 128),
    "certainty is no label": ({"certainty": [0, 1]}, 128),
}


@pytest.mark.parametrize("label", LABELS)
def test_what_an_attribute_says_is_no_landslide_is_left_out(here, capsys, label):
    fields, count = LABELS[label]
    rasters.write_polygons(here / "s.gpkg", SLIDES, **fields)
    scene = imported("--inventory s.gpkg", capsys)
    assert pixels(scene) == count
    assert any("1 of 2 features" in n for n in scene.notes) == (count == 64)


def test_values_that_are_not_known_are_asked_about(here, capsys):
    rasters.write_polygons(here / "s.gpkg", [*SLIDES, square(100, 300)], gridcode=[0, 1, 2])
    told = refused("--inventory s.gpkg", capsys)
    assert told.endswith("s.gpkg:gridcode=1,2.")
    assert pixels(imported("--inventory s.gpkg:gridcode=1,2", capsys)) == 128
    assert "there are 0, 1, 2" in refused("--inventory s.gpkg:gridcode=7", capsys)
    assert "it has gridcode" in refused("--inventory s.gpkg:no=7", capsys)


# --- archives and containers ---


def test_polygons_beside_a_raster_in_an_archive(here, capsys):
    rasters.write_polygons(here / "s.gpkg", SLIDES)
    zipped(here / "m.zip", {"dem.tif": here / "dem.tif", "quakes.gpkg": here / "s.gpkg"})
    assert pixels(imported("--inventory m.zip:quakes.gpkg", capsys)) == 128
    assert pixels(imported("--inventory m.zip", capsys)) == 128
    zipped(here / "p.zip", {"dem.tif": here / "dem.tif", "ps.csv": b"lon,lat,v\n102,27,3\n"})
    assert "choose one, as p.zip:" in refused("--deformation p.zip", capsys)


def test_what_a_mac_packs_besides_is_not_there(here, capsys):
    forks = {"__MACOSX/a/._h.tif": b"x", "a/._h.tif": b"x"}
    zipped(here / "m.zip", {"a/h.tif": here / "dem.tif"} | forks)
    assert archives.members(here / "m.zip") == ("a/h.tif",)
    assert imported("--factor h=m.zip", capsys).factor("h").minimum == pytest.approx(1500, abs=9)


def test_names_in_gbk_are_read_and_written(here, capsys):
    class InGbk(zipfile.ZipInfo):
        def _encodeFilenameFlags(self):
            return self.filename.encode("gbk"), self.flag_bits & ~0x800

    with zipfile.ZipFile(here / "m.zip", "w") as archive:
        for name in ("高程.tif", "坡度.tif"):
            archive.writestr(InGbk(name), (here / "dem.tif").read_bytes())
    assert archives.members(here / "m.zip") == ("高程.tif", "坡度.tif")
    told = noted("--slope m.zip", capsys)
    assert "'坡度.tif' of 'm.zip' is taken, by its name" in told
    assert "choose one, as m.zip:高程.tif" in refused("--factor h=m.zip", capsys)
    imported("--factor h=m.zip:高程.tif", capsys)


def test_a_variable_is_taken_by_its_name(here, capsys):
    with h5py.File(here / "v.h5", "w") as file:
        file["velocity"], file["velocityStd"] = full(-0.03), full(0.01)
        about = {"X_FIRST": rasters.X, "Y_FIRST": rasters.Y, "X_STEP": 12.5, "Y_STEP": -12.5}
        about |= {"FILE_TYPE": "velocity", "WIDTH": SIZE, "LENGTH": SIZE, "EPSG": 32648}
        file.attrs.update({k: str(v) for k, v in about.items()} | {"UNIT": "m/year"})
    scene = imported("--deformation v.h5", capsys)
    assert scene.factor("deformation").maximum == pytest.approx(-30)
    assert any("'velocity' of 'v.h5' is taken" in note for note in scene.notes)
    assert "choose one, as v.h5:velocity" in refused("--factor q=v.h5", capsys)


# --- folders and patterns ---


def fill(path, **files) -> None:
    path.mkdir()
    for name, values in files.items():
        rasters.write(path / f"{name}.tif", values)


MIXED = {
    "hyp3": ("deformation", ("x_unw_phase", "x_corr", "x_vert_disp")),
    "mintpy": ("deformation", ("velocity", "velocityStd")),
    "bands": ("red", ("B02", "B03", "B04")),
    "terrain": ("slope", ("dem", "slope")),
    "chinese": ("slope", ("高程", "坡度")),
    "orbits": ("deformation", ("vel_asc", "vel_dsc")),
    "mask beside": ("deformation", ("scene", "scene_mask")),
    "words that nobody knows": ("deformation", ("alpha", "beta")),
    "licsar": ("deformation", ("geo.E", "geo.N", "geo.U")),
}


@pytest.mark.parametrize("kind", MIXED)
def test_a_folder_of_several_quantities_is_no_mosaic(here, capsys, kind):
    name, files = MIXED[kind]
    fill(here / "f", **{file: full(n) for n, file in enumerate(files)})
    for written in ("f", "f/*"):
        told = refused(f"--{name} {written}", capsys)
        assert "not one quantity by their names" in told or "cover the same ground" in told


TILES = [("N27E102_dem", "N27E103_dem"), ("west", "east"), ("a_1", "a_2"), ("beichuan", "mianzhu")]


@pytest.mark.parametrize("pair", TILES)
def test_tiles_of_one_quantity_are(here, capsys, pair):
    half = full(100)[:, : SIZE // 2]
    (here / "f").mkdir()
    rasters.write(here / "f" / f"{pair[0]}.tif", half)
    east = (rasters.X + 12.5 * SIZE / 2, rasters.Y)
    rasters.write(here / "f" / f"{pair[1]}.tif", half + 7, origin=east)
    (here / "f" / "readme.txt").write_text("about the tiles")
    scene = imported("--factor h=f", capsys)
    assert scene.factor("h").minimum == 100 and scene.factor("h").maximum == 107
    capsys.readouterr()
    assert "x and y" not in noted("--factor h=f/*", capsys)


def test_whole_numbers_among_decimals_are_told(here, capsys):
    rasters.write(here / "a.tif", full(1, "uint8"))
    rasters.write(here / "b.tif", full(2.5))
    assert "put files together only if they are one quantity" in noted("--red a.tif,b.tif", capsys)


def test_an_inventory_of_several_files(here, capsys):
    (here / "f").mkdir()
    rasters.write_polygons(here / "f" / "slides_a.gpkg", SLIDES[:1])
    rasters.write_polygons(here / "f" / "slides_b.shp", SLIDES[1:])
    for written in ("f", "f/*", "f/slides_a.gpkg,f/slides_b.shp"):
        scene = imported(f"--inventory {written}", capsys)
        assert pixels(scene) == 128 and scene.inventory["polygons"] == 2
    assert pixels(imported("--inventory f/*.gpkg", capsys)) == 64
    rasters.write_polygons(here / "f" / "study_area.gpkg", [square(0, 0, 500)])
    for written in ("f", "f/*.gpkg"):
        told = refused(f"--inventory {written}", capsys)
        assert "'study_area.gpkg' beside 'slides_a.gpkg'" in told
    rasters.write(here / "m.tif", full(0, "uint8"))
    assert "gdal_polygonize" in refused("--inventory m.tif,f/slides_a.gpkg", capsys)
    assert "merge masks first" in refused("--inventory m.tif,m.tif", capsys)


def test_what_covers_the_whole_scene_is_no_inventory(here, capsys):
    rasters.write_polygons(here / "s.gpkg", [square(-50, -50, 900)])
    # Only burning the polygons can tell.
    assert main(line("--inventory s.gpkg")) == 2
    assert "covers every pixel of the scene" in capsys.readouterr().err


def test_words_of_a_name_that_say_what_the_numbers_are():
    assert folder.quantity("S1_20200101_VV_corr") != folder.quantity("S1_20200101_VV_los_disp")
    assert folder.quantity("T48_20200101_B8A") != folder.quantity("T48_20200101_B08")
    assert folder.quantity("2019_velocity") == folder.quantity("2020_velocity")


# --- the page ---


def test_the_page_has_a_line_a_layer_and_the_values_of_attributes(here, monkeypatch):
    monkeypatch.setenv("SLIDESCOPE_DATA", str(here))
    layer(here / "m.gpkg", "study_area", [square(0, 0, 400)])
    layer(here / "m.gpkg", "landslides", [*SLIDES, square(100, 300)], cls=["a", "b", "b"])
    rows = {row.part: row for row in uploads.rows(str(here / "m.gpkg"), [here])}
    assert {part: row.guess.name for part, row in rows.items()} == {
        "study_area": None,
        "landslides": "inventory",
    }
    assert rows["landslides"].choices == ("cls=a", "cls=b")
    dem = uploads.rows(str(here / "dem.tif"), [here])[0]
    taken = Assignment(rows["landslides"], "inventory", attribute="cls=b")
    asked = request_of("new", [Assignment(dem, "elevation"), taken], GridChoice(), True)
    assert typed(asked.inventory) == f"{here / 'm.gpkg'}:landslides:cls=b"
    app = visit("scene")
    for name in ("dem.tif", "m.gpkg"):
        app.text_input(key="import_path").set_value(str(here / name)).run()
    app.selectbox(key=f"landslides:{here / 'm.gpkg'}:landslides:").set_value("cls=b").run()
    assert not app.exception
    assert "2 of 3 features of 'm.gpkg' are landslides" in texts(app)


def test_several_files_are_one_inventory_on_the_page_too(here):
    rasters.write_polygons(here / "a.gpkg", SLIDES[:1])
    rasters.write_polygons(here / "b.gpkg", SLIDES[1:])
    rows = [uploads.rows(str(here / n), [here])[0] for n in ("dem.tif", "a.gpkg", "b.gpkg")]
    uses = ("elevation", "inventory", "inventory")
    asked = request_of("new", list(map(Assignment, rows, uses)), GridChoice(), True)
    assert typed(asked.inventory) == f"{here / 'a.gpkg'},{here / 'b.gpkg'}"
