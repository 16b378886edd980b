"""From a stack of interferograms to a rate and its layers, block by block.

One pass over the files inverts every pixel and keeps what it found beside its series; the datum is
then fitted to a sample of the whole map, and a second pass, over the series alone, takes it off.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy import ndimage

from core import atomic
from core.errors import SlideScopeError
from core.jobs.report import Report, part, silent
from core.scene.sbas import cycles, datum, inversion, layers, trend
from core.scene.sbas.blocks import PhaseStack, cuts, pieces, row_blocks
from core.scene.sbas.datum import Datum, Sample
from core.scene.sbas.outcome import FILE, Outcome
from core.scene.sbas.partial import Block, Partial, fingerprint
from core.scene.sbas.series import SeriesFile
from core.scene.sbas.settings import SbasSettings
from core.scene.sbas.summary import summarise
from core.scene.sbas.survey import survey
from core.scene.sbas.work import Map, Work

__all__ = ["Outcome", "PhaseStack", "SbasSettings", "run", "survey"]

# What a block keeps of every pixel.
KEPT = (
    "rate",
    "error_line",
    "error_pairs",
    "temporal_coherence",
    "mean_coherence",
    "pairs",
    "islands",
    "before",
    "after",
    "changed",
)
SCRATCH = ".blocks"
# Inverts blocks in place of this process: `core.scene.sbas.tasks.Crew`.
Crew = Callable[[Work, Partial, list[slice], Report], None]
# Most pixels that the datum is fitted to: every fourth one either way of a map of 4 million.
MOST_SAMPLES = 250_000
MARGIN_PX = 2


def run(
    stack: PhaseStack,
    settings: SbasSettings,
    heights: np.ndarray | None,
    inventory: np.ndarray | None,
    folder: Path,
    report: Report = silent,
    scratch: Path | None = None,
    crew: Crew | None = None,
) -> Outcome:
    """Invert a stack and write rate, layers and sbas.json into `folder`.

    heights: float32 (H, W) metres on the stack's grid, NaN = unknown; inventory: bool (H, W), true
    on mapped landslides. Blocks done lie in `scratch` (without one, beneath `folder`) until all is
    written: after a stop or a kill the same call goes on from there. `crew` inverts them in this
    process's place. Raises a SlideScopeError where the stack has too little for a rate, or no pixel
    of the map is reliable.
    """
    check_shapes(stack, heights, inventory)
    work = prepare(stack, settings, part(report, 0.0, 0.1))
    done = Partial(scratch or folder / SCRATCH, fingerprint(work))
    blocks = _invert(work, done, part(report, 0.1, 0.85), crew)
    whole = Map(_joined(work, done, blocks), heights, inventory)
    report("fitting the datum", 0.85)
    fitted = _fit_datum(work, whole, done, blocks)
    folder.mkdir(parents=True, exist_ok=True)
    whole = _correct(work, whole, fitted, done, blocks, folder, part(report, 0.85, 0.95))
    kept = _masked(work, whole)
    _write(work, whole, kept, folder, part(report, 0.95, 1.0))
    outcome = summarise(work, settings, whole, fitted, kept)
    atomic.write_json(folder / FILE, outcome.to_json())
    done.remove()
    return outcome


def prepare(stack: PhaseStack, settings: SbasSettings, report: Report = silent) -> Work:
    """Look at a stack, and settle what its settings come to: weights need the coherence of every
    pair, a yearly cycle 1.5 years."""
    found = survey(stack, settings, report)
    if not all(stack.has_coherence[found.kept]):
        settings = replace(settings, weights="none")
    long_enough = float(found.network.years[-1]) >= trend.ANNUAL_YEARS
    settings = replace(settings, annual=settings.annual and long_enough)
    turns = np.zeros(len(found.kept), int)
    if settings.cycles != "none":
        turns = cycles.whole_pairs(found.network, found.sample, found.zero)
    return Work(stack, settings, found, turns)


def check_shapes(
    stack: PhaseStack, heights: np.ndarray | None, inventory: np.ndarray | None
) -> None:
    """Heights and inventory lie on the stack's grid: whoever calls has put them there."""
    for name, values in (("heights", heights), ("inventory", inventory)):
        if values is not None and values.shape != stack.grid.shape:
            raise ValueError(f"{name}: {values.shape}, the stack has {stack.grid.shape}")


