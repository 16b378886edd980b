"""What the factors say on the pixels of one landslide, added up strip by strip."""

import math
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from rasterio.windows import Window

from core.factors import DEFORMATION, LITHOLOGY
from core.scene.store import Scene

SLOPE, ASPECT = "slope", "aspect"
MEASURED = (DEFORMATION, SLOPE, ASPECT, LITHOLOGY)


@dataclass
class Profile:
    """Sums of one landslide so far; pixels without data in a factor are not counted in it.

    `sums` and `pixels` by factor (aspect: the sum of unit vectors, east + north i); `extreme` the
    deformation rate furthest from 0; `classes` pixels by lithology code.
    """

    sums: dict[str, complex] = field(default_factory=dict)
    pixels: dict[str, int] = field(default_factory=dict)
    extreme: float = 0.0
    classes: Counter = field(default_factory=Counter)

    def take(self, other: "Profile") -> None:
        for name, total in other.sums.items():
            self.sums[name] = self.sums.get(name, 0) + total
            self.pixels[name] = self.pixels.get(name, 0) + other.pixels[name]
        self.extreme = max(self.extreme, other.extreme, key=abs)
        self.classes.update(other.classes)

    def row(self, scene: Scene) -> dict[str, float | str | None]:
        """The columns of a table, in the factors' units: None where no pixel has data."""
        row: dict[str, float | str | None] = {}
        for name in measured(scene):
            known = self.pixels.get(name, 0)
            if name == LITHOLOGY:
                row[LITHOLOGY] = majority(self.classes, scene.factor(name).legend)
            elif name == ASPECT:
                row["aspect_mean"] = bearing(self.sums[name]) if known else None
            else:
                row[f"{name}_mean"] = self.sums[name].real / known if known else None
            if name == DEFORMATION:
                row["deformation_extreme"] = self.extreme if known else None
        return row


def measured(scene: Scene) -> tuple[str, ...]:
    """The factors of the scene that a polygon tells of."""
    return tuple(name for name in MEASURED if name in scene.factor_names)


def columns(scene: Scene) -> dict[str, type]:
    """Names and types of a row's columns."""
    return {name: str if name == LITHOLOGY else float for name in Profile().row(scene)}


def bearing(vector: complex) -> float | None:
    """Direction in degrees of a sum of unit vectors, None where they cancel out.

    >>> round(bearing(complex(-0.1, 1.0)), 1), bearing(0j)
    (354.3, None)
    """
    if abs(vector) < 1e-9:
        return None
    return math.degrees(math.atan2(vector.real, vector.imag)) % 360


def majority(classes: Counter, legend: dict[str, str] | None) -> str | None:
    """Name of the class with the most pixels; of equals the one with the lower code.

    >>> majority(Counter({2: 5, 1: 5, 7: 1}), {"1": "shale"})
    'shale'
    """
    if not classes:
        return None
    code = min(classes, key=lambda code: (-classes[code], code))
    return (legend or {}).get(f"{code:g}", f"{code:g}")


def measure_of(scene: Scene):
    """The `outlining.Measure` of a scene."""
    names = measured(scene)

    def measure(window: Window, labels: np.ndarray, count: int) -> list[Profile]:
        found = [Profile() for _ in range(count)]
        inside = labels > 0
        which = labels[inside] - 1
        values = scene.read(names, window)[inside] if names else np.empty((len(which), 0))
        for name, column in zip(names, values.T):
            known = np.isfinite(column)
            _add(found, name, which[known], column[known].astype(np.float64))
        return found

    return measure


def _add(found: list[Profile], name: str, which: np.ndarray, values: np.ndarray) -> None:
    if name == LITHOLOGY:
        pairs, pixels = np.unique(np.stack([which, values]), axis=1, return_counts=True)
        for (number, code), n in zip(pairs.T, pixels):
            found[int(number)].classes[float(code)] += int(n)
        return
    count = len(found)
    pixels = np.bincount(which, minlength=count)
    if name == ASPECT:
        turn = np.radians(values)
        east, north = (np.bincount(which, f(turn), minlength=count) for f in (np.sin, np.cos))
        sums = east + 1j * north
    else:
        sums = np.bincount(which, values, minlength=count)
    if name == DEFORMATION:
        furthest = np.zeros(count)
        order = np.argsort(np.abs(values), kind="stable")
        # Of several values for one index the last is kept: the furthest from 0.
        furthest[which[order]] = values[order]
    for number in np.flatnonzero(pixels):
        found[number].sums[name] = complex(sums[number])
        found[number].pixels[name] = int(pixels[number])
        if name == DEFORMATION:
            found[number].extreme = float(furthest[number])
