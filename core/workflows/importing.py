"""From files to a stored scene, and what is stored: `import`, `scenes`."""

import tempfile
import time
from dataclasses import replace
from pathlib import Path

from core.display import display
from core.errors import SlideScopeError
from core.jobs.report import Report, part
from core.scene import store
from core.scene.files import tile_folder
from core.scene.importing import import_scene
from core.scene.plan import dry_run, planning
from core.scene.plan.request import ImportRequest
from core.workflows.requests import ScenesRequest


def run(request: ImportRequest, report: Report) -> dict:
    if request.tile_folder:
        return _import_tiles(request, request.tile_folder, report)
    if request.dry_run:
        report("looking at the files", 0.0)
        made = planning.plan(request)
        report("sampling the files", 0.5)
        return dry_run.report(made)
    started = time.monotonic()
    scene = store_scene(request, report)
    return describe(scene) | {"seconds": round(time.monotonic() - started, 1)}


def _import_tiles(request: ImportRequest, tiles: str, report: Report) -> dict:
    """Write a folder of tiles as strips, then import these."""
    found = tile_folder.find(tiles, list(request.bands))
    if request.factors or request.inventory or request.tiles:
        raise SlideScopeError(
            "--tile-folder brings its own factors and masks: leave --factor, --inventory and "
            "--tiles out."
        )
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="tiles-") as folder:
        # Bands are named in the scene by the folder that they came from.
        label = Path(tiles).resolve().name
        factors, masks = tile_folder.write(found, Path(folder), label, part(report, 0.0, 0.4))
        asked = replace(request, factors=factors, inventory=masks, tiles=found.tile)
        if request.dry_run:
            return dry_run.to_json(planning.plan(asked))
        scene = store_scene(asked, part(report, 0.4, 1.0))
    return describe(scene) | {"seconds": round(time.monotonic() - started, 1)}


def store_scene(request: ImportRequest, report: Report) -> store.Scene:
    """Import what is asked for and prepare its map layers; both are there, or neither."""
    with store.create(request.name, request.replace) as folder:
        scene = import_scene(request, folder, part(report, 0.0, 0.8))
        display.prepare_scene(scene, part(report, 0.8, 1.0))
    return scene


def describe(scene: store.Scene) -> dict:
    """The object that `import --json` prints."""
    grid, inventory = scene.grid, scene.inventory or {}
    return {
        "scene": scene.name,
        "kind": scene.kind,
        "width": grid.width,
        "height": grid.height,
        "crs": grid.crs,
        "resolution": grid.resolution[0],
        "tile": scene.tile,
        "factors": list(scene.factor_names),
        "details": [
            {
                "factor": f.name,
                "kind": f.kind,
                "unit": f.unit,
                "source": f.source,
                "valid_share": f.valid_share,
                "minimum": f.minimum,
                "maximum": f.maximum,
                "classes": len(f.legend) if f.legend else None,
            }
            for f in scene.factors
        ],
        "landslide_share": scene.landslide_share,
        "landslides": inventory.get("polygons"),
        "polygons_without_pixel": inventory.get("polygons_without_pixel"),
        "synthetic": scene.synthetic,
        "fingerprint": scene.fingerprint,
        "notes": list(scene.notes),
    }


def listed(request: ScenesRequest, report: Report) -> dict:
    scenes = [store.load(name) for name in store.names()]
    return {"scenes": [_line(scene) for scene in scenes]}


def _line(scene: store.Scene) -> dict:
    keys = ("scene", "kind", "width", "height", "crs", "factors", "landslide_share", "synthetic")
    described = describe(scene)
    return {key: described[key] for key in keys} | {"created": scene.created}
