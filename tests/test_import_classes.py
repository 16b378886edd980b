"""Classes and measurements: told apart by name and values, or asked about; their names read."""

import struct

import numpy as np
import pytest
import rasterio
from shapely import box

from core.analysis.relations import whatif
from core.maps import layers
from core.scene import class_looks, store
from core.scene.files import class_names
from core.scene.files.raster import open_band
from core.scene.files.source import Source
from core.scene.plan import classes
from tests import rasters
from tests.small_import import imported, refused

SIZE = 72
NOISE = np.random.default_rng(7).random((SIZE, SIZE)).astype(np.float32)
ROWS, COLUMNS = np.mgrid[:SIZE, :SIZE]
CODES = np.where(COLUMNS < 30, 10, np.where(ROWS < 40, 20, 50)).astype(np.uint8)
# Half a pixel beside the grid: whatever is averaged shows.
BESIDE = {"origin": (rasters.X - 6, rasters.Y + 6)}


@pytest.fixture
def folder(workspace, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rasters.write(tmp_path / "dem.tif", (1500 + 9 * ROWS + 40 * NOISE).astype(np.float32))
    return tmp_path


def held(scene: store.Scene, name: str) -> set[float]:
    values = scene.read([name])
    return set(values[np.isfinite(values)].tolist())


@pytest.mark.parametrize(
    ("factor", "file"),
    [
        ("landcover", "lc.tif"),
        ("cover", "ESA_WorldCover_10m_2021.tif"),
        ("soil_type", "x.tif"),
        ("geology", "map.tif"),
        ("cover", "土地利用.tif"),
        ("susceptibility", "sus_reclass.tif"),
    ],
)
def test_what_name_and_values_say_to_be_classes_is_never_averaged(folder, capsys, factor, file):
    rasters.write(folder / file, CODES, **BESIDE)
    scene = imported(f"--factor {factor}={file}", capsys)
    assert held(scene, factor) == {10, 20, 50} and scene.factor(factor).kind == "categorical"
    assert any(f"--continuous {factor}" in note for note in scene.notes)
    scene = imported(f"--factor {factor}={file} --continuous {factor}", capsys)
    assert scene.factor(factor).kind == "continuous" and len(held(scene, factor)) > 3


def test_what_might_be_classes_is_asked_about(folder, capsys):
    rasters.write(folder / "x.tif", CODES, **BESIDE)
    told = refused("--factor twi=x.tif", capsys)
    assert "3 whole numbers (10, 20, 50)" in told
    assert "--categorical twi or --continuous twi" in told
    assert imported("--factor twi=x.tif --categorical twi", capsys).factor("twi").legend
    assert len(held(imported("--factor twi=x.tif --continuous twi", capsys), "twi")) > 3
    # A kernel that averages, a unit or a scale says what it is.
    for said in ("--kernel twi=average", "--scale twi=0.1"):
        assert imported(f"--factor twi=x.tif {said}", capsys).factor("twi").kind == "continuous"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("ndvi", NOISE),
        ("rain", np.round(900 + 300 * NOISE)),
        ("soil_moisture", 0.4 * NOISE),
        ("distance_to_geology", np.round(900 * NOISE)),
        ("curv", 4 * NOISE - 2),
    ],
)
def test_measurements_are_not_asked_about(folder, capsys, name, values):
    rasters.write(folder / "x.tif", values.astype(np.float32))
    assert imported(f"--factor {name}=x.tif", capsys).factor(name).kind == "continuous"


def palette(path, values) -> str:
    rasters.write(path, values)
    with rasterio.open(path, "r+") as file:
        file.write_colormap(1, {i: (i, 90, 255 - i, 255) for i in range(256)})
    return path.name


def test_a_colour_table_is_no_elevation(folder, capsys):
    name = palette(folder / "p.tif", (200 * NOISE).astype(np.uint8))
    told = refused(f"--slope {name}", capsys)
    assert "colour table" in told and "--categorical slope_class" in told
    assert imported(f"--slope {name} --continuous slope", capsys)
    assert imported(f"--factor slope_class={name} --categorical slope_class", capsys)
    assert "colour table" in refused(f"--factor x={name}", capsys)


