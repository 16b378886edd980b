"""What only the generator of the sample knows, and a piece of it for the tests."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import rasterio
from rasterio.features import rasterize
from rasterio.windows import Window

from core import paths
from core.learning.scores import metrics
from core.learning.split import Split
from core.scene.store import Scene
from core.workflows import sample

# Windows of a prediction begin at multiples of 96 px: a crop that begins there has the same ones.
STRIDE, CROP, INSIDE = 96, 320, slice(96, 224)
CROP_FILE = paths.PROJECT / "tests" / "data" / "sample_crop.npz"


def truth_file() -> Path:
    return paths.samples_folder() / f"watershed-{sample.SIZE}-{sample.SEED}" / "truth.gpkg"


def hidden_share(scene: Scene, parts: Split) -> dict:
    """How many of the mapped landslides are slow ones under vegetation, hardly visible in the
    bands: by number, and by pixels of the whole scene and of the held-out tiles, 0..1."""
    truth = gpd.read_file(truth_file())
    mapped = truth[truth["mapped"] == 1]
    slow = mapped[mapped["kind"] == "slow"]
    grid = scene.grid
    mask = rasterize(slow.geometry, out_shape=grid.shape, transform=grid.affine, dtype="uint8")
    reference = scene.read_mask() == 1
    held_out = np.zeros(grid.shape, bool)
    for number in parts.tiles(metrics.TEST):
        window = parts.tiling.window(int(number))
        held_out[window.toslices()] = True
    return {
        "landslides": len(mapped),
        "slow": len(slow),
        "share_of_landslides": len(slow) / len(mapped),
        "share_of_pixels": float((reference & (mask == 1)).sum() / reference.sum()),
        "share_of_held_out_pixels": float(
            (reference & (mask == 1) & held_out).sum() / (reference & held_out).sum()
        ),
        "seed": sample.SEED,
        "size": sample.SIZE,
    }


def recall_by_kind(prediction: Path, scene: Scene) -> dict[str, float]:
    """Share of the mapped pixels of fresh and of slow landslides whose probability reaches 0.5."""
    truth = gpd.read_file(truth_file())
    mapped = truth[truth["mapped"] == 1]
    with rasterio.open(prediction / "mask.tif") as source:
        found = source.read(1)
    grid, recalls = scene.grid, {}
    for kind, rows in mapped.groupby("kind"):
        mask = rasterize(rows.geometry, out_shape=grid.shape, transform=grid.affine, dtype="uint8")
        there = (mask == 1) & (scene.read_mask() == 1) & (found != 255)
        recalls[kind] = float((found[there] == 1).mean())
    return recalls


def write_crop(scene: Scene) -> None:
    """Keep a piece of the scene, its values untouched, where most landslide pixels lie inside:
    the tests predict it anew and compare with the shipped maps."""
    reference = scene.read_mask() == 1
    steps = range(0, min(scene.grid.shape) - CROP, STRIDE)
    corners = [(row, column) for row in steps for column in steps]
    row, column = max(corners, key=lambda at: _inside(reference, at).sum())
    values = scene.read(window=Window(column, row, CROP, CROP))
    CROP_FILE.parent.mkdir(exist_ok=True)
    np.savez_compressed(
        CROP_FILE,
        # Bytes of a kind beside each other: half the size, and nothing is lost.
        planes=np.ascontiguousarray(values)
        .view(np.uint8)
        .reshape(*values.shape, 4)
        .transpose(2, 3, 0, 1),
        names=np.array(scene.factor_names),
        corner=np.array([row, column]),
        fingerprint=scene.fingerprint,
    )


def _inside(image: np.ndarray, corner: tuple[int, int]) -> np.ndarray:
    return image[tuple(slice(n + INSIDE.start, n + INSIDE.stop) for n in corner)]
