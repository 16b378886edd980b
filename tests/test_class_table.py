"""Names and colours of classes: read from the files that carry them, shown instead of the codes."""

import json
import struct

import pytest

from core.__main__ import main
from core.analysis import store as analyses
from core.analysis.areas.area import WHOLE as WHOLE_SCENE
from core.errors import SlideScopeError
from core.maps import card, layers
from core.scene import class_looks
from core.scene import store as scenes
from core.scene.files import class_table
from core.scene.files.class_table import ClassTable
from tests.page import visit

WHOLE = ClassTable({1: "shale", 2: "marl"}, {1: "#aa0000", 2: "#0000ff"})


def dbf(columns: dict[str, int], rows: list[tuple]) -> bytes:
    width = 1 + sum(columns.values())
    head = struct.pack("<BBBBIHH20x", 3, 126, 1, 1, len(rows), 33 + 32 * len(columns), width)
    for name, size in columns.items():
        head += struct.pack("<11sc4xB15x", name.encode(), b"C", size)
    body = b"".join(
        b" " + b"".join(str(v).ljust(n).encode() for v, n in zip(row, columns.values()))
        for row in rows
    )
    return head + b"\r" + body


COLUMNS = {"Value": 4, "Name": 10, "Red": 4, "Green": 4, "Blue": 4}
ROWS = [(1, "shale", 170, 0, 0), (2, "marl", 0, 0, 255)]
FIELDS = "".join(f"<FieldDefn><Name>{name}</Name></FieldDefn>" for name in COLUMNS)
LINES = "".join(f"<Row>{''.join(f'<F>{v}</F>' for v in row)}</Row>" for row in ROWS)
FILES = {
    "a.csv": b"value,name,colour\n1,shale,#AA0000\n2,marl,#0000ff\n",
    "semicolons.csv": "\ufeffcode;name;r;g;b\n1;shale;170;0;0\n2;marl;0;0;255\n".encode(),
    "a.qml": b"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n<qgis><pipe>"
    b'<paletteEntry value="1" label="shale" color="#aa0000" alpha="255"/>'
    b'<paletteEntry value="2" label="marl" color="#0000ff" alpha="255"/></pipe></qgis>',
    "a.clr": b"1 170 0 0 shale\n2 0 0 255 marl\n",
    "a.vat.dbf": dbf(COLUMNS, ROWS),
    "a.aux.xml": f"<PAMDataset><PAMRasterBand band='1'><GDALRasterAttributeTable>{FIELDS}{LINES}"
    "</GDALRasterAttributeTable></PAMRasterBand></PAMDataset>".encode(),
}


@pytest.mark.parametrize("name", FILES)
def test_every_format_says_the_same(tmp_path, name):
    file = tmp_path / name
    file.write_bytes(FILES[name])
    assert class_table.read(file) == WHOLE


@pytest.mark.parametrize(
    "name, data, said",
    [
        ("a.docx", b"x", "is no table of classes that can be read: it is one of .csv"),
        ("a.csv", b"shale,marl\n", "names no class: a line is a whole number, a name"),
        ("a.qml", b"<!DOCTYPE qgis [<!ENTITY a 'b'>]><qgis/>", "names no class"),
        ("a.csv", b"1,shale\n" * 600_000, "has over 4 MB, too much for a table of classes"),
        ("a.csv", b'1,"' + b"x" * 200_000, "names no class"),
        ("a.csv", None, r"cannot be opened \(No such file or directory\)"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, name, data, said):
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(SlideScopeError, match=said):
        class_table.read(tmp_path / name)


def test_the_command_names_and_colours_the_classes(tiny_scene, tmp_path, capsys):
    was, key = tiny_scene.factor("lithology").legend, analyses.key_of(tiny_scene, WHOLE_SCENE)
    first = sorted(was)[0]
    (tmp_path / "rocks.csv").write_text(f"{first},slate,#aa0000\n99,nowhere\n")
    assert main(["scenes", "--classes", "tiny", "lithology", str(tmp_path / "rocks.csv")]) == 0
    scene = scenes.load("tiny")
    item = scene.factor("lithology")
    # Networks go by the legend, which stays; statistics have the names in them.
    assert item.legend == was and scene.fingerprint == tiny_scene.fingerprint
    assert item.called == {**was, first: "slate"}
    assert analyses.key_of(scene, WHOLE_SCENE) != key
    layer = next(each for each in layers.scene_layers(scene) if each.id == "lithology")
    assert layer.classes[0] == (1, "slate")
    assert card.lookup(layer)[1].tolist() == [0xAA, 0, 0, 255]
    assert layers.class_colours(scene, "lithology")[first] == "#aa0000"
    capsys.readouterr()
    assert main(["scenes", "--classes", "tiny", "slope", str(tmp_path / "rocks.csv")]) == 2
    assert "'slope' of scene 'tiny' is measured and has no classes" in capsys.readouterr().err


def test_a_table_of_other_classes_or_a_colour_that_is_none_is_refused(tiny_scene):
    with pytest.raises(
        SlideScopeError, match=r"None of these classes \(77\) is one of 'lithology'"
    ):
        class_looks.keep(tiny_scene, "lithology", {"77": "slate"}, {})
    code = sorted(tiny_scene.factor("lithology").legend)[0]
    with pytest.raises(SlideScopeError, match=r"'reddish' is no colour \(class 1\)"):
        class_looks.keep(tiny_scene, "lithology", {}, {code: "reddish"})
    assert scenes.load("tiny").factor("lithology").colours is None


def test_the_scene_page_keeps_what_is_edited(tiny_scene):
    app = visit("scene")
    assert next(b for b in app.button if b.label == "Keep").disabled
    code = sorted(tiny_scene.factor("lithology").legend)[0]
    app.session_state[f"classes-tiny-{tiny_scene.created}-lithology"] = {
        "edited_rows": {0: {"name": "slate", "colour": "#aa0000"}},
        "added_rows": [],
        "deleted_rows": [],
    }
    app.run()
    next(b for b in app.button if b.label == "Keep").click().run()
    item = scenes.load("tiny").factor("lithology")
    assert (item.names, item.colours) == ({code: "slate"}, {code: "#aa0000"})
    assert json.loads((tiny_scene.path / "scene.json").read_text())["factors"]