@pytest.mark.parametrize("name", ["slope", "aspect", "curvature"])
def test_a_known_factor_cut_into_classes_is_refused(folder, capsys, name):
    rasters.write(folder / "x.tif", np.floor(1 + 5 * NOISE).astype(np.uint8))
    told = refused(f"--{name} x.tif", capsys)
    assert "holds only 1, 2, 3, 4, 5" in told and f"{name}_class=x.tif" in told
    imported(f"--{name} x.tif --continuous {name}", capsys)
    imported(f"--factor {name}_class=x.tif --categorical {name}_class", capsys)


BAD = {
    "--factor x=x.tif --continuous y": "no factor of this import",
    "--factor x=x.tif --continuous x --categorical x": "leave one out",
    "--lithology x.tif --continuous lithology": "which is categorical",
}


@pytest.mark.parametrize("options", BAD)
def test_contradictions_are_one_sentence(folder, capsys, options):
    rasters.write(folder / "x.tif", CODES)
    assert BAD[options] in refused(options, capsys)


def dbf(path, columns: dict[str, list], encoding: str = "utf-8") -> None:
    """A dBASE table, by hand, of words of at most 20 bytes."""
    names, rows = list(columns), list(zip(*columns.values()))
    head = struct.pack("<B3xIHH20x", 3, len(rows), 33 + 32 * len(names), 1 + 20 * len(names))
    fields = [struct.pack("<11sc4xBB14x", n.encode(encoding), b"C", 20, 0) for n in names]
    texts = [b" " + b"".join(str(v).encode(encoding).ljust(20) for v in row) for row in rows]
    path.write_bytes(head + b"".join(fields) + b"\r" + b"".join(texts) + b"\x1a")


ROCKS = ["granite", "schist", "marl"]
PAM = (
    '<PAMDataset><PAMRasterBand band="1"><CategoryNames>{names}</CategoryNames>{table}'
    "</PAMRasterBand></PAMDataset>"
)
RAT = (
    "<GDALRasterAttributeTable><FieldDefn><Name>Value</Name></FieldDefn><FieldDefn>"
    "<Name>Class_Name</Name></FieldDefn>{rows}</GDALRasterAttributeTable>"
)


def legend(scene: store.Scene) -> dict:
    return scene.factor("lithology").legend


def test_names_come_from_the_table_beside_the_raster(folder, capsys):
    rasters.write(folder / "l.tif", CODES)
    columns = {"VALUE": [10, 20, 50], "COUNT": [1, 2, 3], "LITHO": ROCKS, "AGE": ["K", "J", "T"]}
    dbf(folder / "l.tif.vat.dbf", columns)
    scene = imported("--lithology l.tif", capsys)
    assert legend(scene) == {"10": "granite", "20": "schist", "50": "marl"}
    assert any("'l.tif.vat.dbf', column 'LITHO' (there are AGE too)" in n for n in scene.notes)
    chinese = {"Value": [10, 20, 50], "名称": ["花岗岩", "片岩", "泥灰岩"]}
    for encoding in ("utf-8", "gb18030"):
        dbf(folder / "l.tif.vat.dbf", chinese, encoding)
        assert legend(imported("--lithology l.tif", capsys))["10"] == "花岗岩"


def test_names_come_from_gdals_side_car(folder, capsys):
    rasters.write(folder / "l.tif", CODES)
    rows = "".join(f"<Row><F>{c}</F><F>{n}</F></Row>" for c, n in zip((10, 20, 50), ROCKS))
    car = folder / "l.tif.aux.xml"
    car.write_text(PAM.format(names="", table=RAT.format(rows=rows)))
    assert legend(imported("--lithology l.tif", capsys))["20"] == "schist"
    listed = "".join(f"<Category>c{i}</Category>" for i in range(51))
    car.write_text(PAM.format(names=listed, table=""))
    scene = imported("--lithology l.tif", capsys)
    assert legend(scene) == {"10": "c10", "20": "c20", "50": "c50"}
    assert any("names of classes are read from 'l.tif.aux.xml'" in n for n in scene.notes)


