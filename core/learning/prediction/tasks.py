"""The strips of a map as tasks of a pool: each worker loads the network once, computes bands of
windows and keeps them beside the map that will be, as a prediction in one process does."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import rasterio

from core.cluster.parts import Parts, beneath
from core.cluster.pool import Pool
from core.cluster.task import Task, me
from core.display import display
from core.errors import SlideScopeError
from core.jobs.report import Report
from core.learning.prediction.inference import BFLOAT16, Format, computes_bfloat16
from core.scene import store as scenes
from core.scene.files.guard import CACHE_BYTES
from core.scene.store import Scene


@dataclass(frozen=True)
class Wanted:
    """A map as a worker has to know it: `named` is the key of its strips, which says whether the
    worker's network, scene and windows are those of whoever asked."""

    run: str
    scene: str
    fingerprint: str
    layers: tuple[str, ...]
    flips: int
    numbers: Format
    named: str


def compute(
    wanted: Wanted, folder: Path, bands: Sequence[int], done: int, pool: Pool, report: Report
) -> None:
    """Have the bands of these numbers computed into `folder`; `done` are there already."""
    grain = pool.grain
    groups = [tuple(bands[i : i + grain]) for i in range(0, len(bands), grain)]
    place = beneath(folder)
    tasks = [
        Task(f"strips {each[0] + 1} to {each[-1] + 1}", predict_bands, (wanted, each, place))
        for each in groups
    ]
    for _ in pool.results(tasks, report, "Predicting", done):
        pass


def showing(folder: Path, scene: Scene, layer: str) -> Task:
    """The task of preparing a layer of the map in `folder` for the screen."""
    state = (scene.name, scene.fingerprint)
    return Task(f"{layer} on the screen", show, (beneath(folder), *state, layer))


def show(folder: str, scene: str, fingerprint: str, layer: str) -> None:
    """A worker's task: the display raster of a layer."""
    display.prepare_prediction(Parts.here(folder), scenes.load_as(scene, fingerprint), layer)


def predict_bands(wanted: Wanted, bands: Sequence[int], place: str) -> None:
    """A worker's task: compute bands of windows and keep each as a strip."""
    from core.learning.prediction import prediction, windows  # here: a task loads Keras

    made = _made(wanted)
    strips = windows.Strips(Parts.here(place))
    with rasterio.Env(GDAL_CACHEMAX=CACHE_BYTES):
        for band in (made.bands[number] for number in bands):
            prediction.keep_strip(made, band, strips, wanted.layers)


@lru_cache(maxsize=1)
def _made(wanted: Wanted):
    """Network, scene and windows, kept from one task to the next."""
    from core.learning.prediction import prediction
    from core.runs import store as runs

    if wanted.numbers.name == BFLOAT16.name and not computes_bfloat16():
        raise SlideScopeError(
            f"The worker on {me()} cannot compute in bfloat16, as this map is made: choose workers "
            "with one kind of processor, or set SLIDESCOPE_PRECISION=f32 where the action starts."
        )
    scene = scenes.load_as(wanted.scene, wanted.fingerprint)
    run = runs.load(wanted.run)
    made = prediction.made(run, scene, wanted.layers, wanted.flips, wanted.numbers)
    if made.named != wanted.named:
        raise SlideScopeError(
            f"Run '{wanted.run}' was replaced while its map was being made: its network or "
            "settings are others now; start the prediction anew."
        )
    return made
