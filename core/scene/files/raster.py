"""What a raster band is, before anything of it is decoded: place, type, no-data, scale."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from xml.sax.saxutils import escape

import numpy as np
import rasterio
from rasterio.crs import CRS
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.transform import Affine
from rasterio.windows import Window

from core.errors import SlideScopeError
from core.scene.files import (
    archives,
    containers,
    formats,
    guard,
    openings,
    placing,
    shifts,
    systems,
)
from core.scene.files.source import Source

# The unit of a band that nobody has named one for, such as a picture's: nothing is claimed.
AS_STORED = "as stored"
KEEP = "keep"
MAX_TEXT, MAX_TAGS = 4000, 300
ALPHA_SIDE = 256
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
    `part`: the variable or member that it is; `described` and `tags` what the file says about the
    band; `palette` whether that has a colour table; `form` one of `core.scene.files.forms`, where
    its numbers, scaled, are no multiple of an angle; `told` what does not come from the file
    itself, in sentences without a full stop.
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
    part: str | None = None
    described: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    palette: bool = False
    form: str = ""
    told: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What people call it: the file's name, with the part where it is one of several."""
        return f"{self.path.name}:{self.part}" if self.part else self.path.name

    @property
    def stem(self) -> str:
        """The name, without extension, of the file itself or of the archive's member."""
        inside = self.part and formats.suffix(self.path) in formats.ARCHIVES
        return PurePath(self.part or "").stem if inside else self.path.stem

    def tag(self, *names: str) -> str:
        """The first of these tags that the file has, whatever its case; empty without."""
        lower = {name.lower(): text for name, text in reversed(self.tags)}
        return next((lower[n.lower()] for n in names if lower.get(n.lower())), "")

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
    index = band - 1
    if dataset.transform.determinant == 0 or not np.isfinite(dataset.transform[:6]).all():
        raise SlideScopeError(
            f"'{path.name}' has pixels of size 0: its geotransform is broken; export it again."
        )
    member = opening.part if archives.is_archive(path) else None
    place = placing.settle(dataset, band, path, member, source.crs)
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
    found = Raster(
        path=path,
        band=band,
        width=dataset.width,
        height=dataset.height,
        crs=place.crs,
        transform=place.transform,
        dtype=dataset.dtypes[index],
        nodata=place.nodata,
        unscale=place.unscale or _unscale(dataset.scales[index], dataset.offsets[index]),
        synthetic=dataset.tags().get("SYNTHETIC", "").lower() == "yes",
        unit=dataset.units[index] or place.unit,
        opened=opening.name,
        driver=opening.driver,
        degrees=degrees,
        part=opening.part,
        described=(dataset.descriptions[index] or "")[:MAX_TEXT],
        tags=_tags(dataset, band),
        palette=dataset.colorinterp[index] is ColorInterp.palette,
        told=place.told,
    )
    if source.shift:
        found = _moved(found, source.shift)
    return _as_placed(found, dataset, opening.name)


def _moved(raster: Raster, shift: tuple[float, ...]) -> Raster:
    left, bottom, right, top = raster.bounds
    by = shifts.on_map(raster.crs, (left + right) / 2, (bottom + top) / 2, shift)
    return replace(raster, transform=Affine.translation(*by) * raster.transform)


def _as_placed(raster: Raster, dataset, name: str) -> Raster:
    """The raster, opened through a virtual one where its place or mask is not as GDAL reads it."""
    nodata = dataset.nodatavals[raster.band - 1]
    same_value = raster.nodata == nodata or (nodata is not None and math.isnan(nodata))
    same_place = raster.crs == (dataset.crs or None) and raster.transform == dataset.transform
    alpha = _alpha_of_bytes(dataset)
    if same_place and same_value and not alpha:
        return raster
    value = KEEP if same_value else raster.nodata
    text = wrap(dataset, name, raster.crs, raster.transform, value, alpha_is_mask=alpha)
    return replace(raster, opened=text, driver="VRT")


def _alpha_of_bytes(dataset) -> bool:
    """Whether an alpha band of 16 bits goes to 255 only, which GDAL takes as transparent."""
    kinds = dataset.colorinterp
    if ColorInterp.alpha not in kinds:
        return False
    band = kinds.index(ColorInterp.alpha) + 1
    if dataset.dtypes[band - 1] not in ("uint16", "int16"):
        return False
    width, height = min(ALPHA_SIDE, dataset.width), min(ALPHA_SIDE, dataset.height)
    middle = Window((dataset.width - width) // 2, (dataset.height - height) // 2, width, height)
    return bool(dataset.read(band, window=middle).max() == 255)


def _tags(dataset, band: int) -> tuple[tuple[str, str], ...]:
    """Tags of the band, then of the file; long ones and those after many are left out."""
    found = [*dataset.tags(band).items(), *dataset.tags().items()]
    return tuple((name, text) for name, text in found if len(text) <= MAX_TEXT)[:MAX_TAGS]


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
                f"'{name}' has {dataset.count} bands{_called(dataset)}: say which one, as "
                f"{name}:1 to "
                f"{name}:{dataset.count}."
            )
        return real[0]
    if not isinstance(band, int) or not 1 <= band <= dataset.count:
        raise SlideScopeError(
            f"'{name}' has no band {band}: bands are numbered 1 to {dataset.count}; choose one of "
            "these."
        )
    return band


