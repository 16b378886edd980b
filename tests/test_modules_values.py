"""The map's modules for values and colours say what the same rules of the server say."""

import numpy as np
import pytest

from core import numerals
from core.display import bins
from core.maps import changes, colours, combined
from tests.modules import chromium, modules  # noqa: F401

pytestmark = pytest.mark.browser

# Made of `given`: {layer, parts, threshold}, each part the first values of a tile.
COMBINE = """
  const { combine } = await load("combined");
  const whole = given.parts.map((first) => {
    const tile = new Uint8Array(65536);
    tile.set(first);
    return tile;
  });
  const into = new Uint8Array(65536);
  combine(given.layer, whole, given.threshold, into);
  return [...into.slice(0, given.parts[0].length + 1)];
"""


def test_numbers_are_written_as_the_server_writes_them(modules):  # noqa: F811
    for value, span in [(-12345.678, 20000), (0.1234, 1), (-0.001, 10), (1234567, 99), (7.26, 5)]:
        assert modules("numbers").number(value, span) == numerals.number(value, span)


def test_a_unit_follows_after_a_thin_space_and_degrees_at_once(modules):  # noqa: F811
    unit = modules("numbers").unit
    assert [unit("m"), unit("°"), unit("")] == ["\u2009m", "°", ""]


def test_a_gain_always_has_its_sign(modules):  # noqa: F811
    points = modules("numbers").points
    assert [points(0.1234), points(-0.1234), points(0)] == ["+12.3", "−12.3", "+0.0"]


def test_lines_and_areas_are_as_long_and_as_large_as_the_server_says(modules):  # noqa: F811
    from pyproj import Geod

    earth, geodesy = Geod(ellps="WGS84"), modules("geodesy")
    for lat, lng in ((27.27, 102.4), (-60.0, -179.99), (0.0, 5.0)):
        ring = [
            (lat, lng),
            (lat + 0.2, lng + 0.01),
            (lat + 0.1, lng + 0.3),
            (lat - 0.05, lng + 0.1),
        ]
        lats, lngs = zip(*ring)
        corners = [{"lat": a, "lng": b} for a, b in ring]
        line = geodesy.length(corners, True)
        assert line == pytest.approx(earth.line_length(lngs, lats), rel=1e-4)
        area = abs(earth.polygon_area_perimeter(lngs, lats)[0])
        assert geodesy.area(corners, True) == pytest.approx(area, rel=1e-3)
    box = [{"lat": -r, "lng": c} for r, c in ((40, 20), (40, 100), (100, 100), (100, 20))]
    assert (geodesy.length(box, False), geodesy.area(box, False)) == (220, 4800)


def test_a_length_is_written_in_metres_then_kilometres_an_area_in_hectares(modules):  # noqa: F811
    long, large = modules("geodesy").long, modules("geodesy").large
    words = [long(412.4, True), long(3421, True), large(2310, True), large(231_000, True)]
    words += [large(2_310_000, True), long(80, False), large(4800, False)]
    assert [w.replace("\u2009", " ") for w in words] == [
        *("412 m", "3.42 km", "0.231 ha", "23.1 ha", "2.31 km²", "80.0 px", "4 800 px²"),
    ]


def test_a_threshold_counts_from_the_bin_that_the_server_counts_from(modules):  # noqa: F811
    thresholds = [n / 200 for n in range(201)]
    found = modules.run(
        'const { firstBin } = await load("bins"); return given.map(firstBin);', thresholds
    )
    assert found == [bins.first_bin(t) for t in thresholds]


def test_a_palette_is_what_the_server_packed(modules):  # noqa: F811
    names = (colours.PROBABILITY, colours.GREY)
    asked = {"tables": {name: colours.packed(name) for name in names}, "name": colours.PROBABILITY}
    script = """
      const { Palette } = await load("palette");
      return new Palette(given.tables).colours(given.name);
    """
    found = modules.run(script, asked)
    assert ["#" + bytes(rgb).hex() for rgb in found] == [
        colour.lower() for colour in colours.table(colours.PROBABILITY)
    ]
    assert modules.run(script, {**asked, "name": "none such"})[255] == [255, 255, 255]


def test_a_probability_is_drawn_from_the_threshold_on(modules):  # noqa: F811
    shown = [
        modules("shades").shade({"kind": "probability"}, v, 0.5) >= 0 for v in (0, 1, 100, 101, 200)
    ]
    assert shown == [False, False, False, True, True]
    display = np.array([1, 100, 101, 200], np.uint8)
    assert shown[1:] == bins.to_mask(display, 0.5).astype(bool).tolist()


