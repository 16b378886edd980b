"""Runs without a network of their own: their map is joined from the maps of other runs.

`average`    the mean of the members' probabilities
`folds`      of a k-fold: each tile as the network says that did not see it

A member's map is taken as it is where it is of this state of the scene, of the network that is
kept and of as many looks; else the member predicts for this run alone, and its own map stays.
"""

import hashlib
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.windows import Window

from core import atomic, disk, paths
from core.cluster.pool import Pool
from core.errors import NotFound, SlideScopeError
from core.jobs.report import Report, part, silent
from core.learning import split
from core.learning.prediction import looks, products
from core.learning.prediction.products import finish
from core.learning.scores.metrics import TEST
from core.learning.split import Split
from core.learning.tiles.tiling import Tiling, tiling_of
from core.runs import intact, run_files
from core.runs import store as runs
from core.runs.config import RunConfig
from core.runs.store import Run
from core.scene import store as scenes
from core.scene.files.guard import CACHE_BYTES
from core.scene.grid import Grid
from core.scene.store import Scene

PROBABILITY = "probability"
# What members of an average must share, in words; the split's tiles are compared themselves.
SHARED = {
    "learned_from": "scenes they were trained on",
    "inventory_version": "version of the inventory",
    "test_scene": "scene they are tested on",
}


def average(run_ids: Sequence[str], flips: int | None = None) -> RunConfig:
    """Return the configuration of the average of runs, or raise a SlideScopeError where one of them
    learned what another is tested on."""
    members = [runs.load(run_id) for run_id in run_ids]
    if len(set(run_ids)) < 2 or len(set(run_ids)) < len(run_ids):
        raise SlideScopeError(
            f"Nothing to average in '{','.join(run_ids)}': an average is of two or more different "
            "runs; name each once."
        )
    for member in members:
        runs.check_network(member)
    first = members[0]
    for other in members[1:]:
        _check_alike(first, other)
    # What is tested on another scene can be told without its own.
    if not first.config.test_scene:
        for member in members:
            _check_state(member, scenes.load(first.config.scene))
    own = [member.config for member in members]
    asked = max(config.flips for config in own) if flips is None else flips
    tested = scenes.load(first.test_scene)
    for member in members:
        looks.check(tested, member.config.factors, asked)
    factors = dict.fromkeys(factor for config in own for factor in config.factors)
    return replace(
        first.config,
        model="+".join(dict.fromkeys(config.model for config in own)),
        preset="+".join(dict.fromkeys(config.preset for config in own)),
        dataset="+".join(dict.fromkeys(config.dataset for config in own)),
        factors=tuple(factors),
        split_seed=first.config.drawn_by,
        experiment=None,
        flips=asked,
        members=tuple(sorted(run_ids)),
        joined="average",
    )


def folds(trained: Sequence[Run]) -> RunConfig:
    """Return the configuration of the map of a whole k-fold."""
    ordered = sorted(trained, key=lambda run: run.config.fold or 0)
    ids = tuple(run.id for run in ordered)
    return replace(ordered[0].config, fold=None, members=ids, joined="folds")


def begin(config: RunConfig, job: str | None = None) -> Run:
    """Return the run of a joined configuration, made where it is not there yet: the same members
    and looks are the same run."""
    run_id = _run_id(config)
    try:
        run = runs.load(run_id)
    except NotFound:
        parts = _split(config)

        def write(folder: Path) -> None:
            split.save(parts, folder / run_files.SPLIT)
            for other in runs.load(config.members[0]).path.glob("split-*.json"):
                shutil.copyfile(other, folder / other.name)

        return runs.create(config, run_id, job, write)
    if not run.predicted():
        runs.assign_job(run, job)
    return runs.load(run_id)


