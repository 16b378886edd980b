"""Plots: the scenes that a network learns from, each with its split, fitted to one another.

runs/<id>/split.json                the split of the first scene
runs/<id>/split-<scene>.json        that of a further one
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from core.errors import SlideScopeError
from core.learning import split
from core.learning.split import Split, TileTable
from core.learning.tiles import channels
from core.learning.tiles.channels import dataset_factors
from core.learning.tiles.tiling import tiling_of
from core.runs import run_files
from core.runs.config import Learned, RunConfig
from core.runs.request import BUFFER_PX, scene_names
from core.runs.store import Run
from core.scene import inventory, store
from core.scene import store as scenes
from core.scene.store import Scene


class Asked(Protocol):
    """What decides about a split; arguments of `train` and a TrainRequest have it."""

    @property
    def split(self) -> str: ...
    @property
    def seed(self) -> int: ...
    @property
    def split_seed(self) -> int | None: ...
    @property
    def buffer(self) -> int | None: ...
    @property
    def folds(self) -> int | None: ...
    @property
    def fold(self) -> int | None: ...
    @property
    def test_scene(self) -> str | None: ...


# Relative difference of pixel sizes that makes landslides look unlike.
SAME_SIZE = 0.02


@dataclass(frozen=True)
class Plot:
    """One scene to learn from; `table` holds its tiles' counts."""

    scene: Scene
    split: Split
    table: TileTable

    @property
    def learned(self) -> Learned:
        """What a configuration keeps of it."""
        scene, version = self.scene, self.scene.needed_inventory["version"]
        return Learned(scene.name, scene.fingerprint, version, scene.synthetic)


def load(text: str, inventory_version: int | None = None) -> tuple[Scene, ...]:
    """Return the scenes of a list; `inventory_version` is that of the first one."""
    first, *others = scene_names(text)
    found = [inventory.at(scenes.load(first), inventory_version)]
    found += [inventory.at(scenes.load(name), None) for name in others]
    for scene in found:
        if scene.inventory and not scene.marks_areas:
            raise SlideScopeError(
                f"The inventory of scene '{scene.name}' has points alone, which is for statistics: "
                "a network learns areas; import the scene again with polygons, or with --inventory "
                "and --point-radius."
            )
    return tuple(found)


def check_alike(found: Sequence[Scene], factors: Sequence[str]) -> None:
    """Raise a SlideScopeError unless one network can learn `factors` from all scenes."""
    first, *others = found
    for other in others:
        where = f"Scene '{other.name}' cannot be learned from together with '{first.name}': "
        missing = [name for name in factors if name not in other.factor_names]
        if missing:
            raise SlideScopeError(
                f"{where}it lacks {', '.join(missing)}, and all scenes need the same factors; "
                "import it with these, or train on --dataset rs or another list of factors."
            )
        if not other.inventory:
            raise SlideScopeError(
                f"{where}it has no landslide inventory, and there is nothing to learn without one; "
                "import it again with --inventory, or leave it out."
            )
        if other.tile != first.tile:
            raise SlideScopeError(
                f"{where}its tiles have {other.tile} px, the others' {first.tile}: all must have "
                "the same; import it with the same --tiles, or leave it out."
            )
        for name in factors:
            _check_factor(where, name, first, other)


def are_alike(found: Sequence[Scene], factors: Sequence[str]) -> bool:
    """Whether one network can learn `factors` from all scenes."""
    try:
        check_alike(found, factors)
    except SlideScopeError:
        return False
    return True


def _check_factor(where: str, name: str, first: Scene, other: Scene) -> None:
    one, two = first.factor(name), other.factor(name)
    if one.unit and two.unit and one.unit != two.unit:
        raise SlideScopeError(
            f"{where}its {name} is in {two.unit}, there it is in {one.unit}: units must be the "
            f"same; import it again with --unit {name}={one.unit}."
        )
    if one.kind != two.kind:
        raise SlideScopeError(
            f"{where}its {name} is {two.kind}, there it is {one.kind}: it must be the same; import "
            "one of them again."
        )


def notes(found: Sequence[Scene]) -> list[str]:
    """What is possible but worth knowing."""
    first, *others = found
    return [
        f"Pixels of scene '{other.name}' are {other.grid.affine.a:g} wide, those of "
        f"'{first.name}' {first.grid.affine.a:g}: landslides look larger in one than in the other."
        for other in others
        if abs(other.grid.affine.a / first.grid.affine.a - 1) > SAME_SIZE
    ]


def fitted(
    plots: Sequence[Plot], factors: Sequence[str], legends: Mapping[str, channels.Legend] = {}
) -> tuple[Plot, ...]:
    """Return the plots with classes under one code each; `legends` of a network that is gone on
    from keep theirs."""
    together = channels.of_scenes([plot.scene for plot in plots], factors, legends)
    return tuple(
        Plot(channels.recoded(plot.scene, together), plot.split, plot.table) for plot in plots
    )


