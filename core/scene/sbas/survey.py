"""A first look at a stack: which pairs to use, and a box that every pair can be referred to."""

from dataclasses import dataclass, replace

import numpy as np

from core.errors import SlideScopeError
from core.jobs.report import Report, silent
from core.scene.grid import Grid
from core.scene.interferograms.network import Network
from core.scene.interferograms.report import islands_sentence
from core.scene.sbas.blocks import PhaseStack, groups
from core.scene.sbas.settings import SbasSettings
from core.scene.sbas.sight import BOX, Seen, chosen_blocks, look

# LiCSBAS, step 11: poor pairs.
LEAST_COVERAGE, LEAST_COHERENCE = 0.3, 0.05
LEAST_DATES, LEAST_DAYS, GOOD_DAYS = 5, 60, 90
# Valid pixels of 49 that a pair needs in the box, and what is made do with.
ENOUGH, BARELY = 20 / 49, 5 / 49


@dataclass(frozen=True)
class Pair:
    """A pair of the stack with what was found: `coverage` 0..1 of the ground that any pair covers,
    mean `coherence` or None, and why it is `left_out` (empty: it is not)."""

    first: str
    second: str
    days: int
    baseline_m: float | None
    coverage: float | None = None
    coherence: float | None = None
    left_out: str = ""

    @property
    def name(self) -> str:
        return f"{self.first}_{self.second}".replace("-", "")


@dataclass(frozen=True)
class Reference:
    """A box of `size` pixels about a pixel; `given` by the user."""

    column: int
    row: int
    size: int
    given: bool

    def box(self, shape: tuple[int, int]) -> tuple[slice, slice]:
        reach = self.size // 2
        return (
            slice(max(0, self.row - reach), min(shape[0], self.row + reach + 1)),
            slice(max(0, self.column - reach), min(shape[1], self.column + reach + 1)),
        )


@dataclass(frozen=True)
class Survey:
    """`kept` (K,) indices of the stack's pairs, their `network`, `zero` (K,) radians at the
    `reference`; `sample` (K, S) phases of pixels all over the stack; `pairs` has all M."""

    kept: np.ndarray
    network: Network
    pairs: tuple[Pair, ...]
    reference: Reference
    zero: np.ndarray
    sample: np.ndarray
    rows_share: float
    warnings: tuple[str, ...] = ()


def survey(stack: PhaseStack, settings: SbasSettings, report: Report = silent) -> Survey:
    """Look at a stack; raise a SlideScopeError where it has too little for a rate."""
    pairs = asked_for(stack.network, settings)
    asked = np.array([m for m, pair in enumerate(pairs) if not pair.left_out], int)
    check_network(stack.network, asked)
    blocks, share = chosen_blocks(stack)
    seen = look(stack, asked, blocks, report)
    pairs = judged(pairs, asked, seen)
    fine = np.array([not pairs[m].left_out for m in asked])
    check_network(stack.network, asked[fine])
    if settings.reference_pixel:
        reference = given_reference(settings.reference_pixel, stack.grid)
    else:
        reference = best_box(seen, fine, stack.grid)
    zero = box_values(stack, asked, reference)
    pairs = without_reference(pairs, asked, zero, reference)
    fine = np.array([not pairs[m].left_out for m in asked])
    if not fine.any():
        raise SlideScopeError(
            f"The reference pixel {reference.column},{reference.row} has no data in any pair: give "
            "one that has, or none, and a box of high coherence is chosen."
        )
    kept = asked[fine]
    check_network(stack.network, kept)
    keep = np.zeros(len(pairs), bool)
    keep[kept] = True
    sample = seen.sample[fine]
    found = Survey(
        kept, stack.network.only(keep), pairs, reference, zero[fine], sample, float(share)
    )
    return replace(found, warnings=network_words(found))


def asked_for(network: Network, settings: SbasSettings) -> tuple[Pair, ...]:
    """The stack's pairs, those left out that the settings do not want."""
    dates = [day.isoformat() for day in network.dates]
    known = network.baselines_m or (None,) * len(network.pairs)
    pairs = [
        Pair(dates[a], dates[b], int(days), baseline)
        for (a, b), days, baseline in zip(network.pairs, network.spans_days, known)
    ]
    names = {pair.name for pair in pairs} | {day.replace("-", "") for day in dates}
    wanted = [word.replace("-", "") for word in settings.drop]
    for word, given in zip(wanted, settings.drop):
        if word not in names:
            raise SlideScopeError(
                f"Nothing to leave out is called '{given}': name a pair as {pairs[0].name} or a "
                f"date as {dates[0].replace('-', '')}."
            )
    return tuple(replace(pair, left_out=_unwanted(pair, wanted, settings)) for pair in pairs)


