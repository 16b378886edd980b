"""Channels: how factors become numbers a network can take.

`paper` coding takes every factor as it is, class codes and bearings included. `recommended` coding
makes one channel a class (0 / 1) and sine and cosine of every bearing.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields, replace

import numpy as np

from core.errors import SlideScopeError
from core.factors import MOTION, QUALITY, in_order
from core.scene import datasets
from core.scene.store import Scene, SceneFactor

Legend = Mapping[str, str]


@dataclass(frozen=True)
class Recoded(Scene):
    """A scene whose categorical factors read in the codes of other legends; `codes`: {factor:
    {its own code: code that is read}}."""

    codes: dict[str, dict[float, float]] = field(default_factory=dict)

    @contextmanager
    def reading(self, names: Sequence[str] | None = None) -> Iterator:
        wanted = self.factor_names if names is None else tuple(names)
        with super().reading(wanted) as read:
            yield lambda window=None: self._mapped(read(window), wanted)

    def _mapped(self, values: np.ndarray, names: Sequence[str]) -> np.ndarray:
        for band, name in enumerate(names):
            own = values[band].copy()
            for code, other in self.codes.get(name, {}).items():
                values[band][own == code] = other
        return values


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
    name = a stored list (`core.scene.datasets`). What tells of the rate's quality is no factor."""
    if dataset not in DATASETS:
        return datasets.of_scene(scene, dataset)
    if dataset == "rs-dr" and not scene.has_deformation:
        raise SlideScopeError(
            f"Scene '{scene.name}' has no deformation rate: dataset rs-dr needs one; train with "
            "--dataset rs or import the scene again with --deformation."
        )
    names = in_order(name for name in scene.factor_names if name not in QUALITY)
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


def joined(legends: Sequence[Legend]) -> dict[str, str]:
    """Return one legend, code -> name, with every class of `legends` once; codes of earlier ones
    stay, a later class keeps its code where that is free.

    >>> joined([{"1": "shale", "2": "granite"}, {"1": "granite", "2": "basalt"}])
    {'1': 'shale', '2': 'granite', '3': 'basalt'}
    """
    found: dict[str, str] = {}
    for legend in legends:
        for code, name in legend.items():
            if name not in found.values():
                found[_free(code, found)] = name
    return found


def _free(code: str, taken: Legend) -> str:
    if code not in taken:
        return code
    return f"{max(float(c) for c in taken) + 1:g}"


def changes(theirs: Legend, wanted: Legend) -> dict[float, float]:
    """Return {their code: code in `wanted`} of the classes that have another one there; a class
    that `wanted` does not have gets a code that nothing else has.

    >>> changes({"1": "granite", "4": "basalt"}, {"1": "shale", "2": "granite"})
    {1.0: 2.0}
    """
    names = {name: code for code, name in joined([wanted, theirs]).items()}
    return {float(code): float(names[name]) for code, name in theirs.items() if names[name] != code}


def recoded(scene: Scene, legends: Mapping[str, Legend]) -> Scene:
    """Return the scene as a network with `legends` (factor -> code -> name) wants it read; the
    scene itself where nothing differs."""
    codes, factors = {}, []
    for item in scene.factors:
        wanted = legends.get(item.name)
        if wanted and item.legend and dict(wanted) != item.legend:
            changed = changes(item.legend, wanted)
            if changed:
                codes[item.name] = changed
            item = replace(item, legend=joined([wanted, item.legend]))
        factors.append(item)
    if not codes:
        return replace(scene, factors=tuple(factors))
    plain = {f.name: getattr(scene, f.name) for f in fields(Scene)}
    return Recoded(**{**plain, "factors": tuple(factors)}, codes=codes)


def of_scenes(
    scenes: Sequence[Scene], names: Sequence[str], first: Mapping[str, Legend]
) -> dict[str, dict[str, str]]:
    """Return {factor: legend} that serves all `scenes` for the factors `names`; the codes of
    `first` (a network that is gone on from) stay."""
    found = {}
    for name in names:
        legends = [first.get(name, {}), *(scene.factor(name).legend or {} for scene in scenes)]
        together = joined(legends)
        if together:
            found[name] = together
    return found