def first_band(dataset) -> int:
    """The number of the first band that is no alpha."""
    kinds = enumerate(dataset.colorinterp, 1)
    return next((n for n, kind in kinds if kind is not ColorInterp.alpha), 1)


def _called(dataset, most: int = 8) -> str:
    """What the bands are called, in brackets; nothing where they have no names."""
    named = [f"{n} {text}" for n, text in enumerate(dataset.descriptions, 1) if text]
    more = ", ..." if len(named) > most else ""
    return f" ({', '.join(named[:most])}{more})" if named else ""


def short_crs(crs: CRS) -> str:
    """`EPSG:n` where there is such a code, else WKT.

    >>> short_crs(CRS.from_epsg(32643))
    'EPSG:32643'
    """
    return systems.short(crs)


def wrap(
    dataset: rasterio.io.DatasetReader,
    name: str,
    crs: CRS | None = None,
    transform: Affine | None = None,
    nodata: float | str | None = KEEP,
    start: int = 0,
    alpha_is_mask: bool = False,
) -> str:
    """Return a virtual raster (text, driver VRT) of the dataset that GDAL opens as `name`.

    All bands, their scale, offset and alpha stay; `nodata`: KEEP, a value, or None for "every
    value counts". `start`: the column that comes first, those before it go to the east end.
    `alpha_is_mask`: the alpha band, of 0 to 255, becomes the mask.
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
    shape = dataset.height, dataset.width, start
    parts += [
        _band(dataset, name, index, nodata, shape, not alpha_is_mask)
        for index in range(dataset.count)
    ]
    if alpha_is_mask:
        alpha_band = str(dataset.colorinterp.index(ColorInterp.alpha) + 1)
        parts.append(
            f'<MaskBand><VRTRasterBand dataType="Byte">{_source(name, alpha_band, shape)}'
            "</VRTRasterBand></MaskBand></VRTDataset>"
        )
        return "".join(parts)
    if nodata == KEEP and MaskFlags.per_dataset in dataset.mask_flag_enums[0]:
        parts.append(
            f'<MaskBand><VRTRasterBand dataType="Byte">{_source(name, "mask,1", shape)}'
            "</VRTRasterBand></MaskBand>"
        )
    return "".join(parts) + "</VRTDataset>"


def _band(
    dataset,
    name: str,
    index: int,
    nodata: float | str | None,
    shape: tuple[int, int, int],
    alpha: bool,
) -> str:
    kind = _TYPES[dataset.dtypes[index]]
    value = dataset.nodatavals[index] if nodata == KEEP else nodata
    parts = [f'<VRTRasterBand dataType="{kind}" band="{index + 1}">']
    if value is not None:
        parts.append(f"<NoDataValue>{value!r}</NoDataValue>")
    if alpha and dataset.colorinterp[index] is ColorInterp.alpha:
        parts.append("<ColorInterp>Alpha</ColorInterp>")
    if dataset.colorinterp[index] is ColorInterp.palette:
        parts.append(_palette(dataset.colormap(index + 1)))
    scale, offset = dataset.scales[index], dataset.offsets[index]
    parts.append(f"<Scale>{scale!r}</Scale><Offset>{offset!r}</Offset>")
    return "".join(parts) + _source(name, str(index + 1), shape) + "</VRTRasterBand>"


def _palette(colours: dict[int, tuple[int, ...]]) -> str:
    """The colour table, which tells that values are codes."""
    entries = "".join(
        '<Entry c1="{}" c2="{}" c3="{}" c4="{}"/>'.format(*colours.get(code, (0, 0, 0, 255)))
        for code in range(max(colours, default=-1) + 1)
    )
    return f"<ColorInterp>Palette</ColorInterp><ColorTable>{entries}</ColorTable>"


def _source(name: str, band: str, shape: tuple[int, int, int]) -> str:
    """The band as it is; from a column on, in two pieces."""
    height, width, start = shape
    if not start:
        return f"<SimpleSource>{_file(name, band)}</SimpleSource>"
    pieces = ((start, width - start, 0), (0, start, width - start))
    return "".join(
        f"<SimpleSource>{_file(name, band)}"
        f'<SrcRect xOff="{column}" yOff="0" xSize="{columns}" ySize="{height}"/>'
        f'<DstRect xOff="{target}" yOff="0" xSize="{columns}" ySize="{height}"/></SimpleSource>'
        for column, columns, target in pieces
    )


def _file(name: str, band: str) -> str:
    return (
        f'<SourceFilename relativeToVRT="0">{escape(name)}</SourceFilename>'
        f"<SourceBand>{band}</SourceBand>"
    )
