"""Classes of categorical factors by name: two scenes may give one rock two codes."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace

import numpy as np

from core.scene.store import Scene

Legend = Mapping[str, str]


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
