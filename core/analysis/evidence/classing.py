"""Into which classes a factor's values are put before evidence is taken of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from core.analysis.evidence import breaks
from core.analysis.evidence.explorer import by_code, by_cuts, class_row
from core.analysis.one_pass.histogram import FineHistogram
from core.errors import SlideScopeError
from core.scene.store import SceneFactor

SECTORS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")


@dataclass(frozen=True)
class Classing:
    """`method` of `breaks.py` and number of `classes` of numeric factors; `own`: breaks by factor,
    in its unit, instead. Bearings have eight sectors, classes are their own."""

    method: str = "quantile"
    classes: int = 10
    own: Mapping[str, tuple[float, ...]] = field(default_factory=dict)

    def rows(self, factor: SceneFactor, fine: FineHistogram) -> list[dict]:
        """Return {label, pixels, landslide_pixels, share} of every class, with {code} or {low,
        high} where it has one."""
        if factor.name in self.own:
            return by_cuts(fine, breaks.own(fine, self.own[factor.name]))
        if factor.kind == "categorical":
            return by_code(factor, fine)
        if factor.kind == "circular":
            return by_sector(fine)
        return by_cuts(fine, breaks.breaks(fine, self.method, self.classes))

    def method_of(self, factor: SceneFactor) -> str:
        if factor.name in self.own:
            return "own"
        kinds = {"categorical": "classes", "circular": "sectors"}
        return kinds.get(factor.kind, self.method)

    def to_json(self) -> dict:
        own = {name: list(values) for name, values in self.own.items()}
        return {"method": self.method, "classes": self.classes, "own": own}


def by_sector(fine: FineHistogram) -> list[dict]:
    """Eight sectors of 45°, the first around north, of the bins' middles.

    >>> fine = FineHistogram(0.0, 90.0, np.array([[4, 0, 1, 2], [1, 0, 0, 0]]))
    >>> [(row["label"], row["pixels"]) for row in by_sector(fine)]
    [('NE', 5), ('SW', 1), ('NW', 2)]
    """
    middle = fine.low + fine.width * (np.arange(fine.counts.shape[1]) + 0.5)
    sector = ((middle + 22.5) // 45).astype(int) % len(SECTORS)
    counts = np.stack([np.bincount(sector, row, len(SECTORS)) for row in fine.counts])
    return [class_row(name, c) for name, c in zip(SECTORS, counts.T) if c.sum()]


def parse_own(texts: Sequence[str], names: Sequence[str]) -> dict[str, tuple[float, ...]]:
    """Read FACTOR=A,B,C of every text.

    >>> parse_own(["slope=0,15,30"], ["slope"])
    {'slope': (0.0, 15.0, 30.0)}
    """
    found = {}
    for text in texts:
        name, _, numbers = text.partition("=")
        if name not in names:
            raise SlideScopeError(
                f"Class breaks '{text}' are of no factor here: the scene has {', '.join(names)}; "
                "give FACTOR=NUMBER,NUMBER."
            )
        try:
            found[name] = tuple(float(word) for word in numbers.split(","))
        except ValueError:
            raise SlideScopeError(
                f"Invalid class breaks '{text}': they are numbers in rising order with commas "
                "between them; give such as slope=0,15,30."
            ) from None
    return found
