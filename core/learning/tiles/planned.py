"""The split that a training would get: one place for the command and for the page's picture."""

from collections.abc import Sequence
from typing import Protocol

from core.errors import SlideScopeError
from core.learning import split
from core.learning.split import Split, TileTable
from core.learning.tiles import plots
from core.learning.tiles.channels import dataset_factors
from core.learning.tiles.plots import Plot
from core.learning.tiles.tiling import tiling_of
from core.runs.request import BUFFER_PX
from core.scene import store
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
    return [other.name for other in others if plots.are_alike((scene, other), factors)]


def is_quick(scene: Scene) -> bool:
    """Whether `split_for` answers within about a second, so that a page may ask."""
    return scene.inventory is not None and split.is_quick(scene, tiling_of(scene))