def _invert(work: Work, done: Partial, report: Report, crew: Crew | None) -> list[slice]:
    """Invert every block that is not done yet; return the rows that are kept together."""
    count = len(work.found.kept)
    blocks = row_blocks(work.stack, count)
    kept = [cuts(work.stack, rows, count) for rows in blocks]
    if crew:
        missing = [n for n, parts in enumerate(kept) if not all(done.has(each) for each in parts)]
        crew(work, done, [blocks[n] for n in missing], report)
    for n, rows in enumerate(blocks if not crew else ()):
        report("inverting the interferograms", n / len(blocks), block=n + 1, blocks=len(blocks))
        invert_block(work, done, rows)
    return [each for parts in kept for each in parts]


def invert_block(work: Work, done: Partial, rows: slice) -> None:
    """Invert what is not done yet of a block, one of `row_blocks`."""
    if all(done.has(each) for each in cuts(work.stack, rows, len(work.found.kept))):
        return
    for each, phase, coherence in pieces(work.stack, rows, work.found.kept, done.folder):
        if not done.has(each):
            done.keep(each, _solve(work, phase, coherence))


def _solve(work: Work, phase: np.ndarray, coherence: np.ndarray) -> Block:
    """What is found of a few rows."""
    shape = phase.shape[1:]
    flat = np.ascontiguousarray(phase, np.float32).reshape(len(phase), -1)
    known = np.ascontiguousarray(coherence, np.float32).reshape(flat.shape)
    right = cycles.correct(work.found.network, flat, work.zero, work.settings.cycles)
    any_coherence = bool(work.stack.has_coherence[work.found.kept].any())
    got = _inverted(work, right.phase, known if any_coherence else None, work.zero)
    values = {name: getattr(got, name) for name in KEPT if hasattr(got, name)}
    values |= {name: getattr(right, name) for name in KEPT if hasattr(right, name)}
    values |= {name: getattr(got, name) * abs(work.mm) for name in ("error_line", "error_pairs")}
    values |= {"rate": got.rate * work.mm}
    layers_ = np.stack([np.asarray(values[name], np.float32).reshape(shape) for name in KEPT])
    if got.series is None:
        return Block(layers_, *[np.empty((0, 0), np.float32)] * 3)
    gapped = np.flatnonzero(got.islands > 1)
    weights = known if work.settings.weights != "none" else known[:0]
    series = (got.series * np.float32(work.mm)).reshape(-1, *shape)
    return Block(layers_, series, right.phase[:, gapped], weights[:, gapped].astype(np.float16))


def _inverted(
    work: Work, phase: np.ndarray, coherence: np.ndarray | None, zero: np.ndarray
) -> inversion.Solution:
    return inversion.invert(
        work.found.network,
        phase,
        coherence,
        zero,
        weights=work.settings.weights,
        gaps=work.settings.gaps,
        annual=work.settings.annual,
        series=work.wants_series,
    )


def _joined(work: Work, done: Partial, blocks: list[slice]) -> dict[str, np.ndarray]:
    whole = np.empty((len(KEPT), *work.stack.grid.shape), np.float32)
    for rows in blocks:
        whole[:, rows] = done.layers(rows)
    return dict(zip(KEPT, whole))


