"""A figure of maps: its size, its letters, what it refuses."""

import re

import numpy as np
import pytest
from PIL import Image

from core.errors import SlideScopeError
from core.manuscript import drawing, layout, store, view
from core.manuscript.picture import Picture
from core.manuscript.request import FigureRequest
from core.workflows import run
from tests import tiny

PANELS = ("reference", "probability", "mask", "errors", "slope", "lithology")


@pytest.fixture(scope="module")
def made(built, tmp_path_factory):
    """The figure of six maps, drawn once for all that is asked of it."""
    out = tmp_path_factory.mktemp("figure") / "one"
    inset = (102.376, 27.268, 102.388, 27.278)
    request = FigureRequest("tiny", PANELS, str(out), dpi=150, width=120, inset=inset)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLIDESCOPE_WORKSPACE", str(built))
        return run(request, lambda *told: None), out


def test_the_picture_has_the_size_and_dots_that_are_asked_for(made):
    told, out = made
    with Image.open(out / "figure.png") as image:
        assert image.size[0] == round(120 / 25.4 * 150)
        assert image.size[1] == pytest.approx(told["height_mm"] / 25.4 * 150, abs=1)
        assert image.info["dpi"] == pytest.approx((150, 150), abs=0.02)
        assert len(image.convert("RGB").getcolors(10**6)) > 1000  # maps, not empty frames


def test_letters_of_the_drawing_stay_text(made):
    told, out = made
    svg = (out / "figure.svg").read_text("utf-8")
    words = re.findall(r"<text[^>]*>([^<]+)<", svg)
    assert "(a) Reference inventory" in words and "1 km" in words and "N" in words
    assert "sandstone" in words and "27°16′N" in words and "hit (TP)" in words
    letters = {text[:3] for text in words if text.startswith("(")}
    assert letters == {f"({letter})" for letter in "abcdef"}
    assert told["font"] in svg


def test_the_pdf_opens_as_a_page_of_that_width(made):
    _, out = made
    data = (out / "figure.pdf").read_bytes()
    assert data.startswith(b"%PDF-") and data.rstrip().endswith(b"%%EOF")
    table = int(data.rsplit(b"startxref", 1)[1].split()[0])
    assert data[table : table + 4] == b"xref"  # where a reader begins
    (width,) = re.findall(rb"/MediaBox \[ 0 0 ([\d.]+) ", data)
    assert float(width) == pytest.approx(120 / 25.4 * 72, abs=0.5)
    assert b"/FontFile2" in data  # letters are embedded, not drawn as lines


def test_what_it_shows_is_said_in_a_caption(made):
    told, out = made
    assert told["caption"].startswith("(a) reference inventory; (b) probability, FCADenseNet RS")
    assert "at a threshold of 0.5" in told["caption"] and "EPSG:32648" in told["caption"]
    assert "a synthetic scene" in told["caption"]
    assert store.read(out, store.FIGURE)["files"] == ["figure.png", "figure.svg", "figure.pdf"]


def test_errors_of_a_map_are_those_of_its_masks(tiny_scene, tiny_runs):
    """At the scene's own resolution every pixel is counted as the scores count it."""
    whole = view.view(tiny_scene, view.window_of(tiny_scene, None), (9999, 9999))
    measured = tiny_runs[0].metrics()
    codes = view.errors(whole, tiny_runs[0], 0.5)
    mask = view.predicted(whole, tiny_runs[0], 0.5)
    truth = view.reference(whole)
    assert np.array_equal(codes == 3, mask & truth) and np.array_equal(codes == 1, mask & ~truth)
    assert (codes == 3).sum() >= measured["tp"]  # of all tiles, not the held-out ones alone
    small = view.view(tiny_scene, view.window_of(tiny_scene, None), (64, 96))
    blocks = truth.reshape(64, 4, 96, 4).max((1, 3))
    assert np.array_equal(view.reference(small), blocks)


def test_six_maps_fit_a_page(tiny_scene):
    pictures = [Picture(np.zeros((2, 2, 3)), patches=(("#000000", "words"),) * 3)] * 6
    plan = layout.layout(180, 3, 3.0, ["(a) A title"] * 6, pictures)
    assert plan.height <= layout.TALLEST + 0.1
    for place in plan.places:
        assert place.left >= 0 and place.left + place.width <= 180.1 and place.bottom >= 0
    plan = layout.layout(180, 3, 0.5, ["(a) A title"] * 5, pictures[:5])
    # The last map of each column has the longitudes.
    assert [place.labels_below for place in plan.places] == [False, False, True, True, True]


REFUSED = {
    "nonsense": ("Unknown map 'nonsense'", {"panels": ("nonsense",)}),
    "no such run": ("No run", {"panels": ("mask:nobody",)}),
    "elsewhere": ("holds 0 x 0 pixels", {"extent": (0.0, 0.0, 1.0, 1.0)}),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_drawn_is_one_sentence(tiny_runs, tmp_path, case):
    words, asked = REFUSED[case]
    request = FigureRequest("tiny", out=str(tmp_path / "out"), **asked)
    with pytest.raises(SlideScopeError, match=words):
        run(request, lambda *told: None)
    assert not (tmp_path / "out").exists()


def test_seven_maps_and_foreign_files_are_refused(tiny_runs, tmp_path):
    with pytest.raises(SlideScopeError, match="up to 6"):
        FigureRequest("tiny", panels=("slope",) * 7)
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(SlideScopeError, match=r"holds other files \('thesis.tex'\)"):
        store.check_folder(tmp_path, store.FIGURE)


def test_a_scene_without_a_place_has_no_graticule(workspace, tmp_path):
    tiny.scene("plain", grid=tiny.PIXEL_GRID)
    out = tmp_path / "out"
    told = run(FigureRequest("plain", ("slope",), str(out), format=("svg",), dpi=72), print)
    assert any("no coordinate reference system" in note for note in told["notes"])
    svg = (out / "figure.svg").read_text("utf-8")
    assert "°" in svg and "′N" not in svg and ">N<" not in svg  # the unit of the slope alone


def test_a_pdf_calls_no_postscript_font_a_truetype_one(tmp_path):
    """Readers refuse a font that is embedded as what it is not."""
    collection = tmp_path / "song.ttc"
    collection.write_bytes(b"ttcf" + bytes(8) + (16).to_bytes(4, "big") + b"OTTO")
    plain = tmp_path / "plain.ttf"
    plain.write_bytes(b"\0\1\0\0" + bytes(8))
    assert drawing._is_postscript(collection) and not drawing._is_postscript(plain)


def test_the_font_that_was_used_instead_is_named():
    found, _ = drawing.lettered("Nonesuch Sans")
    assert found.note == (
        f"Nonesuch Sans is not installed here: the figure is lettered in {found.families[0]}."
    )
