"""Bands of Sentinel-2 and Landsat: the scaling that their product asks for, if it is still due.

Whether it is tells the name, the product's metadata and the values: what was exported as
reflectance, or harmonised, keeps its numbers.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePath

import numpy as np

from core.factors import OPTICAL
from core.scene.files import formats, landsat, sampling, sentinel2
from core.scene.files.raster import Raster

# Shares of reflectance are below it, numbers of a product far above.
REFLECTANCE_BELOW = 2.0
# Of a band that still carries the offset of 1000, hardly a pixel is below it.
FEW = 0.05


def is_product(raster: Raster) -> bool:
    """Whether a band is called as one of Sentinel-2 or Landsat is."""
    name = PurePath(f"{raster.stem}.tif")
    return sentinel2.is_band(name) or landsat.scaling(raster.stem) is not None


def scaled(name: str, raster: Raster) -> tuple[Raster, Sequence[str]]:
    """The band with its scaling, its zeros as no data where none is declared, and sentences."""
    file = PurePath(f"{raster.stem}.tif")
    shown = file.with_suffix(formats.suffix(raster.part or raster.path)).name
    raw = sampling.take(raster).raw
    values = raw[raw != 0]
    other = sentinel2.band_of(file) or getattr(landsat.scaling(raster.stem), "band", None)
    notes = []
    if other and name in OPTICAL and other != name.removesuffix("_before"):
        notes.append(f"{name}: '{shown}' is the {other} band by its name: check which is meant.")
    if values.size and np.quantile(np.abs(values), 0.99) <= REFLECTANCE_BELOW:
        notes.append(
            f"{name}: '{shown}' is called as a product's band but holds reflectance "
            f"({values.min():.3g} to {values.max():.3g}): no offset is added, it is stored times "
            "10,000."
        )
        return replace(raster, unscale=(1e4, 0.0)), notes
    if landsat.scaling(raster.stem):
        return _landsat(name, raster, values, shown, notes)
    inside = raster.part if formats.suffix(raster.path) in formats.ARCHIVES else None
    found = sentinel2.scaling(raster.path, inside)
    share = float((values < -found.offset).mean()) if values.size else 0.0
    if found.warning and found.offset and share > FEW:
        notes.append(
            f"{name}: '{shown}' is of a date whose products carry an offset of {found.offset:g}, "
            f"but {100 * share:.0f} % of its pixels are below {-found.offset:g}: it is taken as "
            f"harmonised, without an offset; if it is not, give --scale {name}=1,{found.offset:g}."
        )
        return raster, notes
    raster = replace(raster, unscale=(found.scale, found.offset))
    if found.warning:
        return raster, [*notes, f"{name}: {found.warning}"]
    about = f"processing baseline {found.baseline}" if found.baseline else "its metadata"
    notes.append(f"{name}: {found.offset:g} is added to '{shown}' ({about}); 0 is no data.")
    if found.offset and share > FEW:
        notes.append(
            f"{name}: {100 * share:.0f} % of '{shown}' fall below 0 by that: if it was harmonised "
            f"before, give --scale {name}=1."
        )
    return raster, notes


def _landsat(
    name: str, raster: Raster, values: np.ndarray, shown: str, notes: list[str]
) -> tuple[Raster, Sequence[str]]:
    found = landsat.scaling(raster.stem)
    if found is None or (found.thermal and values.size and np.median(values) < 1000):
        notes.append(f"{name}: '{shown}' is scaled already by its values, and taken as it is.")
        return raster, notes
    # A share of 1 is 43,636 in Collection 2; what ends at 10,000 and starts near 0 is scaled.
    middle = float(np.median(values)) if values.size else 0.0
    if found.offset < -100 and (middle < 5000 or raster.dtype == "int16"):
        notes.append(
            f"{name}: '{shown}' is called as a band of Landsat's but its values (half of them "
            f"below {middle:.4g}) are no numbers of it: they are taken as reflectance times 10,000."
        )
        return raster, notes
    notes.append(f"{name}: '{shown}' is Landsat's: {found.told}; 0 is no data.")
    return replace(raster, unscale=(found.scale, found.offset)), notes


def tagged(raster: Raster) -> tuple[float, float]:
    """Scale and offset in a GeoTIFF's tags, which GDAL does not apply; (1, 0) without.

    NetCDF's are in the raster's own scale already.
    """
    if raster.unscale != (1.0, 0.0) or raster.driver in ("netCDF", "HDF5"):
        return 1.0, 0.0
    try:
        scale = float(raster.tag("scale_factor", "SCALE_FACTOR") or 1)
        offset = float(raster.tag("add_offset", "ADD_OFFSET") or 0)
    except ValueError:
        return 1.0, 0.0
    usable = np.isfinite([scale, offset]).all() and scale != 0
    return (scale, offset) if usable else (1.0, 0.0)
