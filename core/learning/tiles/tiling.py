"""Tiles: non-overlapping squares that cover the scene, in row-major order (paper, section 2.2)."""

from dataclasses import dataclass

import numpy as np
from rasterio.windows import Window

from core.scene.store import Scene


@dataclass(frozen=True)
class Tiling:
    """Tiles of `tile` pixels over `height` x `width`; edge tiles reach over and are padded.

    >>> Tiling(height=300, width=260, tile=128).shape
    (3, 3)
    """

    height: int
    width: int
    tile: int = 128

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns) of tiles."""
        return -(-self.height // self.tile), -(-self.width // self.tile)

    def __len__(self) -> int:
        return self.shape[0] * self.shape[1]

    def position(self, number: int) -> tuple[int, int]:
        """(row, column) of tile `number`."""
        return divmod(number, self.shape[1])

    def window(self, number: int) -> Window:
        """Pixel window of tile `number`, clipped to the scene."""
        row, column = (i * self.tile for i in self.position(number))
        return Window(
            column, row, min(self.tile, self.width - column), min(self.tile, self.height - row)
        )

    def split_up(self, image: np.ndarray, fill: float = 0) -> np.ndarray:
        """Cut (height, width) into (tiles, tile, tile), edge tiles padded with `fill`."""
        rows, columns = self.shape
        padding = (
            (0, rows * self.tile - image.shape[0]),
            (0, columns * self.tile - image.shape[1]),
        )
        padded = np.pad(image, padding, constant_values=fill)
        cut = padded.reshape(rows, self.tile, columns, self.tile)
        return cut.swapaxes(1, 2).reshape(-1, self.tile, self.tile)


def tiling_of(scene: Scene) -> Tiling:
    """The tiles of a scene: its own in a tile scene, 128 px squares otherwise."""
    return Tiling(scene.grid.height, scene.grid.width, scene.tile)


def read_tile(scene: Scene, tiling: Tiling, number: int, names) -> np.ndarray:
    """Return float32 (tile, tile, factors), NaN where there is no data or no scene."""
    values = scene.read(names, tiling.window(number))
    height, width = values.shape[:2]
    padding = ((0, tiling.tile - height), (0, tiling.tile - width), (0, 0))
    return np.pad(values, padding, constant_values=np.nan)


def read_mask(scene: Scene, tiling: Tiling, number: int) -> np.ndarray:
    """Reference mask of a tile, uint8 (tile, tile), 0 beyond the scene."""
    mask = scene.read_mask(tiling.window(number))
    return np.pad(mask, [(0, tiling.tile - n) for n in mask.shape])


def cut(tiles: np.ndarray, side: int, fill: float = 0) -> np.ndarray:
    """Cut tiles (tiles, rows, columns, ...) into squares of `side` pixels, padded with `fill` where
    the side does not divide the tile's.

    >>> cut(np.arange(16).reshape(1, 4, 4), 2)[1].tolist()
    [[2, 3], [6, 7]]
    """
    count, rows, columns, *rest = tiles.shape
    more = [(0, -length % side) for length in (rows, columns)]
    padded = np.pad(tiles, [(0, 0), *more, *[(0, 0)] * len(rest)], constant_values=fill)
    down, across = (length // side for length in padded.shape[1:3])
    parts = padded.reshape(count, down, side, across, side, *rest)
    return parts.swapaxes(2, 3).reshape(-1, side, side, *rest)


def join(squares: np.ndarray, count: int, tile: int | None = None) -> np.ndarray:
    """Undo `cut`: squares (count x n, side, side, ...) of `count` tiles, which are cropped to
    `tile` pixels where the squares reach over.

    >>> tiles = np.arange(32).reshape(2, 4, 4)
    >>> bool((join(cut(tiles, 2), 2) == tiles).all())
    True
    """
    side, rest = squares.shape[1], squares.shape[3:]
    across = round((len(squares) / count) ** 0.5)
    parts = squares.reshape(count, across, across, side, side, *rest).swapaxes(2, 3)
    whole = parts.reshape(count, across * side, across * side, *rest)
    return whole[:, :tile, :tile]