def _unwanted(pair: Pair, dropped: list[str], settings: SbasSettings) -> str:
    ends = pair.name.split("_")
    if pair.name in dropped or any(end in dropped for end in ends):
        return "left out by --drop"
    if settings.max_days is not None and pair.days > settings.max_days:
        return f"spans {pair.days} days, more than --max-days {settings.max_days}"
    return ""


def check_network(network: Network, kept: np.ndarray) -> None:
    """Raise a SlideScopeError unless the pairs `kept` are enough for a rate."""
    used = sorted({n for m in kept for n in network.pairs[m]})
    days = int(network.days[used[-1]] - network.days[used[0]]) if used else 0
    if len(used) < LEAST_DATES or days < LEAST_DAYS:
        raise SlideScopeError(
            f"Only {len(used)} dates over {days} days: a rate needs at least {LEAST_DATES} dates "
            f"and {LEAST_DAYS} days (better {GOOD_DAYS}); add pairs, or leave fewer out."
        )


def judged(pairs: tuple[Pair, ...], asked: np.ndarray, seen: Seen) -> tuple[Pair, ...]:
    """The pairs with what was seen of them, poor ones left out."""
    found = list(pairs)
    for n, m in enumerate(asked):
        coverage = float(seen.valid[n] / max(1, seen.footprint))
        known = float(seen.coherence[n] / seen.coherent[n]) if seen.coherent[n] else None
        words = ""
        if coverage < LEAST_COVERAGE:
            words = f"covers {100 * coverage:.0f} % of the ground, less than 30 %"
        elif known is not None and known < LEAST_COHERENCE:
            words = f"mean coherence {known:.2f}, less than {LEAST_COHERENCE}"
        found[m] = replace(pairs[m], coverage=coverage, coherence=known, left_out=words)
    return tuple(found)


def given_reference(pixel: tuple[int, int], grid: Grid) -> Reference:
    column, row = pixel
    if not (0 <= column < grid.width and 0 <= row < grid.height):
        raise SlideScopeError(
            f"Invalid reference pixel {column},{row}: the stack has {grid.width} columns and "
            f"{grid.height} rows, counted from 0; give one of them."
        )
    return Reference(column, row, 1, given=True)


def best_box(seen: Seen, fine: np.ndarray, grid: Grid) -> Reference:
    """The box of highest mean coherence among those that every pair has enough of; where there is
    none, among those that most pairs have a little of."""
    filled = seen.counts[fine] / seen.size**2
    least = filled.min(0)
    barely = (filled >= BARELY).sum(0)
    for good in (least >= ENOUGH, least >= BARELY, (barely == barely.max()) & (barely > 0)):
        if good.any():
            at = int(np.where(good, seen.scores, -np.inf).argmax())
            row, column = (int(v) for v in seen.places[at])
            return Reference(column, row, seen.size, given=False)
    raise SlideScopeError(
        "No interferogram has data in any box of "
        f"{BOX} x {BOX} pixels: the stack holds no phases that can be inverted; check its files."
    )


def box_values(stack: PhaseStack, pairs: np.ndarray, reference: Reference) -> np.ndarray:
    """(K,) median phase of every pair in the reference box, NaN without enough of it."""
    rows, columns = reference.box(stack.grid.shape)
    values = []
    # The box may lie in a high tile, of which few pairs fit into memory.
    for group in groups(stack, rows, pairs):
        phase = stack.read(rows, group)[0][:, :, columns]
        flat = phase.reshape(len(group), -1).astype(np.float64)
        filled = np.isfinite(flat).sum(1)
        needed = 1 if reference.given else BARELY * flat.shape[1]
        one = [np.nanmedian(p) if n and n >= needed else np.nan for p, n in zip(flat, filled)]
        values += one
    return np.array(values)


def without_reference(
    pairs: tuple[Pair, ...], asked: np.ndarray, zero: np.ndarray, reference: Reference
) -> tuple[Pair, ...]:
    """Leave out the pairs that the reference has no value of."""
    found = list(pairs)
    for m, value in zip(asked, zero):
        if not found[m].left_out and not np.isfinite(value):
            place = f"{reference.column},{reference.row}"
            why = (
                f"no data at the reference pixel {place}"
                if reference.given
                else f"no data at the reference box {place}"
            )
            found[m] = replace(found[m], left_out=why)
    return tuple(found)


def network_words(found: Survey) -> tuple[str, ...]:
    """What is to be said about the network that is left; whoever opened the stack says the rest."""
    return tuple(islands_sentence(found.network))
