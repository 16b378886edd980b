"""What the pairs of one pixel miss its series by: whole cycles show, and so does the noise."""

from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import SlideScopeError
from core.scene import origin
from core.scene.interferograms import finding
from core.scene.interferograms.network import Network
from core.scene.interferograms.stack import Stack, open_stack
from core.scene.sbas import cycles, inversion, outcome
from core.scene.sbas.displacement import Displacement, groups
from core.scene.sbas.outcome import Outcome

GONE = (
    "The interferograms that the rate was made of are not there any more, or have changed: "
    "residuals of the pairs need them."
)


@dataclass(frozen=True)
class Residual:
    """`cycles`: the phase of a pair less that of the series, as it was unwrapped; `turns`: cycles
    of it that the import took off."""

    name: str
    first: str
    second: str
    days: int
    cycles: float
    turns: int

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def of_pixel(scene_folder: Path, row: int, column: int) -> tuple[Residual, ...]:
    """The residuals of the pairs that a pixel of the stack's grid has.

    The pixel's phases are read from the files of the import and inverted once more. Raises a
    SlideScopeError where they are gone.
    """
    found, made = outcome.read(scene_folder / origin.FOLDER), origin.read(scene_folder)
    phase, coherence = _phases(made, found, row, column)
    network = found.network
    zero = np.array([found.zeros[pair.name] for pair in found.used])
    how = found.settings["cycles"]
    right = cycles.correct(network, phase[:, None], zero, how, threads=1)
    settings = found.settings
    got = inversion.invert(
        network,
        right.phase,
        coherence[:, None] if np.isfinite(coherence).any() else None,
        zero,
        weights=settings["weights"] if found.steps["weights"] != "off" else "none",
        gaps=settings["gaps"],
        annual=found.steps["annual"] != "off",
        series=True,
        threads=1,
    )
    assert got.series is not None  # asked for
    dates = got.series[:, 0].astype(np.float64)
    model = dates[network.second] - dates[network.first] + zero
    off = (phase - model) / (2 * np.pi)
    turned = np.rint((phase - right.phase[:, 0]) / (2 * np.pi))
    return tuple(
        Residual(p.name, p.first, p.second, p.days, round(float(e), 4), _whole(t))
        for p, e, t in zip(found.used, off, turned)
        if np.isfinite(e)
    )


def regrouped(place: Displacement, residuals: tuple[Residual, ...]) -> Displacement:
    """The same displacement, its islands those of the pairs that the pixel has."""
    days = tuple(date.fromisoformat(day) for day in place.dates)
    at = {day: n for n, day in enumerate(place.dates)}
    own = Network(days, tuple((at[r.first], at[r.second]) for r in residuals))
    values = np.array([np.nan if mm is None else mm for mm in place.mm])
    return replace(place, groups=groups(own, values))


def _whole(value: float) -> int:
    return int(value) if np.isfinite(value) else 0


def _phases(
    made: origin.Origin, found: Outcome, row: int, column: int
) -> tuple[np.ndarray, np.ndarray]:
    """Phase and coherence (M,) of the used pairs at a pixel, NaN = no data."""
    request = made.request
    try:
        named = finding.find(list(made.stack))
        if named is None:
            raise SlideScopeError(GONE)
        with open_stack(
            named, wavelength=request.wavelength, drop=request.drop, max_days=request.max_days
        ) as stack:
            if stack.grid.to_json() != found.grid:
                raise SlideScopeError(GONE)
            return _of_stack(stack, [pair.name for pair in found.used], row, column)
    except (OSError, SlideScopeError) as error:
        raise SlideScopeError(GONE) from error


def _of_stack(
    stack: Stack, names: list[str], row: int, column: int
) -> tuple[np.ndarray, np.ndarray]:
    at = {pair.name: m for m, pair in enumerate(stack.pairs)}
    if not set(names) <= set(at):
        raise SlideScopeError(GONE)
    phase, coherence = np.full((2, len(names)), np.nan, np.float32)
    for n, (one, other) in enumerate(stack.pixel(row, column, [at[name] for name in names])):
        phase[n], coherence[n] = one, other
    return phase, coherence
