"""A raster seen with another place or no-data value than its file says.

GDAL is given a virtual raster of ours, held in memory; one from a user's disk is never opened.
"""

from xml.sax.saxutils import escape

import rasterio
from rasterio.crs import CRS
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.transform import Affine

KEEP = "keep"
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
