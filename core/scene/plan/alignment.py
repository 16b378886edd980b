"""The alignment report: what every input is, what will be done to it, what looks wrong.

`python -m core import NAME ... --dry-run` prints it; each decision in it has an option that
overrides it.
"""

import numpy as np
from rasterio.crs import CRS

from core.factors import DEFORMATION
from core.scene.align.align import offset_on
from core.scene.files import guard, sampling
from core.scene.files.sources import Raster, short_crs
from core.scene.files.vectors import read_polygons
from core.scene.plan import seams, suspicion
from core.scene.plan.extent import Bounds, bounds_in, intersection
from core.scene.plan.planning import Plan
from core.scene.plan.request import Source
from core.scene.plan.units import Unit, usual


def rows(made: Plan) -> list[dict]:
    """One row an input file, in the order of the factors; strict JSON values."""
    found = []
    for name in made.names:
        for number, raster in enumerate(made.rasters.get(name, ())):
            found.append(_raster_row(made, name, raster, made.units[name][number], number))
        found += [_vector_row(made, name, source) for source in made.vectors.get(name, ())]
    inventory = made.request.inventory
    if inventory and guard.is_vector(inventory.path):
        found.append(_vector_row(made, "inventory", inventory))
    return found


def seam_rows(made: Plan) -> list[dict]:
    """Where two files of one factor overlap, and by how much their values differ there."""
    return [
        {"factor": name, **seam}
        for name, files in made.rasters.items()
        for seam in seams.between(files, made.layout.grid, made.kernel(name))
    ]


def _raster_row(made: Plan, name: str, raster: Raster, unit: Unit, number: int) -> dict:
    sample = sampling.take(raster)
    values = sample.values
    overlap = _overlap(raster, made)
    scale, offset = raster.unscale
    return {
        "factor": name,
        "path": str(raster.path),
        "band": raster.band,
        "crs": short_crs(raster.crs) if raster.crs else None,
        "resolution": list(raster.cell),
        "extent": list(raster.bounds),
        "overlap": overlap,
        "nodata": _plain(raster.nodata),
        "nodata_share": sample.nodata_share,
        "minimum": float(values.min()) if values.size else None,
        "maximum": float(values.max()) if values.size else None,
        "dtype": raster.dtype,
        "scale": scale,
        "offset": offset,
        "unit": usual(name).name,
        "file_unit": unit.name,
        "unit_from": unit.how,
        **_done(made, name, raster, number),
        "suspicious": suspicion.sentences(name, made.kind(name), raster, sample, overlap)
        + ([unit.warning] if unit.warning else []),
    }


def _done(made: Plan, name: str, raster: Raster, number: int) -> dict:
    """What will be done to a raster: kernel, reprojection, what becomes of its gaps."""
    grid = made.layout.grid
    copied = offset_on(raster, grid) is not None
    other = raster.crs is not None and raster.crs != CRS.from_user_input(grid.crs)
    gaps = "gaps stay no data"
    if name == DEFORMATION:
        gaps = "gaps become 0 after the z-score"
    if len(made.rasters[name]) > 1:
        gaps = ("fills the gaps of the files before; " if number else "comes first; ") + gaps
    return {
        "kernel": "copied" if copied else made.kernel(name),
        "reprojected": other,
        "fill": gaps,
    }


def _overlap(raster: Raster, made: Plan) -> float:
    """Share of the grid that the raster's extent covers, 0..1."""
    grid = made.layout.grid
    bounds = raster.bounds if grid.crs is None else bounds_in(raster, CRS.from_user_input(grid.crs))
    return _share(bounds, grid.bounds)


def _share(bounds: Bounds, grid: Bounds) -> float:
    low_first = (grid[0], min(grid[1], grid[3]), grid[2], max(grid[1], grid[3]))
    shared = intersection(bounds, low_first)
    if shared is None:
        return 0.0
    return _area(shared) / _area(low_first)


def _area(bounds: Bounds) -> float:
    return (bounds[2] - bounds[0]) * (bounds[3] - bounds[1])


def _vector_row(made: Plan, name: str, source: Source) -> dict:
    frame = read_polygons(source)
    grid, suspicious = made.layout.grid, []
    crs = short_crs(CRS.from_wkt(frame.crs.to_wkt())) if frame.crs is not None else None
    there = frame.to_crs(grid.crs) if crs and grid.crs else frame
    bounds = tuple(float(v) for v in there.total_bounds)
    invalid = int((~frame.geometry.is_valid).sum())
    overlap = _share(bounds, grid.bounds) if np.isfinite(bounds).all() else 0.0
    if invalid:
        suspicious.append(f"{invalid} of {len(frame)} polygons of {name} cross themselves: mended.")
    if not overlap:
        suspicious.append(f"{name} does not overlap the grid: check its reference system.")
    return {
        "factor": name,
        "path": source.path,
        "crs": crs,
        "extent": list(bounds) if np.isfinite(bounds).all() else None,
        "overlap": overlap,
        "polygons": len(frame),
        "fields": [c for c in frame.columns if c != frame.geometry.name],
        "kernel": "burnt by pixel centre",
        "reprojected": bool(crs and grid.crs and crs != grid.crs),
        "suspicious": suspicious,
    }


def _plain(value: float | None) -> float | str | None:
    """JSON has no NaN and no infinity."""
    return value if value is None or np.isfinite(value) else str(value)
