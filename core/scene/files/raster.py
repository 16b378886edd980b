"""What a raster band is, before anything of it is decoded: place, type, no-data, scale."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
import rasterio
from rasterio.crs import CRS
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.transform import Affine

from core.errors import SlideScopeError
from core.scene.files import containers, guard, openings
from core.scene.files.source import Source

# The unit of a band that nobody has named one for, such as a picture's: nothing is claimed.
AS_STORED = "as stored"
KEEP = "keep"
# The unit of a band that nobody has named one for, such as a picture's: none is claimed.
AS_STORED = "as stored"
_TYPES = {
    "uint8": "Byte",
    "int8": "Int8",
    "uint16": "UInt16",
    "int16": "Int16",
    "uint32": "UInt32",
    "int32": "Int32",
    "uint64": "UInt64",
    "int64": "Int64",
    "float32": "Float32",
    "float64": "Float64",
}


@dataclass(frozen=True)
class Raster:
    """One band of a raster file, as it is on disk.

    `crs` is None where the file has none; `unscale` is (scale, offset) of the stored numbers;
    `unit` is what the file says, often nothing. `opened` and `driver` say how GDAL opens it where
    that is not the path itself; `degrees` whether its coordinates are latitude and longitude.
    """

    path: Path
    band: int
    width: int
    height: int
    crs: CRS | None
    transform: Affine
    dtype: str
    nodata: float | None
    unscale: tuple[float, float]
    synthetic: bool
    unit: str = ""
    opened: str | None = None
    driver: str | None = None
    degrees: bool = False

    def open(self, threads: int = 1) -> rasterio.io.DatasetReader:
        """Open it as it was opened when it was looked at."""
        # The options hold for one thread, and any may be the one that opens.
        with guard.gdal_options():
            if self.opened is None or self.driver is None:
                return guard.open_raster(self.path)
            with guard.reading(self.path):
                return guard.opened(self.opened, self.driver, threads)

    @property
    def shape(self) -> tuple[int, int]:
        return self.height, self.width

    @property
    def cell(self) -> tuple[float, float]:
        """Size of a pixel in units of the CRS, along its columns and rows."""
        t = self.transform
        return math.hypot(t.a, t.d), math.hypot(t.b, t.e)

    @property
    def rotated(self) -> bool:
        return abs(self.transform.b) + abs(self.transform.d) > 1e-9 * max(self.cell)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """(left, bottom, right, top) of the four corners, rotated or not."""
        corners = [
            self.transform * (column, row) for column in (0, self.width) for row in (0, self.height)
        ]
        x, y = zip(*corners)
        return min(x), min(y), max(x), max(y)


def open_band(source: Source, folders: Sequence[Path] | None = None) -> Raster:
    """Describe the band that `source` names; nothing of it is decoded."""
    with guard.gdal_options():
        opening = openings.find(source.path, source.part, folders)
        with guard.open_checked(opening.path, opening.name, opening.driver) as dataset:
            return _described(source, opening, dataset)


def _described(source: Source, opening: openings.Opening, dataset) -> Raster:
    path = opening.path
    band = _check_band(source, dataset, opening.label)
    _check_placed(dataset, path)
    index = band - 1
    if dataset.dtypes[index].startswith("complex"):
        raise SlideScopeError(
            f"'{path.name}' holds complex numbers: a factor has real ones; export amplitude "
            "or phase as float32."
        )
    degrees = (
        opening.driver == "netCDF"
        and dataset.transform != Affine.identity()
        and containers.in_degrees(path, opening.part)
    )
    return Raster(
        path=path,
        band=band,
        width=dataset.width,
        height=dataset.height,
        crs=dataset.crs if dataset.crs else None,
        transform=dataset.transform,
        dtype=dataset.dtypes[index],
        nodata=dataset.nodatavals[index],
        unscale=_unscale(dataset.scales[index], dataset.offsets[index]),
        synthetic=dataset.tags().get("SYNTHETIC", "").lower() == "yes",
        unit=dataset.units[index] or "",
        opened=opening.name,
        driver=opening.driver,
        degrees=degrees,
    )


def _unscale(scale: float, offset: float) -> tuple[float, float]:
    """Scale and offset as declared; a scale that would wipe out every number is none.

    >>> _unscale(0.1, 5.0), _unscale(float("nan"), 0.0), _unscale(0.0, 0.0)
    ((0.1, 5.0), (1.0, 0.0), (1.0, 0.0))
    """
    usable = math.isfinite(scale) and math.isfinite(offset) and scale != 0
    return (scale, offset) if usable else (1.0, 0.0)


def _check_band(source: Source, dataset, name: str) -> int:
    band = source.band
    if band is None:
        real = [
            i + 1
            for i, c in enumerate(dataset.colorinterp)
            if c is not rasterio.enums.ColorInterp.alpha
        ]
        if len(real) != 1:
            raise SlideScopeError(
                f"'{name}' has {dataset.count} bands: say which one, as {name}:1 to "
                f"{name}:{dataset.count}."
            )
        return real[0]
    if not isinstance(band, int) or not 1 <= band <= dataset.count:
        raise SlideScopeError(
            f"'{name}' has no band {band}: bands are numbered 1 to {dataset.count}; choose one of "
            "these."
        )
    return band


def _check_placed(dataset, path: Path) -> None:
    """Refuse rasters whose place on earth is not in a geotransform, or is impossible."""
    identity = dataset.transform == Affine.identity()
    if identity and (dataset.gcps[0] or dataset.rpcs):
        how = "ground control points" if dataset.gcps[0] else "rational polynomials (RPC)"
        raise SlideScopeError(
            f"'{path.name}' is placed by {how} only: a factor needs a map grid; orthorectify it "
            "first, for example with gdalwarp."
        )
    if identity and dataset.crs:
        raise SlideScopeError(
            f"'{path.name}' names a coordinate reference system but not its place in it (no "
            "geotransform): export it again with its coordinates, or as a plain picture without a "
            "system."
        )
    if dataset.transform.determinant == 0 or not np.isfinite(dataset.transform[:6]).all():
        raise SlideScopeError(
            f"'{path.name}' has pixels of size 0: its geotransform is broken; export it again."
        )
    if dataset.crs and dataset.crs.is_geographic:
        left, bottom, right, top = dataset.bounds
        low, high = min(bottom, top), max(bottom, top)
        if low < -91 or high > 91 or left < -361 or right > 541:
            raise SlideScopeError(
                f"'{path.name}' says it is in degrees but reaches {left:g} to {right:g} E and "
                f"{low:g} to {high:g} N: {_what_is_wrong(left, right, low, high)}."
            )


def _what_is_wrong(left: float, right: float, low: float, high: float) -> str:
    if left >= -90 and right <= 90 and low >= -180 and high <= 180:
        return "x and y are swapped; export it again with longitude first"
    return (
        "its coordinate reference system is wrong; set the right one with `gdal_edit -a_srs` or "
        "--crs"
    )


def short_crs(crs: CRS) -> str:
    """`EPSG:n` where there is such a code, else WKT.

    >>> short_crs(CRS.from_epsg(32643))
    'EPSG:32643'
    """
    code = crs.to_epsg()
    return f"EPSG:{code}" if code and CRS.from_epsg(code) == crs else crs.to_wkt()


def wrap(
    dataset: rasterio.io.DatasetReader,
    name: str,
    crs: CRS | None = None,
    transform: Affine | None = None,
    nodata: float | str | None = KEEP,
) -> str:
    """Return a virtual raster (text, driver VRT) of the dataset that GDAL opens as `name`.

    All bands, their scale, offset and alpha stay; `nodata`: KEEP, a value, or None for "every
    value counts".
    """
    place = transform or dataset.transform
    system = crs or dataset.crs
    # GDAL's order: x of the corner first.
    six = ", ".join(repr(float(v)) for v in place.to_gdal())
    parts = [f'<VRTDataset rasterXSize="{dataset.width}" rasterYSize="{dataset.height}">']
    if system:
        # Without an axis mapping x (or longitude) comes first, as in the transform.
        parts.append(f"<SRS>{escape(system.to_wkt())}</SRS>")
    parts.append(f"<GeoTransform>{six}</GeoTransform>")
    parts += [_band(dataset, name, index, nodata) for index in range(dataset.count)]
    if nodata == KEEP and MaskFlags.per_dataset in dataset.mask_flag_enums[0]:
        parts.append(
            f'<MaskBand><VRTRasterBand dataType="Byte">{_source(name, "mask,1")}'
            "</VRTRasterBand></MaskBand>"
        )
    return "".join(parts) + "</VRTDataset>"


def _band(dataset, name: str, index: int, nodata: float | str | None) -> str:
    kind = _TYPES[dataset.dtypes[index]]
    value = dataset.nodatavals[index] if nodata == KEEP else nodata
    parts = [f'<VRTRasterBand dataType="{kind}" band="{index + 1}">']
    if value is not None:
        parts.append(f"<NoDataValue>{value!r}</NoDataValue>")
    if dataset.colorinterp[index] is ColorInterp.alpha:
        parts.append("<ColorInterp>Alpha</ColorInterp>")
    scale, offset = dataset.scales[index], dataset.offsets[index]
    parts.append(f"<Scale>{scale!r}</Scale><Offset>{offset!r}</Offset>")
    return "".join(parts) + _source(name, str(index + 1)) + "</VRTRasterBand>"


def _source(name: str, band: str) -> str:
    return (
        f'<SimpleSource><SourceFilename relativeToVRT="0">{escape(name)}</SourceFilename>'
        f"<SourceBand>{band}</SourceBand></SimpleSource>"
    )
