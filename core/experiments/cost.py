"""How long an experiment will take, told before it starts.

Best known is what this machine needed for the same network and preset before. Else the shipped
networks tell: their histories were written on two processor cores, with the quick preset; another
preset adds the time of its additional arithmetic.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core import atomic, paths
from core.experiments.request import ExperimentRequest, Member
from core.jobs.words import duration
from core.learning.networks import device
from core.learning.tiles.drawing import tiles_per_epoch
from core.learning.tiles.tiling import tiling_of
from core.learning.training import presets
from core.runs import run_files
from core.runs import store as runs
from core.runs.config import RunConfig
from core.runs.request import scene_names
from core.runs.settings import of_preset
from core.scene.store import Scene
from models import catalogue
from models.catalogue import GFLOP

# A training pass is three predictions' worth of arithmetic: 75 GFLOP a second on two cores.
SECONDS_PER_GFLOP = 0.04
TRAINED_SHARE, TRAINED_SHARE_UNTESTED = 0.6, 0.86
START_S = 15.0
WINDOWS_PER_TILE = (128 / 96) ** 2
MEASURED, SHIPPED, MODELLED = "measured", "shipped", "modelled"


@dataclass(frozen=True)
class Pace:
    """Seconds a training tile takes, and seconds until the first step is done; `source` says how
    this is known."""

    per_tile: float
    start: float
    source: str


@dataclass(frozen=True)
class Expected:
    """Seconds of every member, in order; `words` for people."""

    seconds: tuple[float, ...]
    sources: tuple[str, ...]

    @property
    def total(self) -> float:
        return sum(self.seconds)

    @property
    def words(self) -> str:
        """
        >>> Expected((3600.0, 3000.0), (MODELLED, MODELLED)).words[:47]
        'About 1.8 h (1 h 50 min) for 2 trainings, known'
        """
        how = ", ".join(_SOURCES[name] for name in dict.fromkeys(self.sources))
        return (
            f"About {self.total / 3600:.1f} h ({duration(self.total)}) for {len(self.seconds)} "
            f"trainings, known from {how}."
        )


_SOURCES = {
    MEASURED: "earlier trainings on this device",
    SHIPPED: "the shipped networks' trainings on two processor cores",
    MODELLED: "the shipped networks' trainings on two processor cores and the preset's arithmetic",
}


def expected(
    request: ExperimentRequest, scene: Scene, members: Sequence[Member] | None = None
) -> Expected:
    """Return what the trainings of `members` (default: all of the request) will take."""
    members = request.members() if members is None else members
    known = {arm: pace(arm.model, request.preset) for arm in request.arms}
    tiles = len(tiling_of(scene))
    side = (scene.tile / 128) ** 2
    passes = _passes(request, tiles)
    predicted = tiles * WINDOWS_PER_TILE / 3
    seconds = tuple(
        START_S + known[m.arm].start + known[m.arm].per_tile * side * (passes + predicted)
        for m in members
    )
    return Expected(seconds, tuple(known[m.arm].source for m in members))


def pace(model: str, preset: str) -> Pace:
    """Return how fast a network of a preset trains here, as well as it is known."""
    here = device.detect().name
    for run in runs.runs():
        result = run.job.result if run.job else None
        same = (run.config.model, run.config.preset) == (model, preset)
        if same and result and result.get("device") == here:
            found = _measured(run.path, MEASURED)
            if found:
                return found
    base = _shipped(model)
    more = GFLOP[model].get(preset, GFLOP[model]["paper"]) - GFLOP[model]["quick"]
    source = SHIPPED if more == 0 else MODELLED
    return Pace(base.per_tile + SECONDS_PER_GFLOP * more, base.start, source)


def _passes(request: ExperimentRequest, tiles: int) -> float:
    """Tiles that a member trains on in all, each as often as it comes."""
    preset, given = of_preset(request.preset), request.given()
    if given["epochs"] is None and catalogue.settings_preset(request.preset) in presets.STEPS:
        batch = given["batch"] or preset["batch"]
        crop = preset["crop"] if given["crop"] is None else given["crop"]
        steps = presets.steps(request.preset, len(scene_names(request.scene)))
        return steps * batch * ((crop or 128) / 128) ** 2
    share = TRAINED_SHARE_UNTESTED if request.test_scene else TRAINED_SHARE
    return (given["epochs"] or of_preset("paper")["epochs"]) * tiles * share


def _shipped(model: str) -> Pace:
    folders = paths.PRETRAINED.glob(f"*-{model}-rs-dr-shipped")
    found = [_measured(folder, SHIPPED) for folder in folders]
    # Without the shipped files: every operation at the same rate.
    arithmetic = Pace(GFLOP[model]["quick"] * SECONDS_PER_GFLOP, 60.0, MODELLED)
    return next(filter(None, found), arithmetic)


def _measured(folder: Path, source: str) -> Pace | None:
    """The pace of a finished training, None where its first epoch is all there is."""
    history, told = folder / run_files.HISTORY, atomic.read_json(folder / run_files.CONFIG)
    splits = [atomic.needed_json(f) for f in sorted(folder.glob("split*.json"))]
    tiles = sum(len(parts["train"]) for parts in splits)
    if not tiles or told is None or not history.exists():
        return None
    with open(history, newline="", encoding="utf-8") as file:
        seconds = [float(row["seconds"]) for row in csv.DictReader(file)]
    if len(seconds) < 2:
        return None
    # The first epoch builds the graph.
    epoch = float(np.median(seconds[1:]))
    config = RunConfig.from_json(told)
    trained = tiles_per_epoch(tiles, config) * (config.tile / 128) ** 2
    return Pace(epoch / trained, max(0.0, seconds[0] - epoch), source)
