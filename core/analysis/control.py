"""The control of evidence: what each factor would say of the same landslides lying elsewhere.

Landslides are few and their pixels lie together, so that classes that have nothing to do with them
still differ in landslide share, the more so the more classes there are and the larger the patches
that they come in. How much, is measured by moving the inventory as a whole over the scene, round
its edges, a number of times, and taking the same evidence there: shapes, sizes and clusters stay,
what lies below them changes. A rank says something where the true place does better than nearly
all others (toroidal shift: Lotwick & Silverman, 1982, J. R. Stat. Soc. B 44, 406-413).
"""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from zlib import compress, decompress

import numpy as np
from rasterio.windows import Window

from core import __version__, atomic
from core.analysis.areas.area import WHOLE, Area, reader
from core.analysis.one_pass.histogram import FineHistogram
from core.analysis.one_pass.sample import Reservoir, keys
from core.cluster.parts import Parts
from core.cluster.pool import Pool
from core.cluster.task import Task
from core.jobs.report import Report, silent
from core.scene import store
from core.scene.store import BLOCK, Scene

# With 39 a two-sided p reaches .05, a one-sided one .025.
SHIFTS = 39
# Landslide pixels that are moved; of larger inventories a sample.
PIXELS = 10_000
# A place counts where so many of the moved pixels have data, and a factor needs so many places.
LEAST_DATA, LEAST_SHIFTS = 0.3, 19
LEAST_STEP = 0.1
CHANCE = 0.05


@dataclass(frozen=True)
class Shifted:
    """`counts` factor -> int (shifts, bins): pixels of the moved inventory on the factor's fine
    bins; `pixels` of it that were moved."""

    counts: dict[str, np.ndarray]
    pixels: int

    def to_json(self) -> dict:
        packed = {
            name: {
                "bins": counts.shape[1],
                "counts": b64encode(compress(counts.astype("<u2").tobytes())).decode(),
            }
            for name, counts in self.counts.items()
        }
        return {"pixels": self.pixels, "counts": packed}

    @staticmethod
    def from_json(value: dict) -> "Shifted":
        found = {}
        for name, each in value["counts"].items():
            flat = np.frombuffer(decompress(b64decode(each["counts"])), "<u2")
            found[name] = flat.reshape(-1, each["bins"]).astype(np.int64)
        return Shifted(found, value["pixels"])


def measure(
    scene: Scene,
    histograms: Mapping[str, FineHistogram],
    area: Area = WHOLE,
    seed: int = 0,
    report: Report = silent,
    pool: Pool | None = None,
) -> Shifted | None:
    """Move the area's landslides `SHIFTS` times and count what lies below them, in one reading of
    the scene; None without landslides, or where the area is nothing else.

    In a scene of tiles masks change tiles, and move within one. `pool`: who reads and counts, in
    place of this process.
    """
    from core.analysis.one_pass.tasks import blocks  # here: numba takes a second to load

    if scene.mask_path is None:
        return None
    windows = [w for w in blocks(scene.grid) if area.touches(scene, w)]
    position = _landslides(scene, windows, area, seed)
    whole = sum(int(fine.counts[0].sum()) for fine in histograms.values())
    if not len(position) or not whole:
        return None
    rows, columns = np.divmod(position, scene.grid.width)
    moved = _moved(scene, rows, columns, _box(windows), np.random.default_rng([seed, 39]))
    bins = tuple(
        Bins(name, fine.low, fine.width, fine.counts.shape[1]) for name, fine in histograms.items()
    )
    if pool:
        counts = _by(pool, scene, bins, windows, area, moved, report)
    else:
        counts = _counted(scene, bins, windows, area, moved, report)
    return Shifted(counts, len(position))


@dataclass(frozen=True)
class Bins:
    """The fine bins of a factor: `count` of `width`, from `low` on."""

    factor: str
    low: float
    width: float
    count: int


def _landslides(scene: Scene, windows: Sequence[Window], area: Area, seed: int) -> np.ndarray:
    """Positions of at most `PIXELS` landslide pixels of the area, row-major."""
    held = Reservoir(PIXELS, 0)
    with scene.reading_mask() as read:
        for window in windows:
            inside = read(window) == 1
            if inside.any() and area.parts:
                nothing = np.zeros((0, *inside.shape), np.float32)
                inside &= area.mask(scene, window, reader(scene, (), nothing, window))
            row, column = np.nonzero(inside)
            at = (row + window.row_off) * scene.grid.width + column + window.col_off
            held.offer(keys(at, seed), at, np.zeros((0, len(at)), np.float32))
    return held.drawn().position


def _box(windows: Sequence[Window]) -> tuple[int, int, int, int]:
    """(top, left, rows, columns) of what the windows cover."""
    top, left = min(w.row_off for w in windows), min(w.col_off for w in windows)
    bottom = max(w.row_off + w.height for w in windows)
    right = max(w.col_off + w.width for w in windows)
    return top, left, bottom - top, right - left


