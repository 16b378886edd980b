"""From a rate along the line of sight to a rate down the slope."""

import numpy as np

from core.scene.insar.geometry import dot, line_of_sight, steepest_descent

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