def _fit_datum(work: Work, whole: Map, done: Partial, blocks: list[slice]) -> Datum:
    """The datum from every nth pixel of the map, the same ones whatever the blocks are."""
    if work.settings.datum == "none":
        return Datum()
    network = work.found.network
    height, width = shape = whole["rate"].shape
    every = max(1, int(np.ceil(np.sqrt(height * width / MOST_SAMPLES))))
    at = slice(every // 2, None, every)
    usable = whole.reliable(work)
    usable &= whole["islands"] == sum(len(island) > 1 for island in network.islands)
    if whole.inventory is not None:
        wide = ndimage.binary_dilation(whole.inventory, np.ones((3, 3)), iterations=MARGIN_PX)
        usable &= ~wide
    taken = []
    for rows in blocks:
        wanted = [r - rows.start for r in range(*at.indices(height)) if rows.start <= r < rows.stop]
        taken.append(done.series(rows)[:, wanted, at])
    x, y = _places(shape, slice(0, height))
    sample = Sample(
        np.concatenate(taken, 1).reshape(len(network.dates), -1),
        whole["rate"][at, at].ravel(),
        x[at, at].ravel(),
        y[at, at].ravel(),
        None if whole.heights is None else whole.heights[at, at].ravel(),
        usable[at, at].ravel(),
    )
    functional = trend.weights(trend.basis(network, work.settings.annual))
    return datum.find(sample, functional, work.settings)


def _places(shape: tuple[int, int], rows: slice) -> tuple[np.ndarray, np.ndarray]:
    """x and y (rows, W) of pixels, by the longer side of the map."""
    longer = max(shape)
    y, x = np.arange(rows.start, rows.stop)[:, None] / longer, np.arange(shape[1])[None] / longer
    both = np.broadcast_arrays(x, y)
    return both[0], both[1]


def _correct(
    work: Work,
    whole: Map,
    fitted: Datum,
    done: Partial,
    blocks: list[slice],
    folder: Path,
    report: Report,
) -> Map:
    """The map with the datum taken off rate, errors and, where it is kept, series."""
    reference = work.found.reference
    changed = {name: whole[name].copy() for name in ("rate", "error_line", "error_pairs")}
    whole = replace(whole, values={**whole.values, **changed})
    shape = whole["rate"].shape
    keep = SeriesFile(folder, work.found.network, shape) if work.settings.series else None
    for n, rows in enumerate(blocks if keep or fitted.planes is not None else []):
        report("taking off the datum", n / len(blocks), block=n + 1, blocks=len(blocks))
        series = done.series(rows)
        if fitted.planes is not None:
            series = _off(work, whole, fitted, done, rows)
        if keep:
            keep.add(series)
    moved = 0.0
    if reference.given and fitted.planes is not None:
        box = whole["rate"][reference.box(shape)]
        moved = float(np.median(box[np.isfinite(box)])) if np.isfinite(box).any() else 0.0
        whole["rate"][:] -= np.float32(moved)
    if keep:
        keep.close(moved)
    return whole


def _off(work: Work, whole: Map, fitted: Datum, done: Partial, rows: slice) -> np.ndarray:
    """Take the datum off a block of the map, in place; its series (N, rows, W)."""
    heights = None if whole.heights is None else whole.heights[rows]
    planes = fitted.at(*_places(whole["rate"].shape, rows), heights)
    series = done.series(rows) - planes
    flat = series.reshape(len(series), -1)
    off = planes.reshape(flat.shape)
    rate, line, pairs = (
        whole[name][rows].ravel() for name in ("rate", "error_line", "error_pairs")
    )
    there = np.isfinite(rate)
    columns = trend.basis(work.found.network, work.settings.annual)
    for to, values in zip((rate, line), trend.fit(flat, columns)):
        to[there] = values[there]
    if gapped := done.gapped(rows):
        # Across a gap the series is bridged: what the datum adds there was bridged with it.
        at = np.flatnonzero(whole["islands"][rows].ravel() > 1)
        phase, coherence = gapped
        network = work.found.network
        part_ = (off[:, at][network.second] - off[:, at][network.first]) / np.float32(work.mm)
        got = _inverted(work, phase - part_, coherence, work.zero)
        assert got.series is not None
        rate[at], flat[:, at] = got.rate * work.mm, got.series * np.float32(work.mm)
        line[at], pairs[at] = got.error_line * abs(work.mm), got.error_pairs * abs(work.mm)
    for name, values in (("rate", rate), ("error_line", line), ("error_pairs", pairs)):
        whole[name][rows] = values.reshape(whole[name][rows].shape)
    return series


def _masked(work: Work, whole: Map) -> np.ndarray:
    """(H, W) bool: pixels whose rate is kept; raises where there is none."""
    settings = work.settings
    kept = whole.reliable(work)
    if settings.max_rate_error is not None:
        kept &= whole.error <= settings.max_rate_error
    if settings.islands == "1":
        kept &= whole["islands"] == 1
    if kept.any():
        return kept
    known = whole["temporal_coherence"][np.isfinite(whole["temporal_coherence"])]
    best = float(known.max()) if known.size else 0.0
    if best < settings.min_temporal_coherence:
        raise SlideScopeError(
            "No pixel is reliable: temporal coherence is below "
            f"{settings.min_temporal_coherence:g} everywhere (best {best:.2f}); lower "
            "--min-temporal-coherence, or add pairs."
        )
    raise SlideScopeError(
        f"No pixel is reliable: none has {100 * settings.min_pairs:.0f} % of the pairs, temporal "
        f"coherence {settings.min_temporal_coherence:g} and the error and islands asked for; lower "
        "--min-pairs or raise --max-rate-error."
    )


def _write(work: Work, whole: Map, kept: np.ndarray, folder: Path, report: Report) -> None:
    """The layers; a pixel without any pair has nothing in all of them."""
    rasters = {
        "deformation": np.where(kept, whole["rate"], np.nan),
        "rate_error": whole.error,
        "closures": np.stack([whole["before"], whole["after"]]),
        "cycles": whole["changed"],
    }
    rasters |= {name: whole[name] for name in layers.LAYERS if name in whole.values}
    empty = whole["pairs"] == 0
    for n, (name, values) in enumerate(rasters.items()):
        report("writing the layers", n / len(rasters))
        layers.write(folder, name, np.where(empty, np.nan, values), work.stack.grid)
