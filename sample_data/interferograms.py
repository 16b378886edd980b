"""A synthetic stack of interferograms of the watershed, named as HyP3 names its products.

24 dates in just under a year, pairs with the next three dates, 40 m pixels. A phase is what the
watershed's own motion adds between two dates, and what a radar measures besides: turbulence, a
delay that follows height and season, ramps, decorrelation, patches that are unwrapped by a cycle
too many. `truth_rate.tif` is the answer: the rate without any of these.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from rasterio.transform import Affine
from scipy import ndimage

from sample_data import deformation, line_of_sight, rasters
from sample_data.grid import CELL, transform
from sample_data.land_cover import FOREST
from sample_data.noise import field, generator, sigmoid
from sample_data.watershed import Watershed, build, ignore

VERSION = 1  # raised whenever the same seed gives other files than before
PIXEL = 40.0  # metres
WAVELENGTH_MM = 55.465763  # Sentinel-1
START, DATES, REPEAT_DAYS = date(2021, 1, 9), 24, 12
MISSED = (6, 13, 14, 22, 27)  # acquisitions that were not made: 24 of 29 are left
NEIGHBOURS, LONGEST_DAYS = 3, 48
TURBULENCE_MM = 2.0  # rms difference of two pixels a kilometre apart, on one date
STRATIFIED_MM_KM = 8.0  # swing of the delay with height over a year
LOOKS = 20
LOST = 0.18  # coherence below which nothing is unwrapped
MISLED_PAIRS, MISLED = 0.12, 1.9  # share of pairs with patches; threshold of a patch, deviations
TRUTH = "truth_rate.tif"
RECORD = "interferograms.json"
PHASE_STEP, COHERENCE_STEP, ANGLE_STEP = 1 / 128, 1 / 256, 1 / 65536
# Of Sentinel-1, for the side-cars; the slant range is that of the incidence angle.
_EARTH_M, _HEIGHT_M, _ORBIT, _CLOCK = 6_371_000.0, 693_000.0, 36_101, "110512"
HEADING = line_of_sight.LOOK_AZIMUTH_DEGREES - 90


@dataclass(frozen=True)
class Scenery:
    """What every pair shares, on the 40 m grid: rate (mm/yr, positive towards the satellite),
    height (m), coherence without any time between, 0..1, and gaps (bool)."""

    rate: np.ndarray
    height: np.ndarray
    coherence: np.ndarray
    gaps: np.ndarray


def dates() -> list[date]:
    """The days of acquisition.

    >>> len(dates()), str(dates()[-1])
    (24, '2021-12-11')
    """
    every = range(DATES + len(MISSED))
    return [START + timedelta(n * REPEAT_DAYS) for n in every if n not in MISSED]


def pairs() -> list[tuple[int, int]]:
    """Each date with the next three, as far as 48 days."""
    when = dates()
    return [
        (a, b)
        for a in range(len(when))
        for b in range(a + 1, min(a + 1 + NEIGHBOURS, len(when)))
        if (when[b] - when[a]).days <= LONGEST_DAYS
    ]


def coarse(values: np.ndarray) -> np.ndarray:
    """A layer of the ground grid at the centres of 40 m pixels, averaged over about one of them.

    >>> coarse(np.ones((32, 64))).shape
    (10, 20)
    """
    rows, cols = (int(n * CELL // PIXEL) for n in values.shape)
    smooth = ndimage.gaussian_filter(values.astype(np.float64), PIXEL / CELL / 2.5)
    at = [(np.arange(n) + 0.5) * PIXEL / CELL - 0.5 for n in (rows, cols)]
    return ndimage.map_coordinates(smooth, np.meshgrid(*at, indexing="ij"), order=1)


def scenery(scene: Watershed, seed: int) -> Scenery:
    """Bring the watershed onto the interferograms' grid."""
    rate = coarse(deformation.motion(scene.slides, scene.people, seed))
    forest = coarse(scene.cover.shares[FOREST])
    patchy = field(max(rate.shape), seed, "interferograms: coherence", 2.0)
    patchy = patchy[: rate.shape[0], : rate.shape[1]]
    coherence = 0.92 * sigmoid(2.2 - 2.4 * forest - 0.8 * coarse(scene.slides.bare) + 0.6 * patchy)
    gaps = coarse(scene.gaps) > 0.5
    return Scenery(rate, coarse(scene.people.elevation), coherence, gaps)


