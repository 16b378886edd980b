"""CBAM's gates on single tiles: which channels and which pixels of every skip pass.

The gates are found by the names that `models/blocks.py` gives them: `skip1_channel`,
`skip1_space`, ... (`concat<level>` where a network has them there).
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from core import atomic
from core.display import bins
from core.errors import SlideScopeError
from core.jobs.report import Report, silent
from core.learning.explain.channel_importance import BATCH
from core.learning.networks import network
from core.learning.networks.network import ModelCard
from core.learning.tiles import channels
from core.learning.tiles.channels import encode
from core.learning.tiles.tiling import cut, join, read_tile, tiling_of
from core.runs import channels as store
from core.runs.channels import TileGates
from core.runs.store import Run
from core.scene.store import Scene

GATE = re.compile(r"((?:skip|concat)\d+)_(channel|space)")
# Tile numbers.
Numbers = Sequence[int] | np.ndarray
# A file of about 15 kB and a twentieth of a second a tile: beyond this, ask for single tiles.
MOST_TILES = 1024


def has_gates(run: Run) -> bool:
    """Whether the network is of the kind that has CBAM."""
    return run.config.model == "fcadensenet"


def check_gates(run: Run) -> None:
    if not has_gates(run):
        raise SlideScopeError(
            f"Run '{run.id}' is a {run.config.model_title}, which has no attention: only "
            "FCADenseNet has CBAM gates; choose such a run."
        )


def probe(built: Any) -> Any:
    """A network of raw channel values -> {gate name: weights, "probability": ...}."""
    keras = network.keras()
    inner = next(layer for layer in built.layers if hasattr(layer, "layers"))
    gates = {x.name: x.output for x in inner.layers if GATE.fullmatch(x.name)}
    inside = keras.Model(inner.inputs, {**gates, "probability": inner.outputs[0]})
    inputs = keras.Input(built.input_shape[1:])
    return keras.Model(inputs, inside(built.get_layer("zscore")(inputs)))


def gates_of(probing: Any, x: np.ndarray, tiles: Sequence[int]) -> list[TileGates]:
    """Gates of up to a batch of encoded tiles (n, tile, tile, channels), computed in squares of the
    side that the network was trained on: spatial gates side by side, channel gates averaged."""
    full = np.concatenate([x, np.zeros((BATCH - len(x), *x.shape[1:]), np.float32)])
    squares = cut(full, probing.input_shape[1], np.nan)
    answers = probing.predict_on_batch(squares).items()
    found = {name: _of_tiles(np.asarray(v, np.float32), name) for name, v in answers}
    return [_one(found, i, tile) for i, tile in enumerate(tiles)]


def _of_tiles(values: np.ndarray, name: str) -> np.ndarray:
    """What squares say, put together to a batch of tiles."""
    if name.endswith("_channel"):
        return values.reshape(BATCH, -1, values.shape[-1])
    return join(values, BATCH)


def _one(found: dict[str, np.ndarray], i: int, tile: int) -> TileGates:
    parts: dict[str, dict[str, np.ndarray]] = {"channel": {}, "space": {}}
    for name in sorted(found):
        if match := GATE.fullmatch(name):
            gate, kind = match.groups()
            value = found[name][i]
            # A local gate has a weight per footprint: the tile's is their mean.
            mean = value.reshape(-1, value.shape[-1]).mean(0)
            parts[kind][gate] = mean if kind == "channel" else value[..., 0]
    shown = bins.to_display(found["probability"][i, ..., 0])
    return TileGates(tile, parts["channel"], parts["space"], shown)


def chosen_tiles(scene: Scene, first: Numbers, most: int = MOST_TILES) -> np.ndarray:
    """The tiles to compute: all of a scene, or `first` and the lowest numbers up to `most`."""
    every = np.arange(len(tiling_of(scene)))
    if len(every) <= most:
        return every
    asked = np.asarray(first, int)[:most]
    rest = np.setdiff1d(every, asked)[: most - len(asked)]
    return np.sort(np.concatenate([asked, rest]))


def compute(
    run: Run,
    loaded: tuple[Any, ModelCard],
    scene: Scene,
    tiles: Numbers,
    report: Report = silent,
) -> None:
    """Replace the run's gates on `scene` by those of `tiles`."""
    with atomic.whole_folder(store.folder(run, scene.name)) as folder:
        store.begin_tiles(run, folder)
        _write(folder, loaded, scene, tiles, report)


