"""What a raster or vector file is: bands, coordinates, type, no-data."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyogrio
import rasterio
from pyogrio.errors import DataLayerError, DataSourceError
from rasterio.crs import CRS
from rasterio.transform import Affine

from core.errors import SlideScopeError
from core.scene import guard
from core.scene.request import Source


@dataclass(frozen=True)
class Raster:
    """One band of a raster file, as it is on disk.

    `crs` is None where the file has none; `unscale` is (scale, offset) of the stored numbers.
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

    @property
    def label(self) -> str:
        return f"{self.path.name} (band {self.band})"

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


@dataclass(frozen=True)
class Band:
    """A band as a page shows it."""

    number: int
    dtype: str
    description: str


@dataclass(frozen=True)
class FileFacts:
    """What a file is, for people; `kind` raster or vector, `bands` empty for vectors."""

    path: Path
    kind: str
    crs: str | None
    size: str
    bands: tuple[Band, ...] = ()
    fields: tuple[str, ...] = ()
    synthetic: bool = False


def open_band(source: Source, folders: Sequence[Path] | None = None) -> Raster:
    """Describe the band that `source` names; nothing of it is decoded."""
    with guard.gdal_options(), guard.open_raster(source.path, folders) as dataset:
        path = Path(dataset.name)
        band = _check_band(source.band, dataset, path)
        _check_placed(dataset, path)
        index = band - 1
        if dataset.dtypes[index].startswith("complex"):
            raise SlideScopeError(
                f"'{path.name}' holds complex numbers: a factor has real ones; export amplitude "
                "or phase as float32."
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
            unscale=(dataset.scales[index], dataset.offsets[index]),
            synthetic=dataset.tags().get("SYNTHETIC", "").lower() == "yes",
        )


def _check_band(band: int | str | None, dataset, path: Path) -> int:
    if band is None:
        real = [
            i + 1
            for i, c in enumerate(dataset.colorinterp)
            if c is not rasterio.enums.ColorInterp.alpha
        ]
        if len(real) != 1:
            raise SlideScopeError(
                f"'{path.name}' has {dataset.count} bands: say which one, as "
                f"{path.name}:1 to {path.name}:{dataset.count}."
            )
        return real[0]
    if not isinstance(band, int) or not 1 <= band <= dataset.count:
        raise SlideScopeError(
            f"'{path.name}' has no band {band}: bands are numbered 1 to {dataset.count}; "
            "choose one of these."
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
                f"{low:g} to {high:g} N: its coordinate reference system is wrong; set the right "
                "one with `gdal_edit -a_srs`."
            )


def read_polygons(source: Source, folders: Sequence[Path] | None = None):
    """Return the polygons of a vector file as a GeoDataFrame (2-D, empty ones left out)."""
    path = guard.check_vector(source.path, folders)
    try:
        frame = pyogrio.read_dataframe(path, force_2d=True, on_invalid="ignore")
    except (DataSourceError, DataLayerError, ValueError) as error:
        raise SlideScopeError(
            f"'{path.name}' cannot be read as vector data: it is damaged or another format; "
            "export it again as GeoPackage."
        ) from error
    if "geometry" not in frame:
        raise SlideScopeError(f"'{path.name}' is a table without geometry: give polygons.")
    frame = frame[frame.geometry.notna() & ~frame.geometry.is_empty]
    kinds = set(frame.geom_type)
    if not kinds:
        raise SlideScopeError(f"'{path.name}' holds no geometry at all: give polygons.")
    if not kinds <= {"Polygon", "MultiPolygon"}:
        other = sorted(kinds - {"Polygon", "MultiPolygon"})[0]
        raise SlideScopeError(
            f"'{path.name}' holds geometry of type {other}: an inventory or a lithology map has "
            "polygons; choose another file."
        )
    return frame


def facts(text: str, folders: Sequence[Path] | None = None) -> FileFacts:
    """Describe a raster or vector file in the words a page shows."""
    if guard.is_vector(text):
        frame = read_polygons(Source(str(text)), folders)
        fields = tuple(c for c in frame.columns if c != "geometry")
        crs = short_crs(CRS.from_wkt(frame.crs.to_wkt())) if frame.crs else None
        path = guard.check_vector(text, folders)
        return FileFacts(path, "vector", crs, f"{len(frame)} polygons", fields=fields)
    with guard.gdal_options(), guard.open_raster(text, folders) as dataset:
        bands = tuple(
            Band(i + 1, dataset.dtypes[i], dataset.descriptions[i] or "")
            for i in range(dataset.count)
        )
        size = f"{dataset.width} × {dataset.height} px"
        if dataset.crs:
            x = math.hypot(dataset.transform.a, dataset.transform.d)
            unit = "m" if dataset.crs.is_projected else "degrees"
            size += f", {x:.4g} {unit}"
        synthetic = dataset.tags().get("SYNTHETIC", "").lower() == "yes"
        crs = short_crs(dataset.crs) if dataset.crs else None
        return FileFacts(Path(dataset.name), "raster", crs, size, bands, synthetic=synthetic)


def short_crs(crs: CRS) -> str:
    """`EPSG:n` where there is such a code, else WKT.

    >>> short_crs(CRS.from_epsg(32643))
    'EPSG:32643'
    """
    code = crs.to_epsg()
    return f"EPSG:{code}" if code and CRS.from_epsg(code) == crs else crs.to_wkt()
