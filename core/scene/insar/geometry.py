"""Directions in (east, north, up): the line of sight, the steepest descent.

Headings and aspects are taken against the same north. On a UTM grid that is grid north, which is
up to 3 degrees off true north at a zone's edge; the error in a rate is below 1 %.
"""

import numpy as np

# (east, north, up), each an array or a number.
Vector = tuple[np.ndarray, np.ndarray, np.ndarray]


def line_of_sight(incidence, heading, look: str = "right") -> Vector:
    """Unit vector from the ground to the satellite.

    incidence: degrees from the vertical at the ground; heading: direction of flight, degrees
    clockwise from north. A right-looking antenna sees the ground at heading + 90, so seen from the
    ground the satellite is at heading - 90 (Hanssen 2001, "Radar Interferometry", section 5.1;
    the same as MintPy's `utils0.get_unit_vector4component_of_interest`).

    A motion v (east, north, up) gives a rate v . l, positive towards the satellite.

    >>> [round(float(v), 3) for v in line_of_sight(30.0, 0.0)]  # flying north
    [-0.5, 0.0, 0.866]
    >>> [round(float(v), 3) for v in line_of_sight(30.0, 180.0)]
    [0.5, 0.0, 0.866]
    """
    theta, azimuth = np.radians(incidence), np.radians(to_satellite(heading, look))
    flat = np.sin(theta)
    return flat * np.sin(azimuth), flat * np.cos(azimuth), np.cos(theta)


def to_satellite(heading, look: str = "right"):
    """Bearing of the satellite from the ground, degrees clockwise from north.

    >>> float(to_satellite(-10.0)), float(to_satellite(-10.0, "left"))
    (-100.0, 80.0)
    """
    return np.asarray(heading) + (-90.0 if look == "right" else 90.0)


def steepest_descent(slope, aspect) -> Vector:
    """Unit vector down the slope; slope and aspect in degrees.

    >>> [round(float(v), 3) for v in steepest_descent(30.0, 90.0)]  # a slope facing east
    [0.866, 0.0, -0.5]
    """
    beta, bearing = np.radians(slope), np.radians(aspect)
    flat = np.cos(beta)
    return flat * np.sin(bearing), flat * np.cos(bearing), -np.sin(beta)


def dot(one: Vector, other: Vector):
    return one[0] * other[0] + one[1] * other[1] + one[2] * other[2]


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


# Below it, a small error of the rate becomes a large one down the slope (Herrera et al. 2013,
# "Multi-sensor advanced DInSAR monitoring of very slow landslides", RSE 128, 31-43).
LEAST_SENSITIVITY = 0.3


def slope_rate(
    rate: np.ndarray, slope: np.ndarray, aspect: np.ndarray, incidence, heading, look="right"
) -> np.ndarray:
    """V_slope = V_los / (l . s), positive down the slope, in the unit of `rate`.

    rate: towards the satellite is positive; slope, aspect, incidence, heading in degrees; arrays
    of one shape or numbers. l: from the ground to the satellite, s: steepest descent (Cascini,
    Fornaro and Peduto 2010, "Advanced low- and full-resolution DInSAR map generation for slow-
    moving landslide analysis", Engineering Geology 112, 29-42). The ground is taken to move along
    the slope. NaN where |l . s| < .3, where there is no rate and on flat ground. Negative values
    run uphill: a landslide does not, so they are noise, uplift or another motion.

    >>> v = slope_rate(np.array([-5.0]), np.array([30.0]), np.array([90.0]), 30.0, 0.0)
    >>> round(float(v[0]), 3)  # l . s = -.866
    5.774
    """
    part = sensitivity(slope, aspect, incidence, heading, look)
    with np.errstate(divide="ignore", invalid="ignore"):
        down = rate / part
    return np.where(np.abs(part) >= LEAST_SENSITIVITY, down, np.nan)


def sensitivity(slope, aspect, incidence, heading, look: str = "right"):
    """l . s: the share of a motion down the slope that the line of sight sees, -1..1."""
    return dot(line_of_sight(incidence, heading, look), steepest_descent(slope, aspect))


DOWNHILL, UPHILL, UNKNOWN = 1, 2, 3
FLAGS = {
    "1": "runs down the slope",
    "2": "runs uphill",
    "3": "not known: no rate, or hardly seen",
}


def flags(down: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """Class codes of FLAGS for rates down the slope, float32, NaN where the slope is not known.

    >>> flags(np.array([2.0, -1.0, np.nan, 1.0]), np.array([20.0, 20.0, 20.0, np.nan])).tolist()
    [1.0, 2.0, 3.0, nan]
    """
    found = np.where(np.isfinite(down), np.where(down < 0, UPHILL, DOWNHILL), UNKNOWN)
    return np.where(np.isfinite(slope), found, np.nan).astype(np.float32)


def uphill_share(down: np.ndarray) -> float:
    """Share of the known values that run uphill, 0..1.

    >>> uphill_share(np.array([1.0, -1.0, np.nan, 3.0]))
    0.3333333333333333
    """
    known = down[np.isfinite(down)]
    return float((known < 0).mean()) if known.size else 0.0
