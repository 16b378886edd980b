"""Imports over an existing scene that are killed: the old scene is there, or the new one."""

import time
from pathlib import Path

import numpy as np
import rasterio

from core import paths
from core.scene import store
from tests import tiny
from tests.faults import checks
from tests.faults.worker import Moment, kill, run

NAMES = ("elevation", "red", "nir", "deformation")
REPEAT = 4  # the tiny scene, so many times in each direction: an import of about a second


def rasters(folder: Path) -> tuple[str, ...]:
    """Write the tiny scene's factors as files; return the arguments that import them."""
    folder.mkdir()
    values, argv = tiny.values(np.random.default_rng(0)), []
    how = {"driver": "GTiff", "dtype": "float32", "count": 1, "nodata": np.nan, "tiled": True}
    how |= {"width": tiny.WIDTH * REPEAT, "height": tiny.HEIGHT * REPEAT, "crs": "EPSG:32648"}
    how["transform"] = rasterio.Affine(12.5, 0, 240000, 0, -12.5, 3020000)
    for name in NAMES:
        layer = np.tile(values[tiny.NAMES.index(name)], (REPEAT, REPEAT))
        with rasterio.open(folder / f"{name}.tif", "w", **how) as target:
            target.write(layer, 1)
        argv += [f"--{name}", str(folder / f"{name}.tif")]
    return tuple(argv)


def kill_imports(kills: int, seed: int) -> list[str]:
    """Kill that many imports over one scene; return what each met."""
    files = rasters(paths.workspace() / "rasters")
    # With and without deformation, in turn: the fingerprint tells which one is there.
    both = [("import", "again", *f, "--replace") for f in (files, files[:-2])]
    prints, began = set(), time.monotonic()
    for argv in both:
        run(*argv)
        prints.add(store.load("again").fingerprint)
    life, met = (time.monotonic() - began) / len(both), []
    tiny_scene, rng = checks.digests("tiny"), np.random.default_rng([seed, 1])
    while len(met) < kills:
        mark = ("start", life) if len(met) % 2 else ("writing:again", life / 4)
        death = kill(both[len(met) % 2], Moment(mark[0], float(rng.uniform(0, mark[1]))))
        names = {row["scene"] for row in run("scenes")["scenes"]}
        assert names == {"tiny", "again"}, names
        assert store.load("again").fingerprint in prints
        checks.every_file_can_be_read()
        checks.every_hash_holds()
        assert checks.digests("tiny") == tiny_scene
        if death.met is not None:
            met.append(death.met)
    return met
