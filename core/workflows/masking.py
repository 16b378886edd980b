"""Another mask for a scene's rate of interferograms: `mask`.

The import is run again from what it was made of, with the rate that is there: nothing is inverted,
and whatever hangs on the rate (down the slope, east, up) follows. Versions of the inventory stay.
"""

import os
import shutil
import time
from dataclasses import replace
from pathlib import Path

from core.display import display
from core.factors import DEFORMATION
from core.jobs.report import Report, part
from core.scene import origin, store
from core.scene.importing import import_scene
from core.scene.sbas import mask, outcome
from core.scene.sbas.request import MaskRequest
from core.workflows import in_use
from core.workflows.scenes import describe


def run(request: MaskRequest, report: Report) -> dict:
    started = time.monotonic()
    in_use.check_free(request.scene)
    scene = store.load(request.scene)
    found = outcome.read(scene.path / origin.FOLDER)
    origin.read(scene.path)
    mask.check(mask.read(scene.path / origin.FOLDER, found), request)
    report("masking the rate", 0.0)
    with store.create(scene.name, replace_old=True) as folder:
        for old in scene.path.glob(f"{origin.FOLDER}*"):
            shutil.copytree(old, folder / old.name, copy_function=_linked)
        made = mask.write(folder / origin.FOLDER, found, request)
        known = origin.read(folder)
        asked = replace(known.request, name=scene.name, replace=True)
        asked = replace(asked, **{name: getattr(request, name) for name in mask.NAMES})
        told = f"Mask of the rate: {mask.words(request)}."
        notes = [n for n in known.notes if not n.startswith("Mask of the rate: ")]
        new = import_scene(asked, folder, part(report, 0.05, 0.7), [*notes, told])
        _keep_inventories(scene, folder)
        display.prepare_scene(new, part(report, 0.7, 1.0))
        in_use.check_free(request.scene)
    new = store.load(scene.name)
    share = new.factor(DEFORMATION).valid_share
    kept = made.figures["share_kept"]
    about = {"share_kept": kept, "deformation_share": share, "mask": mask.words(request)}
    return describe(new) | about | {"seconds": round(time.monotonic() - started, 1)}


def _linked(source: str, target: str) -> None:
    """The same file under two names, where the disk has that: what changes is written anew."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _keep_inventories(scene: store.Scene, folder: Path) -> None:
    """Versions that reviews have made; the grid is the same."""
    for version in (scene.path / "inventory").glob("*"):
        if not (folder / "inventory" / version.name).exists():
            shutil.copytree(version, folder / "inventory" / version.name)
