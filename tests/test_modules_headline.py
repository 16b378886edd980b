"""The words of the headline over the map, from figures."""

import pytest

from tests.modules import chromium, modules  # noqa: F401

pytestmark = pytest.mark.browser

THIN = "\u2009"


def figures(landslides: int = 45, found: int = 27, marked: float = 3.1) -> dict:
    return {"landslides": landslides, "found": [found], "marked": [marked]}


def said(modules, left, right, alarms, called=("RS", "RS-DR"), unit="km²"):  # noqa: F811
    told = {"sides": [left, right], "unit": unit}
    parts = modules("headline").sentence(list(called), told, 0, alarms)
    return "".join(text for text, _ in parts).replace("\u00a0", " ").replace(THIN, " ")


def test_both_sides_and_their_difference_in_one_sentence(modules):  # noqa: F811
    assert said(modules, figures(found=16, marked=2.94), figures(), [14, 9]) == (
        "RS-DR finds 27 of 45 landslides, RS 16: 11 more; 9 false alarms instead of 14; 3.1 km² "
        "marked instead of 2.9 km²."
    )
    assert said(modules, figures(found=28), figures(found=27, marked=0.25), [1, 1]) == (
        "RS-DR finds 27 of 45 landslides, RS 28: 1 fewer; 1 false alarm each; 0.25 km² marked "
        "instead of 3.1 km²."
    )
    assert said(modules, figures(), figures(), None) == (
        "RS-DR and RS both find 27 of 45 landslides; false alarms: counting; 3.1 km² marked."
    )
    # Held against two versions of the inventory there is nothing to subtract.
    assert said(modules, figures(44, 16), figures(), [0, 0]).startswith(
        "RS-DR finds 27 of 45 landslides, RS 16 of 44; 0 false alarms each"
    )


def test_one_side_alone_and_no_landslide(modules):  # noqa: F811
    alone = said(modules, None, figures(1, 1, 1234), [None, 1], ("Slope", "FCN"), "px")
    assert alone == "FCN finds 1 of 1 landslide; 1 false alarm; 1 234 px marked."
    assert said(modules, figures(found=16), None, [3, None]).startswith("RS finds 16 of 45")
    nothing = said(modules, figures(0, 0), figures(0, 0), [2, 3])
    assert nothing.startswith("RS-DR: no landslide of the inventory lies wholly there; 3 false")
    assert modules("headline").sentence(["a", "b"], {"sides": [None, None]}, 0, None) == []
    # Both sides show the same.
    assert said(modules, figures(), figures(), [9, 9], ("FCN", "FCN")).startswith("FCN finds 27")


def test_names_wear_the_colours_of_their_sides(modules):  # noqa: F811
    told = {"sides": [figures(found=16), figures()], "unit": "km²"}
    parts = modules("headline").sentence(["RS", "RS-DR"], told, 0, [14, 9])
    assert [part for part in parts if part[1]] == [["RS-DR", "right"], ["RS", "left"]]


def test_sides_are_called_by_their_data_where_that_tells_them_apart(modules):  # noqa: F811
    names = modules("headline").names
    one = {"title": "FCN · RS", "dataset": "rs", "model": "fcn"}
    other = {"title": "FCN · RS-DR", "dataset": "rs-dr", "model": "fcn"}
    assert names(one, other) == ["RS", "RS-DR"]
    assert names(one, {**other, "model": "unet"}) == ["FCN · RS", "FCN · RS-DR"]
    assert names(one, {"title": "Slope", "dataset": None, "model": None}) == ["FCN · RS", "Slope"]


def test_a_histogram_is_drawn_on_a_logarithmic_scale(modules):  # noqa: F811
    path = modules("levels").outline([0, 9, 99, 0])
    assert path == "M0,22L0,22.0L1,22.0L1,11.0L2,11.0L2,0.0L3,0.0L3,22.0L4,22.0L4,22Z"
    assert "NaN" not in modules("levels").outline([0] * 200)


def test_what_nothing_reaches_is_told_with_a_threshold_that_helps(modules):  # noqa: F811
    bins = [0] * 200
    bins[0], bins[67] = 1000, 1
    side = {"bins": bins, "proposed": 0.06}
    levels = modules("levels")
    found = levels.unreached([None, side], 0.5)
    assert found == {"highest": 0.335, "proposed": 0.06}
    assert levels.words(0.5, found) == "Nothing reaches 0.500, highest 0.335: use 0.060"
    # Bin 67 holds 0.335 to 0.340: it is drawn at .335, as the server draws it.
    assert levels.unreached([None, side], 0.335) is None
    assert levels.unreached([None, side], 0.34) == found
    high = {"bins": [1] * 200, "proposed": 0.4}
    assert levels.unreached([high, side], 0.5) is None
    assert levels.unreached([high, side], 1) == {"highest": 0.995, "proposed": 0.06}
    assert levels.unreached([None, None], 0.5) is None


def test_colours_of_a_probability_end_where_the_maps_end(modules):  # noqa: F811
    script = """
      const { shade } = await load("shades");
      return given.map(([v, top]) => shade({ kind: "probability" }, v, 0, top));
    """
    found = modules.run(script, [[200, 1], [70, 0.35], [35, 0.35], [71, 0.35]])
    assert found[0] == 254 and found[1] == 253 and found[2] == 126 and found[3] == 255
