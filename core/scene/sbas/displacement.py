"""The displacement of a place at every date: of a pixel, or the mean of a landslide's pixels."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import ArrayLike
from rasterio.warp import transform
from rasterio.windows import Window

from core import atomic, cells
from core.scene.grid import Grid
from core.scene.interferograms.network import Network
from core.scene.sbas import outcome, series
from core.scene.sbas.outcome import Outcome
from core.scene.sbas.trend import basis

# What is known of every pixel beside its series.
LAYERS = ("rate", "rate_error", "deformation", "temporal_coherence", "pairs", "islands")
DEVIATION = (
    "Bars: one standard deviation of the dates about the line. ± of the rate: its standard error, "
    "of the dates about the line and of the noise of the pairs together."
)


@dataclass(frozen=True)
class Displacement:
    """`mm` towards the satellite at every date, None without a pair; `line` the fitted line there;
    `deviation` (mm) the standard deviation of the dates about the fit, None with too few of them.

    `groups`: which island of dates a date belongs to, counted from 1, 0 without a pair; series of
    two islands are bridged by the mean rate. `rate` and its standard error `rate_error`, mm/yr;
    of several `pixels` the means (errors of neighbours go together, so they do not shrink).
    `kept`: the mask keeps the place. `pairs`: share of all; `islands`: of the place's own pairs.
    """

    title: str
    pixels: int
    dates: tuple[str, ...]
    mm: tuple[float | None, ...]
    line: tuple[float, ...]
    groups: tuple[int, ...]
    deviation: float | None
    rate: float
    rate_error: float | None
    kept: bool
    temporal_coherence: float | None
    pairs: float
    islands: int
    row: int | None = None
    column: int | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def folder_of(scene_folder: Path) -> Path:
    """Where the chain has written, of a scene whose rate is made of interferograms."""
    return scene_folder / "sbas"


def has_series(folder: Path) -> bool:
    """Whether displacements were kept in the chain's folder."""
    return (folder / series.ABOUT).is_file()


def on_stack(
    scene: Grid, stack: Grid, rows: ArrayLike, columns: ArrayLike
) -> tuple[np.ndarray, np.ndarray]:
    """Rows and columns of the stack's pixels that hold the centres of the scene's; -1 outside.

    >>> scene = Grid("EPSG:32643", (10.0, 0, 0, 0, -10.0, 100.0), 10, 10)
    >>> stack = Grid("EPSG:32643", (40.0, 0, 20.0, 0, -40.0, 100.0), 2, 2)
    >>> [each.tolist() for each in on_stack(scene, stack, [0, 5], [0, 7])]
    [[-1, 1], [-1, 1]]
    """
    x, y = scene.affine * (np.asarray(columns) + 0.5, np.asarray(rows) + 0.5)
    if scene.crs and stack.crs and scene.crs != stack.crs:
        x, y = map(np.asarray, transform(scene.crs, stack.crs, np.ravel(x), np.ravel(y)))
    across, down = ~stack.affine * (np.asarray(x), np.asarray(y))
    row, column = np.floor(down), np.floor(across)
    inside = (row >= 0) & (row < stack.height) & (column >= 0) & (column < stack.width)
    return np.where(inside, row, -1).astype(int), np.where(inside, column, -1).astype(int)


def of_pixel(folder: Path, row: int, column: int) -> Displacement | None:
    """The displacement of a pixel of the stack's grid; None where it has no series."""
    known = {name: _layer(folder, name, row, column) for name in LAYERS}
    values = series.read(folder, row, column)
    if not np.isfinite(values).any() or not np.isfinite(known["rate"]):
        return None
    made = _made(
        outcome.read(folder), folder, values, known, f"pixel {row},{column} of the stack", 1
    )
    return Displacement(**made, row=row, column=column)


