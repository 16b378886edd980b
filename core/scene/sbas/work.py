"""What the steps of the chain hand to each other."""

from dataclasses import dataclass

import numpy as np

from core.scene.sbas.blocks import PhaseStack
from core.scene.sbas.settings import SbasSettings
from core.scene.sbas.survey import Survey


@dataclass(frozen=True)
class Work:
    """A stack with the settings that are used on it, what a first look found, and `turns` (K,), the
    cycles that a pair is off everywhere."""

    stack: PhaseStack
    settings: SbasSettings
    found: Survey
    turns: np.ndarray

    @property
    def zero(self) -> np.ndarray:
        """(K,) radians that every pair has at the reference."""
        return self.found.zero + 2 * np.pi * self.turns

    @property
    def wants_series(self) -> bool:
        return self.settings.datum != "none" or self.settings.series

    @property
    def mm(self) -> float:
        """mm towards the satellite of a radian of phase, which grows as the ground moves away."""
        return -self.stack.wavelength_m * 1000 / (4 * np.pi)


@dataclass(frozen=True)
class Map:
    """Arrays (H, W) of the whole stack by name, rates in mm/yr; heights in metres and mapped
    landslides, where they are known."""

    values: dict[str, np.ndarray]
    heights: np.ndarray | None = None
    inventory: np.ndarray | None = None

    def __getitem__(self, name: str) -> np.ndarray:
        return self.values[name]

    @property
    def error(self) -> np.ndarray:
        """Standard error of the rate, both parts together."""
        return np.hypot(self["error_line"], self["error_pairs"])

    def reliable(self, work: Work) -> np.ndarray:
        """(H, W) bool: pixels that have a rate, the coherence and the pairs asked for."""
        settings = work.settings
        fine = np.isfinite(self["rate"])
        fine &= self["temporal_coherence"] >= settings.min_temporal_coherence
        fine &= self["pairs"] >= settings.min_pairs * len(work.found.kept)
        return fine
