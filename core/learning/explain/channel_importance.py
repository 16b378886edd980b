"""What a trained network loses on held-out tiles when one factor is exchanged between tiles.

How a factor is permuted. The tiles are put in a random circle; each takes the factor from the next
tile of the circle, turned or mirrored at random (aspect, a bearing, turns with it), so no tile
keeps its own. All channels of the factor move together. Shuffled pixels would be white noise,
which no convolution has seen in training: the network would be punished for the noise, not for the
missing information. An exchanged tile keeps range, texture and edges and loses only what the factor
says about this place: its landslides and its agreement with the other factors. No data travels
with the tile and reads as the training mean, as always; which pixels are scored never changes.

Beside it: `at_mean`, the loss where the factor is its training mean everywhere (no chance in it),
and the control, a second prediction of unpermuted tiles, which must lose exactly 0.

Losses are differences of average precision and of F1 at 0.5, each from counts over all the tiles.
Two factors that say the same cover for each other: neither is missed where only one is exchanged.
So families of factors (`core.factors`) are exchanged together as well, all from the same tile. And
with `conditional` a factor is exchanged once more, only between tiles that are alike in all the
others (`explain.alike`): what is lost then is what this factor says and no other does.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.display import bins
from core.errors import SlideScopeError
from core.factors import FAMILIES, members
from core.jobs.report import Report, silent
from core.learning.explain import alike
from core.learning.scores import metrics
from core.learning.tiles import augmentation
from core.learning.tiles.channels import Channel, encode
from core.learning.tiles.feed import TileFeed
from core.learning.tiles.tiling import cut, join

TILES, MOST_TILES = 96, 1024
REPEATS, MOST_REPEATS = 5, 50
BATCH = 8
THRESHOLD = 0.5
SCORES = ("average_precision", "f1")
METHOD = (
    "each tile takes the factor of another held-out tile, randomly turned or mirrored; all its "
    "channels together"
)
# Places of the factors that are exchanged together.
Columns = Sequence[int]
# Places of tiles between which something is exchanged; none: between all.
Groups = Sequence[np.ndarray]
# The planes (tile, tile, columns) that the i-th tile of a stack gets instead of its own.
Exchange = Callable[[int], np.ndarray]


@dataclass(frozen=True)
class Stack:
    """Held-out tiles in memory: `values` float32 (tiles, tile, tile, factors), NaN = no data;
    `reference` uint8 1 = landslide and `usable` bool, both (tiles, tile, tile)."""

    factors: tuple[str, ...]
    channels: tuple[Channel, ...]
    circular: tuple[bool, ...]
    categorical: tuple[bool, ...]
    values: np.ndarray
    reference: np.ndarray
    usable: np.ndarray

    def __len__(self) -> int:
        return len(self.values)


def read(feed: TileFeed, tiles: np.ndarray) -> Stack:
    """Read `tiles` of a feed."""
    values, reference, usable = (np.stack(a) for a in zip(*(feed.raw(int(n)) for n in tiles)))
    kinds = [feed.scene.factor(name).kind for name in feed.factors]
    circular = tuple(kind == "circular" for kind in kinds)
    categorical = tuple(kind == "categorical" for kind in kinds)
    return Stack(feed.factors, feed.channels, circular, categorical, values, reference, usable)


def check(repeats: int, tiles: int) -> None:
    """Raise a SlideScopeError for a number of repeats or tiles that says nothing or never ends."""
    if not 2 <= repeats <= MOST_REPEATS:
        raise SlideScopeError(
            f"Invalid repeats {repeats}: a spread needs 2 to {MOST_REPEATS} of them; choose a "
            "number in between."
        )
    if not 2 <= tiles <= MOST_TILES:
        raise SlideScopeError(
            f"Invalid tiles {tiles}: a factor is exchanged between 2 to {MOST_TILES} tiles, which "
            "are held in memory; choose a number in between."
        )


def importance(
    built: Any,
    stack: Stack,
    repeats: int = REPEATS,
    seed: int = 0,
    report: Report = silent,
    conditional: bool = False,
) -> dict:
    """Return {baseline, control, importance, families, pixels, prevalence, seconds}.

    `baseline` {average_precision, f1}; `control` the same as losses; `importance` a row a factor:
    {factor, average_precision: {mean, sd}, f1: {mean, sd}, at_mean: {average_precision, f1}}, with
    `conditional` also conditional {average_precision: {mean, sd}, f1: {mean, sd}};
    `families` a row a family of factors: {family, title, factors, average_precision, f1}, the same.
    """
    together = families(stack.factors)
    started = time.monotonic()
    ways = 2 if conditional else 1
    rounds = 2 + len(stack.factors) * (ways * repeats + 1) + len(together) * repeats
    done = iter(range(rounds))

    def lost(words: str, columns: Columns = (), plane: Exchange | None = None) -> dict:
        share = next(done) / rounds
        counts = _counts(built, stack, columns, plane, lambda: report(words, share))
        return {name: baseline[name] - value for name, value in _scores(counts).items()}

    report("Predicting the tiles as they are", next(done) / rounds)
    counts = _counts(built, stack)
    baseline = _scores(counts)
    control = lost("Predicting the tiles as they are once more")
    rows = []

    def spread(words: str, columns: Columns, groups: Groups = ()) -> dict:
        drawn = [
            lost(f"Exchanging {words}, repeat {k + 1} of {repeats}", columns, exchange)
            for k, exchange in enumerate(exchanges(stack, columns, repeats, seed, groups))
        ]
        return {score: _mean_sd([d[score] for d in drawn]) for score in SCORES}

    portrait = alike.portraits(stack) if conditional else None
    empty = np.full((*stack.values.shape[1:3], 1), np.nan, np.float32)
    for column, name in enumerate(stack.factors):
        words = f"{name}: factor {column + 1} of {len(stack.factors)}"
        found = spread(words, [column])
        at_mean = lost(f"Training mean for {words}", [column], _everywhere(empty))
        row = {"factor": name, **found, "at_mean": at_mean}
        if portrait is not None:
            like = alike.groups(stack, portrait, name)
            row["conditional"] = spread(f"between like tiles {words}", [column], like)
        rows.append(row)
    grouped = [
        {
            **{"family": family, "title": FAMILIES[family], "factors": list(names)},
            **spread(FAMILIES[family].lower(), [stack.factors.index(name) for name in names]),
        }
        for family, names in together.items()
    ]
    pixels = int(counts.sum())
    return {
        "baseline": baseline,
        "control": control,
        "importance": rows,
        "families": grouped,
        "pixels": pixels,
        "prevalence": int(counts[:, 1].sum()) / max(pixels, 1),
        "seconds": time.monotonic() - started,
    }


def _everywhere(plane: np.ndarray) -> Exchange:
    return lambda number: plane


def families(factors: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The families with two members or more among `factors`, but not all of them.

    >>> families(("red", "nir", "slope", "deformation"))
    {'bands': ('red', 'nir')}
    """
    found = {family: members(family, factors) for family in FAMILIES}
    return {family: names for family, names in found.items() if 1 < len(names) < len(factors)}


