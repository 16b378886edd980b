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
