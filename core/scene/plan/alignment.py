"""The alignment report: what every input is, what will be done to it, what looks wrong.

`python -m core import NAME ... --dry-run` prints it; each decision in it has an option that
overrides it.
"""

import numpy as np
from rasterio.crs import CRS

from core.factors import DEFORMATION, MOTION
from core.scene.align.align import offset_on
from core.scene.files import sampling
from core.scene.files.points import Points
from core.scene.files.sources import Raster, short_crs
from core.scene.plan import alignment_vectors, seams, suspicion
from core.scene.plan.alignment_vectors import share, told
from core.scene.plan.extent import bounds_in
from core.scene.plan.overrides import INVENTORY, SECOND
from core.scene.plan.planning import ImportPlan
from core.scene.plan.units import Unit, usual


def rows(made: ImportPlan) -> list[dict]:
    """One row an input file, in the order of the factors; strict JSON values."""
    found = []
    for name in made.names:
        for number, raster in enumerate(made.rasters.get(name, ()), 1):
            unit = made.units[name][number - 1]
            found.append(_raster_row(made, name, raster, unit, number))
        for number, source in enumerate(made.vectors.get(name, ()), 1):
            found.append(alignment_vectors.polygons(made, name, source, number))
        if name in made.points:
            unit = made.units[name][0]
            found.append(alignment_vectors.points(made, name, made.points[name], unit))
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
        found.append(alignment_vectors.polygons(made, INVENTORY, made.inventory, 1))
    if isinstance(made.second, Points):
        found.append(alignment_vectors.points(made, SECOND, made.second, usual(DEFORMATION)))
    elif made.second:
        found.append(_raster_row(made, SECOND, made.second, usual(DEFORMATION), 1))
    for which, angles in (("", made.angles), ("second ", made.second_angles)):
        for angle, name in zip(angles, ("incidence", "heading")):
            if isinstance(angle, Raster):
                found.append(_raster_row(made, which + name, angle, Unit("degrees", 1, "usual"), 1))
    return found


def _raster_row(made: ImportPlan, name: str, raster: Raster, unit: Unit, number: int) -> dict:
    sample = sampling.take(raster)
    values = sample.values
    overlap = _overlap(raster, made)
    scale, offset = raster.unscale
    files = len(made.rasters.get(name, ())) or 1
    kind = "categorical" if name == INVENTORY else made.kind(name)
    problems = suspicion.problems(name, kind, raster, sample, overlap)
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
        "unit": usual(DEFORMATION if name in (*MOTION, SECOND) else name).name,
        "file_unit": unit.name,
        "unit_from": unit.how,
        **_done(made, name, raster, number),
        **told(made, name, number, files, problems),
    }


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


def _overlap(raster: Raster, made: ImportPlan) -> float:
    """Share of the grid that the raster's extent covers, 0..1."""
    grid = made.layout.grid
    bounds = raster.bounds if grid.crs is None else bounds_in(raster, CRS.from_user_input(grid.crs))
    return share(bounds, grid.bounds)


def _plain(value: float | None) -> float | str | None:
    """JSON has no NaN and no infinity."""
    return value if value is None or np.isfinite(value) else str(value)
