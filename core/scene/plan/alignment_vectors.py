"""The rows of the alignment report about polygons and points."""

import numpy as np
from rasterio.crs import CRS
from rasterio.warp import transform_bounds

from core.factors import DEFORMATION
from core.scene.files import guard, point_layers
from core.scene.files import points as tables
from core.scene.files.points import Points
from core.scene.files.sources import short_crs
from core.scene.files.vectors import read_polygons
from core.scene.plan.extent import Bounds, intersection
from core.scene.plan.overrides import INVENTORY, SECOND, of_file
from core.scene.plan.planning import ImportPlan
from core.scene.plan.problem import Problem
from core.scene.plan.request import Source
from core.scene.plan.units import Unit, usual
from core.scene.polygons import class_field


def polygons(made: ImportPlan, name: str, source: Source, number: int) -> dict:
    """A row about a file of polygons: classes, or the inventory."""
    frame = read_polygons(source)
    grid, problems = made.layout.grid, []
    crs = short_crs(CRS.from_wkt(frame.crs.to_wkt())) if frame.crs is not None else None
    there = frame.to_crs(grid.crs) if crs and grid.crs else frame
    left, bottom, right, top = map(float, there.total_bounds)
    bounds = left, bottom, right, top
    finite = bool(np.isfinite(bounds).all())
    overlap = share(bounds, grid.bounds) if finite else 0.0
    invalid = int((~frame.geometry.is_valid).sum())
    if invalid:
        problems.append(
            Problem(f"{invalid} of {len(frame)} polygons of {name} cross themselves: repaired")
        )
    if not overlap:
        problems.append(
            Problem(f"{name} does not overlap the grid", ": check its reference system")
        )
    fields = [c for c in frame.columns if c != frame.geometry.name]
    files = len(made.vectors.get(name, ())) or 1
    return {
        "factor": name,
        "file": number,
        "path": source.path,
        "crs": crs,
        "extent": list(bounds) if finite else None,
        "overlap": overlap,
        "polygons": len(frame),
        "fields": fields,
        "attribute": None if name == INVENTORY else class_field(frame, source),
        "kernel": "burnt by pixel centre",
        "reprojected": bool(crs and grid.crs and crs != grid.crs),
        "fill": "gaps are no landslide" if name == INVENTORY else _gaps(made, name),
        **told(made, name, number, files, problems),
    }


def points(made: ImportPlan, name: str, found: Points, unit: Unit) -> dict:
    """A row about a file of points."""
    grid, values, problems = made.layout.grid, found.values * found.times, []
    bounds = found.bounds
    placed = CRS.from_user_input(grid.crs)
    there = bounds if found.crs == placed else transform_bounds(found.crs, placed, *bounds)
    overlap = share(there, grid.bounds) if np.isfinite(there).all() else 0.0
    if not overlap:
        problems.append(
            Problem(f"{name} does not overlap the grid", ": check its reference system")
        )
    if not found.sure:
        problems.append(
            Problem(
                f"column '{found.column}' is taken for the rate, which its name only suggests",
                f"; name another as {found.path.name}:COLUMN",
            )
        )
    problems += [unit.warning] if unit.warning else []
    return {
        "factor": name,
        "file": 1,
        "path": str(found.path),
        "crs": short_crs(found.crs),
        "extent": list(bounds),
        "overlap": overlap,
        "points": len(values),
        "fields": _columns(found),
        "attribute": found.column,
        "minimum": float(values.min()),
        "maximum": float(values.max()),
        "unit": usual(DEFORMATION if name == SECOND else name).name,
        "file_unit": unit.name,
        "unit_from": unit.how,
        "kernel": "inverse distance",
        "reprojected": found.crs != placed,
        "fill": _gaps(made, name),
        **told(made, name, 1, 1, problems),
    }


def _columns(found: Points) -> list[str]:
    if guard.is_points(found.path):
        return tables.columns(found.path)
    return list(point_layers.columns(Source(str(found.path))))


def _gaps(made: ImportPlan, name: str) -> str:
    fill = made.fill(name)
    if name == DEFORMATION:
        return "gaps become 0 after the z-score"
    return "gaps stay no data" if fill is None else f"gaps become {fill:g}"


def told(made: ImportPlan, name: str, number: int, files: int, problems: list[Problem]) -> dict:
    """What the user decided about a file, and its problems: as sentences, and taken apart for a
    page. `key` is what options call it: its factor, and its number where there are several."""
    key = f"{name}:{number}" if files > 1 else name
    return {
        "key": key,
        "decided": of_file(made.request.overrides, name, number).given(),
        "suspicious": [problem.sentence(key) for problem in problems],
        "problems": [problem.to_json() for problem in problems],
    }


def share(bounds: Bounds, grid: Bounds) -> float:
    """Share of the grid, given by its bounds, that `bounds` cover, 0..1."""
    low_first = (grid[0], min(grid[1], grid[3]), grid[2], max(grid[1], grid[3]))
    shared = intersection(bounds, low_first)
    return _area(shared) / _area(low_first) if shared else 0.0


def _area(bounds: Bounds) -> float:
    return (bounds[2] - bounds[0]) * (bounds[3] - bounds[1])