def delay(ground: Scenery, years: float, seed: int, name: str) -> np.ndarray:
    """What the atmosphere and the orbit add to one date, mm towards the satellite."""
    rows, cols = ground.rate.shape
    draw = generator(seed, f"interferograms: date {name}")
    turbulent = field(max(rows, cols), seed, f"interferograms: air {name}", 11 / 3)[:rows, :cols]
    step = min(int(1000 / PIXEL), cols // 2)
    apart = turbulent[:, step:] - turbulent[:, :-step]
    turbulent *= TURBULENCE_MM * np.exp(draw.normal(0, 0.35)) / np.sqrt((apart**2).mean())
    with_height = STRATIFIED_MM_KM * (np.sin(2 * np.pi * years + 1) + 0.5 * draw.normal())
    across, down = draw.normal(0, 3, 2)
    ramp = across * (np.arange(cols) / cols - 0.5) + down * (np.arange(rows) / rows - 0.5)[:, None]
    return turbulent + with_height * (ground.height - ground.height.mean()) / 1000 + ramp


def interferogram(
    ground: Scenery, moved: np.ndarray, days: int, season: float, seed: int, name: str
) -> tuple[np.ndarray, np.ndarray]:
    """Unwrapped phase (radians, positive away, 0 = no data) and coherence of one pair.

    moved: mm towards the satellite between both dates, delays among them; season: 0..1, how
    coherent the time of the year is.
    """
    draw = generator(seed, f"interferograms: pair {name}")
    shape = moved.shape
    coherence = np.clip(ground.coherence * np.exp(-days / 90) * season, 0.03, 0.98)
    deviation = np.sqrt((1 - coherence**2) / (2 * LOOKS * coherence**2))
    phase = -4 * np.pi / WAVELENGTH_MM * moved
    phase += np.minimum(deviation, 1.2) * draw.standard_normal(shape)
    seen = np.clip(coherence + draw.normal(0, 0.03, shape), 0.01, 0.99)
    if draw.random() < MISLED_PAIRS:
        patch = field(
            max(shape), seed, f"interferograms: patch {name}", 3.0, longest=60, shortest=6
        )
        phase += 2 * np.pi * draw.choice([-1, 1]) * (patch[: shape[0], : shape[1]] > MISLED)
    # Unwrapping begins anywhere.
    phase += draw.uniform(-20, 20)
    lost = ground.gaps | (ndimage.uniform_filter(seen, 5) < LOST)
    phase = np.where(lost, 0, rasters.quantise(phase, PHASE_STEP))
    return phase.astype(np.float32), rasters.quantise(seen, COHERENCE_STEP)


def product(first: date, second: date, seed: int) -> str:
    """HyP3's name of a pair.

    >>> product(date(2021, 1, 9), date(2021, 1, 21), 7)
    'S1AA_20210109T110512_20210121T110512_VVP012_INT40_G_ueF_6221'
    """
    days = f"{first:%Y%m%d}T{_CLOCK}_{second:%Y%m%d}T{_CLOCK}"
    number = zlib.crc32(f"{days} {seed}".encode()) & 0xFFFF
    return f"S1AA_{days}_VVP{(second - first).days:03d}_INT40_G_ueF_{number:04X}"


def side_car(first: date, second: date, baseline_m: float) -> str:
    """The text file of a pair, as HyP3 writes it."""
    sine, cosine = (f(np.radians(line_of_sight.INCIDENCE_DEGREES)) for f in (np.sin, np.cos))
    slant = np.sqrt((_EARTH_M + _HEIGHT_M) ** 2 - (_EARTH_M * sine) ** 2) - _EARTH_M * cosine
    orbits = [_ORBIT + 175 * (d - START).days // REPEAT_DAYS for d in (first, second)]
    granules = [
        f"S1A_IW_SLC__1SDV_{d:%Y%m%d}T{_CLOCK}_{d:%Y%m%d}T110539_{n:06d}_000000_0000"
        for d, n in zip((first, second), orbits)
    ]
    rows = {
        "Reference Granule": granules[0],
        "Secondary Granule": granules[1],
        "Reference Pass Direction": "ASCENDING",
        "Reference Orbit Number": orbits[0],
        "Secondary Pass Direction": "ASCENDING",
        "Secondary Orbit Number": orbits[1],
        "Baseline": f"{baseline_m:.1f}",
        "UTC time": "39912.0",
        "Heading": f"{HEADING:.1f}",
        "Spacecraft height": _HEIGHT_M,
        "Earth radius at nadir": _EARTH_M,
        "Slant range center": f"{slant:.1f}",
        "Range looks": 10,
        "Azimuth looks": 2,
        "Unwrapping type": "none: the phase was computed",
        "Synthetic": "yes, nothing here was measured",
    }
    return "".join(f"{key}: {value}\n" for key, value in rows.items())


def write(
    out: Path, scene: Watershed, seed: int, report: Callable[[str, float], None] = ignore
) -> dict:
    """Write the stack of a watershed into the folder `out`, a folder a pair.

    The same watershed and seed give the same files. `report` is called with a stage in words and
    the fraction done. Returns what `interferograms.json` holds, which is written last.
    """
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    ground, when = scenery(scene, seed), dates()
    years = [(d - START).days / 365.25 for d in when]
    metres = generator(seed, "interferograms: baselines").normal(0, 50, len(when))
    positions = []
    for n, day in enumerate(when):
        report("Measuring from orbit", 0.4 * n / len(when))
        moved = ground.rate * years[n] + delay(ground, years[n], seed, f"{day}")
        positions.append(moved.astype(np.float32))
    seasons = [0.85 + 0.15 * float(np.cos(2 * np.pi * t)) for t in years]
    for m, (a, b) in enumerate(pairs()):
        report("Writing interferograms", 0.4 + 0.6 * m / len(pairs()))
        name, days = product(when[a], when[b], seed), (when[b] - when[a]).days
        season = float(np.sqrt(seasons[a] * seasons[b]))
        moved = positions[b].astype(np.float64) - positions[a]
        phase, coherence = interferogram(ground, moved, days, season, seed, f"{when[a]} {when[b]}")
        _write_pair(out / name, phase, coherence)
        text = side_car(when[a], when[b], metres[b] - metres[a])
        (out / name / f"{name}.txt").write_text(text, encoding="utf-8")
        if m == 0:
            _write_geometry(out / name, ground)
    truth = rasters.quantise(ground.rate, rasters.RATE_STEP)
    _write(out / TRUTH, truth, f"true rate without any error; {line_of_sight.CONVENTION}")
    facts = {"synthetic": True, "generator": VERSION, "seed": seed, "dates": len(when)}
    facts |= {"pairs": len(pairs()), "pixel_m": PIXEL, "shape": list(truth.shape), "truth": TRUTH}
    (out / RECORD).write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    return facts


def generate(
    out: Path, size: int = 2048, seed: int = 7, report: Callable[[str, float], None] = ignore
) -> dict:
    """Build the watershed of `size` x `size` cells of 12.5 m and write its stack into `out`."""
    scene = build(size, seed, lambda stage, share: report(stage, 0.7 * share))
    return write(out, scene, seed, lambda stage, share: report(stage, 0.7 + 0.3 * share))


def _write_pair(folder: Path, phase: np.ndarray, coherence: np.ndarray) -> None:
    folder.mkdir()
    _write(folder / f"{folder.name}_unw_phase.tif", phase, "unwrapped phase, radians", nodata=0)
    _write(folder / f"{folder.name}_corr.tif", coherence, "coherence", nodata=0)


def _write_geometry(folder: Path, ground: Scenery) -> None:
    """Elevation and both angles of the line of sight; one product's are those of all."""
    east, north, up = line_of_sight.VECTOR
    for name, value, text in (
        ("lv_theta", np.arcsin(up), "elevation of the line of sight, radians"),
        ("lv_phi", np.arctan2(north, east), "direction to the satellite from east, radians"),
    ):
        values = rasters.quantise(np.full(ground.rate.shape, value), ANGLE_STEP)
        _write(folder / f"{folder.name}_{name}.tif", values, text, nodata=0)
    height = rasters.quantise(ground.height, rasters.HEIGHT_STEP)
    _write(folder / f"{folder.name}_dem.tif", height, "elevation, metres")


def _write(path: Path, band: np.ndarray, text: str, **profile) -> None:
    place: Affine = transform(PIXEL)
    rasters.write(path, band, text, transform=place, **profile)
