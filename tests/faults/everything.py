"""A workspace with one of everything, and files beside it to import: what every action can be asked
for. Two real networks, so that what loads or goes on with one has one."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from core import paths
from core.jobs.report import silent
from core.runs import store as runs
from core.scene import datasets
from core.workflows import importing
from tests import moved, rasters, tiny
from tests.faults import imports
from tests.faults.worker import Moment, kill, run
from tests.small_import import square

QUICK = ("--dataset", "rs", "--preset", "quick")


@dataclass(frozen=True)
class Everything:
    """`workspace` and `files` are folders; `unet` and `gated` are runs (an attention network),
    `broken` one that was killed in its second epoch, `made_up` one whose map has false objects."""

    workspace: Path
    files: Path
    unet: str
    gated: str
    broken: str
    made_up: str
    factors: tuple[str, ...]


def build(folder: Path) -> Everything:
    """Make it in `folder`; a minute for the trainings."""
    workspace, files = folder / "workspace", folder / "files"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLIDESCOPE_WORKSPACE", str(workspace))
        patch.setenv("SLIDESCOPE_DATA", str(files))
        patch.setenv("SLIDESCOPE_PRECISION", "f32")
        scene = tiny.scene()
        made_up = tiny.run(scene, "rs", skill=2.0).id
        tiny.run(scene, "rs-dr", skill=4.0)
        datasets.save(scene, "some", ["slope", "red"])
        (first, *_) = run("review", "tiny", "--run", made_up)["queue"]
        run("review", "tiny", "--run", made_up, "--accept", first["key"], "--author", "R. Roe")
        factors = imports.rasters(files)
        (files / "moved").mkdir()
        importing.store_scene(moved.request(moved.files(files / "moved")), silent)
        _tile_folder(files / "tiles")
        rasters.write_polygons(files / "slides.gpkg", [square(400, 900), square(2000, 2500)])
        unet = run("train", "tiny", "--model", "unet", *QUICK, "--epochs", "1")["run"]
        gated = run("train", "tiny", "--model", "fcadensenet", *QUICK, "--epochs", "1")["run"]
        run("pack", unet, "--out", str(files / "network.zip"))
        broken = _broken_off({unet, gated, made_up})
        shutil.rmtree(paths.jobs_folder())
    return Everything(workspace, files, unet, gated, broken, made_up, factors)


def kept(folder: Path) -> Everything:
    """The same, made in `folder` once."""
    about = folder / "everything.json"
    if not about.exists():
        folder.mkdir(parents=True, exist_ok=True)
        made = build(folder)
        about.write_text(json.dumps({**vars(made), "workspace": "", "files": ""}))
    told = json.loads(about.read_text())
    told |= {"workspace": folder / "workspace", "files": folder / "files"}
    return Everything(**{**told, "factors": tuple(told["factors"])})


def _broken_off(known: set[str]) -> str:
    """A training that is killed once its first epoch is kept."""
    words = ("train", "tiny", "--model", "unet", *QUICK, "--epochs", "3", "--seed", "9")
    kill(words, Moment("stage:Training: epoch 3"))
    (broken,) = {r.id for r in runs.runs("tiny") if r.config.seed == 9} - known
    return broken


def _tile_folder(folder: Path) -> None:
    rng = np.random.default_rng(0)
    for side, bands in (("images", 3), ("masks", 1)):
        (folder / side).mkdir(parents=True)
        for n in range(16):
            values = rng.integers(0, 2 if bands == 1 else 255, (bands, 128, 128)).astype(np.uint8)
            rasters.write(folder / side / f"{n}.tif", values)
