"""Seams of a mosaic: where files of one factor overlap, and how far they agree there."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from core.scene.align.align import AlignedBand
from core.scene.files import guard, sampling
from core.scene.files.raster import Raster
from core.scene.grid import Grid

SIDE, WINDOWS, PAIRS = 128, 4, 30


def between(files: Sequence[Raster], grid: Grid, kernel: str) -> list[dict]:
    """For each pair of files that overlap: their names, the share of the grid's looked-at pixels
    where both have data, the median difference (second minus first) and its spread (MAD).

    At most the first 30 pairs, each in 16 windows of 128 x 128 pixels spread over the grid.
    """
    found = []
    for first, second in list(combinations(files, 2))[:PAIRS]:
        difference, pixels = _difference(first, second, grid, kernel)
        if difference.size:
            middle = float(np.median(difference))
            found.append(
                {
                    "first": first.path.name,
                    "second": second.path.name,
                    "shared": difference.size / pixels,
                    "difference": middle,
                    "spread": float(np.median(np.abs(difference - middle))),
                }
            )
    return found


def sentence(name: str, seam: dict) -> str:
    """
    >>> seam = {"first": "a.tif", "second": "b.tif", "difference": 12.0, "spread": 3.0}
    >>> sentence("red", seam)
    "red: 'b.tif' fills gaps of 'a.tif'; where they overlap it is 12 higher (spread 3)."
    """
    by = seam["difference"]
    way = f"{abs(by):.3g} {'higher' if by > 0 else 'lower'}" if by else "the same"
    return (
        f"{name}: '{seam['second']}' fills gaps of '{seam['first']}'; where they overlap it is "
        f"{way} (spread {seam['spread']:.3g})."
    )


def _difference(first: Raster, second: Raster, grid: Grid, kernel: str) -> tuple[np.ndarray, int]:
    found, pixels = [], 0
    with guard.gdal_options():
        bands = [AlignedBand(raster, grid, kernel) for raster in (first, second)]
        try:
            for window in sampling.spread(grid.height, grid.width, SIDE, WINDOWS):
                one, other = (band.read(window) for band in bands)
                both = np.isfinite(one) & np.isfinite(other)
                found.append((other - one)[both])
                pixels += both.size
        finally:
            for band in bands:
                band.close()
    return np.concatenate(found), pixels
