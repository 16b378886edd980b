"""The ground grid that every layer is drawn on: 12.5 m cells, UTM zone 48 north, rows run south."""

from __future__ import annotations

import numpy as np
from rasterio.transform import Affine, from_origin

CELL = 12.5
CELL_HA = CELL * CELL / 1e4
CRS = "EPSG:32648"
ORIGIN = (240_000.0, 3_020_000.0)
SENTINEL_CELL = 10.0
GEOGRAPHIC_CRS = "EPSG:4326"
GEOGRAPHIC_CELL = 0.00012  # degrees: 13.3 m by 11.9 m at this latitude


def transform(cell: float = CELL) -> Affine:
    """Affine transform of a raster with square cells of `cell` metres at the common origin."""
    return from_origin(*ORIGIN, cell, cell)


def gradient(elevation: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Slope as a tangent, and its eastward and northward parts, all dimensionless.

    >>> z = np.outer(np.ones(4), np.arange(4.0) * CELL)
    >>> [float(a[1, 1]) for a in gradient(z)]
    [1.0, 1.0, -0.0]
    """
    south, east = np.gradient(elevation, CELL)
    return np.hypot(east, south), east, -south