@pytest.mark.parametrize(
    ("kind", "value", "at"),
    [
        ("continuous", 1, 0),
        ("continuous", 255, 255),
        ("categorical", 3, 2),
        ("mask", 1, -1),
        ("mask", 2, 0),
        ("change", 1, -1),
        ("change", 3, 2),
        ("count", 1, -1),
        ("count", 3, 255),
    ],
)
def test_every_kind_of_layer_has_its_way_to_a_colour(modules, kind, value, at):  # noqa: F811
    layer = {"kind": kind, "classes": [[1, "none"], [2, "1 of 2"], [3, "all 2"]]}
    assert modules("shades").shade(layer, value, 0) == at
    assert modules("shades").shade(layer, 0, 0) == -1  # no data


def test_one_flat_colour_leaves_out_what_is_not_drawn(modules):  # noqa: F811
    found = modules.run(
        """
          const { lookup } = await load("shades");
          const style = { threshold: 0.5, fill: [1, 2, 3] };
          return [...lookup({ kind: "probability" }, style, [])];
        """
    )
    opaque = 0xFF030201  # alpha, blue, green, red
    assert found == [0] * 101 + [opaque] * 100 + [0] * 55


def test_a_value_is_read_with_its_unit_and_says_where_the_ramp_ends(modules):  # noqa: F811
    read = modules("reading").read
    slope = {"kind": "continuous", "lo": 0, "hi": 60, "unit": "°", "classes": []}
    assert [read(slope, v) for v in (None, 0, 1, 128, 255)] == [
        "–",
        "no data",
        "≤ 0°",
        "30°",
        "≥ 60°",
    ]
    assert read({**slope, "kind": "circular"}, 255) == "60°"
    assert read({"kind": "probability"}, 101) == "p 0.500"
    lithology = {"kind": "categorical", "classes": [[1, "shale"], [2, "chert"]]}
    assert [read(lithology, v) for v in (2, 3)] == ["chert", "–"]


def test_a_place_is_read_in_degrees_or_as_a_pixel(modules):  # noqa: F811
    where = modules("reading").where
    assert where({"lat": 27.25, "lng": -102.5}, True) == "27.25000° N, 102.50000° W"
    assert where({"lat": -3.5, "lng": 7.9}, False) == "row 3, column 7"


def test_errors_gained_and_lost_are_those_of_the_server(modules):  # noqa: F811
    answers = np.array([(b, a, r) for r in (0, 1) for b in (0, 1) for a in (0, 1)], bool)
    before, after, reference = answers.T
    probability = [np.where(side, 101, 100).tolist() for side in (before, after)]
    mask = np.where(reference, 2, 1).tolist()
    kinds = [{"kind": "probability"}, {"kind": "probability"}, {"kind": "mask"}]

    def made(rule, parts, kinds):
        layer = {**combined.RULES[rule].to_json(), "parts": kinds}
        return modules.run(COMBINE, {"layer": layer, "parts": parts, "threshold": 0.5})

    gained = made("gained", [*probability, mask], kinds)
    assert gained[:-1] == changes.classes(reference, before, after).tolist()
    errors = made("errors", [probability[1], mask], kinds[1:])
    assert errors[:-1] == np.array([[1, 3], [4, 2]])[reference * 1, after * 1].tolist()
    assert gained[-1] == errors[-1] == 0  # the value after those is no data


def test_agreement_counts_those_that_say_yes(modules):  # noqa: F811
    layer = {"rule": "count", "parts": [{"kind": "probability"}] * 3}
    parts = [[1, 200, 200, 200], [1, 1, 200, 200], [1, 1, 200, 0]]
    found = modules.run(COMBINE, {"layer": layer, "parts": parts, "threshold": 0.5})
    assert found == [1, 2, 4, 0, 0]


def test_gained_is_only_a_difference_where_no_reference_is_known(modules):  # noqa: F811
    rules = {name: rule.to_json() for name, rule in combined.RULES.items()}
    left, right = ({"url": side, "kind": "probability"} for side in ("a", "b"))
    setup = {"rules": rules, "reference": {"url": "r", "kind": "mask"}}
    known = modules("combined").gained(setup, left, right)
    assert (known["title"], known["url"]) == ("Gained and lost", "gained a b r")
    unknown = modules("combined").gained({**setup, "reference": None}, left, right)
    assert (unknown["title"], unknown["url"]) == ("Difference of the masks", "gained a b")


def test_hatched_pixels_are_those_of_the_server(modules):  # noqa: F811
    found = modules.run(
        """
          const { HATCH, hatch } = await load("hatch");
          const { pixel } = await load("shades");
          const colours = new Uint32Array(65536);
          const values = new Uint8Array(65536).fill(3, 128 * 256);
          hatch({ hatched: [3] }, values, colours);
          const [ink, ...others] = [...new Set(colours)].filter(Boolean);
          return { lines: [...colours].map(Boolean), ink, others, wanted: pixel(HATCH.ink) };
        """
    )
    lines = np.array(found["lines"]).reshape(256, 256)
    assert not lines[:128].any()
    np.testing.assert_array_equal(lines[128:], colours.lines((256, 256))[128:])
    assert (found["ink"], found["others"]) == (found["wanted"], [])
