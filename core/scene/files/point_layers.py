"""Measured points in vector files: GeoPackage, Shapefile, GeoJSON, as EGMS or SARscape export."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError
from rasterio.crs import CRS

from core.errors import SlideScopeError
from core.scene.files import points, vectors
from core.scene.files.columns import choose
from core.scene.files.points import Points
from core.scene.files.source import Source


def holds_points(source: Source, folders: Sequence[Path] | None = None) -> bool:
    """Whether a vector file holds points, by what it declares; False for one that is damaged."""
    _, name = vectors.opening(source, folders)
    try:
        kind = pyogrio.read_info(name)["geometry_type"] or ""
    except (DataSourceError, DataLayerError, ValueError):
        return False
    return "Point" in kind


def columns(source: Source, folders: Sequence[Path] | None = None) -> tuple[str, ...]:
    """Names of the attributes that hold numbers."""
    return _numeric(vectors.read_features(source, folders))


def read(source: Source, crs: str | None = None) -> Points:
    """Read a layer's points; the attribute with the rate is `source.band` or chosen by name."""
    path = Path(source.path)
    frame = vectors.read_features(source).explode(ignore_index=True)
    frame = frame[frame.geom_type == "Point"]
    column, sure = choose(path, source.band, _numeric(frame))
    if frame.crs is None and crs is None:
        raise SlideScopeError(
            f"'{path.name}' has no coordinate reference system: name it with --crs NAME=EPSG:N, "
            "or give the .prj file with it."
        )
    system = CRS.from_user_input(crs) if crs else CRS.from_wkt(frame.crs.to_wkt())
    values = frame[column].to_numpy(np.float64, na_value=np.nan)
    numbers = np.column_stack((frame.geometry.x, frame.geometry.y, values))
    return points.checked(path, numbers[np.isfinite(numbers).all(axis=1)], system, column, sure)


def _numeric(frame) -> tuple[str, ...]:
    names = [c for c in frame.columns if c != frame.geometry.name]
    return tuple(n for n in names if frame[n].dtype.kind in "iuf")
