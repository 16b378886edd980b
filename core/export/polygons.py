"""Predicted landslides as polygons with what the factors say on each, written as they are found."""

import heapq
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any

import geopandas as gpd
import pandas as pd
import shapely

from core.display.raster import georeferenced
from core.export import profile
from core.export.provenance import Origin
from core.learning.prediction import outlining
from core.learning.prediction.outlining import Landslide
from core.scene.files import vectors
from core.scene.store import Scene

GEOPACKAGE, GEOJSON = "landslides.gpkg", "landslides.geojson"
DECIMALS = 7  # of a degree: a centimetre
LARGEST = 20  # that the report lists


@dataclass
class Summary:
    """Number of polygons, their pixels, and the rows of the largest ones."""

    count: int = 0
    pixels: int = 0
    largest: list[dict] = field(default_factory=list)


def write(origin: Origin, folder: Path) -> Summary:
    """Write landslides.gpkg in the scene's CRS and, where it has one, landslides.geojson in
    longitude and latitude, from mask.tif and probability.tif in `folder`."""
    scene, found = origin.scene, Summary()
    stream = outlining.landslides(folder, scene, measure=profile.measure_of(scene))
    with _geojson(folder / GEOJSON, scene) as text:
        for batch in _batches(stream):
            frame = _frame(batch, scene, found.count)
            _append(folder / GEOPACKAGE, frame, origin, first=not found.count)
            if text:
                _add_features(text, frame, first=not found.count)
            _summarise(found, frame)
    return found


def _batches(stream: Iterator[Landslide]) -> Iterator[list[Landslide]]:
    """What is kept in memory at once; no landslide at all is one empty batch, which still makes a
    file."""
    batch = list(islice(stream, outlining.AT_ONCE))
    yield batch
    while batch := list(islice(stream, outlining.AT_ONCE)):
        yield batch


def row(landslide: Landslide, scene: Scene, number: int) -> dict:
    """Columns of one polygon; area_ha only where the CRS is metric."""
    about: dict[str, Any] = {"id": number, "pixels": landslide.pixels}
    if scene.grid.pixel_km2:
        about["area_ha"] = landslide.pixels * scene.grid.pixel_km2 * 100
    about["probability"] = landslide.total / landslide.pixels
    return about | landslide.measured.row(scene)


def _frame(batch: list[Landslide], scene: Scene, already: int) -> gpd.GeoDataFrame:
    rows = [row(item, scene, already + n) for n, item in enumerate(batch, start=1)]
    kinds = {"id": int, "pixels": int, "probability": float}
    kinds |= {"area_ha": float} if scene.grid.pixel_km2 else {}
    kinds |= profile.columns(scene)
    names = list(rows[0]) if rows else list(kinds)
    table = {n: _column([r[n] for r in rows], kinds[n]) for n in names}
    # Pixels that touch at a corner outline a polygon that touches itself: make it valid.
    valid = [_multi(shapely.make_valid(item.polygon())) for item in batch]
    return gpd.GeoDataFrame(table, geometry=valid, crs=scene.grid.crs)


def _column(values: list, kind: type) -> pd.Series:
    return pd.Series(values, dtype={int: "int64", float: "float64", str: "str"}[kind])


def _multi(geometry) -> shapely.MultiPolygon:
    parts = getattr(geometry, "geoms", [geometry])
    polygons = (p for part in parts for p in getattr(part, "geoms", [part]))
    return shapely.MultiPolygon([p for p in polygons if p.geom_type == "Polygon"])


def _append(target: Path, frame: gpd.GeoDataFrame, origin: Origin, first: bool) -> None:
    how = {"layer_metadata": origin.tags()} if first else {}
    mode = "w" if first else "a"
    vectors.write(target, frame, outlining.LAYER, mode, geometry_type="MultiPolygon", **how)


@contextmanager
def _geojson(path: Path, scene: Scene) -> Iterator[IO[str] | None]:
    """A feature collection to be filled; None on a plain pixel grid, which has no longitudes."""
    if not georeferenced(scene):
        yield None
        return
    with open(path, "w", encoding="utf-8") as text:
        text.write('{"type": "FeatureCollection", "features": [\n')
        yield text
        text.write("\n]}\n")


def _add_features(text: IO[str], frame: gpd.GeoDataFrame, first: bool) -> None:
    placed = frame.to_crs("EPSG:4326")
    placed.geometry = placed.geometry.set_precision(10.0**-DECIMALS, mode="pointwise")
    for feature in placed.iterfeatures(na="null", drop_id=True):
        text.write(("" if first else ",\n") + json.dumps(feature, ensure_ascii=False))
        first = False


def _summarise(found: Summary, frame: gpd.GeoDataFrame) -> None:
    found.count += len(frame)
    found.pixels += int(frame["pixels"].sum())
    some = frame.drop(columns="geometry").nlargest(LARGEST, "pixels").to_dict("records")
    found.largest = heapq.nlargest(LARGEST, [*found.largest, *some], key=lambda r: r["pixels"])