def predict(run: Run, scene: Scene, report: Report = silent, pool: Pool | None = None) -> dict:
    """Write the run's map of `scene` from those of its members; `pool`: who computes.

    Returns what `finishing.finish` does, joined, members and seconds (the sum of the members',
    None where it is not known).
    """
    config = run.config
    if config.joined == "folds" and scene.name != config.scene:
        raise SlideScopeError(
            f"Run '{run.id}' is the map of a k-fold on '{config.scene}', where each tile is held "
            f"out by one network; on '{scene.name}' there are no folds: average the members, "
            f"`python -m core predict {','.join(config.members)} --scene {scene.name}`."
        )
    members = [runs.load(run_id) for run_id in config.members]
    # A map of each, where it has none that fits, and theirs together.
    pixels = scene.grid.width * scene.grid.height
    disk.check_room(run.path, 4 * pixels * (len(members) + 1), "the map")
    report(f"Collecting {len(members)} maps", 0.0, run=run.id)
    scratch = run.path / ".members"
    shares = [part(report, 0.85 * n / len(members), 0.85 * (n + 1) / len(members))
              for n in range(len(members))]  # fmt: skip
    with rasterio.Env(GDAL_CACHEMAX=CACHE_BYTES), disk.scratch() as folder:
        maps = [
            _map(member, scene, config.flips, scratch, folder, share, pool)
            for member, share in zip(members, shares)
        ]
        report("Joining the maps", 0.86)
        with atomic.whole_folder(run.prediction(scene.name), record=True) as made:
            paths, target = [each.path for each in maps], made / f"{PROBABILITY}.tif"
            if config.joined == "average":
                mean(paths, scene.grid, target)
            else:
                by_tile(paths, _owners(members), tiling_of(scene), scene.grid, target)
            made_with = _made_with(config, maps)
            found = finish(run, scene, made, (PROBABILITY,), made_with, report, pool)
    shutil.rmtree(scratch, ignore_errors=True)
    if scene.name == config.scene:
        _join_baselines(run, members)
    seconds = made_with.get("cost", {}).get("seconds")
    about = {"joined": config.joined, "members": list(config.members)}
    return {**found, **about, "uncertainty": False, "seconds": seconds}


@dataclass(frozen=True)
class _Map:
    """A member's probability.tif and its record."""

    path: Path
    made_of: dict


def _map(
    member: Run,
    scene: Scene,
    flips: int,
    scratch: Path,
    folder: Path,
    report: Report,
    pool: Pool | None,
) -> _Map:
    if usable(member, scene, flips):
        intact.check_map(member, scene.name, full=True)
        own = member.prediction(scene.name) / f"{PROBABILITY}.tif"
        return _Map(own, member.made_of(scene.name))
    # Here: Keras is loaded only where a network has to be asked.
    from core.learning.prediction import prediction

    # Strips are kept in the joined run until its map is there, so a killed one goes on.
    target = scratch / scene.name / member.id
    elsewhere: dict[str, Any] = {"pool": pool} if pool else {}
    computed = prediction.compute(member, scene, target, report, flips=flips, **elsewhere)
    path = folder / f"{member.id}.tif"
    computed.strips.write(PROBABILITY, scene.grid, path)
    return _Map(path, computed.made_with)


def usable(member: Run, scene: Scene, flips: int) -> bool:
    """Whether the member's own map can be taken: of this state of the scene, of the network that
    is kept, of as many looks."""
    file = member.prediction(scene.name) / f"{PROBABILITY}.tif"
    if not file.exists() or member.flips(scene.name) != flips:
        return False
    if member.outdated(scene.name, scene.fingerprint) or member.preview(scene.name):
        return False
    model = member.path / "model" / run_files.MODEL_CARD
    return not model.exists() or model.stat().st_mtime <= file.stat().st_mtime


def _made_with(config: RunConfig, maps: Sequence[_Map]) -> dict:
    """The map's record: looks, members' weights and, where all are known, what they cost."""
    made: dict[str, Any] = {"flips": config.flips, "members": list(config.members)}
    weights = [known for each in maps if (known := each.made_of.get("weights"))]
    if len(weights) == len(maps):
        made["weights"] = ", ".join(weights)
    costs = [known for each in maps if (known := each.made_of.get("cost"))]
    if len(costs) == len(maps):
        seconds = round(sum(cost["seconds"] for cost in costs), 3)
        devices = dict.fromkeys(cost["device"] for cost in costs)
        made["cost"] = {"seconds": seconds, "device": " / ".join(devices)}
    return made


def _check_alike(first: Run, other: Run) -> None:
    differing = [
        word
        for name, word in SHARED.items()
        if getattr(first.config, name) != getattr(other.config, name)
    ]
    if not differing and not _same_split(first, other):
        differing = ["split of the tiles"]
    if differing:
        listed, *more = differing
        for word in more:
            listed = f"{listed} and the {word}"
        raise SlideScopeError(
            f"Runs '{first.id}' and '{other.id}' cannot be averaged, they differ in the {listed}: "
            "one would have learned what the other is tested on; choose runs of one scene, "
            "inventory version and split."
        )


def _same_split(first: Run, other: Run) -> bool:
    files = [run.path / run_files.SPLIT for run in (first, other)]
    if not all(file.exists() for file in files):
        return False
    one, two = map(split.load, files)
    return one.tiling == two.tiling and bool((one.part == two.part).all())


