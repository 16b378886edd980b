"""The alignment report: what every input is, what will be done to it, what looks wrong.

`python -m core import NAME ... --dry-run` prints it; each decision in it has an option that
overrides it.
"""

import numpy as np
from rasterio.crs import CRS
from rasterio.warp import transform_bounds

from core.factors import DEFORMATION, ELEVATION, FROM_BANDS, MOTION
from core.scene.align.align import offset_on
from core.scene.files import sampling, vectors
from core.scene.files.class_field import class_field
from core.scene.files.points import Points
from core.scene.files.raster import Raster, short_crs
from core.scene.files.source import Source
from core.scene.files.vectors import read_polygons
from core.scene.plan import datum, seams, slope_check, suspicion, voids
from core.scene.plan.extent import Bounds, bounds_in, covers, intersection, union
from core.scene.plan.overrides import INVENTORY, SECOND, of_file
from core.scene.plan.planning import ImportPlan
from core.scene.plan.units import HEADING, INCIDENCE, Problem, Unit, usual
from core.scene.polygons import check_system


def polygon_row(made: ImportPlan, name: str, source: Source, number: int) -> dict:
    """A row about a file of polygons: classes, or the inventory."""
    frame = read_polygons(source)
    grid, problems = made.layout.grid, []
    check_system(frame, source, grid)
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
    if name == INVENTORY and isinstance(made.inventory, Source):
        files = len(made.inventory.files)
    return {
        "factor": name,
        "file": number,
        "path": source.path,
        "crs": crs,
        "extent": list(bounds) if finite else None,
        "overlap": overlap,
        "polygons": len(frame),
        "fields": fields,
        "attribute": None if name == INVENTORY else class_field(frame, source, name),
        "kernel": "burnt by pixel centre",
        "reprojected": bool(crs and grid.crs and crs != grid.crs),
        **_datum(made, name, number, vectors.system(source), problems),
        "fill": "gaps are no landslide" if name == INVENTORY else _gaps_of_vectors(made, name),
        **vector_row(made, name, number, files, problems),
    }


def points_row(made: ImportPlan, name: str, found: Points, unit: Unit) -> dict:
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
                f"column '{found.column}' of '{found.path.name}' is taken for its values, which "
                "its name only suggests",
                f"; name another as {found.path.name}:COLUMN",
            )
        )
    if of_file(made.overrides, name).nodata is not None:
        hidden = voids.hidden(name, found.values)
        problems += suspicion.hidden_nodata(name, hidden)
        if not hidden:
            problems += suspicion.rates(name, values)
    problems += [unit.warning] if unit.warning else []
    return {
        "factor": name,
        "file": 1,
        "path": str(found.path),
        "crs": short_crs(found.crs),
        "extent": list(bounds),
        "overlap": overlap,
        "points": len(values),
        "fields": list(found.fields),
        "attribute": found.column,
        "minimum": float(values.min()),
        "maximum": float(values.max()),
        "unit": usual(DEFORMATION if name == SECOND else name).name,
        "file_unit": unit.name,
        "unit_from": unit.how,
        "kernel": "inverse distance",
        "reprojected": found.crs != placed,
        **_datum(made, name, 1, found.crs, problems),
        "fill": _gaps_of_vectors(made, name),
        **vector_row(made, name, 1, 1, problems),
    }


def _datum(
    made: ImportPlan, name: str, number: int, crs: CRS | None, problems: list[Problem]
) -> dict:
    """The transformation of a file's datum and its stated accuracy; a rough one is a problem."""
    way = datum.to_grid(crs, made.layout.grid)
    if way is None:
        return {"transformation": None, "accuracy_m": None}
    if way.ballpark and not of_file(made.overrides, name, number).shift:
        problems.append(Problem(f"{name}: {way.told}", f"; {datum.cure(name)}"))
    stated = None if way.accuracy_m is None else _plain(way.accuracy_m)
    return {"transformation": way.told, "accuracy_m": stated}


def _gaps_of_vectors(made: ImportPlan, name: str) -> str:
    fill = made.fill(name)
    if name == DEFORMATION:
        return "gaps become 0 after the z-score"
    return "gaps stay no data" if fill is None else f"gaps become {fill:g}"


