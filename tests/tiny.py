"""A tiny scene and tiny finished runs, built by the product's own code, without an import or a
training: what page and map tests need in a second."""

import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import rasterio

from core.display import display
from core.learning import split
from core.learning.prediction import products
from core.learning.scores import evaluation, metrics
from core.learning.split import Split, record
from core.learning.tiles.tiling import tiling_of
from core.runs import config, store
from core.scene import store as scenes
from core.scene.grid import Grid

HEIGHT, WIDTH = 256, 384
NAMES = ("red", "nir", "elevation", "slope", "aspect", "lithology", "deformation")
KINDS = {"aspect": "circular", "lithology": "categorical"}
# (row, column, radius) of the planted landslides, in pixels.
LANDSLIDES = ((40, 60, 9), (180, 90, 7), (90, 300, 12), (220, 350, 6), (60, 200, 8))


def reference() -> np.ndarray:
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    for row, column, radius in LANDSLIDES:
        mask[np.hypot(rows - row, columns - column) < radius] = 1
    return mask


def values(rng: np.random.Generator) -> np.ndarray:
    """float32 (7, height, width): landslides are bare and move; the rest is noise and relief."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    mask = reference().astype(np.float32)
    noise = rng.standard_normal((4, HEIGHT, WIDTH)).astype(np.float32)
    elevation = 1500 + 300 * np.sin(rows / 60) + 200 * np.cos(columns / 80)
    down, right = np.gradient(elevation, 12.5)
    layers = [
        800 + 500 * mask + 80 * noise[0],
        2500 - 600 * mask + 150 * noise[1],
        elevation,
        np.degrees(np.arctan(np.hypot(down, right))),
        np.degrees(np.arctan2(-right, down)) % 360,
        1.0 + (columns > 190) + (rows > 128),
        -25.0 * mask + 3 * noise[2],
    ]
    stack = np.stack(layers).astype(np.float32)
    stack[6, 100:120, 20:60] = np.nan
    stack[:, :10, :12] = np.nan
    return stack


GRID = Grid("EPSG:32648", (12.5, 0, 240000, 0, -12.5, 3020000), WIDTH, HEIGHT)
# As files without a coordinate reference system have it.
PIXEL_GRID = Grid(None, (1, 0, 0, 0, 1, 0), WIDTH, HEIGHT)


def scene(name: str = "tiny", tile: int = 128, grid: Grid = GRID) -> scenes.Scene:
    """Store and return the scene; its display rasters included."""
    _, drawn = _drawn(grid)
    with scenes.create(name) as folder:
        shutil.copytree(drawn.path, folder, dirs_exist_ok=True)
        scenes.save(replace(drawn, name=name, path=folder, tile=tile))
    return scenes.load(name)


@cache
def _drawn(grid: Grid) -> tuple[TemporaryDirectory, scenes.Scene]:
    """The scene that others are copies of, made once a process, as drawing its layers takes a
    second; and what its folder is in, which goes when the process does."""
    kept = TemporaryDirectory(prefix="tiny-")
    folder = Path(kept.name) / "tiny"
    stack, mask = values(np.random.default_rng(0)), reference()
    (folder / "inventory" / "1").mkdir(parents=True)
    _write(folder / "stack.tif", grid, stack, np.nan)
    _write(folder / "inventory" / "1" / "mask.tif", grid, mask[None], None)
    made = scenes.Scene(
        name="tiny",
        path=folder,
        kind="area",
        tile=128,
        grid=grid,
        factors=tuple(_factor(n, layer) for n, layer in zip(NAMES, stack)),
        synthetic=True,
        fingerprint="tiny",
        created="2026-01-01T00:00:00",
        inventory={
            "version": 1,
            "source": "planted",
            "polygons": len(LANDSLIDES),
            "polygons_without_pixel": 0,
            "landslide_share": float(mask.mean()),
        },
    )
    scenes.save(made)
    display.prepare_scene(made)
    return kept, made


def run(
    scene: scenes.Scene, dataset: str, skill: float, model: str = "fcadensenet", **changes
) -> store.Run:
    """Store and return a finished run whose probability is the reference blurred by noise;
    `skill` is the distance between the two classes in standard deviations; `changes` go into its
    configuration, and `held_out` are the tiles of its test part."""
    held_out = changes.pop("held_out", None)
    names = tuple(n for n in scene.factor_names if dataset == "rs-dr" or n != "deformation")
    settings = config.RunConfig(
        scene=scene.name,
        fingerprint=scene.fingerprint,
        inventory_version=1,
        synthetic=True,
        model=model,
        dataset=dataset,
        factors=names,
        **{"preset": "quick", "epochs": 3, **changes},
    )
    told_apart = "".join(f"-{value}" for value in changes.values())
    run_id = f"{scene.name}-{model}-{dataset}-made-up{told_apart}"
    return finish(scene, settings, run_id, skill, held_out)


def finish(
    scene: scenes.Scene,
    settings: config.RunConfig,
    run_id: str,
    skill: float,
    held_out: tuple[int, ...] | None = None,
) -> store.Run:
    """Store and return a finished run of these settings; see `run`."""
    tested = scenes.load(settings.test_scene or scene.name)
    made = store.create(settings, run_id, None)
    rng = np.random.default_rng([settings.seed, len(settings.dataset)])
    noise = rng.standard_normal(tested.grid.shape)
    mask = tested.read_mask()
    probability = 1 / (1 + np.exp(-(skill * (mask - 0.7) + 0.6 * noise))).astype(np.float32)
    probability[~tested.valid(tested.read())] = np.nan
    part = _parts(scene, held_out)
    if tested.name != scene.name:
        part[:] = metrics.TEST
    _write_products(made, tested, probability, part)
    parts = Split(tiling_of(scene), part, settings.buffer)
    split.save(parts, made.path / "split.json")
    if tested.name == scene.name:
        record.write(made.prediction(), scene, parts)
    rows = [f"{e},{0.5 / e},{0.6 / e},{0.2 * e},{0.1 * e},3.0" for e in (1, 2, 3)]
    header = "epoch,loss,val_loss,val_f1,val_iou,seconds"
    (made.path / "history.csv").write_text("\n".join([header, *rows]) + "\n")
    return store.load(made.id)


def untrained(run: store.Run, scene: scenes.Scene) -> None:
    """Give a run an untrained U-Net, which answers somehow, between its classes."""
    from core.learning.networks import network
    from core.learning.tiles.channels import channels_of
    from models import catalogue

    names = run.config.factors
    channels = channels_of([scene.factor(name) for name in names], "paper")
    found = scene.read(names)
    mean, std = np.nanmean(found, (0, 1)), np.nanstd(found, (0, 1))
    network.keras().utils.set_random_seed(0)
    built = catalogue.with_zscore(catalogue.build("unet", "quick", len(channels)), mean, std)
    card = network.ModelCard("unet", "quick", 128, "rs-dr", "paper", names, channels, {}, 0, 1, 0.0)
    network.save(built, card, run.path / "model")


def _parts(scene: scenes.Scene, held_out: tuple[int, ...] | None) -> np.ndarray:
    """Part of every tile; without `held_out`, a column of test tiles after one of training tiles
    (two columns where tiles are small: blocks are 2 x 2)."""
    tiling = tiling_of(scene)
    if held_out is None:
        columns = np.arange(len(tiling)) % tiling.shape[1]
        test = columns // (1 if scene.tile == 128 else 2) % 2 == 1
    else:
        test = np.isin(np.arange(len(tiling)), held_out)
    return np.where(test, metrics.TEST, metrics.TRAIN).astype(np.uint8)


def _write_products(
    made: store.Run, scene: scenes.Scene, probability: np.ndarray, part: np.ndarray
) -> None:
    folder = made.prediction()
    folder.mkdir(parents=True)
    how = products.profile(scene.grid, "float32", np.nan)
    with rasterio.open(folder / "probability.tif", "w", **how) as target:
        target.write(probability.astype(np.float32), 1)
    products.save_origin(folder, scene)
    products.write_mask(folder, scene.grid)
    products.write_outlines(folder, scene)
    tiling = tiling_of(scene)
    products.save_counts(folder, products.count_tiles(folder, scene, tiling), part)
    display.prepare_prediction(folder, scene)
    evaluation.store(made)


def _write(path, grid: Grid, layers: np.ndarray, nodata: float | None) -> None:
    how = products.profile(grid, layers.dtype.name, nodata)
    how |= {"count": len(layers), "interleave": "pixel", "blockxsize": 128, "blockysize": 128}
    with rasterio.open(path, "w", **how) as target:
        target.write(layers)


def _factor(name: str, layer: np.ndarray) -> scenes.SceneFactor:
    known = layer[np.isfinite(layer)]
    counts, edges = np.histogram(known, 32)
    kind = KINDS.get(name, "continuous")
    return scenes.SceneFactor(
        name=name,
        kind=kind,
        unit=scenes.factor(name).unit,
        source="tests/tiny.py",
        valid_share=float(np.isfinite(layer).mean()),
        minimum=float(known.min()),
        maximum=float(known.max()),
        quantiles=tuple(float(q) for q in np.quantile(known, (0.02, 0.5, 0.98))),
        histogram={"edges": edges.tolist(), "counts": counts.tolist()},
        legend={"1": "shale", "2": "sandstone", "3": "granite"} if name == "lithology" else None,
    )