def _check_state(member: Run, scene: Scene) -> None:
    if not member.loaded and member.config.fingerprint != scene.fingerprint:
        raise SlideScopeError(
            f"Scene '{scene.name}' has changed since run '{member.id}' was trained: an average "
            "needs members of this state of the scene; train it anew or leave it out."
        )


def _run_id(config: RunConfig) -> str:
    said = [*config.members, str(config.flips)]
    digest = hashlib.sha256("\n".join(said).encode()).hexdigest()[:6]
    kind = f"average-of-{len(config.members)}"
    if config.joined == "folds":
        kind = f"{config.model}-{config.dataset}-{config.folds}-folds"
    return paths.derived_name(config.scene, kind, end=digest)


def _split(config: RunConfig) -> split.Split:
    """The members' own; of a k-fold every tile is held out."""
    members = [runs.load(run_id) for run_id in config.members]
    first = split.load(members[0].path / run_files.SPLIT)
    if config.joined == "average":
        return first
    owners = _owners(members)
    part_of = first.part.copy()
    part_of[owners >= 0] = split.PARTS["test"]
    return replace(first, part=part_of)


def _owners(members: Sequence[Run]):
    """int (tiles,): the number of the member that held each tile out, -1 where none did."""
    return owners([split.load(member.path / run_files.SPLIT) for member in members])


def _join_baselines(run: Run, members: Sequence[Run]) -> None:
    """The pixel baselines on the same tiles: one where members share it, joined for a k-fold."""
    names = {folder.name for folder in members[0].path.glob("baseline_*")}
    for name in names:
        folders = [member.path / name for member in members]
        if not all((folder / run_files.COUNTS).exists() for folder in folders):
            continue
        if run.config.joined == "average":
            if "+" in run.config.dataset:
                continue  # each dataset has a baseline of its own
            counts, part_of = products.load_counts(folders[0])
        else:
            tables = [products.load_counts(folder)[0] for folder in folders]
            counts = pick(tables, _owners(members))
            part_of = split.load(run.path / run_files.SPLIT).part
        with atomic.whole_folder(run.path / name) as folder:
            products.save_counts(folder, counts, part_of)


def mean(paths: Sequence[Path], grid: Grid, target: Path) -> None:
    """Write the mean of maps on one grid; a pixel that one of them lacks has none."""
    with ExitStack() as opened:
        sources = [opened.enter_context(rasterio.open(path)) for path in paths]
        sink = opened.enter_context(_created(grid, target))
        for _, window in sink.block_windows(1):
            total = np.zeros((window.height, window.width))
            for source in sources:
                total += source.read(1, window=window)
            sink.write((total / len(sources)).astype(np.float32), 1, window=window)


def by_tile(
    paths: Sequence[Path], owners: np.ndarray, tiling: Tiling, grid: Grid, target: Path
) -> None:
    """Write each tile of `tiling` from the map that owns it; `owners` int (tiles,) are numbers of
    `paths`, -1 for a tile without data."""
    columns = np.arange(grid.width) // tiling.tile
    with ExitStack() as opened:
        sources = [opened.enter_context(rasterio.open(path)) for path in paths]
        sink = opened.enter_context(_created(grid, target))
        for row, mine in enumerate(owners.reshape(tiling.shape)):
            top = row * tiling.tile
            window = Window(0, top, grid.width, min(tiling.tile, grid.height - top))
            strip = np.full((window.height, grid.width), np.nan, np.float32)
            for number in np.unique(mine[mine >= 0]):
                here = mine[columns] == number
                strip[:, here] = sources[number].read(1, window=window)[:, here]
            sink.write(strip, 1, window=window)


def owners(splits: Sequence[Split]) -> np.ndarray:
    """int (tiles,): the number of the split that holds each tile out, -1 where none does."""
    found = np.full(len(splits[0].tiling), -1)
    for number, each in enumerate(splits):
        found[each.part == TEST] = number
    return found


def pick(tables: Sequence[np.ndarray], owners: np.ndarray) -> np.ndarray:
    """Counts (tiles, 200, 2), each tile's from the table that owns it.

    >>> tables = [np.full((3, 200, 2), n, np.uint32) for n in (1, 2)]
    >>> pick(tables, np.array([1, 0, -1]))[:, 0, 0].tolist()
    [2, 1, 0]
    """
    found = np.zeros_like(tables[0])
    for number, table in enumerate(tables):
        found[owners == number] = table[owners == number]
    return found


def _created(grid: Grid, target: Path):
    return rasterio.open(target, "w", **products.profile(grid, "float32", np.nan))
