"""The windows of a whole-scene prediction: where they lie, which pixels each one answers for, how
they are read, and the strips that are kept until all are finished."""

import hashlib
import json
import shutil
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import rasterio
from rasterio.windows import Window

from core import atomic
from core.learning.networks.card import ModelCard
from core.learning.prediction import products
from core.learning.tiles.channels import encode
from core.scene.grid import Grid
from core.scene.store import Scene


class Strips:
    """The strips of one prediction, in `folder`."""

    def __init__(self, folder: Path):
        self.folder = folder

    @staticmethod
    def beside(target: Path, key: str) -> "Strips":
        """Those of the prediction that will be `target`; strips of others for it are removed."""
        folder = target.with_name(f".{target.name}.{key}.partial")
        for other in target.parent.glob(f".{target.name}.*.partial"):
            if other != folder:
                shutil.rmtree(other, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        return Strips(folder)

    def done(self, top: int, names: tuple[str, ...]) -> bool:
        """Whether the strip from row `top` is there, every layer of it."""
        return all(self._path(name, top).exists() for name in names)

    def save(self, top: int, layers: dict[str, np.ndarray]) -> None:
        for name, values in layers.items():
            with atomic.whole_file(self._path(name, top)) as temporary:
                np.save(temporary, values)

    def write(self, name: str, grid: Grid, target: Path) -> None:
        """Join the strips of one layer to a float32 GeoTIFF."""
        paths = sorted(self.folder.glob(f"{name}-*.npy"))
        with rasterio.open(target, "w", **products.profile(grid, "float32", np.nan)) as sink:
            for path in paths:
                values = np.load(path, mmap_mode="r", allow_pickle=False)
                top = int(path.stem.rsplit("-", 1)[1])
                sink.write(values, 1, window=Window(0, top, grid.width, len(values)))

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _path(self, name: str, top: int) -> Path:
        return self.folder / f"{name}-{top:08d}.npy"


STEP = 32  # windows start on multiples of the networks' five poolings
# Pixels from a border in which deep features still feel it, whatever squares were learned from:
# measured on shipped networks (docs/prediction.md). FCN has a 7 x 7 kernel below all five poolings.
REACH, FURTHER = 96, {"fcn": 160}


@dataclass(frozen=True)
class WindowLayout:
    """Windows of at most `side` pixels, of which the outer `margin` is computed and thrown away.

    The margin is what makes the answer independent of where the windows lie; a larger side
    wastes less on it and takes more memory (docs/prediction.md has the figures).
    """

    side: int = 768
    margin: int = 96

    @staticmethod
    def of(model: str, tile: int, halved: bool = False) -> "WindowLayout":
        """The layout for a network `model` trained on tiles of `tile` pixels; `halved`: its
        numbers take half the memory, so windows may be larger.

        A pixel's gate is interpolated between footprints, whose centres lie up to a step away;
        beyond half a footprint and that step, none of them touches the outermost 32 px, where
        features feel the window's border most and a maximum would carry them inwards.

        >>> WindowLayout.of("fcadensenet", 256), WindowLayout.of("fcadensenet", 64, halved=True)
        (WindowLayout(side=768, margin=160), WindowLayout(side=1024, margin=96))
        """
        margin = max(tile // 2 + STEP, FURTHER.get(model, REACH))
        return WindowLayout(1024 if halved else 768, margin)


@dataclass(frozen=True)
class Span:
    """One axis of a window: it reads from `start` on and answers for [first, last)."""

    start: int
    first: int
    last: int


@dataclass(frozen=True)
class WindowPlan:
    """The windows of a scene: every combination of a row and a column span, `height` x `width`."""

    rows: tuple[Span, ...]
    columns: tuple[Span, ...]
    height: int
    width: int

    def bands(self, count: int) -> list[tuple[Span, ...]]:
        """Row spans in groups of at least `count` windows, where there are that many."""
        lines = -(-count // len(self.columns))
        return [self.rows[i : i + lines] for i in range(0, len(self.rows), lines)]


def plan(scene: Scene, tile: int, layout: WindowLayout) -> WindowPlan:
    """The windows of `scene` for a network trained on tiles of `tile` pixels.

    The tiles of a tile scene are windows of their own: nothing crosses their borders.
    """
    if scene.kind == "tiles":
        side = max(padded(scene.tile), tile)
        return WindowPlan(
            tiles(scene.grid.height, scene.tile), tiles(scene.grid.width, scene.tile), side, side
        )
    sides = [side_for(n, tile, layout) for n in scene.grid.shape]
    rows, columns = (spans(n, s, layout.margin) for n, s in zip(scene.grid.shape, sides))
    return WindowPlan(rows, columns, *sides)


def side_for(length: int, tile: int, layout: WindowLayout) -> int:
    """The side of the fewest windows that cover `length`, none larger than it need be.

    >>> side_for(2048, 128, WindowLayout(768, 80)), side_for(300, 128, WindowLayout(768, 80))
    (640, 320)
    """
    margins = 2 * layout.margin
    count = max(1, -(-(length - margins) // (layout.side - margins)))
    return max(tile, padded(-(-(length + (count - 1) * margins) // count)))


def spans(length: int, side: int, margin: int) -> tuple[Span, ...]:
    """Spans that cover [0, length) once, each answering up to the middle of an overlap.

    >>> [(s.start, s.first, s.last) for s in spans(300, 128, 32)]
    [(0, 0, 96), (64, 96, 160), (128, 160, 224), (192, 224, 300)]
    >>> spans(100, 128, 32)
    (Span(start=0, first=0, last=100),)
    """
    last = max(0, padded(length) - side)
    starts = [*range(0, last, side - 2 * margin), last] if last else [0]
    borders = [(a + b + side) // 2 for a, b in pairwise(starts)]
    return tuple(map(Span, starts, [0, *borders], [*borders, length]))


def tiles(length: int, tile: int) -> tuple[Span, ...]:
    """One span a tile."""
    return tuple(Span(i, i, min(i + tile, length)) for i in range(0, length, tile))


def padded(length: int) -> int:
    """The next multiple of 32.

    >>> padded(300)
    320
    """
    return -(-length // STEP) * STEP


def window(
    scene: Scene, factors: tuple[str, ...], row: Span, column: Span, plan: WindowPlan
) -> np.ndarray:
    """Raw values float32 (height, width, factors) of one window, NaN beyond the scene (and, in a
    tile scene, beyond the tile)."""
    limits = (row.last, column.last) if scene.kind == "tiles" else scene.grid.shape
    height = min(plan.height, limits[0] - row.start)
    width = min(plan.width, limits[1] - column.start)
    values = scene.read(factors, Window(column.start, row.start, width, height))
    beyond = ((0, plan.height - height), (0, plan.width - width), (0, 0))
    return np.pad(values, beyond, constant_values=np.nan)


def encoded(raw: np.ndarray, card: ModelCard) -> np.ndarray:
    """Channels float32 (..., channels) of raw values (..., factors of the card)."""
    return encode(raw, card.factors, card.channels)


def key(weights: Path, *what) -> str:
    """Twelve letters that change with the network's weights and with anything in `what`."""
    made = hashlib.sha256(json.dumps(what, default=str, sort_keys=True).encode())
    made.update(sha256(weights))
    return made.hexdigest()[:12]


def sha256(file: Path) -> bytes:
    """Hash of a file's bytes."""
    with open(file, "rb") as source:
        return hashlib.file_digest(source, "sha256").digest()
