"""A stored scene from plain arrays, for tests that plant their own factors."""

import numpy as np
import pytest
import rasterio

from core import factors
from core.analysis import forests, importance
from core.scene import store
from core.scene.grid import Grid


def scene(
    layers: dict,
    mask=None,
    name="planted",
    kind="area",
    tile=128,
    categorical=(),
    crs="EPSG:32648",
):
    """Store `layers` (name -> (height, width), NaN = no data) and return the scene."""
    stack = np.stack(list(layers.values())).astype(np.float32)
    where = (12.5, 0, 240000, 0, -12.5, 3020000) if crs else (1, 0, 0, 0, 1, 0)
    grid = Grid(crs, where, *stack.shape[:0:-1])
    with store.create(name, replace_old=True) as folder:
        _write(folder / "stack.tif", grid, stack, np.nan)
        inventory = None
        if mask is not None:
            inventory = {"version": 1, "landslide_share": float(np.mean(mask))}
            inventory |= {"source": "planted", "polygons": 1, "polygons_without_pixel": 0}
            (folder / "inventory" / "1").mkdir(parents=True)
            _write(folder / "inventory" / "1" / "mask.tif", grid, np.uint8(mask)[None], None)
        made = store.Scene(
            name=name,
            path=folder,
            kind=kind,
            tile=tile,
            grid=grid,
            factors=tuple(_factor(n, v, n in categorical) for n, v in zip(layers, stack)),
            synthetic=True,
            fingerprint=f"{name}-{abs(hash(stack.tobytes()))}",
            created="2026-01-01T00:00:00",
            inventory=inventory,
        )
        store.save(made)
    return store.load(name)


def few_trees(patch: pytest.MonkeyPatch) -> None:
    """What forests find is `test_importance`'s; elsewhere a few trees show what becomes of it."""
    patch.setattr(forests, "TREES", 10)
    for name, value in {"REPEATS": 3, "NULLS": 2}.items():
        patch.setattr(importance, name, value)


def _factor(name: str, values: np.ndarray, categorical: bool) -> store.SceneFactor:
    known = values[np.isfinite(values)].astype(float)
    numbers = {}
    if known.size:
        quantiles = tuple(np.quantile(known, (0.02, 0.5, 0.98)).tolist())
        numbers = {"minimum": known.min(), "maximum": known.max(), "quantiles": quantiles}
    kind = factors.factor(name, categorical).kind
    return store.SceneFactor(name, kind, "", "tests", float(known.size / values.size), **numbers)


def _write(path, grid: Grid, layers: np.ndarray, nodata) -> None:
    where = {"crs": grid.crs, "transform": grid.affine, "width": grid.width, "height": grid.height}
    how = {"tiled": True, "blockxsize": 128, "blockysize": 128, "interleave": "pixel"}
    kind = {"driver": "GTiff", "count": len(layers), "dtype": layers.dtype.name, "nodata": nodata}
    with rasterio.open(path, "w", **kind, **where, **how) as target:
        target.write(layers)
