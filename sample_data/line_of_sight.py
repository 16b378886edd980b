"""The radar's view: an ascending, right-looking pass.

Unit vector ground to satellite, east, north, up. A velocity s gives the rate V = s . l: positive
towards the satellite, negative away from it.
"""

from __future__ import annotations

import numpy as np

from sample_data.grid import gradient

INCIDENCE_DEGREES = 39.0
LOOK_AZIMUTH_DEGREES = 78.0  # where the beam points, clockwise from north
_INCIDENCE, _AZIMUTH = np.radians(INCIDENCE_DEGREES), np.radians(LOOK_AZIMUTH_DEGREES)
VECTOR = (
    float(-np.sin(_INCIDENCE) * np.sin(_AZIMUTH)),
    float(-np.sin(_INCIDENCE) * np.cos(_AZIMUTH)),
    float(np.cos(_INCIDENCE)),
)
CONVENTION = (
    "Rate along the line of sight in mm/yr; positive means towards the satellite, "
    "negative away from it."
)


def downslope_share(elevation: np.ndarray) -> np.ndarray:
    """V of a motion of speed 1 straight down the slope, between -1 and 1.

    >>> falls_east = -np.outer(np.ones(4), np.arange(4.0) * 12.5)
    >>> float(downslope_share(falls_east)[1, 1].round(3))
    -0.985
    """
    slope, east, north = gradient(elevation)
    along = -(east * VECTOR[0] + north * VECTOR[1] + slope**2 * VECTOR[2])
    return along / np.maximum(slope, 0.02) / np.sqrt(1 + slope**2)


def unseen(elevation: np.ndarray) -> np.ndarray:
    """Cells in layover (facing the radar too steeply) or in radar shadow, bool."""
    _, east, north = gradient(elevation)
    towards = -(east * VECTOR[0] + north * VECTOR[1]) / np.sin(_INCIDENCE)
    return (towards > np.tan(_INCIDENCE)) | (towards < -np.tan(np.pi / 2 - _INCIDENCE))
