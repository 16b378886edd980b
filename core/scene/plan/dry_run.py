"""What an import would do, as `--dry-run` prints it and the page shows it."""

from core.scene.align.align import offset_on
from core.scene.plan import alignment
from core.scene.plan.planning import ImportPlan


def report(made: ImportPlan) -> dict:
    """The plan with a row an input and the seams of mosaics; strict JSON values."""
    return to_json(made) | {"report": alignment.rows(made), "seams": alignment.seam_rows(made)}


def to_json(made: ImportPlan) -> dict:
    """The grid and what will be done to each factor."""
    grid = made.layout.grid
    steps = []
    for name in made.names:
        step = {"factor": name, "kind": made.kind(name), "source": made.source(name)}
        step["done"] = _what(made, name)
        steps.append(step)
    return {
        "scene": made.request.name,
        "kind": made.layout.kind,
        "width": grid.width,
        "height": grid.height,
        "crs": grid.crs,
        "resolution": grid.resolution[0],
        "factors": list(made.names),
        "plan": steps,
        "inventory": str(made.request.inventory) if made.request.inventory else None,
        "notes": list(made.notes),
        "dry_run": True,
    }


def _what(made: ImportPlan, name: str) -> str:
    if name in made.on_elevation:
        return "derived on elevation's own pixels, then brought onto the grid"
    if name in made.derived:
        return "computed on the grid from the radar's geometry"
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
