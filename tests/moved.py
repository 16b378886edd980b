"""A scene whose rate is made of a tiny stack (`tests.interferogram_files`), half its pixels wide: a
landslide of 6 x 8 stack pixels that moves by -60 mm/yr, and one that does not move.

The fixture `moved` is imported where it is used: its workspace serves a file of tests, which change
nothing of it; `own_moved` is a copy that a test may change.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from shapely import box

from core.factors import DEFORMATION, ELEVATION
from core.jobs.report import silent
from core.scene import store
from core.scene.files.source import Source
from core.scene.plan.request import ImportRequest
from core.workflows import importing
from tests import interferogram_files, rasters

NAME, CELL = "moved", 40.0
PLACE = (500_000.0, 3_010_000.0)
# The pair that is a cycle off, and where: columns of the stack from here on.
OFF, FROM_COLUMN = 2, 18


def one_cycle(k, phase, coherence, transform):
    """A wrongly unwrapped part of one pair."""
    if k == OFF:
        phase = phase.copy()
        phase[1:, FROM_COLUMN:] += np.float32(2 * np.pi)
    return phase, coherence, transform


def polygon(left: int, top: int, right: int, bottom: int):
    """Pixels of the stack, the last ones not included."""
    x, y = PLACE
    return box(x + 80 * left, y - 80 * bottom, x + 80 * right, y - 80 * top)


def files(folder: Path) -> dict[str, Path]:
    """Elevation, inventory and stack of the scene."""
    rows, columns = np.mgrid[:40, :48]
    dem = (1500 + 9 * rows + 3 * columns).astype(np.float32)
    rasters.write(folder / "dem.tif", dem, CELL, PLACE)
    slides = [polygon(8, 6, 16, 12), polygon(1, 15, 4, 18)]
    rasters.write_polygons(folder / "landslides.gpkg", slides)
    stack = interferogram_files.hyp3(folder / "stack", change=one_cycle)
    return {"dem": folder / "dem.tif", "slides": folder / "landslides.gpkg", "stack": stack}


def request(found: dict[str, Path], **more) -> ImportRequest:
    factors = {ELEVATION: (Source(str(found["dem"])),)}
    factors[DEFORMATION] = (Source(str(found["stack"])),)
    return ImportRequest(name=NAME, factors=factors, inventory=Source(str(found["slides"])), **more)


@pytest.fixture(scope="module")
def moved(tmp_path_factory) -> Iterator[store.Scene]:
    folder = tmp_path_factory.mktemp("moved")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLIDESCOPE_WORKSPACE", str(folder / "workspace"))
        patch.setenv("SLIDESCOPE_DATA", str(folder))
        importing.store_scene(request(files(folder)), silent)
        yield store.load(NAME)


@pytest.fixture
def own_moved(moved, workspace) -> store.Scene:
    shutil.copytree(moved.path, workspace / "scenes" / NAME)
    return store.load(NAME)
