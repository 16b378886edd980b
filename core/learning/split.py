"""Split the tiles into training, validation and test parts that do not touch.

`block` (default): blocks of 2 x 2 tiles, stratified by landslide share, a pixel buffer between the
parts. `paper`: landslide and non-landslide tiles 7:3 each (section 2.2), neighbours may touch.
Both carve the validation part out of the training part by block.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core import atomic
from core.errors import SlideScopeError
from core.learning.metrics import TEST, TRAIN, VALIDATION
from core.learning.tiling import Tiling
from core.scene.store import Scene

UNUSED = 255
TEST_SHARE, VALIDATION_SHARE = 0.3, 0.1
BLOCK_TILES = 2
FEW_TILES = 100
STRATUM = 10
PARTS = {"train": TRAIN, "validation": VALIDATION, "test": TEST}


@dataclass(frozen=True)
class TileTable:
    """Valid and landslide pixels of every tile, int64 (tiles,)."""

    valid: np.ndarray
    landslide: np.ndarray

    @property
    def share(self) -> np.ndarray:
        """Landslide share of each tile's valid pixels, 0..1."""
        return self.landslide / np.maximum(self.valid, 1)


@dataclass(frozen=True)
class Split:
    """`part` uint8 (tiles,): 0 train, 1 validation, 2 test, 255 unused (no valid pixel).

    Training and validation pixels within `buffer` pixels of a tile of a later part are not used.
    """

    tiling: Tiling
    part: np.ndarray
    buffer: int
    notes: tuple[str, ...] = ()

    def tiles(self, part: int) -> np.ndarray:
        """Tile numbers of a part, ascending."""
        return np.flatnonzero(self.part == part)

    def usable(self, number: int) -> np.ndarray:
        """bool (tile, tile): pixels of tile `number` outside every buffer."""
        side = self.tiling.tile
        keep = np.ones((side, side), bool)
        mine = self.part[number]
        if not self.buffer or mine == TEST:
            return keep
        row, column = self.tiling.position(number)
        rows, columns = self.tiling.shape
        edge = {-1: slice(0, self.buffer), 0: slice(None), 1: slice(side - self.buffer, None)}
        for down in (-1, 0, 1):
            for right in (-1, 0, 1):
                r, c = row + down, column + right
                if (down or right) and 0 <= r < rows and 0 <= c < columns:
                    theirs = self.part[r * columns + c]
                    if mine < theirs <= TEST:
                        keep[edge[down], edge[right]] = False
        return keep


def tile_table(scene: Scene, tiling: Tiling) -> TileTable:
    """Count valid and landslide pixels of every tile, one tile a read."""
    valid, landslide = np.zeros((2, len(tiling)), np.int64)
    names = scene.factor_names
    for number in range(len(tiling)):
        window = tiling.window(number)
        inside = scene.valid(scene.read(names, window), names)
        valid[number] = inside.sum()
        landslide[number] = (scene.read_mask(window)[inside] == 1).sum()
    return TileTable(valid, landslide)


def split_tiles(
    scene: Scene,
    tiling: Tiling,
    table: TileTable,
    method: str,
    seed: int,
    buffer: int,
    test_share: float = TEST_SHARE,
) -> Split:
    """Return the split of a scene's tiles; the same arguments give the same split.

    A `test_share` of 0 holds nothing out: the network is to be tested on another scene.
    """
    used = np.flatnonzero(table.valid > 0)
    if len(used) < 3:
        raise SlideScopeError(
            f"Scene '{scene.name}' has {len(used)} tiles of {tiling.tile} px with data: training, "
            "validation and test need one each; import a larger area or a finer resolution."
        )
    notes: list[str] = []
    if method == "paper" or scene.kind == "tiles":
        buffer = 0
    elif buffer and len(used) < FEW_TILES:
        notes.append(
            f"Only {len(used)} tiles: the buffer of {buffer} px between the parts is set to 0, so "
            "neighbouring pixels may lie in different parts and the scores are optimistic."
        )
        buffer = 0
    rng = np.random.default_rng([seed, 2024])
    part = np.full(len(tiling), UNUSED, np.uint8)
    if method == "paper" or not test_share:
        test = _paper_test(table, used, rng) if test_share else used[:0]
        part[used] = TRAIN
        part[test] = TEST
        rest = np.setdiff1d(used, test)
        _carve(part, rest, _blocks(tiling, rest, scene), table, rng)
    else:
        _deal(part, used, _blocks(tiling, used, scene), table, rng)
    split = Split(tiling, part, buffer, tuple(notes))
    _check(scene, split, table, tested=bool(test_share))
    return split


