"""How much memory does the prediction of a very large scene take?

    python bench/predict_memory.py [--size 30000]

Makes a scene of size x size pixels (two factors, mostly smooth, compressible), predicts it by the
product's own code and outlines it; a cheap stand-in answers in place of the network, whose own
memory depends on the window alone. Prints the peak of resident memory of the process and leaves
nothing behind. The last line is one JSON object.
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import rasterio
from rasterio.windows import Window

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core.learning.networks.network import ModelCard
from core.learning.prediction import outlining, prediction, products, windows
from core.learning.tiles.channels import Channel
from core.scene.grid import Grid
from core.scene.store import BLOCK, Scene, SceneFactor

NAMES = ("nir", "elevation")


def make(folder: Path, size: int) -> Scene:
    """A scene whose first factor rises above .5 in a round spot in every 256 px square."""
    grid = Grid("EPSG:32648", (12.5, 0, 240000, 0, -12.5, 3020000), size, size)
    how = products.profile(grid, "float32", np.nan)
    how |= {"count": 2, "interleave": "pixel", "blockxsize": BLOCK, "blockysize": BLOCK}
    how |= {"zlevel": 1, "BIGTIFF": "YES"}
    rows, columns = np.mgrid[:256, :256]
    spot = np.where(np.hypot(rows - 128, columns - 128) < 60, 0.9, 0.1).astype(np.float32)
    strip = np.tile(spot, (1, -(-size // 256)))[:, :size]
    with rasterio.open(folder / "stack.tif", "w", **how) as target:
        for top in range(0, size, 256):
            height = min(256, size - top)
            window = Window(0, top, size, height)
            target.write(np.stack([strip[:height]] * 2), window=window)
    factors = tuple(SceneFactor(n, "continuous", "", "made up", 1.0) for n in NAMES)
    return Scene("large", folder, "area", 128, grid, factors, True, "large", "", None)


def card() -> ModelCard:
    channels = tuple(Channel(name) for name in NAMES)
    return ModelCard("unet", "quick", 128, "rs", "paper", NAMES, channels, {}, 0, 1, 0.0)


class Peak:
    """The largest resident memory of this process while the block runs."""

    def __enter__(self):
        self.bytes, self._over = 0, threading.Event()
        self._watcher = threading.Thread(target=self._watch)
        self._watcher.start()
        return self

    def _watch(self) -> None:
        process = psutil.Process()
        while not self._over.wait(0.05):
            self.bytes = max(self.bytes, process.memory_info().rss)

    def __exit__(self, *error) -> None:
        self._over.set()
        self._watcher.join()


def run(size: int, parent: Path | None) -> dict:
    with tempfile.TemporaryDirectory(dir=parent) as name:
        folder = Path(name)
        scene = make(folder, size)
        plan = windows.plan(scene, 128, windows.WindowLayout.of("unet", 128, halved=True))
        made = windows.Strips(folder / "strips")
        made.folder.mkdir()
        answers = lambda raw: {prediction.PROBABILITY: raw[..., 0] * 1.0}  # noqa: E731
        started = time.monotonic()
        with Peak() as peak, rasterio.Env(GDAL_CACHEMAX=prediction.CACHE_BYTES):
            prediction.predict_strips(answers, card(), scene, plan, made)
            made.write(prediction.PROBABILITY, scene.grid, folder / "probability.tif")
            made.remove()
            products.write_mask(folder, scene.grid)
            landslides = outlining.write(folder, scene)
        return {
            "pixels": size * size,
            "landslides": landslides,
            "seconds": round(time.monotonic() - started, 1),
            "peak_mb": round(peak.bytes / 2**20),
        }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=30_000)
    parser.add_argument("--folder", type=Path, help="where the scene is made (10 GB at 30,000)")
    wish = parser.parse_args()
    print(json.dumps(run(wish.size, wish.folder)))
