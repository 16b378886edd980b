"""The map's modules for what is shown where: choices, legend, curves, geometry, the address."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from core.maps import bookmark, combined
from tests.modules import chromium, modules  # noqa: F401

pytestmark = pytest.mark.browser

RULES = {name: rule.to_json() for name, rule in combined.RULES.items()}
COLOURS = {"left": "#0072B2", "right": "#D55E00", "reference": "#CC79A7"}
SETUP = {"rules": RULES, "colours": COLOURS, "reference": {"url": "ref", "kind": "mask"}}
# Makes `choices` of `given`: {setup, state, sides}, and answers `ask`.
CHOICES = """
  const { Choices } = await load("choices");
  const choices = new Choices(given.setup, given.state);
  choices.sides = given.sides;
  return %s;
"""


def side(name: str, kind: str = "probability") -> dict:
    layer = {"id": name, "title": name, "kind": kind, "url": f"tiles/{name}", "classes": []}
    return {"id": name, "title": name.upper(), "layer": layer}


def chosen(modules, ask: str, setup=SETUP, **state):  # noqa: F811
    usual = {"left": side("run:1"), "right": side("run:2"), "third": "", "fourth": "", "one": ""}
    usual |= {"leftStyle": "probability", "rightStyle": "probability"}
    others = [side("slope", "continuous"), side("agreement", "count"), side("run:3")]
    given = {"setup": setup, "state": usual | state, "sides": others}
    return modules.run(CHOICES % ask, given)


def test_parts_that_nobody_chose_show_gained_and_agreement(modules):  # noqa: F811
    ask = '["third", "fourth", "one"].map((slot) => choices.of(slot).id)'
    assert chosen(modules, ask) == ["gained", "agreement", "right"]
    assert chosen(modules, ask, fourth="slope")[1] == "slope"
    assert chosen(modules, ask, third="deleted", one="deleted") == ["gained", "agreement", "right"]


def test_errors_are_offered_where_there_is_a_reference(modules):  # noqa: F811
    ids = "choices.list().map(([id]) => id)"
    made = ["gained", "errors:left", "errors:right"]
    assert chosen(modules, ids)[2:5] == made
    assert chosen(modules, ids, left=side("slope", "continuous"))[2:4] == ["errors:right", "slope"]
    assert chosen(modules, ids, setup={**SETUP, "reference": None})[2:4] == ["gained", "slope"]


def test_a_side_is_shown_as_probability_mask_or_errors(modules):  # noqa: F811
    ask = "(({ layer, fill }) => [layer.id, fill])(choices.of('left'))"
    assert chosen(modules, ask) == ["run:1", None]
    assert chosen(modules, ask, leftStyle="mask") == ["run:1", COLOURS["left"]]
    assert chosen(modules, ask, leftStyle="errors") == ["errors", None]


def test_number_keys_go_through_the_talk(modules):  # noqa: F811
    talk = chosen(modules, "choices.talk().map(({ id }) => id)")
    assert talk == ["left", "right", "gained", "errors:left", "errors:right", "agreement", "slope"]


def test_the_pointer_asks_for_the_runs_that_are_part_of_what_is_shown(modules):  # noqa: F811
    # Shown as it is a probability is read from the map: one figure a pixel.
    assert chosen(modules, "choices.runs(['left'])") == []
    assert chosen(modules, "choices.runs(['left'])", leftStyle="errors") == ["1"]
    assert chosen(modules, "choices.runs(['left', 'third'])") == ["2"]
    assert chosen(modules, "choices.runs(['third'])") == ["1", "2"]
    assert chosen(modules, "choices.runs(['one'])", one="agreement") == ["3"]


def test_equal_layers_share_an_entry_of_the_legend(modules):  # noqa: F811
    entries = modules("entries").entries
    views = [{"where": w, "layer": side(w)["layer"], "fill": None} for w in ("left", "right")]
    (entry,) = entries(views)
    assert entry["sides"] == ["left", "right"]
    assert modules("entries").title(entry) == "Probability"
    flat = entries([{**view, "fill": COLOURS[view["where"]]} for view in views])
    assert [e["sides"] for e in flat] == [["left"], ["right"]]
    assert modules("entries").title(flat[0]) == "Predicted mask"


def test_a_legend_lists_what_is_drawn_and_counts_the_rest(modules):  # noqa: F811
    classes = modules("entries").classes
    change = {"kind": "change", "classes": RULES["gained"]["classes"]}
    found = classes(change, 0.5)
    assert found["shown"][0] == [2, "landslide, found by both", 1] and found["more"] == 0
    many = {"kind": "categorical", "classes": [[v, str(v)] for v in range(1, 16)]}
    found = classes(many, 0.5)
    assert (len(found["shown"]), found["more"]) == (12, 3)


def test_a_ramp_is_named_at_both_ends_and_in_the_middle(modules):  # noqa: F811
    ends = modules("entries").ends
    rate = {"kind": "continuous", "lo": -80, "hi": 80, "unit": "mm/yr"}
    assert ends(rate) == ["−80", "0", "80\u2009mm/yr"]
    assert ends({**rate, "kind": "grey"}) == ["in shade", "lit"]


def test_a_curve_ends_where_nothing_is_predicted_any_longer(modules):  # noqa: F811
    scored = {"recall": [1, 0.5, 0], "precision": [0.1, 0.8, 0], "fpr": [1, 0.25, 0]}
    found = modules.run(
        'const { PLOTS, path } = await load("curves"); return PLOTS.map((p) => path(given, p));',
        scored,
    )
    assert found == ["100,90 50,20", "100,0 25,50 0,100"]
    assert modules("curves").path(None, {"title": "PR", "x": "recall", "y": "precision"}) == ""


def test_a_row_of_scores_says_what_right_gains(modules):  # noqa: F811
    row = modules("curves").row
    left, right = {"f1": [0.5, 0.6]}, {"f1": [0.5, 0.75]}
    assert row([left, right], "f1", 1) == ["0.600", "0.750", "+15.0"]
    assert row([None, right], "f1", 1) == ["–", "0.750", ""]


def test_each_side_of_the_swipe_paints_its_tiles_first(modules):  # noqa: F811
    script = """
      const { inSight } = await load("clip");
      const frame = { min: { x: 0, y: 0 }, max: { x: 1024, y: 256 } };
      const tiles = [0, 1, 2, 3].map((x) => ({ x, y: 0 }));
      const outside = { x: 0, y: 1 };
      return [[0, given], [given, 1]].map((shares) => {
        const seen = inSight(frame, shares);
        return [...tiles.map(seen), seen(outside)];
      });
    """
    left, right = modules.run(script, 0.4)  # the line runs through the second tile
    assert left == [True, True, False, False, False]
    assert right == [False, True, True, True, False]


def test_names_keep_out_of_the_corners(modules):  # noqa: F811
    labels = modules("clip").labels
    assert labels(1000, 0.5, 200) == [{"inset": 0, "width": 250}, {"inset": 0, "width": 250}]
    left, _ = labels(1000, 0.9, 200)  # the line lies under the settings
    assert left["inset"] == pytest.approx(100)
    _, right = labels(1000, 0.01, 200)  # beside the zoom buttons
    assert right["inset"] == pytest.approx(32)


def test_every_mode_says_what_is_seen_and_named(modules):  # noqa: F811
    seen, named = modules("modes").seen, modules("modes").named
    modes = modules.run('return Object.keys((await load("modes")).MODES);')
    assert tuple(modes) == bookmark.MODES
    assert [seen(mode, "right") for mode in modes] == [
        ["left", "right"],
        ["left"],
        ["right"],
        ["one"],
    ]
    assert named("swipe", "left") == [] and named("blink", "left") == ["left"]


def test_a_pixel_grid_has_its_own_zoom_levels(modules):  # noqa: F811
    zoom = modules("zoom")
    earth, pixels = ({"georeferenced": g, "zoom": z} for g, z in ((True, 14), (False, 3)))
    assert (zoom.native(earth), zoom.native(pixels)) == (14, 0)
    assert zoom.limits(pixels) == {"minZoom": -5, "maxZoom": 4}
    assert zoom.numbering(earth) == {"maxNativeZoom": 14}
    assert zoom.numbering(pixels)["zoomOffset"] == 3


def test_outlines_thin_out_and_go_under_the_masks_from_far_away(modules):  # noqa: F811
    earth, outlined = {"georeferenced": True, "zoom": 14}, modules("zoom").outlined
    near, middle, far, farthest = (outlined(zoom, earth, True) for zoom in (14, 13, 12, 6))
    assert near == {"ink": 1.4, "halo": 3.6, "opacity": 1, "over": True}
    assert near["ink"] > middle["ink"] > far["ink"] > farthest["ink"] == 0.4
    assert middle["over"] and middle["halo"] < near["halo"]
    assert (far["halo"], far["over"], farthest["over"]) == (0, False, False)
    assert outlined(-2, {"georeferenced": False, "zoom": 3}, True) == far
    # Under a layer that covers the ground a line would be lost.
    assert outlined(12, earth, False) == {**far, "over": True}
    sparse = modules("shades").sparse
    assert sparse({"kind": "mask"}) and not sparse({"kind": "continuous"})


def test_a_long_strip_opens_at_its_beginning(modules):  # noqa: F811
    whole = modules("extent").whole
    strip = {"bounds": [[-10, 0], [0, 4000]], "georeferenced": False}
    assert whole(strip) == [[-10, 0], [0, 64]]
    assert whole({**strip, "georeferenced": True}) == strip["bounds"]
    square = {"bounds": [[-100, 0], [0, 100]], "georeferenced": False}
    assert whole(square) == square["bounds"]


def test_the_address_holds_what_is_not_the_usual_and_the_server_reads_it(modules):  # noqa: F811
    usual = {"third": "", "fourth": "", "one": "", "leftStyle": "probability", "base": "hill-shade"}
    usual |= {"rightStyle": "probability", "opacity": 0.85, "outlines": True, "threshold": 0.5}
    about = {"state": usual, "mode": "swipe", "usualBase": "hill-shade", "share": 0.5}
    values = modules("view").parameters({**about, "place": None})
    address = modules("view").written("http://localhost/map?scene=s&mode=one", values)
    assert address == "http://localhost/map?scene=s&threshold=0.5"
    moved = {**about, "state": {**usual, "base": "", "outlines": False, "opacity": 0.6}}
    moved |= {"mode": "grid", "share": 0.25, "place": {"lat": 27.27, "lng": 102.39, "zoom": 15}}
    address = modules("view").written(address, modules("view").parameters(moved))
    view = bookmark.read(dict(parse_qsl(urlsplit(address).query)), 0.5)
    assert (view.mode, view.base, view.outlines, view.opacity) == ("grid", "", False, 0.6)
    assert (view.swipe, view.at) == (0.25, (27.27, 102.39, 15))


def test_an_outline_is_whole_when_every_ring_encloses_something(modules):  # noqa: F811
    rings = modules("rings")
    a, b, c = ({"lat": lat, "lng": lng} for lat, lng in ((0, 0), (0, 2), (2, 2)))
    assert rings.complete([[a, b, c]]) and not rings.complete([[a, b]]) and not rings.complete([])
    assert rings.between([a, b, c], 2) == {"lat": 1, "lng": 1}  # the last one joins the first
    assert not rings.spare([a, b, c], False) and rings.spare([a, b, c], True)
    assert rings.plain([[[a, b, c]]]) == [[[[0, 0], [0, 2], [2, 2]]]]


def test_a_place_keeps_most_of_its_map_also_where_the_map_is_one_of_four(modules):  # noqa: F811
    whole = modules("place").padding({"x": 1200, "y": 600})
    assert whole == {"paddingTopLeft": [60, 40], "paddingBottomRight": [60, 200]}
    quarter = modules("place").padding({"x": 600, "y": 240})
    (left, top), (right, bottom) = quarter["paddingTopLeft"], quarter["paddingBottomRight"]
    assert left + right < 600 / 2
    assert top + bottom < 240 / 2


# Two layers that are loading; `given`: what happens to each. Answers whether the words are gone
# after each step.
WAITING = """
  const { Waiting } = await load("waiting");
  const frame = { dataset: {} };
  Object.defineProperty(window, "frameElement", { value: frame, configurable: true });
  const layer = () => ({
    on: {},
    isLoading: () => true,
    once(name, act) { this.on[name] = act; return this; },
  });
  const slots = [{ current: layer() }, { current: layer() }, { current: null }];
  new Waiting().watch(slots);
  const gone = ["drawn" in frame.dataset];
  given.forEach((name, i) => { slots[i].current.on[name](); gone.push("drawn" in frame.dataset); });
  delete window.frameElement;
  return gone;
"""


@pytest.mark.parametrize("second", ["load", "remove"])
def test_words_leave_the_map_when_its_layers_are_there_or_were_changed(modules, second):  # noqa: F811
    """Who chooses another view before the first tiles came was left with the words for good."""
    assert modules.run(WAITING, ["load", second]) == [False, False, True]