def test_a_factor_whose_classes_have_names_holds_classes(folder, capsys):
    rasters.write(folder / "x.tif", CODES, **BESIDE)
    dbf(folder / "x.tif.vat.dbf", {"VALUE": [10, 20, 50], "NAME": ROCKS})
    scene = imported("--factor x=x.tif", capsys)
    assert scene.factor("x").legend == {"10": "granite", "20": "schist", "50": "marl"}


def test_a_hostile_or_damaged_side_car_names_nothing(folder):
    rasters.write(folder / "l.tif", CODES)
    raster = open_band(Source(str(folder / "l.tif")))
    car = folder / "l.tif.aux.xml"
    bomb = '<!DOCTYPE a [<!ENTITY b "x">]><PAMDataset>&b;</PAMDataset>'
    for text in (bomb, "<PAMDataset><PAMRaster", "", PAM.format(names="", table="")):
        car.write_text(text)
        assert class_names.find(raster) is None
    car.unlink()
    good = folder / "good.dbf"
    dbf(good, {"VALUE": [10, 20], "NAME": ["a", "b"]})
    whole = good.read_bytes()
    for length in range(0, len(whole), 7):
        (folder / "l.tif.vat.dbf").write_bytes(whole[:length])
        found = class_names.find(raster)
        assert found is None or set(found.names.values()) <= {"a", "b"}
    for at in range(0, 96):
        (folder / "l.tif.vat.dbf").write_bytes(whole[:at] + b"\xff" + whole[at + 1 :])
        class_names.find(raster)


QML = "<qgis><pipe><rasterrenderer>{entries}</rasterrenderer></pipe></qgis>"
ENTRY = '<paletteEntry value="{}" label="{}" color="{}"/>'
COLOURS = {"10": "#aa0000", "20": "#00aa00", "50": "#0000aa"}
_CODES = (10, 20, 50)
_STYLES = list(zip(_CODES, ROCKS, COLOURS.values()))
SAID_BESIDE = {
    "l.qml": QML.format(entries="".join(ENTRY.format(*each) for each in _STYLES)),
    "l.tif.clr": "10 170 0 0 granite\n20 0 170 0 schist\n50 0 0 170 marl\n99 1 2 3 nowhere\n",
    "l.csv": "value,name,colour\n" + "".join(f"{c},{n},{h}\n" for c, n, h in _STYLES),
    "l.tif.aux.xml": PAM.format(
        names="",
        table="<GDALRasterAttributeTable>"
        + "".join(
            f"<FieldDefn><Name>{n}</Name></FieldDefn>"
            for n in ("Value", "Class_Name", "Red", "Green", "Blue")
        )
        + "".join(
            f"<Row><F>{c}</F><F>{n}</F>"
            + "".join(f"<F>{int(h[i : i + 2], 16)}</F>" for i in (1, 3, 5))
            + "</Row>"
            for c, n, h in _STYLES
        )
        + "</GDALRasterAttributeTable>",
    ),
}


@pytest.mark.parametrize("file", SAID_BESIDE)
def test_names_and_colours_beside_the_raster_are_read_without_asking(folder, capsys, file):
    rasters.write(folder / "l.tif", CODES)
    (folder / file).write_text(SAID_BESIDE[file])
    scene = imported("--lithology l.tif", capsys, drawn=True)
    item = scene.factor("lithology")
    assert item.legend == dict(zip(COLOURS, ROCKS)) and item.colours == COLOURS
    assert layers.class_colours(scene, "lithology") == COLOURS
    notes = " ".join(scene.notes)
    assert f"lithology: names of classes are read from '{file}'" in notes
    assert f"lithology: colours of classes are read from '{file}'" in notes
    # Named otherwise later, then imported anew: nothing of before is left.
    class_looks.keep(scene, "lithology", {"10": "slate"}, {"10": "#123456"})
    (folder / file).unlink()
    item = imported("--lithology l.tif", capsys).factor("lithology")
    assert (item.legend["10"], item.names, item.colours) == ("10", None, None)