def add(run: Run, loaded: tuple[Any, ModelCard], scene: Scene, tile: int) -> None:
    """Store the gates of one more tile beside those there are."""
    folder = store.folder(run, scene.name)
    if not store.tiles(run, scene.name):
        # Those of another training, if any, must not mix with these.
        with atomic.whole_folder(folder) as fresh:
            store.begin_tiles(run, fresh)
    _write(folder, loaded, scene, [tile])


def compute_tile(run: Run, scene: Scene, tile: int, report: Report = silent) -> dict:
    """Gates of one tile, from the run's folder or computed and added to it.

    Returns {run, scene, tile, x, y, file, computed, gates: {gate: {channels, channel_mean,
    channel_sd, space_mean, space_sd, space_px}}}; x, y the centre pixel.
    """
    check_gates(run)
    tiling = tiling_of(scene)
    if not 0 <= tile < len(tiling):
        raise SlideScopeError(
            f"Invalid tile {tile}: scene '{scene.name}' has tiles 0 to {len(tiling) - 1}, row by "
            "row; choose one of these or give a pixel with --x and --y."
        )
    gates = known = store.load_tile(run, scene.name, tile)
    if gates is None:
        report("Loading the network", None, run=run.id)
        loaded = network.load(run.path / "model")
        network.check_scene(loaded[1], scene)
        add(run, loaded, scene, tile)
        gates = store.load_tile(run, scene.name, tile)
    if gates is None:
        raise SlideScopeError(
            f"Run '{run.id}' went on training while tile {tile} was computed: its gates are of "
            "another network; ask again."
        )
    row, column = tiling.position(tile)
    centre = {"x": column * tiling.tile + tiling.tile // 2, "y": row * tiling.tile}
    centre["y"] += tiling.tile // 2
    file = str(store.folder(run, scene.name) / f"{tile}.npz")
    where = {"run": run.id, "scene": scene.name, "tile": tile, **centre, "file": file}
    return {**where, "computed": known is None, "gates": summary(gates)}


def tile_at(scene: Scene, x: int, y: int) -> int:
    """Number of the tile that holds pixel (x, y)."""
    tiling = tiling_of(scene)
    if not (0 <= x < tiling.width and 0 <= y < tiling.height):
        raise SlideScopeError(
            f"Pixel ({x}, {y}) lies outside scene '{scene.name}', which is {tiling.width} x "
            f"{tiling.height} px; choose a pixel inside."
        )
    return y // tiling.tile * tiling.shape[1] + x // tiling.tile


def summary(gates: TileGates) -> dict:
    """Mean and spread of every gate's weights."""
    return {
        gate: {
            "channels": len(channel),
            "channel_mean": float(channel.mean()),
            "channel_sd": float(channel.std()),
            "space_mean": float(gates.space[gate].mean()),
            "space_sd": float(gates.space[gate].std()),
            "space_px": gates.space[gate].shape[0],
        }
        for gate, channel in gates.channel.items()
    }


def _write(folder: Path, loaded, scene: Scene, tiles, report: Report = silent) -> None:
    built, card = loaded
    probing = probe(built)
    scene = channels.recoded(scene, card.legends)
    tiling = tiling_of(scene)
    names = scene.factor_names
    for start in range(0, len(tiles), BATCH):
        report(f"Attention of tile {start} of {len(tiles)}", start / len(tiles))
        batch = tiles[start : start + BATCH]
        raw = [read_tile(scene, tiling, int(n), names) for n in batch]
        found = gates_of(probing, encode(np.stack(raw), names, card.channels), batch)
        for values, gates in zip(raw, found):
            gates.probability[~scene.valid(values, names)] = bins.NO_DATA
            store.save_tile(folder, gates)
