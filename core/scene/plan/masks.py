"""A raster as an inventory: which of its values mean landslide, and which that nothing is known."""

from dataclasses import dataclass

import numpy as np

from core.errors import SlideScopeError
from core.scene.files.raster import Raster
from core.scene.files.sampling import Sample
from core.scene.plan import voids

ANY = "any"
SHOWN, HALF = 8, 0.5


@dataclass(frozen=True)
class Meaning:
    """`landslide`: the values that mean it, None: every value but 0 and `ignored`; `known`: whether
    any other value than 0 and these is a surprise; `notes` about what was decided."""

    landslide: tuple[float, ...] | None
    ignored: tuple[float, ...] = ()
    known: bool = False
    notes: tuple[str, ...] = ()

    def is_landslide(self, values: np.ndarray) -> np.ndarray:
        """Where float32 values, NaN = no data, mean a landslide.

        >>> Meaning((1.0,), (255.0,)).is_landslide(np.array([0.0, 1.0, 255.0, np.nan])).tolist()
        [False, True, False, False]
        """
        if self.landslide is None:
            return np.isfinite(values) & (values != 0) & ~np.isin(values, self.ignored)
        return np.isin(values, self.landslide)

    def surprises(self, values: np.ndarray) -> list[float]:
        """Values that were not among the pixels looked at when this was decided."""
        if not self.known or self.landslide is None:
            return []
        other = values[np.isfinite(values) & (values != 0)]
        return np.setdiff1d(other, (*self.landslide, *self.ignored)).tolist()


def meaning(raster: Raster, sample: Sample, asked: tuple[float, ...] | str | None) -> Meaning:
    """Decide by the values of a sample; refuse what is no mask, or might be read in two ways."""
    values = sample.values
    if asked == ANY:
        return Meaning(None, tuple(v for v in np.unique(values).tolist() if v < 0))
    if isinstance(asked, tuple):
        return Meaning(asked)
    return of_values(raster.label, *np.unique(values, return_counts=True))


def of_values(file: str, values: np.ndarray, counts: np.ndarray) -> Meaning:
    """The same for the values that a mask was found to hold."""
    if (values != np.round(values)).any():
        raise _no_mask(file, float(values.min()), float(values.max()))
    found = [float(v) for v in values]
    other = [v for v in found if v != 0]
    ignored = [v for v in other if v < 0 or voids.usual(v)]
    marked = [v for v in other if v not in ignored]
    if not marked and 255.0 in ignored:
        ignored.remove(255.0)
        marked = [255.0]
    if len(marked) > 1 or (other and not marked):
        raise several(file, found)
    shares = dict(zip(found, counts / max(1, counts.sum())))
    share = sum(shares[value] for value in marked)
    told = _told(file, marked, {value: shares[value] for value in ignored}, share)
    return Meaning(tuple(marked) or None, tuple(ignored), True, told)


def _told(
    file: str, marked: list[float], ignored: dict[float, float], share_marked: float
) -> tuple[str, ...]:
    notes = []
    for value, share in ignored.items():
        both = ",".join(f"{v:g}" for v in (*marked, value))
        notes.append(
            f"inventory: {value:g} in {100 * share:.1f} % of '{file}' is taken as no data, not as "
            f"landslide; if it is one, give --landslide-value {both}."
        )
    if share_marked > HALF:
        notes.append(
            f"inventory: {100 * share_marked:.0f} % of '{file}' would be landslide: if 0 means "
            "landslide there, give --landslide-value 0."
        )
    if marked and marked[0] != 1:
        notes.append(f"inventory: {marked[0]:g} in '{file}' is taken as landslide.")
    return tuple(notes)


def _no_mask(file: str, low: float, high: float) -> SlideScopeError:
    what = "probabilities" if low >= 0 and high <= 1.0001 else "decimals"
    middle = 0.5 if what == "probabilities" else round((low + high) / 2, 3)
    return SlideScopeError(
        f"The inventory '{file}' holds {what} ({low:.3g} to {high:.3g}), a mask has 0 and another "
        "whole number on landslides: choose a threshold and make one, for example with "
        f'`gdal_calc.py -A {file} --calc="A>={middle:g}" --type=Byte --outfile=mask.tif`.'
    )


def several(file: str, found: list[float]) -> SlideScopeError:
    """The error that asks which of the values mean landslide."""
    listed = ", ".join(f"{v:g}" for v in found[:SHOWN]) + (", ..." if len(found) > SHOWN else "")
    first = next((v for v in found if v > 0), 1)
    return SlideScopeError(
        f"The inventory '{file}' holds the values {listed}: say which mean landslide with "
        f"--landslide-value {first:g} (several: {first:g},{first + 1:g}; any: every value but 0, "
        "as where landslides are numbered)."
    )