def _blocks(tiling: Tiling, used: np.ndarray, scene: Scene) -> np.ndarray:
    """Block number of each used tile; single tiles where 2 x 2 would leave too few blocks."""
    side = 1 if scene.kind == "tiles" else BLOCK_TILES
    rows, columns = np.divmod(used, tiling.shape[1])
    blocks = rows // side * -(-tiling.shape[1] // side) + columns // side
    return blocks if len(np.unique(blocks)) >= 4 else used


def _deal(part, used, blocks, table: TileTable, rng) -> None:
    """Deal blocks to the three parts, stratum by stratum of similar landslide share."""
    for chunk in _strata(used, blocks, table):
        tests = max(1, round(TEST_SHARE * len(chunk)))
        validations = max(1, round(VALIDATION_SHARE * len(chunk))) if len(chunk) > 2 else 0
        order = rng.permutation(chunk)
        for position, block in enumerate(order):
            kind = TEST if position < tests else TRAIN
            if tests <= position < tests + validations:
                kind = VALIDATION
            part[used[blocks == block]] = kind


def _carve(part, rest, blocks, table: TileTable, rng) -> None:
    """Turn about a seventh of the remaining blocks into the validation part."""
    for chunk in _strata(rest, blocks, table):
        validations = max(1, round(VALIDATION_SHARE / (1 - TEST_SHARE) * len(chunk)))
        for block in rng.permutation(chunk)[:validations]:
            part[rest[blocks == block]] = VALIDATION


def _strata(used, blocks, table: TileTable) -> list[np.ndarray]:
    """Blocks in chunks of about ten, by falling landslide share; no chunk shorter than five."""
    numbers, inverse = np.unique(blocks, return_inverse=True)
    landslide = np.bincount(inverse, table.landslide[used])
    share = landslide / np.maximum(np.bincount(inverse, table.valid[used]), 1)
    order = numbers[np.argsort(-share, kind="stable")]
    return np.array_split(order, max(1, round(len(order) / STRATUM)))


def _paper_test(table: TileTable, used: np.ndarray, rng) -> np.ndarray:
    """30 % of the landslide tiles and 30 % of the others; quartiles where a class is small."""
    with_landslide = table.landslide[used] > 0
    classes = [used[with_landslide], used[~with_landslide]]
    if min(len(c) for c in classes) < STRATUM:
        classes = np.array_split(used[np.argsort(table.share[used], kind="stable")], 4)
    picked = [rng.permutation(c)[: round(TEST_SHARE * len(c))] for c in classes]
    return np.concatenate(picked)


def _check(scene: Scene, split: Split, table: TileTable, tested: bool) -> None:
    needed = {"train": TRAIN, "test": TEST} if tested else {"train": TRAIN}
    for word, part in needed.items():
        if not table.landslide[split.tiles(part)].sum():
            raise SlideScopeError(
                f"Scene '{scene.name}' has no landslide pixel in the {word} part of this split: "
                "nothing could be learnt or measured; choose another --seed or a larger inventory."
            )


def summary(split: Split, table: TileTable, scene: Scene) -> dict:
    """Counts, prevalence and the share of pixels dropped by the buffer, for every part."""
    found = {"buffer_px": split.buffer, "notes": list(split.notes)}
    for word, part in PARTS.items():
        tiles = split.tiles(part)
        pixels = int(table.valid[tiles].sum())
        landslide = int(table.landslide[tiles].sum())
        kept = [float(split.usable(t).mean()) for t in tiles]
        found[word] = {
            "tiles": len(tiles),
            "landslide_tiles": int((table.landslide[tiles] > 0).sum()),
            "pixels": pixels,
            "prevalence": landslide / pixels if pixels else 0.0,
            "dropped_share": 1 - float(np.mean(kept)) if kept else 0.0,
        }
    return found


def save(split: Split, path: Path) -> None:
    """Write split.json: tile size, buffer and the tile numbers of each part."""
    tiles = {word: split.tiles(part).tolist() for word, part in PARTS.items()}
    shape = {"height": split.tiling.height, "width": split.tiling.width, "tile": split.tiling.tile}
    atomic.write_json(path, {**shape, "buffer": split.buffer, "notes": list(split.notes), **tiles})


def load(path: Path) -> Split:
    value = atomic.read_json(path)
    tiling = Tiling(value["height"], value["width"], value["tile"])
    part = np.full(len(tiling), UNUSED, np.uint8)
    for word, number in PARTS.items():
        part[value[word]] = number
    return Split(tiling, part, value["buffer"], tuple(value["notes"]))
