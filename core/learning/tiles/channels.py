"""Channels: how factors become numbers a network can take.

`paper` coding takes every factor as it is, class codes and bearings included. `recommended` coding
makes one channel a class (0 / 1) and sine and cosine of every bearing.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from core.errors import SlideScopeError
from core.factors import MOTION, in_order
from core.scene import datasets
from core.scene.store import Scene, SceneFactor

DATASETS = datasets.PREDEFINED


@dataclass(frozen=True)
class Channel:
    """One input plane: `factor` as it is, its sine or cosine, or its class `code` as 0 / 1."""

    factor: str
    form: str = "value"
    code: float | None = None
    unit: str = ""

    @property
    def scaled(self) -> bool:
        """Whether a z-score belongs on it."""
        return self.form == "value"


def dataset_factors(scene: Scene, dataset: str) -> tuple[str, ...]:
    """Factors of a dataset in channel order: `rs` = all but deformation, `rs-dr` = all, another
    name = a stored list (`core.scene.datasets`)."""
    if dataset not in DATASETS:
        return datasets.of_scene(scene, dataset)
    if dataset == "rs-dr" and not scene.has_deformation:
        raise SlideScopeError(
            f"Scene '{scene.name}' has no deformation rate: dataset rs-dr needs one; train with "
            "--dataset rs or import the scene again with --deformation."
        )
    names = in_order(scene.factor_names)
    return names if dataset == "rs-dr" else tuple(n for n in names if n not in MOTION)


def channels_of(factors: Sequence[SceneFactor], coding: str) -> tuple[Channel, ...]:
    """Return the channels of `factors` in `coding`, in order."""
    if coding not in ("paper", "recommended"):
        raise SlideScopeError(
            f"Unknown coding '{coding}': it must be paper or recommended; choose one."
        )
    found: list[Channel] = []
    for item in factors:
        if coding == "recommended" and item.kind == "categorical":
            found += [Channel(item.name, "class", float(code)) for code in item.legend or {}]
        elif coding == "recommended" and item.kind == "circular":
            found += [Channel(item.name, "sine"), Channel(item.name, "cosine")]
        else:
            found.append(Channel(item.name, unit=item.unit))
    return tuple(found)


def encode(values: np.ndarray, names: Sequence[str], channels: Sequence[Channel]) -> np.ndarray:
    """Return float32 (..., channels) from factor values (..., factors); NaN stays NaN."""
    planes = [_plane(values[..., list(names).index(c.factor)], c) for c in channels]
    return np.stack(planes, axis=-1).astype(np.float32)


def _plane(values: np.ndarray, channel: Channel) -> np.ndarray:
    if channel.form == "class":
        return np.where(np.isnan(values), np.nan, values == channel.code)
    if channel.form == "sine":
        return np.sin(np.radians(values))
    if channel.form == "cosine":
        return np.cos(np.radians(values))
    return values


def to_json(channels: Sequence[Channel]) -> list[dict]:
    return [asdict(c) for c in channels]


def from_json(value: list[dict]) -> tuple[Channel, ...]:
    return tuple(Channel(**c) for c in value)
