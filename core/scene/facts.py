"""What a raster or vector file is, in the words a page shows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rasterio.crs import CRS

from core.scene import guard
from core.scene.request import Source
from core.scene.sources import short_crs
from core.scene.vectors import read_polygons


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


def facts(text: str, folders: Sequence[Path] | None = None) -> FileFacts:
    """Describe a raster or vector file in the words a page shows."""
    if guard.is_vector(text):
        frame = read_polygons(Source(str(text)), folders)
        fields = tuple(c for c in frame.columns if c != "geometry")
        crs = short_crs(CRS.from_wkt(frame.crs.to_wkt())) if frame.crs else None
        path = guard.check_file(text, folders)
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