def vector_row(
    made: ImportPlan, name: str, number: int, files: int, problems: list[Problem]
) -> dict:
    """What the user decided about a file, and its problems: as sentences, and taken apart for a
    page. `key` is what options call it: its factor, and its number where there are several."""
    key = f"{name}:{number}" if files > 1 else name
    return {
        "key": key,
        "decided": of_file(made.overrides, name, number).given(),
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


def rows(made: ImportPlan) -> list[dict]:
    """One row an input file, in the order of the factors; strict JSON values."""
    found = []
    for name in made.names:
        for number, raster in enumerate(made.rasters.get(name, ()), 1):
            unit = made.units[name][number - 1]
            found.append(_raster_row(made, name, raster, unit, number))
        for number, source in enumerate(made.vectors.get(name, ()), 1):
            found.append(polygon_row(made, name, source, number))
        if name in made.points:
            unit = made.units[name][0]
            found.append(points_row(made, name, made.points[name], unit))
    return found + _further(made)


def seam_rows(made: ImportPlan) -> list[dict]:
    """Where two files of one factor overlap, and by how much their values differ there."""
    return [
        {"factor": name, **seam}
        for name, files in made.rasters.items()
        for seam in seams.between(files, made.layout.grid, made.kernel(name))
    ]


def _further(made: ImportPlan) -> list[dict]:
    """The inventory, the second orbit's rate, and rasters of the orbits' angles."""
    found = []
    if isinstance(made.inventory, Raster):
        found.append(_raster_row(made, INVENTORY, made.inventory, usual(INVENTORY), 1))
    elif made.inventory:
        for number, source in enumerate(made.inventory.files, 1):
            found.append(polygon_row(made, INVENTORY, source, number))
    if isinstance(made.second, Points):
        found.append(points_row(made, SECOND, made.second, made.units[SECOND][0]))
    elif made.second:
        found.append(_raster_row(made, SECOND, made.second, made.units[SECOND][0], 1))
    for which, angles in (("", made.angles), (f"{SECOND}_", made.second_angles)):
        for angle, name in zip(angles, (f"{which}{INCIDENCE}", f"{which}{HEADING}")):
            if isinstance(angle, Raster):
                found.append(_raster_row(made, name, angle, made.units[name][0], 1))
    return found


def _raster_row(made: ImportPlan, name: str, raster: Raster, unit: Unit, number: int) -> dict:
    sample = sampling.take(raster)
    values = sample.values
    overlap = _overlap(raster, made)
    scale, offset = raster.unscale
    files = len(made.rasters.get(name, ())) or 1
    kind = "categorical" if name == INVENTORY else made.kind(name)
    seen = _together(made, name) if files > 1 and overlap else overlap
    problems = suspicion.problems(name, kind, raster, sample, seen)
    decided = of_file(made.overrides, name, number).nodata
    if decided is None:
        problems = [p for p in problems if p.option != "nodata"]
    elif isinstance(decided, float) and raster.nodata is not None and not sample.nodata_share:
        problems.append(
            Problem(f"{name} holds {decided:g}, the no-data value, in no pixel looked at")
        )
    ground = made.rasters.get(ELEVATION, ())
    if name == "aspect" and (turned := slope_check.of_aspect(raster, unit, ground)):
        problems = [turned, *(p for p in problems if p.option != "unit")]
    if name == "slope":
        odd = slope_check.problem(raster, unit, values, ground)
        problems = [odd, *(p for p in problems if p.option != "unit")] if odd else problems
    problems += [unit.warning] if unit.warning else []
    return {
        "factor": name,
        "file": number,
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
        "unit": _stored_in(name, unit),
        "file_unit": unit.name,
        "unit_from": unit.how,
        **_done(made, name, raster, number),
        **_datum(made, name, number, raster.crs, problems),
        **vector_row(made, name, number, files, problems),
    }


def _stored_in(name: str, unit: Unit) -> str:
    """The unit that the scene keeps the values in; none is claimed for pictures."""
    if unit.how == "not named":
        return ""
    if name in (*MOTION, SECOND):
        return usual(DEFORMATION).name
    return usual(name.removeprefix(f"{SECOND}_")).name


def _done(made: ImportPlan, name: str, raster: Raster, number: int) -> dict:
    """What will be done to a raster: kernel, reprojection, what becomes of its gaps."""
    grid = made.layout.grid
    copied = offset_on(raster, grid) is not None
    other = raster.crs is not None and raster.crs != CRS.from_user_input(grid.crs)
    return {
        "kernel": "copied" if copied else _kernel(made, name),
        "reprojected": other,
        "fill": _gaps(made, name, number),
    }


def _kernel(made: ImportPlan, name: str) -> str:
    if name == INVENTORY:
        return "nearest"
    circular = name in made.names and made.kind(name) == "circular"
    return "bilinear, through sine and cosine" if circular else made.kernel(name)


def _gaps(made: ImportPlan, name: str, number: int) -> str:
    if name == INVENTORY:
        return "gaps are no landslide"
    fill = made.fill(name)
    gaps = "gaps stay no data" if fill is None else f"gaps become {fill:g}"
    if name == DEFORMATION:
        gaps = "gaps become 0 after the z-score"
    if len(made.rasters.get(name, ())) > 1:
        gaps = ("fills the gaps of the files before; " if number > 1 else "comes first; ") + gaps
    return gaps


def _together(made: ImportPlan, name: str) -> float:
    """Share of the grid that all files of a mosaic cover at most, 0..1."""
    grid = made.layout.grid
    system = CRS.from_user_input(grid.crs) if grid.crs else None
    extents = [bounds_in(r, system) if system else r.bounds for r in made.rasters[name]]
    return share(union(extents), grid.bounds)


def _overlap(raster: Raster, made: ImportPlan) -> float:
    """Share of the grid that the raster's extent covers, 0..1."""
    grid = made.layout.grid
    if grid.crs is None:
        return share(raster.bounds, grid.bounds)
    crs = CRS.from_user_input(grid.crs)
    if covers(raster, grid.bounds, crs):
        return 1.0
    return share(bounds_in(raster, crs), grid.bounds)


def _plain(value: float | None) -> float | str | None:
    """JSON has no NaN and no infinity."""
    return value if value is None or np.isfinite(value) else str(value)


def suspicions(made: ImportPlan) -> list[str]:
    """What looks wrong about the inputs, as notes of a scene; nothing that its plan's notes say."""
    said = "\n".join(made.notes)
    found = []
    for row in rows(made):
        for problem, sentence in zip(row["problems"], row["suspicious"]):
            if problem["told"] not in said:
                name = row["factor"]
                found.append(f"{row['key']}: {sentence.removeprefix(f'{name} ')}")
    return list(dict.fromkeys(found))


def report(made: ImportPlan) -> dict:
    """The plan with a row an input and the seams of mosaics; strict JSON values."""
    return to_json(made) | {"report": rows(made), "seams": seam_rows(made)}


def to_json(made: ImportPlan) -> dict:
    """The grid and what will be done to each factor."""
    grid = made.layout.grid
    steps = []
    for name in made.names:
        step = {"factor": name, "kind": made.kind(name), "source": made.source(name)}
        step["done"] = _what(made, name)
        steps.append(step)
    return {
        "scene": made.name,
        "kind": made.layout.kind,
        "width": grid.width,
        "height": grid.height,
        "crs": grid.crs,
        "resolution": grid.resolution[0],
        "factors": list(made.names),
        "plan": steps,
        "inventory": str(made.landslides) if made.landslides else None,
        "notes": list(made.notes),
        "dry_run": True,
    }


def _what(made: ImportPlan, name: str) -> str:
    if name in made.on_elevation:
        return "derived on elevation's own pixels, then brought onto the grid"
    if name in FROM_BANDS and name in made.derived:
        return "computed on the grid from red and near infrared"
    if name in made.derived:
        return "computed on the grid from the radar's geometry"
    if name in made.distances:
        return "measured from each pixel's centre to the nearest feature"
    if name in made.points:
        return "points gridded by inverse distance"
    if name in made.vectors:
        return "polygons burnt by pixel centre"
    if all(offset_on(raster, made.layout.grid) is not None for raster in made.rasters[name]):
        return "copied pixel by pixel"
    kind = made.kind(name)
    if kind == "circular":
        return "resampled through sine and cosine, bilinear"
    kernel = made.kernel(name)
    return f"resampled, {'nearest neighbour' if kernel == 'nearest' else kernel}"
