"""What a raster or vector file is, in the words a page shows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rasterio.crs import CRS

from core.scene.files import formats, guard, openings, point_layers, points
from core.scene.files.sources import short_crs
from core.scene.files.vectors import read_features, read_polygons
from core.scene.plan.request import Source


@dataclass(frozen=True)
class Band:
    """A band as a page shows it."""

    number: int
    dtype: str
    description: str


@dataclass(frozen=True)
class FileFacts:
    """What a file is, for people; `kind` raster, vector or points, `bands` of rasters only."""

    path: Path
    kind: str
    crs: str | None
    size: str
    bands: tuple[Band, ...] = ()
    fields: tuple[str, ...] = ()
    synthetic: bool = False


def facts(text: str, folders: Sequence[Path] | None = None, part: str | None = None) -> FileFacts:
    """Describe a raster or vector file, or a part of one, in the words a page shows."""
    path = guard.check_file(text, folders)
    if guard.is_points(text):
        return FileFacts(
            path, "points", None, "table of points", fields=tuple(points.columns(path))
        )
    if guard.is_vector(text) or (part and formats.suffix(part) in formats.VECTOR_DRIVERS):
        source = Source(str(text), None, part)
        if point_layers.holds_points(source, folders):
            return _point_facts(path, source, folders)
        frame = read_polygons(source, folders)
        fields = tuple(c for c in frame.columns if c != "geometry")
        crs = short_crs(CRS.from_wkt(frame.crs.to_wkt())) if frame.crs else None
        return FileFacts(path, "vector", crs, f"{len(frame)} polygons", fields=fields)
    with guard.gdal_options():
        opening = openings.find(text, part, folders)
        with guard.open_checked(path, opening.name, opening.driver) as dataset:
            return _raster_facts(path, dataset)


def _point_facts(path: Path, source: Source, folders: Sequence[Path] | None) -> FileFacts:
    frame = read_features(source, folders)
    crs = short_crs(CRS.from_wkt(frame.crs.to_wkt())) if frame.crs else None
    fields = point_layers.columns(source, folders)
    return FileFacts(path, "points", crs, f"{len(frame)} points", fields=fields)


def _raster_facts(path: Path, dataset) -> FileFacts:
    bands = tuple(
        Band(i + 1, dataset.dtypes[i], dataset.descriptions[i] or "") for i in range(dataset.count)
    )
    size = f"{dataset.width} × {dataset.height} px"
    if dataset.crs:
        x = math.hypot(dataset.transform.a, dataset.transform.d)
        unit = "m" if dataset.crs.is_projected else "degrees"
        size += f", {x:.4g} {unit}"
    synthetic = dataset.tags().get("SYNTHETIC", "").lower() == "yes"
    crs = short_crs(dataset.crs) if dataset.crs else None
    return FileFacts(path, "raster", crs, size, bands, synthetic=synthetic)
