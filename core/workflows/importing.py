"""From files to a stored scene: `import`."""

import time
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from core import disk
from core.cluster import pool
from core.display import display
from core.errors import SlideScopeError
from core.factors import DEFORMATION
from core.jobs.report import Report, part, silent
from core.scene import from_stack, store
from core.scene.files import buckets, tile_folder
from core.scene.importing import import_scene
from core.scene.plan import alignment, given, planning
from core.scene.plan.override import Override
from core.scene.plan.overrides import INVENTORY, of_file
from core.scene.plan.request import ImportRequest
from core.workflows import in_use
from core.workflows.scenes import describe


def run(request: ImportRequest, report: Report) -> dict:
    with warnings.catch_warnings():
        # What is to be known of a file stands in the report, not in a library's warning.
        warnings.simplefilter("ignore")
        return _run(request, report)


def _run(request: ImportRequest, report: Report) -> dict:
    # What lies in buckets is fetched once, for a dry run too: its values are looked at.
    with buckets.brought(request.to_json(), report) as found:
        asked = ImportRequest.from_json(found.request) if found.places else request
        return found.told(_of_files(asked, report))


def _of_files(request: ImportRequest, report: Report) -> dict:
    given.check(request, lambda: report("looking at the files", 0.0))
    if request.tile_folder:
        return _import_tiles(request, request.tile_folder, report)
    if request.dry_run:
        return _looked_at(request, report)
    started = time.monotonic()
    scene = store_scene(request, report)
    return describe(scene) | {"seconds": round(time.monotonic() - started, 1)}


def looked_at(request: ImportRequest) -> dict:
    """What a dry run says, where nobody waits for its reports."""
    return run(replace(request, dry_run=True), silent)


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
    if request.factors or request.inventory:
        raise SlideScopeError(
            "--tile-folder brings its own factors and masks: leave --factor and --inventory out."
        )
    found = tile_folder.find(tiles, wishes=_wishes(request))
    started = time.monotonic()
    with disk.scratch("tiles-") as folder:
        # Bands are named in the scene by the folder that they came from.
        label = Path(tiles).resolve().name
        written = part(report, 0.0, 0.4)
        factors, masks, marked = tile_folder.write(found, folder, label, written)
        told = (*found.notes, *marked)
        asked = replace(
            request,
            factors=factors,
            inventory=masks,
            tiles=found.tile,
            bands=(),
            continuous=frozenset(factors),
            overrides=_of_images(request),
        )
        if request.dry_run:
            made = alignment.report(planning.plan(asked))
            for row in made["report"]:
                # The strips are gone when the report is read.
                row["path"] = str(Path(tiles) / Path(row["path"]).name)
            return made | {"notes": [*told, *made["notes"]]}
        scene = store_scene(asked, part(report, 0.4, 1.0), told)
    return describe(scene) | {"seconds": round(time.monotonic() - started, 1)}


def _wishes(request: ImportRequest) -> tile_folder.Wishes:
    """What is decided about a tile folder; the masks' values are the inventory's options."""
    decided = of_file(request.overrides, INVENTORY)
    nodata = decided.nodata
    ignored = (float(nodata),) if isinstance(nodata, float | int) else ()
    landslide = decided.landslide_value or ()
    return tile_folder.Wishes(request.bands, request.tiles, ignored, landslide)


def _of_images(request: ImportRequest) -> dict[str, Override]:
    """The options of the images: what holds for the masks is done when they are read."""
    kept = dict(request.overrides)
    given = kept.pop(INVENTORY, Override()).given()
    other = [option for option in given if option not in ("nodata", "landslide_value")]
    if other:
        raise SlideScopeError(
            f"--{other[0]} is given for the masks of a tile folder, which are read as they are: "
            "only --nodata inventory=VALUE, a value that means not mapped, and the values that "
            f"mean landslide are chosen there; leave --{other[0]} out."
        )
    return kept


def store_scene(request: ImportRequest, report: Report, told: Sequence[str] = ()) -> store.Scene:
    """Import what is asked for and prepare its map layers; both are there, or neither."""
    in_use.check_free(request.name)
    with store.create(request.name, request.replace) as folder:
        begun = 0.5 if from_stack.given_as_stack(request) else 0.0
        with pool.opened(request.on, report) as workers:
            found = from_stack.invert(request, folder, part(report, 0.0, begun), workers)
            notes = (*told, *found.notes)
            told_of = part(report, begun, 0.8)
            scene = import_scene(found.request, folder, told_of, notes, workers)
            display.prepare_scene(scene, part(report, 0.8, 1.0), workers)
        # Hours may have passed.
        in_use.check_free(request.name)
    return scene
