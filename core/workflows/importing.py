"""From files to a stored scene: `import`."""

import tempfile
import time
from dataclasses import replace
from pathlib import Path

from core.display import display
from core.errors import SlideScopeError
from core.factors import DEFORMATION
from core.jobs.report import Report, part
from core.scene import from_stack, store
from core.scene.files import tile_folder
from core.scene.importing import import_scene
from core.scene.plan import alignment, planning
from core.scene.plan.request import ImportRequest
from core.workflows import in_use
from core.workflows.scenes import describe


def run(request: ImportRequest, report: Report) -> dict:
    if request.tile_folder:
        return _import_tiles(request, request.tile_folder, report)
    if request.dry_run:
        return _looked_at(request, report)
    started = time.monotonic()
    scene = store_scene(request, report)
    return describe(scene) | {"seconds": round(time.monotonic() - started, 1)}


def _looked_at(request: ImportRequest, report: Report) -> dict:
    report("looking at the files", 0.0)
    with from_stack.looked_at(request, report) as found:
        made = planning.plan(found.request)
        report("sampling the files", 0.5)
        told = alignment.report(made)
    if found.told is None:
        return told
    # The rate itself is not there yet: what stands for it has a place, and no values.
    unknown = {"path": found.told["label"], "minimum": None, "maximum": None, "suspicious": []}
    rows = [
        {**row, **unknown, "problems": []} if row["factor"] == DEFORMATION else row
        for row in told["report"]
    ]
    return {**told, "report": rows, "stack": found.told}


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
        asked = replace(
            request,
            factors=factors,
            inventory=masks,
            tiles=found.tile,
            bands=(),
            continuous=frozenset(factors),
        )
        if request.dry_run:
            return alignment.to_json(planning.plan(asked))
        scene = store_scene(asked, part(report, 0.4, 1.0))
    return describe(scene) | {"seconds": round(time.monotonic() - started, 1)}


def store_scene(request: ImportRequest, report: Report) -> store.Scene:
    """Import what is asked for and prepare its map layers; both are there, or neither."""
    in_use.check_free(request.name)
    with store.create(request.name, request.replace) as folder:
        begun = 0.5 if from_stack.given_as_stack(request) else 0.0
        found = from_stack.invert(request, folder, part(report, 0.0, begun))
        scene = import_scene(found.request, folder, part(report, begun, 0.8), found.notes)
        display.prepare_scene(scene, part(report, 0.8, 1.0))
        # Hours may have passed.
        in_use.check_free(request.name)
    return scene
