"""What a side-looking radar sees of a slope: the R-index.

It knows each pixel's own slope only, so it finds *active* layover and shadow. Ground that lies in
the layover or shadow of another slope (passive) is not found.
"""

import numpy as np

from core.scene.insar.geometry import to_satellite

VISIBLE, FORESHORTENED, LAYOVER, SHADOW = 1, 2, 3, 4
LEGEND = {
    "1": "visible",
    "2": "foreshortened",
    "3": "active layover: not visible",
    "4": "active shadow: not visible",
}
# What is not seen is not known to be stable: maps hatch it.
HIDDEN = (LAYOVER, SHADOW)


def local_incidence(slope, aspect, incidence, heading, look: str = "right"):
    """Angle between the line of sight and the slope's normal within the plane of range, degrees.

    theta - arctan(tan(slope) cos(aspect - bearing of the satellite)): below 0 layover, above 90
    shadow. Flat ground (no aspect) keeps the incidence.

    >>> round(float(local_incidence(20.0, 270.0, 35.0, 0.0)), 3)  # faces the satellite in the west
    15.0
    >>> round(float(local_incidence(20.0, 90.0, 35.0, 0.0)), 3)
    55.0
    """
    facing = np.cos(np.radians(np.asarray(aspect) - to_satellite(heading, look)))
    in_range = np.degrees(np.arctan(np.tan(np.radians(slope)) * facing))
    return incidence - np.where(np.isfinite(in_range) | ~np.isfinite(slope), in_range, 0.0)


def r_index(slope, aspect, incidence, heading, look: str = "right"):
    """R = sin(local incidence): ground resolution as the radar sees it, against slant range.

    Notti et al. 2010, "Landslides in the Pyrenees ... PSI", and Cigna et al. 2014, "Simulating SAR
    geometric distortions and predicting Persistent Scatterer densities", ISPRS Journal 88, 140-153:
    R <= 0 layover, 0 < R < sin(incidence) foreshortening, R >= sin(incidence) well seen.

    >>> round(float(r_index(0.0, 90.0, 30.0, 0.0)), 3)
    0.5
    """
    return np.sin(np.radians(local_incidence(slope, aspect, incidence, heading, look)))


def classes(slope, aspect, incidence, heading, look: str = "right") -> np.ndarray:
    """Class codes of LEGEND, float32, NaN where the slope is not known.

    >>> slope, aspect = np.array([50.0, 50.0, 70.0, 0.0]), np.array([270.0, 90.0, 90.0, np.nan])
    >>> classes(slope, aspect, 35.0, 0.0).tolist()
    [3.0, 1.0, 4.0, 1.0]
    """
    angle = local_incidence(slope, aspect, incidence, heading, look)
    found = np.where(angle < np.asarray(incidence) - 1e-6, FORESHORTENED, VISIBLE).astype(
        np.float32
    )
    found[angle <= 0] = LAYOVER
    found[angle >= 90] = SHADOW
    found[~np.isfinite(angle)] = np.nan
    return found


def seen(codes: np.ndarray) -> np.ndarray:
    """Where the ground can be measured at all; elsewhere neither no rate nor a rate of 0
    means "stable"."""
    return (codes == VISIBLE) | (codes == FORESHORTENED)