def _moved(scene: Scene, rows, columns, box, rng: np.random.Generator) -> np.ndarray:
    """int (shifts, 2, pixels): rows and columns after each move."""
    top, left, height, width = box
    found = []
    for number in range(SHIFTS):
        if scene.kind == "tiles":
            found.append(_between_tiles(scene, rows, columns, number, rng))
            continue
        down, right = _step((height, width), rng)
        found.append(
            np.stack([(rows - top + down) % height + top, (columns - left + right) % width + left])
        )
    return np.array(found)


def _step(size: tuple[int, int], rng: np.random.Generator) -> tuple[int, int]:
    """A move that is no small one: a tenth of the scene's side at the least, down or across."""
    for _ in range(100):
        steps = [int(rng.integers(0, n)) for n in size]
        far = [min(step, n - step) >= LEAST_STEP * n for step, n in zip(steps, size)]
        if any(far):
            break
    return steps[0], steps[1]


def _between_tiles(scene: Scene, rows, columns, number: int, rng: np.random.Generator):
    """The masks of all tiles go on by some tiles, and are moved within a tile, round its edges:
    landslides often lie in the middle of their tile."""
    side, count = scene.tile, max(1, scene.grid.height // scene.tile)
    on = (number % max(1, count - 1) + 1) % count
    down, right = _step((side, side), rng)
    tile, inside = np.divmod(rows, side)
    return np.stack([(tile + on) % count * side + (inside + down) % side, (columns + right) % side])


def _by(pool: Pool, scene: Scene, bins, windows, area: Area, moved, report: Report) -> dict:
    """factor -> int (shifts, bins), counted by rows of blocks, some of them a task."""
    from core.analysis.one_pass.tasks import TASK_PIXELS

    state = (__version__, scene.name, scene.fingerprint, bins, area.key)
    key = hashlib.sha256(str(state).encode())
    key.update(moved.tobytes())
    parts = Parts("control", key.hexdigest()[:16])
    if not parts.has("moved.npy"):
        with atomic.whole_file(parts.path("moved.npy")) as temporary, temporary.open("wb") as file:
            np.save(file, moved)
    groups = list(_groups(windows, TASK_PIXELS * pool.grain))
    files = [f"{number:06d}.npz" for number in range(len(groups))]
    about = (scene.name, scene.fingerprint, bins, area, parts.place("moved.npy"))
    tasks = [
        Task(f"control, rows from {each[0][1]}", count_blocks, (*about, each, parts.place(file)))
        for each, file in zip(groups, files)
        if not parts.has(file)
    ]
    words = "Moving the inventory as a control"
    for _ in pool.results(tasks, report, words, len(files) - len(tasks)):
        pass
    counts = {b.factor: np.zeros((len(moved), b.count), np.int64) for b in bins}
    for each in files:
        with np.load(parts.path(each)) as found:
            for number, of in enumerate(bins):
                counts[of.factor] += found[str(number)]
    parts.remove()
    return counts


Flat = tuple[int, int, int, int]


def _groups(windows: Sequence[Window], pixels: int) -> Iterator[list[Flat]]:
    """(column, row, width, height) of the windows, as many together as have so many pixels.

    >>> list(_groups([Window(0, 0, 4, 2), Window(4, 0, 4, 2), Window(0, 2, 4, 2)], 10))
    [[(0, 0, 4, 2), (4, 0, 4, 2)], [(0, 2, 4, 2)]]
    """
    held: list[Flat] = []
    for window in windows:
        column, row, width, height = (int(each) for each in window.flatten())
        held.append((column, row, width, height))
        if sum(wide * high for _, _, wide, high in held) >= pixels:
            yield held
            held = []
    if held:
        yield held


def count_blocks(
    name: str,
    fingerprint: str,
    bins: Sequence[Bins],
    area: Area,
    moved: str,
    blocks: Sequence[Flat],
    target: str,
) -> None:
    """A worker's task: what lies below the moved landslides in some blocks, into a file."""
    scene, windows = store.load_as(name, fingerprint), [Window(*each) for each in blocks]
    counts = _counted(scene, bins, windows, area, _moved_of(moved), silent)
    with atomic.whole_file(Parts.here(target)) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **{str(n): counts[b.factor] for n, b in enumerate(bins)})


@lru_cache(maxsize=1)
def _moved_of(place: str) -> np.ndarray:
    return np.load(Parts.here(place))