def split_file(folder: Path, config: RunConfig, scene: str) -> Path | None:
    """Where the run in `folder` keeps its split of `scene`, None of one it did not learn from."""
    return _own_file(folder, config, scene) if scene in config.learned_from else None


def _own_file(folder: Path, config: RunConfig, scene: str) -> Path:
    return folder / (run_files.SPLIT if scene == config.scene else f"split-{scene}.json")


def split_on(run: Run, scene: Scene) -> Split:
    """The run's split of a scene that it learned from; of another one all tiles test."""
    own = split_file(run.path, run.config, scene.name)
    return split.load(own) if own else unseen(scene)


def unseen(scene: Scene) -> Split:
    """The split of a scene that no tile was learned from."""
    tiling = tiling_of(scene)
    return Split(tiling, np.full(len(tiling), split.PARTS["test"], np.uint8), 0)


def save_splits(plots: Sequence[Plot], config: RunConfig, folder: Path) -> None:
    for plot in plots:
        split.save(plot.split, _own_file(folder, config, plot.scene.name))


def of_run(run: Run) -> tuple[Plot, ...]:
    """Return the plots that a run was started on; a SlideScopeError where a scene has changed."""
    config = run.config
    check_unchanged(config, f"run '{run.id}'", "a run", "train again")
    home = Learned(config.scene, config.fingerprint, config.inventory_version, config.synthetic)
    found = []
    for learned in (home, *config.more):
        scene = inventory.at(scenes.load(learned.scene), learned.inventory_version)
        parts = split.load(_own_file(run.path, config, scene.name))
        found.append(Plot(scene, parts, split.tile_table(scene, tiling_of(scene))))
    return tuple(found)


def check_unchanged(
    config: RunConfig, begun: str, what: str = "it", cure: str = "start it anew"
) -> None:
    """Raise a SlideScopeError where a scene that `config` learns from was replaced since it was
    configured; `begun` is what has begun with it."""
    known = {config.scene: config.fingerprint, **{m.scene: m.fingerprint for m in config.more}}
    for name, fingerprint in known.items():
        if scenes.load(name).fingerprint != fingerprint:
            raise SlideScopeError(
                f"Scene '{name}' has changed since {begun} began: {what} goes on only with the "
                f"same data; {cure}."
            )


def split_for(
    scene: Scene, asked: Asked, table: TileTable | None = None
) -> tuple[Split, TileTable]:
    """Return the split of `scene` that is asked for, and its tiles' counts (`table`, where they
    are known already)."""
    tiling = tiling_of(scene)
    buffer = BUFFER_PX if asked.buffer is None else asked.buffer
    if not 0 <= buffer < tiling.tile:
        raise SlideScopeError(
            f"Invalid buffer {buffer}: it must be at least 0 and below the tile's "
            f"{tiling.tile} px; give such a one."
        )
    split.check_folds(asked.fold, asked.folds, asked.split, asked.test_scene)
    table = table or split.tile_table(scene, tiling)
    parts = split.split_tiles(
        scene,
        tiling,
        table,
        asked.split,
        asked.seed if asked.split_seed is None else asked.split_seed,
        buffer,
        test_share=0.0 if asked.test_scene else split.TEST_SHARE,
        fold=(asked.fold, asked.folds) if asked.fold and asked.folds else None,
    )
    return parts, table


def plots_for(
    found: Sequence[Scene], asked: Asked, table: TileTable | None = None
) -> tuple[Plot, ...]:
    """Return the scenes that a training learns from, each split as `asked`; `table` of the first
    one, where it is known already."""
    first, *others = found
    home = Plot(first, *split_for(first, asked, table))
    return (home, *(Plot(scene, *split_for(scene, asked)) for scene in others))


def test_scenes(scene: Scene, dataset: str) -> list[str]:
    """Names of the scenes that a network trained on `scene` can be tested on, newest first."""
    needed = set(dataset_factors(scene, dataset))
    others = (store.load(name) for name in store.names()[::-1] if name != scene.name)
    return [o.name for o in others if o.inventory and needed <= set(o.factor_names)]


def companions(scene: Scene, dataset: str) -> list[str]:
    """Names of the scenes that one network can learn from together with `scene`, newest first."""
    factors = dataset_factors(scene, dataset)
    others = (store.load(name) for name in store.names()[::-1] if name != scene.name)
    return [other.name for other in others if are_alike((scene, other), factors)]


def is_quick(scene: Scene) -> bool:
    """Whether `split_for` answers within about a second, so that a page may ask."""
    return scene.inventory is not None and split.is_quick(scene, tiling_of(scene))