def of_pixels(
    folder: Path, rows: np.ndarray, columns: np.ndarray, title: str
) -> Displacement | None:
    """The mean displacement of those of the pixels (K,) that the mask keeps; None of none."""
    whole = {name: _whole(folder, name)[rows, columns] for name in LAYERS}
    kept = np.isfinite(whole["deformation"])
    if not kept.any():
        return None
    about = atomic.needed_json(folder / series.ABOUT)
    every = np.stack([series.read(folder, r, c) for r, c in zip(rows[kept], columns[kept])])
    assert every.shape[1] == len(about["dates"])
    known = {name: float(values[kept].mean()) for name, values in whole.items()}
    known["islands"] = float(whole["islands"][kept].max())
    there = np.isfinite(every).any(0)
    mean = np.full(every.shape[1], np.nan)
    mean[there] = np.nanmean(every[:, there], 0)
    made = _made(outcome.read(folder), folder, mean, known, title, int(kept.sum()))
    return Displacement(**made)


def _made(
    found: Outcome,
    folder: Path,
    values: np.ndarray,
    known: dict[str, float],
    title: str,
    pixels: int,
) -> dict[str, Any]:
    about = atomic.needed_json(folder / series.ABOUT)
    network = found.network
    values = values - about["less_mm_yr"] * (network.years - network.years[0])
    line, deviation = fitted(network, values, known["rate"], bool(found.settings["annual"]))
    return {
        "title": title,
        "pixels": pixels,
        "dates": tuple(about["dates"]),
        "mm": tuple(_or_none(v) for v in values),
        "line": tuple(round(float(v), 2) for v in line),
        "groups": groups(network, values),
        "deviation": _or_none(deviation),
        "rate": round(float(known["rate"]), 2),
        "rate_error": _or_none(known["rate_error"]),
        "kept": bool(np.isfinite(known["deformation"])),
        "temporal_coherence": _or_none(known["temporal_coherence"], 3),
        "pairs": round(float(known["pairs"]) / max(1, found.pairs_used), 3),
        "islands": int(known["islands"]),
    }


def fitted(
    network: Network, values: np.ndarray, rate: float, annual: bool
) -> tuple[np.ndarray, float]:
    """The line of `rate` (mm/yr) through values (N,) mm, NaN = no date, at all dates; and the
    standard deviation of the dates about the whole fit, a yearly cycle included where there is
    one."""
    there = np.isfinite(values)
    columns = basis(network, annual)
    of_dates = columns[:, there]
    terms = np.linalg.lstsq(of_dates.T, values[there], rcond=None)[0]
    free = int(there.sum()) - len(columns)
    left = values[there] - terms @ of_dates
    deviation = float(np.sqrt((left**2).sum() / free)) if free > 0 else np.nan
    # Through the middle of the dates; the rate is the map's, which knows of more than the dates.
    about = columns[1] - columns[1][there].mean()
    level = float((values[there] - (terms[2:] @ of_dates[2:] if annual else 0)).mean())
    return level + rate * about, deviation


def groups(network: Network, values: np.ndarray) -> tuple[int, ...]:
    """The island of every date, from 1, of a place that has all pairs; 0 at dates without value."""
    of_date = np.zeros(len(network.dates), int)
    several = [island for island in network.islands if len(island) > 1]
    for number, island in enumerate(several, 1):
        of_date[list(island)] = number
    return tuple(np.where(np.isfinite(values), of_date, 0).tolist())


def _layer(folder: Path, name: str, row: int, column: int) -> float:
    with rasterio.open(folder / f"{name}.tif", driver="GTiff") as file:
        return float(file.read(1, window=Window(column, row, 1, 1))[0, 0])


def _whole(folder: Path, name: str) -> np.ndarray:
    with rasterio.open(folder / f"{name}.tif", driver="GTiff") as file:
        return file.read(1)


def _or_none(value: float, digits: int = 2) -> float | None:
    return round(float(value), digits) if np.isfinite(value) else None


def csv(places: Sequence[Displacement]) -> str:
    """A line a place and date."""
    header = "place,date,displacement_mm,deviation_mm,line_mm,island,rate_mm_yr,rate_error_mm_yr"
    rows = []
    for place in places:
        for day, mm, line, group in zip(place.dates, place.mm, place.line, place.groups):
            numbers = (mm, place.deviation, line, group or None, place.rate, place.rate_error)
            rows.append([place.title, day, *("" if v is None else f"{v:g}" for v in numbers)])
    return cells.text(header.split(","), rows)