def _counted(
    scene: Scene, bins: Sequence[Bins], windows, area: Area, moved, report: Report
) -> dict:
    """factor -> int (shifts, bins) of the moved pixels that lie in the area, block by block."""
    names = tuple(each.factor for each in bins)
    counts = {each.factor: np.zeros((len(moved), each.count), np.int64) for each in bins}
    rows, columns = moved[:, 0].ravel(), moved[:, 1].ravel()
    shift = np.repeat(np.arange(len(moved)), moved.shape[2])
    block = rows // BLOCK
    order = np.argsort(block, kind="stable")
    starts = np.searchsorted(block[order], np.arange(scene.grid.height // BLOCK + 2))
    with scene.reading(names) as read:
        for number, window in enumerate(windows):
            report("moving the inventory as a control", number / len(windows))
            band = window.row_off // BLOCK
            at = order[starts[band] : starts[band + 1]]
            at = at[(columns[at] >= window.col_off)]
            at = at[columns[at] < window.col_off + window.width]
            if not len(at):
                continue
            values = read(window)
            here = rows[at] - window.row_off, columns[at] - window.col_off
            if area.parts:
                layer = reader(scene, names, values, window)
                within = area.mask(scene, window, layer)[here]
                at, here = at[within], (here[0][within], here[1][within])
            for each, layer_values in zip(bins, values):
                _add(counts[each.factor], each, shift[at], layer_values[here])
    return counts


def _add(counts: np.ndarray, bins: Bins, shift: np.ndarray, values: np.ndarray) -> None:
    known = np.isfinite(values)
    above = (values[known].astype(np.float64) - bins.low) / bins.width
    np.add.at(counts, (shift[known], above.clip(0, bins.count - 1).astype(int)), 1)


def compare(groups: np.ndarray, rows: Sequence[dict], gain: float, auc: float | None, counts):
    """What the true place is beside the others: {shifts, information_gain: {mean, p}, auc: {mean,
    p}, above_chance}, and of each class the p of its frequency ratio (two-sided).

    `groups` (bins,): the class of each fine bin, -1 for none; `counts` (shifts, bins) of the moved
    inventory. Where too few places have data p and above_chance are None.
    """
    inside = _grouped(groups, counts, len(rows))
    pixels = np.array([row["pixels"] for row in rows], float)
    landslide = np.array([row["landslide_pixels"] for row in rows], float)
    kept = inside.sum(axis=1)
    enough = (kept >= LEAST_DATA * kept.max(initial=1)) & (kept > 0)
    inside = inside[enough]
    usable = len(inside) >= LEAST_SHIFTS and landslide.sum() > 0
    if not usable:
        return _unknown(len(inside)), [None] * len(rows)
    # As many landslide pixels as there truly are: else an empty place would tell more.
    inside = np.minimum(inside * (landslide.sum() / inside.sum(axis=1))[:, None], pixels)
    gains, areas = _gains(pixels - inside, inside), _areas(pixels - inside, inside)
    p = _p(gains, gain)
    control = {
        "shifts": len(inside),
        "information_gain": {"mean": float(gains.mean()), "p": p},
        "auc": None if auc is None else {"mean": float(areas.mean()), "p": _p(areas, auc)},
        "above_chance": bool(p <= CHANCE),
    }
    return control, _of_classes(inside, landslide)


def _unknown(shifts: int) -> dict:
    return {"shifts": shifts, "information_gain": None, "auc": None, "above_chance": None}


def _grouped(groups: np.ndarray, counts: np.ndarray, classes: int) -> np.ndarray:
    """float (shifts, classes)"""
    used = groups >= 0
    of = np.zeros((len(groups), classes))
    of[np.flatnonzero(used), groups[used]] = 1
    return counts.astype(float) @ of


def _p(others: np.ndarray, value: float) -> float:
    """The share of places, the true one among them, that tell as much or more.

    >>> _p(np.array([0.1, 0.2, 0.3, 0.4]), 0.35)
    0.4
    """
    return float((1 + (others >= value - 1e-12).sum()) / (len(others) + 1))


def _of_classes(inside: np.ndarray, landslide: np.ndarray) -> list[float]:
    """Two-sided p of each class's landslide pixels, which its frequency ratio is a multiple of."""
    above = 1 + (inside >= landslide - 1e-9).sum(axis=0)
    below = 1 + (inside <= landslide + 1e-9).sum(axis=0)
    return np.minimum(1.0, 2 * np.minimum(above, below) / (len(inside) + 1)).tolist()


def _gains(outside: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Information gain (0..1) of each row of (shifts, classes), as `evidence.information_gain`."""
    total = (outside + inside).sum(axis=1)
    before = _entropy(outside.sum(axis=1), inside.sum(axis=1))
    weight = (outside + inside) / total[:, None]
    after = (_entropy(outside, inside) * weight).sum(axis=1)
    return np.where(before > 0, (before - after) / np.where(before > 0, before, 1), 0.0)


def _entropy(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    total = a + b
    found = np.zeros(np.shape(total))
    for part in (a, b):
        share = np.divide(part, total, out=np.zeros_like(found), where=total > 0)
        found -= np.where(share > 0, share * np.log2(np.where(share > 0, share, 1)), 0)
    return found


def _areas(outside: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """AUC of each row, the classes ranked by that row's landslide share."""
    total = outside + inside
    share = np.divide(inside, total, out=np.full(total.shape, -1.0), where=total > 0)
    order = np.argsort(-share, axis=1, kind="stable")
    out, into = (np.take_along_axis(v, order, axis=1) for v in (outside, inside))
    fpr, tpr = (
        np.pad(v.cumsum(axis=1) / np.maximum(v.sum(axis=1, keepdims=True), 1e-12), ((0, 0), (1, 0)))
        for v in (out, into)
    )
    return np.trapezoid(tpr, fpr, axis=1)
