"""Ascending and descending rates to east-west and vertical motion."""

import numpy as np

from core.scene.insar.geometry import line_of_sight

# Below it the two lines of sight are too much alike to tell east from up.
LEAST_DETERMINANT = 0.1
# Incidence and heading, each a number or an array.
Angles = tuple[np.ndarray | float, np.ndarray | float]


def east_and_up(
    first: np.ndarray,
    second: np.ndarray,
    first_angles: Angles,
    second_angles: Angles,
    looks: tuple[str, str] = ("right", "right"),
) -> tuple[np.ndarray, np.ndarray]:
    """Return (east, up), positive to the east and upwards, in the unit of the rates.

    first, second: rates towards the satellite; *_angles: (incidence, heading) in degrees. Two
    rates do not hold three components: motion to the north, which both orbits hardly see, is taken
    as 0 (Wright, Parsons and Lu 2004, "Toward mapping surface deformation in three dimensions
    using InSAR", GRL 31, L01607). NaN where either rate is missing.

    >>> east, up = east_and_up(np.array([-0.5]), np.array([0.5]), (30.0, 0.0), (30.0, 180.0))
    >>> round(float(east[0]), 6), round(abs(float(up[0])), 6)
    (1.0, 0.0)
    """
    east_1, _, up_1 = line_of_sight(*first_angles, looks[0])
    east_2, _, up_2 = line_of_sight(*second_angles, looks[1])
    determinant = np.asarray(east_1 * up_2 - east_2 * up_1, np.float64)
    determinant = np.where(np.abs(determinant) >= LEAST_DETERMINANT, determinant, np.nan)
    east = (first * up_2 - second * up_1) / determinant
    up = (east_1 * second - east_2 * first) / determinant
    return east, up
