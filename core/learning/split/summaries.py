"""What a tile is like, in a few figures a factor: cheap enough for the pass that counts its pixels.

A continuous factor gives mean and standard deviation, a bearing the means of its sine and cosine,
a classified one the share of each class.
"""

from dataclasses import dataclass

import numpy as np

from core.scene.store import Scene, SceneFactor

# A legend longer than this is summarised as plain numbers: most of its classes are rare.
MOST_CLASSES = 32


@dataclass(frozen=True)
class Form:
    """How one factor is summarised; `codes` of its classes, empty unless it is classified."""

    kind: str
    codes: tuple[float, ...] = ()

    @property
    def columns(self) -> int:
        return len(self.codes) or 2

    def of(self, values: np.ndarray) -> np.ndarray:
        """Summarise the values (n,) of a tile's pixels, NaN where there are none."""
        known = values[np.isfinite(values)].astype(np.float64)
        if not len(known):
            return np.full(self.columns, np.nan)
        if self.codes:
            return np.array([(known == code).mean() for code in self.codes])
        if self.kind == "circular":
            angles = np.radians(known)
            return np.array([np.sin(angles).mean(), np.cos(angles).mean()])
        return np.array([known.mean(), known.std()])


def forms(scene: Scene) -> tuple[Form, ...]:
    """How each factor of a scene is summarised, in its order."""
    return tuple(_form(item) for item in scene.factors)


def _form(item: SceneFactor) -> Form:
    legend = item.legend or {}
    if item.kind == "categorical" and 2 <= len(legend) <= MOST_CLASSES:
        return Form(item.kind, tuple(sorted(float(code) for code in legend)))
    return Form(item.kind)


def factor_of(described: tuple[Form, ...]) -> np.ndarray:
    """int (columns,): the number of the factor that each column belongs to.

    >>> factor_of((Form("continuous"), Form("categorical", (1.0, 2.0, 5.0)))).tolist()
    [0, 0, 1, 1, 1]
    """
    return np.repeat(np.arange(len(described)), [form.columns for form in described])


def summarise(described: tuple[Form, ...], pixels: np.ndarray) -> np.ndarray:
    """float64 (columns,): the summaries of a tile's valid pixels (factors, n).

    >>> summarise((Form("continuous"),), np.array([[1.0, 3.0, np.nan]])).tolist()
    [2.0, 1.0]
    """
    return np.concatenate([form.of(values) for form, values in zip(described, pixels)])
