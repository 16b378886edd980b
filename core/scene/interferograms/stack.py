"""A stack of interferograms that can be read: one grid, one network, phases and coherences.

`open_stack` settles what a stack consists of and says what is left out; `Stack.read` gives rows.
"""

import math
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from core.errors import SlideScopeError
from core.jobs.report import Report, silent
from core.scene.grid import Grid
from core.scene.interferograms import checks, extent, layers, pixels, survey
from core.scene.interferograms.extent import Header
from core.scene.interferograms.found import Found, Interferogram, LeftOut
from core.scene.interferograms.network import Network
from core.scene.interferograms.pixels import Handles, Layer, Look, Scratch, TiffLayer, over_layers
from core.scene.interferograms.survey import Pair

# Phase and coherence of all pairs that one read may take.
READ_BYTES = 64 * 1024**2


@dataclass(frozen=True)
class Stack:
    """M pairs on one grid. `network`, `grid`, `wavelength_m` and `has_coherence` (M,) bool are what
    the inversion needs; `looks` what a sample of each pair shows; `notes` sentences for the report;
    `row_block` rows follow the files' own strips and take 64 MB. Close it, or use `with`."""

    found: Found
    network: Network
    grid: Grid
    wavelength_m: float
    has_coherence: np.ndarray
    row_block: int
    pairs: tuple[Interferogram, ...]
    looks: tuple[Look, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]
    base: Header
    folders: tuple[Path, ...] | None
    _layers: tuple[Pair, ...] = field(repr=False)
    _handles: Handles = field(repr=False)
    _work: Path | None = field(default=None, repr=False)
    _copied: bool = False
    _scratch: list[Scratch] = field(default_factory=list, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def coverage(self) -> np.ndarray:
        """(M,) float64: share of the sampled pixels that have a phase."""
        return np.array([k.coverage for k in self.looks])

    @property
    def mean_coherence(self) -> np.ndarray:
        """(M,) float64: mean over the sampled pixels, NaN where there is none."""
        return np.array([k.coherence for k in self.looks])

    @property
    def unpacked_bytes(self) -> int:
        """What a temporary copy takes, 0 where the files' own strips are read."""
        return sum(layers.size_bytes(k) for k in self._tall())

    def read(
        self, rows: slice, pairs: Sequence[int] | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Phase and coherence of some rows, each (M or len(pairs), r, columns) float32.

        Phase in radians, the later date minus the earlier, positive away from the satellite, NaN =
        no data; coherence 0..1, NaN = no data or no file. Raises SlideScopeError where a file turns
        out to be damaged.
        """
        self.unpack()
        rows = slice(*rows.indices(self.grid.height)[:2])
        which = range(len(self._layers)) if pairs is None else pairs
        chosen = [self._layers[m] for m in which]
        names = [self.pairs[m].name for m in which]
        shape = (len(chosen), rows.stop - rows.start, self.grid.width)
        phase, coherence = np.empty(shape, np.float32), np.empty(shape, np.float32)
        jobs = [(p.phase, n, False) for n, p in enumerate(chosen)]
        jobs += [(p.coherence, n, True) for n, p in enumerate(chosen) if p.coherence is not None]

        def one(job) -> None:
            layer, n, is_coherence = job
            try:
                raw = self._raw(layer, rows)
            except SlideScopeError as error:
                raise checks.damaged(names[n], error) from error
            if is_coherence:
                coherence[n] = pixels.coherence(raw, chosen[n].of_coherence)
            else:
                phase[n] = pixels.phase(raw, chosen[n].stored)

        for n, pair in enumerate(chosen):
            if pair.coherence is None:
                coherence[n] = np.nan
        over_layers(one, jobs, serial=self.found.container is not None)
        return phase, coherence

    def pixel(
        self, row: int, column: int, pairs: Sequence[int]
    ) -> list[tuple[np.float32, np.float32]]:
        """Phase and coherence of some pairs at one pixel, as `read` gives them; nothing is unpacked
        for so little."""

        def one(m: int) -> tuple[np.float32, np.float32]:
            layers_, rows = self._layers[m], slice(row, row + 1)
            raw = layers_.phase.raw(rows)[:, column : column + 1]
            phase = pixels.phase(raw, layers_.stored)[0, 0]
            if layers_.coherence is None:
                return phase, np.float32(np.nan)
            raw = layers_.coherence.raw(rows)[:, column : column + 1]
            return phase, pixels.coherence(raw, layers_.of_coherence)[0, 0]

        return over_layers(one, pairs, serial=self.found.container is not None)

    def layer_of(self, path: Path) -> TiffLayer | None:
        """Another file of the product (geometry, elevation) on the stack's grid; None where its
        pixels are not the grid's."""
        head = extent.read(path, self.folders)
        at = extent.offset(self.grid, self.base, head)
        if at is None:
            return None
        return layers.tiff(head, at, self.grid, self._handles, self.folders)

    def unpack(self, report: Report = silent) -> None:
        """Copy what is stored in taller pieces than `row_block` to scratch, once; the first read
        does it where nobody has."""
        with self._lock:
            tall = self._tall()
            if not tall or self._scratch:
                return
            scratch = Scratch(tall, self._work)
            try:
                scratch.fill(report)
            except BaseException:
                scratch.close()
                raise
            self._scratch.append(scratch)
            # What open files hold in their buffers is needed no more.
            self._handles.close()

    def close(self) -> None:
        self._handles.close()
        while self._scratch:
            self._scratch.pop().close()

    def __enter__(self) -> "Stack":
        return self

    def __exit__(self, *error) -> None:
        self.close()

    def _is_unpacked(self, layer: Layer) -> bool:
        """Whether a layer is read from scratch: its stored pieces are taller than a read."""
        tall = layer.block_rows > self.row_block and self.row_block < self.grid.height
        return tall or self._copied

    def _tall(self) -> list[Layer]:
        every = [k for p in self._layers for k in (p.phase, p.coherence) if k is not None]
        return [layer for layer in every if self._is_unpacked(layer)]

    def _raw(self, layer: Layer, rows: slice) -> np.ndarray:
        if self._is_unpacked(layer):
            return self._scratch[0].raw(layer, rows)
        return layer.raw(rows)


def open_stack(
    found: Found,
    wavelength: float | None = None,
    drop: Sequence[str] = (),
    max_days: float | None = None,
    within: tuple[float, float, float, float] | None = None,
    folders: Sequence[Path] | None = None,
    work: Path | None = None,
    copied: bool = False,
    report: Report = silent,
) -> Stack:
    """Open what `finding.find` found.

    wavelength: metres, where the files do not say it. drop: pairs (20210109_20210121) and dates
    (20210109) to leave out; max_days: the longest pairs to keep. within: (left, bottom, right, top)
    in the files' reference system, to which the grid is cut. folders: those that may be opened;
    work: where a temporary copy may be made, the system's own place if None; copied: make one of
    everything, which pays where the stack is read more than twice.
    Raises SlideScopeError, in one sentence, for what is no stack of one track, frame and grid with
    unwrapped phases on at least five dates.
    """
    if found.refusal:
        raise SlideScopeError(found.refusal)
    kept, left_out = checks.asked_for(found, drop, max_days)
    checks.one_track(kept)
    report("opening interferograms", None)
    handles = Handles()
    allowed = None if folders is None else tuple(folders)
    opened = layers.open_layers(found, kept, within, handles, allowed)
    try:
        made = _settled(opened, [*found.left_out, *left_out], wavelength, report)
        return replace(made, _work=work, _copied=copied)
    except BaseException:
        handles.close()
        raise


def _settled(
    opened: layers.Opened, left_out: list[LeftOut], wavelength: float | None, report: Report
) -> Stack:
    found, grid = opened.found, opened.grid
    row_block = rows_of_a_read([p for p, _ in opened.pairs], grid)
    bands = survey.bands(grid.height, row_block)
    looks = survey.look([p for p, _ in opened.pairs], bands, report)
    if pixels.all_wrapped(looks):
        raise SlideScopeError(checks.WRAPPED)
    kept, out = checks.readable([i for _, i in opened.pairs], looks)
    pairs = [i for _, i in opened.pairs]
    pairs, looks = [pairs[m] for m in kept], [looks[m] for m in kept]
    stored = [opened.pairs[m][0] for m in kept]
    left_out = [*left_out, *opened.left_out, *out]
    network = network_of(pairs)
    checks.enough(network, found, left_out)
    stored, looks = _scaled(found.product, stored, looks)
    metres, told = checks.wavelength_of(found, opened.wavelengths, wavelength)
    return Stack(
        found=found,
        network=network,
        grid=grid,
        wavelength_m=metres,
        has_coherence=np.array([p.coherence is not None for p in stored]),
        row_block=row_block,
        pairs=tuple(pairs),
        looks=tuple(looks),
        left_out=tuple(left_out),
        notes=(*told, *checks.notes(network, pairs, stored, looks)),
        base=opened.base,
        folders=opened.folders,
        _layers=tuple(stored),
        _handles=opened.handles,
    )


def network_of(pairs: Sequence[Interferogram]) -> Network:
    """The network of pairs in their order."""
    dates = tuple(sorted({d for p in pairs for d in (p.first, p.second)}))
    at = {day: n for n, day in enumerate(dates)}
    return Network(
        dates,
        tuple((at[p.first], at[p.second]) for p in pairs),
        tuple(p.baseline_m for p in pairs),
    )


def rows_of_a_read(pairs: Sequence[Pair], grid: Grid) -> int:
    """Rows of a block: as many of the files' own strips as 64 MB hold, at least one row."""
    most = max(1, READ_BYTES // max(1, len(pairs) * grid.width * 8))
    if most >= grid.height:
        return grid.height
    strips = Counter(p.phase.block_rows for p in pairs if p.phase.block_rows <= most)
    strip = strips.most_common(1)[0][0] if strips else 1
    return most // strip * strip


def _scaled(product: str, stored: list[Pair], looks: list[Look]) -> tuple[list[Pair], list[Look]]:
    """What is stored as 0..255 or 0..100 becomes 0..1; files of one type share one scale. A
    coherence that cannot be read is none."""
    highest: dict[str, float] = {}
    for pair, seen in zip(stored, looks):
        if pair.coherence is not None and not math.isnan(seen.highest):
            kind = pair.coherence.dtype
            highest[kind] = max(highest.get(kind, 0.0), seen.highest)
    scales = {
        kind: pixels.scale_of_coherence(kind, top, product == "licsar")
        for kind, top in highest.items()
    }
    pairs, told = [], []
    for pair, seen in zip(stored, looks):
        if pair.coherence is None or math.isnan(seen.highest):
            pairs.append(replace(pair, coherence=None))
            told.append(seen)
            continue
        times = scales[pair.coherence.dtype]
        scale, offset = pair.of_coherence.unscale
        unscale = (scale * times, offset * times)
        pairs.append(replace(pair, of_coherence=replace(pair.of_coherence, unscale=unscale)))
        told.append(replace(seen, coherence=seen.coherence * times, highest=seen.highest * times))
    return pairs, told
