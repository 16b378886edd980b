"""What the channel view leaves in a run's folder, and how a page reads it again.

runs/<id>/channels.json                   permutation importance (`explain.channel_view`)
runs/<id>/attention/<scene>/of.json       which trained network the gates belong to
runs/<id>/attention/<scene>/<tile>.npz    a tile's gates (`core.learning.explain.attention`)

Light to import: a page reads the results without Keras.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

import numpy as np

from core import atomic, stored
from core.runs.store import Run

FORMAT = 1
FILE = "channels.json"


class Kept(TypedDict):
    """channels.json"""

    of: dict[str, Any] | None
    result: dict[str, Any]


@dataclass(frozen=True)
class TileGates:
    """What CBAM lets through on one tile, by gate ("skip1" is at full resolution).

    `channel` float32 (channels,) and `space` float32 (height, width), all in 0..1; `probability`
    uint8 (tile, tile) display values (`core.display.bins`) of this tile predicted alone.
    """

    tile: int
    channel: dict[str, np.ndarray]
    space: dict[str, np.ndarray]
    probability: np.ndarray


def trained(run: Run) -> dict | None:
    """Which weights a result belongs to: a training that goes on makes another network."""
    card = run.model_card()
    if card is None:
        return None
    kept = {key: card.get(key) for key in ("model", "preset", "best_epoch", "best_value")}
    return {"format": FORMAT, **kept}


def save(run: Run, result: dict) -> None:
    """Write channels.json for the network as it is now."""
    value = {"of": trained(run), "result": result}
    atomic.write_json(run.path / FILE, stored.sealed(value))


def load(run: Run) -> dict | None:
    """Return what `channels` measured on this very network, or None."""
    found = stored.made_again(run.path / FILE, Kept)
    return found["result"] if found and found["of"] == trained(run) else None


def folder(run: Run, scene: str) -> Path:
    return run.path / "attention" / scene


def tiles(run: Run, scene: str) -> list[int]:
    """Numbers of the tiles whose gates are there, ascending."""
    if not _current(run, scene):
        return []
    return sorted(int(p.stem) for p in folder(run, scene).glob("*.npz") if p.stem.isdigit())


def load_tile(run: Run, scene: str, tile: int) -> TileGates | None:
    """Return the gates of a tile, or None where they were not computed."""
    path = folder(run, scene) / f"{tile}.npz"
    if not _current(run, scene) or not path.exists():
        return None
    with np.load(path, allow_pickle=False) as file:
        channel = {k[8:]: file[k].astype(np.float32) for k in file if k.startswith("channel_")}
        space = {k[6:]: file[k].astype(np.float32) / 255 for k in file if k.startswith("space_")}
        return TileGates(tile, channel, space, file["probability"])


def save_tile(path: Path, gates: TileGates) -> None:
    """Write <tile>.npz into the folder `path`: weights in half precision, maps in 8 bits."""
    arrays: dict[str, Any] = {"probability": gates.probability}
    arrays |= {f"channel_{k}": v.astype(np.float16) for k, v in gates.channel.items()}
    arrays |= {f"space_{k}": np.rint(255 * v).astype(np.uint8) for k, v in gates.space.items()}
    with atomic.whole_file(path / f"{gates.tile}.npz") as temporary:
        np.savez_compressed(temporary, **arrays)


def begin_tiles(run: Run, path: Path) -> None:
    """Say in the folder `path` which network its tiles belong to."""
    atomic.write_json(path / "of.json", trained(run))


def _current(run: Run, scene: str) -> bool:
    of = stored.usable(folder(run, scene) / "of.json", dict)
    return of is not None and of == trained(run)