def exchanges(
    stack: Stack, columns: Columns, repeats: int, seed: int, groups: Groups = ()
) -> Iterator[Exchange]:
    """Yield `repeats` ways to give every tile the factors `columns` of another one, turned; of
    another one of its group where there are `groups`."""
    bearings = [place for place, column in enumerate(columns) if stack.circular[column]]
    for repeat in range(repeats):
        # The same circle and turns for every factor: differences between factors are paired.
        rng = np.random.default_rng([seed, 4, repeat])
        donors = np.arange(len(stack))
        for group in groups or [donors.copy()]:
            donors[group] = group[circle(len(group), rng)]
        turns = rng.integers(len(augmentation.TURNS), size=len(stack))

        def exchange(i: int, donors=donors, turns=turns) -> np.ndarray:
            planes = stack.values[donors[i]][..., list(columns)]
            return augmentation.augment(planes, bearings, *augmentation.TURNS[turns[i]])

        yield exchange


def circle(count: int, rng: np.random.Generator) -> np.ndarray:
    """int (count,): whom each takes from, all in one circle, so nobody from itself.

    >>> bool((circle(5, np.random.default_rng(0)) == np.arange(5)).any())
    False
    """
    order = rng.permutation(count)
    donors = np.empty(count, int)
    donors[order] = np.roll(order, -1)
    return donors


def _counts(
    built: Any,
    stack: Stack,
    columns: Columns = (),
    plane: Exchange | None = None,
    alive: Callable[[], None] = lambda: None,
) -> np.ndarray:
    """Counts (200, 2) over all tiles, the factors `columns` replaced by `plane(tile)`."""
    total = np.zeros((bins.BINS, 2), np.int64)
    for start in range(0, len(stack), BATCH):
        alive()
        part = np.arange(start, min(start + BATCH, len(stack)))
        values = stack.values[part]
        if plane is not None:
            values[..., list(columns)] = [plane(int(i)) for i in part]
        shown = bins.to_display(predict(built, encode(values, stack.factors, stack.channels)))
        shown[~stack.usable[part]] = bins.NO_DATA
        total += metrics.count(shown, stack.reference[part] == 1)
    return total


def predict(built: Any, x: np.ndarray) -> np.ndarray:
    """Probabilities (n, tile, tile) of up to a batch of encoded tiles, in squares of the side that
    the network was trained on."""
    # A full batch each time: another shape would build the graph again.
    full = np.concatenate([x, np.zeros((BATCH - len(x), *x.shape[1:]), np.float32)])
    squares = cut(full, built.input_shape[1], np.nan)
    found = join(np.asarray(built.predict_on_batch(squares)), BATCH, x.shape[1])
    return found[: len(x), ..., 0]


def _scores(counts: np.ndarray) -> dict[str, float]:
    f1 = metrics.scores(counts, THRESHOLD)["f1"]
    return {"average_precision": metrics.average_precision(counts), "f1": f1}


def _mean_sd(values: list[float]) -> dict[str, float]:
    return {"mean": float(np.mean(values)), "sd": float(np.std(values, ddof=1))}
