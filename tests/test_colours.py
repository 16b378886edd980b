"""Colours that mean something are told apart by every colour vision."""

import itertools

import numpy as np
import pytest

from core.maps import colours

# Machado, Oliveira and Fernandes 2009, complete dichromacy, on linear sRGB.
VISIONS = {
    "usual": np.eye(3),
    "protan": [[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]],
    "deutan": [[0.3673, 0.8606, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]],
    "tritan": [[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]],
}
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def lab(colour: str, vision) -> np.ndarray:
    """CIELAB of '#rrggbb' as such a vision sees it."""
    part = np.array(list(bytes.fromhex(colour[1:]))) / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    x = XYZ @ np.clip(np.array(vision) @ linear, 0, 1) / XYZ.sum(axis=1)
    x, y, z = np.where(x > 0.008856, np.cbrt(x), 7.787 * x + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize(
    ("table", "apart"), [(colours.ERROR_COLOURS, 25), (colours.CHANGE_COLOURS, 15)]
)
def test_classes_lie_apart_in_every_colour_vision(table, apart, vision):
    seen = [lab(colour, VISIONS[vision]) for colour in table[1:]]
    found = min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2))
    assert found >= apart


def test_blue_and_orange_say_left_and_right_and_nothing_else():
    sides = {colours.LEFT.lower(), colours.RIGHT.lower()}
    assert not sides & {*colours.ERROR_COLOURS, *colours.CHANGE_COLOURS}
