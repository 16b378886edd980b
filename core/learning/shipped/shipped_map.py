"""A predicted map in the small form that is shipped: one byte a pixel, the display value.

What the cards, the counts and the map need lies in the 200 bins; a probability that is rebuilt
from them is a bin's centre. A shipped map belongs to one scene: to the very same (fingerprint), or,
provisionally, to one that differs slightly, as another machine's copy may.
"""

from pathlib import Path

import numpy as np
import rasterio
from rasterio.windows import Window

from core import atomic
from core.display import bins, display
from core.learning.prediction import products
from core.learning.tiles.tiling import tiling_of
from core.runs import run_files
from core.runs.store import MADE_OF, PREVIEW, Run
from core.scene.store import Scene

MAP, ABOUT, FIGURES = "map.tif", "map.json", "figures.json"
SOURCE = "rebuilt from 200 probability bins that came with the software; values are bin centres"
# Of a factor's 2-98 % range: how far its quantiles may differ between copies of one scene.
ROUNDING = 0.01


def store(prediction: Path, scene: Scene, folder: Path) -> None:
    """Write folder/map.tif and map.json from a prediction's probability.tif."""
    how = products.profile(scene.grid, "uint8", bins.NO_DATA)
    how |= {"compress": "lzma", "lzma_preset": 9}
    with (
        rasterio.open(prediction / run_files.PROBABILITY) as source,
        rasterio.open(folder / MAP, "w", **how) as target,
    ):
        for window in _strips(scene):
            target.write(bins.to_display(source.read(1, window=window)), 1, window=window)
    made = atomic.read_json(prediction / MADE_OF) or {}
    atomic.write_json(folder / ABOUT, {**about(scene), "flips": made.get("flips", 1)})


def about(scene: Scene) -> dict:
    """What tells whether another scene is the same one."""
    return {
        "fingerprint": scene.fingerprint,
        "grid": scene.grid.to_json(),
        "landslide_share": scene.landslide_share,
        "quantiles": {f.name: list(f.quantiles) for f in scene.factors},
    }


def likeness(folder: Path, scene: Scene) -> str | None:
    """'same', 'alike' (but for roundings), or None: no map or another scene."""
    told = atomic.read_json(folder / ABOUT)
    if told is None or scene.inventory is None:
        return None
    mine = about(scene)
    if told["fingerprint"] == mine["fingerprint"]:
        return "same"
    return "alike" if alike(told, mine) else None


def alike(one: dict, other: dict) -> bool:
    """Whether two scenes have one grid, and the same factors and landslides but for roundings.

    >>> grid = {"width": 9}
    >>> a = {"grid": grid, "landslide_share": 0.004, "quantiles": {"slope": [1.0, 20.0, 45.0]}}
    >>> alike(a, {**a, "quantiles": {"slope": [1.0, 20.1, 45.0]}})
    True
    >>> alike(a, {**a, "quantiles": {"slope": [1.0, 26.0, 45.0]}})
    False
    """
    names = list(one["quantiles"])
    shares = one["landslide_share"], other["landslide_share"]
    if one["grid"] != other["grid"] or names != list(other["quantiles"]):
        return False
    near = abs(shares[0] - shares[1]) <= ROUNDING * max(shares)
    return near and all(_near(one["quantiles"][n], other["quantiles"][n]) for n in names)


def _near(one: list[float], other: list[float]) -> bool:
    if len(one) != len(other):
        return False
    if not one:
        return True
    step = ROUNDING * (one[-1] - one[0])
    return all(abs(a - b) <= step for a, b in zip(one, other))


def restore(source: Path, run: Run, scene: Scene, part: np.ndarray) -> None:
    """Make the run's prediction of `scene` from the shipped map, as predicting would.

    `part` uint8 (tiles,) of the split. Counts are exact; they are taken against this scene's own
    reference mask.
    """
    with atomic.whole_folder(run.prediction(scene.name)) as folder:
        products.save_origin(folder, scene, **_made_with(source))
        _write_probability(source / MAP, folder / run_files.PROBABILITY, scene)
        products.write_mask(folder, scene.grid)
        products.write_outlines(folder, scene)
        counts = products.count_tiles(folder, scene, tiling_of(scene))
        products.save_counts(folder, counts, part)
        display.prepare_prediction(folder, scene)
        if likeness(source, scene) != "same":
            told = atomic.needed_json(source / ABOUT)
            atomic.write_json(folder / PREVIEW, {"fingerprint": told["fingerprint"]})


def _made_with(source: Path) -> dict:
    """Of how many looks the map is the mean and, if that was written down, what predicting it took
    where it was packed."""
    flips = atomic.needed_json(source / ABOUT).get("flips", 1)
    spent = (atomic.read_json(source / FIGURES) or {}).get("cost")
    return {"flips": flips, **({"cost": {**spent, "packed": True}} if spent else {})}


def _write_probability(source: Path, target: Path, scene: Scene) -> None:
    how = products.profile(scene.grid, "float32", np.nan)
    with (
        rasterio.open(source, driver="GTiff") as shown,
        rasterio.open(target, "w", num_threads="ALL_CPUS", **how) as file,
    ):
        file.update_tags(SOURCE=SOURCE)
        for window in _strips(scene):
            file.write(centres(shown.read(1, window=window)), 1, window=window)


def centres(values: np.ndarray) -> np.ndarray:
    """Return the bins' centres float32 of display values, NaN where there is no data.

    >>> [f"{p:.4f}" for p in centres(np.array([0, 1, 101, 200], np.uint8))]
    ['nan', '0.0025', '0.5025', '0.9975']
    """
    found = ((values - 0.5) / bins.BINS).astype(np.float32)
    return np.where(values == bins.NO_DATA, np.float32(np.nan), found)


def _strips(scene: Scene):
    rows = 512
    for top in range(0, scene.grid.height, rows):
        yield Window(0, top, scene.grid.width, min(rows, scene.grid.height - top))