def test_a_table_of_measurements_beside_the_raster_is_none_of_classes(folder, capsys):
    rasters.write(folder / "l.tif", CODES)
    for text in ("id,x,y\n10,27.1,102.2\n20,27.2,102.3\n", "10,a\n10,b\n", "a,b\nc,d\n10,e\n"):
        (folder / "l.csv").write_text(text)
        assert legend(imported("--lithology l.tif", capsys))["10"] == "10"


def test_files_of_a_mosaic_mean_the_same_by_a_code(folder, capsys):
    for name, words in (("a", ROCKS), ("b", ["granite", "marl", "schist"])):
        rasters.write(folder / f"{name}.tif", CODES)
        dbf(folder / f"{name}.tif.vat.dbf", {"VALUE": [10, 20, 50], "NAME": words})
    assert "mean different classes by 20" in refused("--lithology a.tif,b.tif", capsys)


def test_too_many_classes_are_refused_at_once_with_a_cure_that_fits(folder, capsys):
    rasters.write(folder / "x.tif", (ROWS * SIZE + COLUMNS).astype(np.uint16))
    told = refused("--lithology x.tif", capsys)
    assert "more than 256" in told and "--categorical" not in told and "group them" in told
    assert "leave --categorical out" in refused("--factor x=x.tif --categorical x", capsys)
    x, y = rasters.X, rasters.Y
    cells = [
        box(x + 40 * i, y - 40 * j - 40, x + 40 * i + 40, y - 40 * j)
        for i in range(20)
        for j in range(20)
    ]
    symbols, ages = [f"S{i:03}" for i in range(400)], [f"A{i % 5}" for i in range(400)]
    rasters.write_polygons(folder / "m.gpkg", cells, SYMBOL=symbols, AGE=ages)
    told = refused("--lithology m.gpkg:SYMBOL", capsys)
    assert "m.gpkg:AGE (5 classes)" in told and "--categorical" not in told
    assert len(legend(imported("--lithology m.gpkg:AGE", capsys))) == 5


def test_many_classes_beyond_the_scene_do_not_matter(folder, capsys):
    x, y = rasters.X, rasters.Y
    near = [box(x, y - 900, x + 450, y), box(x + 450, y - 900, x + 900, y)]
    far = [box(x + 5000 + i, y, x + 5001 + i, y + 1) for i in range(300)]
    rasters.write_polygons(folder / "m.gpkg", near + far, unit=[f"u{i}" for i in range(302)])
    assert len(legend(imported("--lithology m.gpkg:unit", capsys))) == 2


def test_an_attribute_that_is_no_class_is_refused_by_the_dry_run_too(folder, capsys):
    square = box(rasters.X, rasters.Y - 900, rasters.X + 900, rasters.Y)
    rasters.write_polygons(folder / "m.gpkg", [square], depth=[1.5])
    assert "is not a class" in refused("--lithology m.gpkg:depth", capsys)
    rasters.write(folder / "x.tif", NOISE)
    assert "class codes are whole numbers" in refused("--lithology x.tif", capsys)


def item(name: str, kind: str, count: int) -> store.SceneFactor:
    names = {str(i): str(i) for i in range(count)}
    return store.SceneFactor(
        name=name,
        kind=kind,
        unit="",
        source="",
        valid_share=1.0,
        legend=names or None,
        minimum=0.0,
        maximum=float(max(count - 1, 1)),
    )


def test_the_sentence_on_coding_says_where_classes_stay_amounts():
    few, many = item("lithology", "categorical", 5), item("soil", "categorical", 200)
    matrix = {"correlation": {"matrix": [[1.0]]}}
    both = {"paper": matrix, "recommended": matrix}
    assert "recommended coding takes Lithology as classes" in whatif.difference(both, [few])
    told = whatif.difference(both, [many])
    assert "too many classes" in told and "takes Soil as classes" not in told


def test_names_that_speak_of_classes():
    assert classes.speaks("LULC_2020") and classes.speaks("岩性")
    assert not classes.speaks("soil_depth") and not classes.speaks("rainfall")
