"""Finished strips of a prediction that is not finished: a killed one goes on from the last.

predictions/.<scene>.<key>.partial/<name>-<first row>.npy    float32 (rows, width)

The key tells network, scene and layout apart, so that only strips of the very same prediction
are picked up again; each strip appears whole or not at all.
"""

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import rasterio
from rasterio.windows import Window

from core import atomic
from core.learning.prediction import products
from core.scene.grid import Grid


def key(weights: Path, *what) -> str:
    """Twelve letters that change with the network's weights and with anything in `what`."""
    made = hashlib.sha256(json.dumps(what, default=str, sort_keys=True).encode())
    made.update(sha256(weights))
    return made.hexdigest()[:12]


def sha256(file: Path) -> bytes:
    """Hash of a file's bytes."""
    with open(file, "rb") as source:
        return hashlib.file_digest(source, "sha256").digest()


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
