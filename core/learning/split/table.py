"""What is known of every tile (pixels, landslides, factors): one pass over the scene, kept for the
next time."""

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import shapely

from core import atomic, paths
from core.learning.split.parts import TileTable
from core.learning.tiles.tiling import Tiling
from core.scene import inventory
from core.scene.store import Scene, SceneFactor

# A legend longer than this is summarised as plain numbers: most of its classes are rare.
MOST_CLASSES = 32


@dataclass(frozen=True)
class Form:
    """How one factor is summarised; `codes` of its classes, empty unless it is classified."""

    kind: str
    codes: tuple[float, ...] = ()

    @property
    def columns(self) -> int:
        return len(self.codes) or 2

    def of(self, values: np.ndarray) -> np.ndarray:
        """Summarise the values (n,) of a tile's pixels, NaN where there are none."""
        known = values[np.isfinite(values)].astype(np.float64)
        if not len(known):
            return np.full(self.columns, np.nan)
        if self.codes:
            return np.array([(known == code).mean() for code in self.codes])
        if self.kind == "circular":
            angles = np.radians(known)
            return np.array([np.sin(angles).mean(), np.cos(angles).mean()])
        return np.array([known.mean(), known.std()])


class _Asked:
    """A scene as a cache's key: a Scene holds dictionaries, which have no hash."""

    def __init__(self, scene: Scene, tiling: Tiling):
        self.scene, self.tiling = scene, tiling

    def __hash__(self) -> int:
        return hash(self.tiling)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Asked) and self.tiling == other.tiling


QUICK_TILES = 600


def tile_table(scene: Scene, tiling: Tiling) -> TileTable:
    """Count valid and landslide pixels of every tile and summarise its factors, one tile a read.

    The pass over a large scene takes minutes, so what it found is kept until the scene changes.
    """
    kept = _kept(scene, tiling)
    if kept.exists():
        with np.load(kept, allow_pickle=False) as file:
            return TileTable(**{name: file[name] for name in TileTable.__dataclass_fields__})
    table = _count(scene, tiling)
    # A workspace that is full, or cannot be written to, can still be looked at.
    with suppress(OSError), atomic.whole_file(kept) as temporary:
        np.savez_compressed(temporary, **vars(table))
    return table


def is_quick(scene: Scene, tiling: Tiling) -> bool:
    """Whether the table is at hand, or counted within about a second: a page may ask for it."""
    return len(tiling) <= QUICK_TILES or _kept(scene, tiling).exists()


def _kept(scene: Scene, tiling: Tiling) -> Path:
    """The cache file: another import of the same name has other times."""
    written = (p.stat().st_mtime_ns for p in (scene.stack_path, scene.needed_mask))
    state = "-".join(f"{time:x}" for time in written)
    # Not `tiles-`: those of earlier versions have nothing but pixels.
    return paths.workspace() / "cache" / f"tile-table-{scene.name}-{state}-{tiling.tile}.npz"


def _count(scene: Scene, tiling: Tiling) -> TileTable:
    valid, landslide = np.zeros((2, len(tiling)), np.int64)
    names, described = scene.factor_names, forms(scene)
    owners = factor_of(described)
    found = np.full((len(tiling), len(owners)), np.nan)
    with scene.reading() as read, scene.reading_mask() as read_mask:
        for number in range(len(tiling)):
            window = tiling.window(number)
            values = read(window)
            inside = scene.valid(np.moveaxis(values, 0, -1), names)
            valid[number] = inside.sum()
            if valid[number]:
                landslide[number] = (read_mask(window)[inside] == 1).sum()
                found[number] = summarise(described, values[:, inside])
    return TileTable(valid, landslide, landslides_of(scene, tiling), found, owners)


def landslides_of(scene: Scene, tiling: Tiling) -> np.ndarray:
    """int64 (tiles,): the inventory's landslides that have a pixel, by tile."""
    stored = scene.needed_mask.with_name("outlines.gpkg")
    file = stored if stored.exists() else scene.needed_mask
    return _count_landslides(_Asked(scene, tiling), file, file.stat().st_mtime_ns).copy()


@lru_cache(maxsize=8)
def _count_landslides(asked: _Asked, _file, _mtime: int) -> np.ndarray:
    scene, tiling = asked.scene, asked.tiling
    frame = inventory.outlines(scene)
    if "has_pixel" in frame:
        frame = frame[frame["has_pixel"] > 0]
    centres = shapely.centroid(frame.geometry.to_numpy())
    columns, rows = ~scene.grid.affine * (shapely.get_x(centres), shapely.get_y(centres))
    row = np.clip(rows // tiling.tile, 0, tiling.shape[0] - 1).astype(np.int64)
    column = np.clip(columns // tiling.tile, 0, tiling.shape[1] - 1).astype(np.int64)
    return np.bincount(row * tiling.shape[1] + column, minlength=len(tiling))


def forms(scene: Scene) -> tuple[Form, ...]:
    """How each factor of a scene is summarised, in its order."""
    return tuple(_form(item) for item in scene.factors)


def _form(item: SceneFactor) -> Form:
    legend = item.legend or {}
    if item.kind == "categorical" and 2 <= len(legend) <= MOST_CLASSES:
        return Form(item.kind, tuple(sorted(float(code) for code in legend)))
    return Form(item.kind)


def factor_of(described: tuple[Form, ...]) -> np.ndarray:
    """int (columns,): the number of the factor that each column belongs to.

    >>> factor_of((Form("continuous"), Form("categorical", (1.0, 2.0, 5.0)))).tolist()
    [0, 0, 1, 1, 1]
    """
    return np.repeat(np.arange(len(described)), [form.columns for form in described])


def summarise(described: tuple[Form, ...], pixels: np.ndarray) -> np.ndarray:
    """float64 (columns,): the summaries of a tile's valid pixels (factors, n).

    >>> summarise((Form("continuous"),), np.array([[1.0, 3.0, np.nan]])).tolist()
    [2.0, 1.0]
    """
    return np.concatenate([form.of(values) for form, values in zip(described, pixels)])
