"""Predicted landslides as polygons with what the factors say on each, written as they are found."""

import heapq
import json
import math
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from rasterio.windows import Window

from core.display.raster import georeferenced
from core.export.provenance import Origin
from core.factors import DEFORMATION, LITHOLOGY
from core.learning.prediction import outlining
from core.learning.prediction.outlining import Landslide
from core.scene.files import vectors
from core.scene.store import Scene

SLOPE, ASPECT = "slope", "aspect"
MEASURED = (DEFORMATION, SLOPE, ASPECT, LITHOLOGY)


@dataclass
class Profile:
    """Sums of one landslide so far; pixels without data in a factor are not counted in it.

    `sums` and `pixels` by factor (aspect: the sum of unit vectors, east + north i); `extreme` the
    deformation rate furthest from 0; `classes` pixels by lithology code.
    """

    sums: dict[str, complex] = field(default_factory=dict)
    pixels: dict[str, int] = field(default_factory=dict)
    extreme: float = 0.0
    classes: Counter = field(default_factory=Counter)

    def take(self, other: "Profile") -> None:
        for name, total in other.sums.items():
            self.sums[name] = self.sums.get(name, 0) + total
            self.pixels[name] = self.pixels.get(name, 0) + other.pixels[name]
        self.extreme = max(self.extreme, other.extreme, key=abs)
        self.classes.update(other.classes)

    def row(self, scene: Scene) -> dict[str, float | str | None]:
        """The columns of a table, in the factors' units: None where no pixel has data."""
        row: dict[str, float | str | None] = {}
        for name in measured(scene):
            known = self.pixels.get(name, 0)
            if name == LITHOLOGY:
                row[LITHOLOGY] = majority(self.classes, scene.factor(name).called)
            elif name == ASPECT:
                row["aspect_mean"] = bearing(self.sums[name]) if known else None
            else:
                row[f"{name}_mean"] = self.sums[name].real / known if known else None
            if name == DEFORMATION:
                row["deformation_extreme"] = self.extreme if known else None
        return row


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
    stream = outlining.landslides(folder, scene, measure=measure_of(scene))
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
    kinds |= columns(scene)
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


def measured(scene: Scene) -> tuple[str, ...]:
    """The factors of the scene that a polygon tells of."""
    return tuple(name for name in MEASURED if name in scene.factor_names)


def columns(scene: Scene) -> dict[str, type]:
    """Names and types of a row's columns."""
    return {name: str if name == LITHOLOGY else float for name in Profile().row(scene)}


def bearing(vector: complex) -> float | None:
    """Direction in degrees of a sum of unit vectors, None where they cancel out.

    >>> round(bearing(complex(-0.1, 1.0)), 1), bearing(0j)
    (354.3, None)
    """
    if abs(vector) < 1e-9:
        return None
    return math.degrees(math.atan2(vector.real, vector.imag)) % 360


def majority(classes: Counter, legend: dict[str, str] | None) -> str | None:
    """Name of the class with the most pixels; of equals the one with the lower code.

    >>> majority(Counter({2: 5, 1: 5, 7: 1}), {"1": "shale"})
    'shale'
    """
    if not classes:
        return None
    code = min(classes, key=lambda code: (-classes[code], code))
    return (legend or {}).get(f"{code:g}", f"{code:g}")


def measure_of(scene: Scene):
    """The `outlining.Measure` of a scene."""
    names = measured(scene)

    def measure(window: Window, labels: np.ndarray, count: int) -> list[Profile]:
        found = [Profile() for _ in range(count)]
        inside = labels > 0
        which = labels[inside] - 1
        values = scene.read(names, window)[inside] if names else np.empty((len(which), 0))
        for name, column in zip(names, values.T):
            known = np.isfinite(column)
            _add(found, name, which[known], column[known].astype(np.float64))
        return found

    return measure


def _add(found: list[Profile], name: str, which: np.ndarray, values: np.ndarray) -> None:
    if name == LITHOLOGY:
        pairs, pixels = np.unique(np.stack([which, values]), axis=1, return_counts=True)
        for (number, code), n in zip(pairs.T, pixels):
            found[int(number)].classes[float(code)] += int(n)
        return
    count = len(found)
    pixels = np.bincount(which, minlength=count)
    if name == ASPECT:
        turn = np.radians(values)
        east, north = (np.bincount(which, f(turn), minlength=count) for f in (np.sin, np.cos))
        sums = east + 1j * north
    else:
        sums = np.bincount(which, values, minlength=count)
    if name == DEFORMATION:
        furthest = np.zeros(count)
        order = np.argsort(np.abs(values), kind="stable")
        # Of several values for one index the last is kept: the furthest from 0.
        furthest[which[order]] = values[order]
    for number in np.flatnonzero(pixels):
        found[number].sums[name] = complex(sums[number])
        found[number].pixels[name] = int(pixels[number])
        if name == DEFORMATION:
            found[number].extreme = float(furthest[number])
