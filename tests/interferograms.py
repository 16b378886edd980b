"""Stacks of interferograms whose truth is known: seeded, small, as many errors as are asked for.

Displacement in mm towards the satellite; phase in radians, later minus earlier, positive = away.
Errors: turbulent delay (power law), delay with height (seasonal and random), ramps, errors of the
elevation, decorrelation, patches a whole cycle off, gaps.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import rasterio
from scipy import ndimage

from core.scene.grid import Grid
from core.scene.interferograms.network import SENTINEL1_WAVELENGTH_M, Network

RADIANS_PER_MM = -4 * np.pi / (SENTINEL1_WAVELENGTH_M * 1000)
LOOKS = 20
ALL = ("turbulence", "height", "ramp", "elevation", "noise", "cycles", "gaps")


@dataclass(frozen=True)
class Stack:
    """A stack in memory, as the chain reads one, with what is true of it."""

    network: Network
    phase: np.ndarray
    coherence: np.ndarray
    rate: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    heights: np.ndarray | None = None
    slides: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), int))
    pixel_m: float = 40.0
    row_block: int = 32
    wavelength_m: float = SENTINEL1_WAVELENGTH_M
    reads: list = field(default_factory=list)

    @property
    def grid(self) -> Grid:
        height, width = self.phase.shape[1:]
        cell = (self.pixel_m, 0.0, 500_000.0, 0.0, -self.pixel_m, 3_000_000.0)
        return Grid("EPSG:32643", cell, width, height)

    @property
    def has_coherence(self) -> np.ndarray:
        return np.isfinite(self.coherence).any((1, 2))

    def read(
        self, rows: slice, pairs: Sequence[int] | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        self.reads.append((rows, pairs))
        chosen = slice(None) if pairs is None else list(pairs)
        return self.phase[chosen, rows], self.coherence[chosen, rows]


def network(dates: int, days: int, joined: int, longest: int, start=date(2021, 1, 9)) -> Network:
    """`dates` spread over `days`, each joined to the next `joined` ones within `longest` days."""
    on = np.unique(np.linspace(0, days, dates).round().astype(int))
    pairs = [
        (i, j)
        for i in range(len(on))
        for j in range(i + 1, min(i + joined + 1, len(on)))
        if on[j] - on[i] <= longest
    ]
    return Network(tuple(start + timedelta(int(d)) for d in on), tuple(pairs))


def power_law(rng, size: int, exponent: float, pixel_m: float, at_1_km: float = 1.0) -> np.ndarray:
    """A field (size, size) of spectrum k^-exponent whose differences over 1 km are `at_1_km`."""
    twice = 2 * size
    k = np.hypot(*np.meshgrid(np.fft.fftfreq(twice), np.fft.fftfreq(twice)))
    k[0, 0] = 1
    spectrum = np.fft.fft2(rng.standard_normal((twice, twice))) * k ** (-(exponent + 1) / 2)
    got = np.fft.ifft2(spectrum).real[:size, :size]
    step = round(1000 / pixel_m)
    apart = got[:, step:] - got[:, :-step]
    return (got - got.mean()) * at_1_km / np.sqrt((apart**2).mean())


def slides_of(rng, size: int, rates: Sequence[float], taper: float = 2.5):
    """Rate mm/yr and number (0 = none) of elliptic slides; they do not touch. A `taper` of 1 falls
    to the edge as a cone; a large one is sharp."""
    rate, number = np.zeros((size, size)), np.zeros((size, size), int)
    y, x = np.mgrid[:size, :size]
    for n, fastest in enumerate(rates):
        for _ in range(200):
            row, col = rng.integers(25, size - 25, 2)
            a, b, turn = rng.uniform(10, 20), rng.uniform(6, 10), rng.uniform(0, np.pi)
            along = ((x - col) * np.cos(turn) + (y - row) * np.sin(turn)) / a
            across = (-(x - col) * np.sin(turn) + (y - row) * np.cos(turn)) / b
            away = np.hypot(along, across)
            if not number[away < 1.3].any():
                break
        number[away < 1] = n + 1
        rate += fastest * np.where(away < 1, np.minimum(1, (1 - np.minimum(away, 1)) * taper), 0)
    return rate, number


def delays(rng, net: Network, heights, pixel_m: float, errors: Collection[str], delay: float):
    """(N, size, size) mm: what the air adds at every date."""
    dates, size = len(net.dates), len(heights)
    y, x = np.mgrid[:size, :size] / size - 0.5
    total = np.zeros((dates, size, size))
    if "turbulence" in errors:
        for n in range(dates):
            total[n] += power_law(rng, size, 8 / 3, pixel_m, 2 * rng.lognormal(0, 0.35))
    if "height" in errors:
        per_km = delay * np.sin(2 * np.pi * net.years + 1) + delay / 2 * rng.standard_normal(dates)
        total += per_km[:, None, None] * ((heights - heights.mean()) / 1000)
    if "ramp" in errors:
        tilt = rng.standard_normal((dates, 2)) * 3
        total += tilt[:, 0, None, None] * x + tilt[:, 1, None, None] * y
    if "elevation" in errors:
        baseline = rng.normal(0, 50, dates)
        wrong = power_law(rng, size, 1.5, pixel_m)
        mm_per_m = baseline / (880e3 * np.sin(np.radians(39.2))) * 1000
        total += mm_per_m[:, None, None] * (wrong / wrong.std() * 8)
    return total


def coherences(rng, net: Network, size: int, pixel_m: float) -> np.ndarray:
    """(M, size, size): less over longer spans, in winter, and on poor ground."""
    ground = power_law(rng, size, 2, pixel_m)
    ground = 0.9 / (1 + np.exp(-((ground - ground.mean()) / ground.std() * 1.1 + 0.9)))
    season = 0.85 + 0.15 * np.cos(2 * np.pi * net.years)
    fade = np.exp(-net.spans_days / 90) * np.sqrt(season[net.first] * season[net.second])
    return np.clip(ground * fade[:, None, None], 0.03, 0.98)


def add_cycles(rng, phase: np.ndarray, pixel_m: float, patches: int) -> None:
    """Put patches of a whole cycle into random pairs."""
    size = phase.shape[1]
    y, x = np.mgrid[:size, :size]
    for m in rng.integers(0, len(phase), patches):
        row, col = rng.integers(0, size, 2)
        edge = np.hypot(y - row, x - col) + power_law(rng, size, 3, pixel_m, 5)
        phase[m][edge < rng.uniform(8, 45)] += 2 * np.pi * rng.choice([-1, 1])


def make(
    net: Network,
    seed: int = 0,
    size: int = 128,
    pixel_m: float = 40.0,
    rates: Sequence[float] = tuple(np.linspace(-136.5, 44, 12)),
    errors: Collection[str] = ALL,
    delay: float = 8.0,
    taper: float = 2.5,
    unwrap=None,
) -> Stack:
    """A stack; `unwrap(wrapped, valid)`, where given, unwraps every pair anew instead of patches of
    whole cycles being put in. `delay` in mm per km of height."""
    rng = np.random.default_rng(seed)
    heights = power_law(rng, size, 3.2, pixel_m)
    heights = (heights - heights.min()) / np.ptp(heights) * 1400 + 600
    rate, slides = slides_of(rng, size, rates, taper)
    mm = rate * net.years[:, None, None] + delays(rng, net, heights, pixel_m, errors, delay)
    phase = (mm[net.second] - mm[net.first]) * RADIANS_PER_MM
    coherence = coherences(rng, net, size, pixel_m)
    if "noise" in errors:
        spread = np.minimum(np.sqrt((1 - coherence**2) / (2 * LOOKS * coherence**2)), 1.2)
        phase += spread * rng.standard_normal(phase.shape)
        coherence = np.clip(coherence + rng.normal(0, 0.03, phase.shape), 0.01, 0.99)
    valid = np.ones(phase.shape, bool)
    if "gaps" in errors:
        valid = ndimage.uniform_filter(coherence, (0, 5, 5)) > 0.18
    if unwrap:
        phase = np.stack([_unwrapped(p, v, unwrap) for p, v in zip(phase, valid)])
    elif "cycles" in errors:
        add_cycles(rng, phase, pixel_m, round(0.12 * len(phase)))
    # Where unwrapping started is arbitrary in every pair.
    phase += rng.uniform(-20, 20, (len(phase), 1, 1))
    phase = np.where(valid, phase, np.nan).astype(np.float32)
    kept = np.where(valid, coherence, np.nan).astype(np.float32)
    return Stack(net, phase, kept, rate, heights.astype(np.float32), slides, pixel_m)


def _unwrapped(phase, valid, unwrap) -> np.ndarray:
    got = unwrap(np.angle(np.exp(1j * phase)), valid)
    turns = np.where(valid, np.rint((got - phase) / (2 * np.pi)), 0)
    return phase + 2 * np.pi * (turns - np.round(np.median(turns[valid])))


def mexico(folder: Path) -> Stack:
    """The real stack over Mexico City (PyRate's tests): 30 pairs of 13 dates, 60 x 100 pixels."""
    phase, coherence, days = [], [], []
    for file in sorted(folder.glob("*_unw.tif")):
        with rasterio.open(file) as opened:
            tags = opened.tags()
            phase.append(opened.read(1))
        with rasterio.open(str(file).replace("_eqa_unw", "_flat_eqa_cc")) as opened:
            coherence.append(opened.read(1))
        days.append((tags["FIRST_DATE"], tags["SECOND_DATE"]))
    with rasterio.open(next(folder.glob("*_dem.tif"))) as opened:
        heights = opened.read(1).astype(np.float32)
    dates = sorted({date.fromisoformat(day) for pair in days for day in pair})
    at = {day.isoformat(): n for n, day in enumerate(dates)}
    net = Network(tuple(dates), tuple((at[a], at[b]) for a, b in days))
    known = (np.where(np.array(v) == 0, np.nan, v).astype(np.float32) for v in (phase, coherence))
    return Stack(net, *known, heights=heights, wavelength_m=float(tags["WAVELENGTH_METRES"]))
