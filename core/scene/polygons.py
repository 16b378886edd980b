"""Burning polygons onto the grid, by pixel centre."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from rasterio.features import rasterize
from rasterio.windows import Window

from core.errors import SlideScopeError
from core.factors import LITHOLOGY
from core.scene.files.class_field import class_field, label_of, names_field, useful_fields
from core.scene.files.source import Source
from core.scene.files.vectors import read_polygons
from core.scene.grid import Grid

MAX_CLASSES = 256


def on_grid(source: Source, grid: Grid) -> gpd.GeoDataFrame:
    """Return the polygons of a file, or of several, in the grid's CRS, all of them, geometries made
    valid; points for statistics as the pixels that they lie in."""
    frames = [_on_grid(file, grid) for file in source.files]
    frame = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
    if source.radius == 0:
        frame = frame.set_geometry(pixels_of(frame.geometry, grid))
    return frame


def pixels_of(geometries: gpd.GeoSeries, grid: Grid) -> gpd.GeoSeries:
    """The pixel of the grid, as a square, in which the middle of each geometry lies."""
    middles, inverse = geometries.centroid, ~grid.affine
    columns, rows = inverse * (middles.x.to_numpy(), middles.y.to_numpy())
    columns, rows = np.floor(columns), np.floor(rows)
    left, top = grid.affine * (columns, rows)
    right, bottom = grid.affine * (columns + 1, rows + 1)
    return gpd.GeoSeries(shapely.box(left, bottom, right, top), geometries.index, grid.crs)


def _on_grid(source: Source, grid: Grid) -> gpd.GeoDataFrame:
    frame = read_polygons(source)
    check_system(frame, source, grid)
    if grid.crs is not None:
        frame = frame.to_crs(grid.crs)
    broken = ~frame.geometry.is_valid
    if broken.any():
        frame.loc[broken, frame.geometry.name] = frame.geometry[broken].make_valid()
    return frame


def check_system(frame: gpd.GeoDataFrame, source: Source, grid: Grid) -> None:
    """Refuse polygons that have a reference system where the grid has none, or the other way."""
    if grid.crs is not None and frame.crs is None:
        raise SlideScopeError(
            f"'{source}' has no coordinate reference system while the scene has one: give its .prj "
            "file with it, or name it with --crs NAME=EPSG:n."
        )
    if grid.crs is None and frame.crs is not None:
        raise SlideScopeError(
            f"'{source}' has a coordinate reference system while the rasters have none: set the "
            "rasters' one with `gdal_edit -a_srs EPSG:n`, or give the inventory as a mask raster."
        )


def burn(
    geometries: Sequence, codes: Sequence, grid: Grid, window: Window, fill: float, dtype: str
) -> np.ndarray:
    """Return (height, width) of the window: the code of the polygon that holds the pixel's centre.

    Where polygons overlap, the later one stands.
    """
    part = grid.window(window)
    if not len(geometries):
        return np.full(part.shape, fill, dtype)
    return rasterize(
        zip(geometries, codes),
        out_shape=part.shape,
        transform=part.affine,
        fill=fill,
        dtype=dtype,
        all_touched=False,
    )


class Burner:
    """Polygons with a code each, burnt window by window."""

    def __init__(self, geometries: np.ndarray, codes: np.ndarray, grid: Grid):
        self._geometries, self._codes, self._grid = geometries, codes, grid
        self._tree = shapely.STRtree(geometries)

    def __enter__(self):
        return self

    def __exit__(self, *error) -> None:
        pass

    def read(self, window: Window, fill: float = np.nan, dtype: str = "float32") -> np.ndarray:
        near = np.sort(self._tree.query(box_of(self._grid.window(window))))
        return burn(self._geometries[near], self._codes[near], self._grid, window, fill, dtype)


def box_of(grid: Grid):
    """The grid's extent as a polygon."""
    left, bottom, right, top = grid.bounds
    return shapely.box(left, min(bottom, top), right, max(bottom, top))


def class_burner(
    name: str, sources: Sequence[Source], grid: Grid
) -> tuple[Burner, dict[str, str], str]:
    """Return what burns a factor of class polygons, its legend (code -> name) and the attribute.

    A numeric class attribute keeps its codes, names come from a text attribute beside it; a text
    attribute gets codes from 1 in alphabetical order.
    """
    frames = [on_grid(source, grid) for source in sources]
    field = class_field(frames[0], sources[0], name)
    for frame, source in zip(frames, sources):
        if field not in frame:
            raise SlideScopeError(
                f"'{source}' has no attribute '{field}' with the classes of '{name}', as "
                f"'{sources[0]}' has: give files with the same attributes."
            )
    # Later files fill gaps, so the first is burnt last.
    frame = pd.concat(frames[::-1], ignore_index=True)
    frame = frame[frame[field].notna()]
    frame = frame[frame.intersects(box_of(grid))]
    if frame.empty:
        raise SlideScopeError(
            f"No overlap: no polygon of '{sources[0]}' lies in the scene; check its coordinate "
            "reference system."
        )
    codes, legend = _legend(frame, field, str(sources[0]))
    return Burner(frame.geometry.to_numpy(), codes, grid), legend, field


def count_classes(frame: gpd.GeoDataFrame, field: str, source: Source) -> int:
    """How many classes the polygons of a file have; refuse an attribute that holds none."""
    known = frame[frame[field].notna()]
    return len(_legend(known, field, str(source))[1]) if len(known) else 0


def too_many(
    name: str, label: str, source: Source | None = None, frame: gpd.GeoDataFrame | None = None
) -> SlideScopeError:
    """The error of more classes than can be told apart, with a cure that fits the kind of file."""
    told = f"'{label}' holds more than {MAX_CLASSES} values as classes of {name}"
    if source is None or frame is None:
        cure = "group them first (gdal_calc.py, or QGIS: Reclassify by table), choose another band"
        known = ", or leave --categorical out if they are measurements"
        return SlideScopeError(f"{told}: {cure}{known if name != LITHOLOGY else ''}.")
    field, file = class_field(frame, source, name), label_of(source)
    counts = {f: frame[f].nunique() for f in useful_fields(frame) if f != field}
    fewer = sorted((n, f) for f, n in counts.items() if 2 <= n <= MAX_CLASSES)
    named = ", ".join(f"{file}:{f} ({n} classes)" for n, f in fewer[:3])
    return SlideScopeError(
        f"{told} (attribute '{field}'): "
        + (f"name an attribute with fewer, such as {named}, or " if named else "")
        + "group them in a new attribute (QGIS: field calculator) and name that as "
        f"{file}:ATTRIBUTE."
    )


def _legend(frame: gpd.GeoDataFrame, field: str, label: str) -> tuple[np.ndarray, dict[str, str]]:
    values = frame[field]
    number = pd.to_numeric(values, errors="coerce")
    if number.isna().any():
        texts = sorted(values.astype(str).unique())
        codes = {text: i + 1 for i, text in enumerate(texts)}
        return values.astype(str).map(codes).to_numpy(), {str(c): t for t, c in codes.items()}
    if (number != number.round()).any() or number.abs().max() >= 2**24:
        raise SlideScopeError(
            f"Attribute '{field}' of '{label}' is not a class: codes are whole numbers below 16 "
            "million; name another as FILE:ATTRIBUTE."
        )
    codes = number.astype(int)
    named = names_field(frame, field)
    first = frame.assign(_code=codes).drop_duplicates("_code").sort_values("_code")
    names = first[named].astype(str) if named else first["_code"].astype(str)
    return codes.to_numpy(), {str(c): n for c, n in zip(first["_code"], names)}
