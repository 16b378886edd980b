"""Flips and quarter turns of a tile that keep a bearing meaning what it meant.

Turning a picture turns the compass: aspect, a bearing in degrees, turns with the tile, on raw
degrees, before any coding. A line-of-sight rate does not turn back into what the satellite would
have seen; `safe` keeps to the north-south flip, to which a right-looking line of sight is nearly
blind.
"""

import numpy as np

# name -> (mirror east-west first, then quarter turns counter-clockwise)
TURNS = tuple((mirror, turns) for mirror in (False, True) for turns in range(4))
# A north-south flip is an east-west mirror and a half turn.
CHOICES = {"none": ((False, 0),), "safe": ((False, 0), (True, 2)), "paper": TURNS}


def turn(image: np.ndarray, mirror: bool, turns: int) -> np.ndarray:
    """Mirror east-west, then turn counter-clockwise; `image` (height, width, ...)."""
    return np.rot90(image[:, ::-1] if mirror else image, turns)


def turn_back(image: np.ndarray, mirror: bool, turns: int) -> np.ndarray:
    """Undo `turn`.

    >>> picture = np.arange(6).reshape(2, 3)
    >>> turn_back(turn(picture, True, 1), True, 1).tolist()
    [[0, 1, 2], [3, 4, 5]]
    """
    back = np.rot90(image, -turns)
    return back[:, ::-1] if mirror else back


def turn_bearing(degrees: np.ndarray, mirror: bool, turns: int) -> np.ndarray:
    """Return what a bearing (clockwise from north) reads after the same turn.

    >>> turn_bearing(np.array([0.0, 90.0]), mirror=False, turns=1)
    array([270.,   0.])
    >>> turn_bearing(np.array([90.0]), mirror=True, turns=0)
    array([270.])
    """
    return ((-degrees if mirror else degrees) - 90.0 * turns) % 360.0


def augment(values: np.ndarray, bearings: list[int], mirror: bool, turns: int) -> np.ndarray:
    """Turn a tile (height, width, factors); `bearings` are the indices of circular factors."""
    turned = np.array(turn(values, mirror, turns))
    for index in bearings:
        turned[..., index] = turn_bearing(turned[..., index], mirror, turns)
    return turned
