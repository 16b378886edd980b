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
