"""Rock units: what they are called, how they erode and fail, and where they lie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sample_data.noise import broad_field, generator

REFERENCE_WIDTH = 25_600.0  # metres of domain over which folds and faults have their full size


@dataclass(frozen=True)
class Unit:
    """One rock unit. `weakness` 0-1 is its readiness to slide, `tint` scales soil reflectance."""

    name: str
    erodibility: float
    critical_degrees: float
    weakness: float
    tint: tuple[float, float, float, float]  # B2, B3, B4, B8


UNITS = {
    1: Unit("Quaternary alluvium and colluvium", 2.0, 24, 0.75, (1.0, 1.0, 1.0, 1.0)),
    2: Unit("Red mudstone", 1.7, 27, 0.90, (0.86, 0.88, 1.06, 1.02)),
    3: Unit("Limestone", 0.65, 38, 0.20, (1.22, 1.18, 1.08, 1.02)),
    4: Unit("Basalt", 0.70, 36, 0.35, (0.78, 0.80, 0.80, 0.82)),
    5: Unit("Shale", 1.5, 28, 0.85, (0.92, 0.95, 0.95, 0.95)),
    6: Unit("Phyllite and slate", 1.25, 30, 1.0, (1.02, 1.0, 0.95, 0.95)),
    7: Unit("Sandstone", 1.0, 33, 0.40, (0.98, 1.0, 1.06, 1.05)),
    8: Unit("Granite", 0.55, 37, 0.15, (1.12, 1.1, 1.08, 1.05)),
}
ALLUVIUM, GRANITE = 1, 8
SEQUENCE = np.array([6, 3, 5, 7, 4, 3, 2], np.uint8)  # from bottom to top of the pile
BOUNDARIES = np.array([-2.3, -1.5, -0.7, 0.1, 1.0, 1.7])
BED_METRES = 1600.0  # elevation that equals one step of stratigraphic level


def by_unit(attribute: str) -> np.ndarray:
    """Table indexed by unit code (0 unused) of one attribute of the units."""
    values = [getattr(UNITS[code], attribute) for code in sorted(UNITS)]
    return np.array([np.zeros_like(values[0]), *values], np.float64)


@dataclass(frozen=True)
class Stratigraphy:
    """Folded beds and an intrusion; the unit depends on height, so relief cuts across the beds."""

    level: np.ndarray
    intrusion: np.ndarray

    def at(self, elevation: np.ndarray) -> np.ndarray:
        """Unit code at each cell's elevation in metres, uint8."""
        bed = np.digitize(self.level + (elevation - 2000) / BED_METRES, BOUNDARIES)
        return np.where(self.intrusion, np.uint8(GRANITE), SEQUENCE[bed])


def stratigraphy(size: int, spacing: float, seed: int) -> Stratigraphy:
    """Plunging folds, three faults and a granite intrusion on a (size, size) grid."""
    draw = generator(seed, "stratigraphy")
    extent = np.sqrt(size * spacing / REFERENCE_WIDTH)  # a small scene shows more than one bed
    y, x = np.mgrid[:size, :size].astype(np.float32) * (extent / size)
    strike = np.radians(draw.choice([-1, 1]) * draw.uniform(14, 38))
    across = x * np.cos(strike) + y * np.sin(strike)
    across = across + 0.05 * broad_field(size, seed, "fold bend", 3.2, order=3)
    wavelength, phase = draw.uniform(0.42, 0.55), draw.uniform(0, 6)
    level = 1.9 * np.sin(2 * np.pi * across / wavelength + phase)
    level += 1.1 * (y - 0.5) + 0.55 * broad_field(size, seed, "bed height", 3.2, order=3)
    for k in range(3):
        angle = strike + draw.normal(0, 0.25)
        trace = x * np.cos(angle) + y * np.sin(angle)
        trace = trace + 0.022 * broad_field(size, seed, f"fault {k}", 3.2, order=3)
        throw = draw.choice([-1, 1]) * draw.uniform(0.5, 1.2)
        level += throw * (trace > draw.uniform(0.2, 0.8) * extent)
    return Stratigraphy(level, intrusion(size, seed, draw, x, y, extent))


def intrusion(size, seed, draw, x, y, extent) -> np.ndarray:
    """A granite body: a stretched, ragged patch with apophyses rather than a disc."""
    dx, dy = x - draw.uniform(0.1, 0.9) * extent, y - draw.uniform(0.1, 0.9) * extent
    turn = draw.uniform(0, np.pi)
    along, aside = dx * np.cos(turn) + dy * np.sin(turn), dy * np.cos(turn) - dx * np.sin(turn)
    reach = np.hypot(along / 1.5, aside * 1.25)
    return reach + 0.045 * broad_field(size, seed, "intrusion", 2.6, order=3) < 0.115
