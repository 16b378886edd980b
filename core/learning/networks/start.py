"""Start from a trained network: what fits stays, what is new starts at nothing.

runs/<id>/start/    a copy of the network that the run went on from: the other run may be deleted
"""

import hashlib
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core import atomic, paths
from core.errors import SlideScopeError
from core.factors import MOTION
from core.learning.networks import network
from core.learning.networks.card import SIGN, ModelCard, other_unit
from core.learning.tiles.channels import Channel, dataset_factors
from core.runs import run_files
from core.runs import store as runs
from core.scene.store import Scene
from models import catalogue
from models.keras_inside import flat_layers

# Standard deviation of a normal distribution cut off at two: what He initialisation divides by.
CUT_STD = 0.87962566103423978


FOLDER = "start"


@dataclass(frozen=True)
class StartNetwork:
    """A trained network to go on from: the folder that holds model.json and the weights."""

    run: str
    folder: Path
    card: ModelCard

    def copy_to(self, run_folder: Path) -> None:
        shutil.copytree(self.folder, run_folder / FOLDER)


def source(run_id: str) -> StartNetwork:
    """Return the network of a run, a loaded file's included, or of a shipped folder."""
    name = paths.known_name(run_id)
    for folder in (paths.runs_folder() / name, paths.PRETRAINED / name):
        value = atomic.read_json(folder / "model" / run_files.MODEL_CARD)
        if value is not None:
            return StartNetwork(name, folder / "model", ModelCard.from_json(value))
    raise SlideScopeError(
        f"No trained network '{run_id}' to start from: `python -m core runs` lists the runs; "
        "choose one that has finished an epoch."
    )


def check(
    begun: StartNetwork, model: str, preset: str, scene: Scene, factors: Sequence[str]
) -> None:
    """Raise a SlideScopeError unless a training of `model` on `factors` can go on from `begun`."""
    card = begun.card
    if (card.model, card.preset) != (model, preset):
        raise SlideScopeError(
            f"Run '{begun.run}' cannot be started from: it is a {_title(card.model)} "
            f"({card.preset}), asked for is a {_title(model)} ({preset}), and only the same "
            f"network has the same layers; give --model {card.model} --preset {card.preset}."
        )
    shared = [name for name in factors if name in card.factors]
    if not shared:
        raise SlideScopeError(
            f"Run '{begun.run}' cannot be started from: it knows {', '.join(card.factors)}, the "
            f"training has {', '.join(factors)}, and one of them must be the same; choose another "
            "run."
        )
    if other := other_unit(card, scene, shared):
        name, mine, theirs = other
        raise SlideScopeError(
            f"Run '{begun.run}' cannot be started from: it learned {name} in {mine}, scene "
            f"'{scene.name}' has it in {theirs}; convert the raster and import it again."
        )
    if card.line_of_sight not in (None, SIGN):
        raise SlideScopeError(
            f"Run '{begun.run}' cannot be started from: its deformation rate is "
            f"'{card.line_of_sight}', that of scene '{scene.name}' is '{SIGN}'; choose another run."
        )


def _title(model: str) -> str:
    return catalogue.MODELS[model].title if model in catalogue.MODELS else model


def legends(begun: StartNetwork, scene: Scene) -> dict[str, dict[str, str]]:
    """The network's legends of the factors of which it knows a class of the scene's by name: the
    codes of the others mean something else."""
    found = {}
    for name, legend in begun.card.legends.items():
        theirs = scene.factor(name).legend if name in scene.factor_names else None
        if theirs and set(theirs.values()) & set(legend.values()):
            found[name] = legend
    return found


@dataclass(frozen=True)
class Match:
    """Factors that keep their weights, that start at nothing, and that are dropped."""

    kept: tuple[str, ...]
    new: tuple[str, ...]
    dropped: tuple[str, ...]

    @property
    def words(self) -> str:
        """
        >>> Match(("slope",), ("nir",), ()).words
        'keeps its weights for slope; new, starting at nothing: nir'
        """
        found = f"keeps its weights for {', '.join(self.kept)}"
        found += f"; new, starting at nothing: {', '.join(self.new)}" if self.new else ""
        return found + (f"; dropped: {', '.join(self.dropped)}" if self.dropped else "")


def match(card: ModelCard, factors: Sequence[str], theirs: Mapping[str, Any]) -> Match:
    """What becomes of the factors; `theirs`: the legends of the training."""
    kept = tuple(name for name in factors if name in card.factors and _known(card, name, theirs))
    new = tuple(name for name in factors if name not in kept)
    return Match(kept, new, tuple(name for name in card.factors if name not in factors))


def _known(card: ModelCard, name: str, theirs: Mapping[str, Any]) -> bool:
    """A categorical factor without a common class is another factor of that name."""
    mine, other = card.legends.get(name), theirs.get(name)
    return not (mine and other) or bool(set(mine.values()) & set(other.values()))


def choices(scene: Scene, model: str, dataset: str, preset: str) -> dict[str, Match]:
    """Return {run: what becomes of its factors} of the networks that a training can go on from:
    runs, newest first, then what came with the software."""
    factors = dataset_factors(scene, dataset)
    theirs = network.legends(scene, factors)
    found = {}
    for begun in _alike(model, preset):
        with suppress(SlideScopeError):
            check(begun, model, preset, scene, factors)
            found[begun.run] = match(begun.card, factors, theirs)
    return found


def _alike(model: str, preset: str) -> Iterator[StartNetwork]:
    """The networks of that model and preset. Of a thousand runs only what lists remember of their
    cards is looked at."""
    ours = [(run.id, run.path / "model", run.model_card()) for run in runs.runs()]
    mine = {run_id for run_id, _, card in ours if card}
    for run_id, folder, value in (*ours, *_shipped(mine)):
        if value and (value.get("model"), value.get("preset")) == (model, preset):
            yield StartNetwork(run_id, folder, ModelCard.from_json(value))


def _shipped(but: Collection[str]) -> Iterator[tuple[str, Path, dict | None]]:
    for config in sorted(paths.PRETRAINED.glob("*/config.json")):
        folder = config.parent / "model"
        if config.parent.name not in but:
            yield config.parent.name, folder, atomic.read_json(folder / run_files.MODEL_CARD)


def carry_over(
    built: Any,
    channels: Sequence[Channel],
    theirs: Mapping[str, Any],
    folder: Path,
    keep_zscore: bool,
) -> Match:
    """Put the weights of the network in `folder` into the untrained `built`.

    Every layer keeps its weights but the first kernel, of which channels keep theirs one by one
    (`theirs`: legends of the training); new ones are zero, so that they say nothing at first. With
    `keep_zscore` the channels that are kept keep their mean and deviation too.
    """
    begun, card = network.load(folder)
    factors = tuple(dict.fromkeys(channel.factor for channel in channels))
    found = match(card, factors, theirs)
    known = {_key(c, card.legends): i for i, c in enumerate(card.channels)}
    places = [known.get(_key(c, theirs)) if c.factor in found.kept else None for c in channels]
    first = first_layer(built, len(channels))
    for mine, old in zip(_layers(built), _layers(begun), strict=True):
        if hasattr(mine, "mean") and hasattr(mine, "std"):
            if keep_zscore:
                for name in ("mean", "std"):
                    _put(getattr(mine, name), getattr(old, name), places, axis=-1)
        elif mine is first:
            kernel = np.zeros(mine.kernel.shape, np.float32)
            for place, where in enumerate(places):
                if where is not None:
                    kernel[:, :, place] = np.asarray(old.kernel)[:, :, where]
            mine.kernel.assign(kernel)
            if mine.use_bias:
                mine.bias.assign(np.asarray(old.bias))
        else:
            for weight, value in zip(mine.weights, old.weights, strict=True):
                weight.assign(np.asarray(value))
    return found


def _put(weight: Any, old: Any, places: Sequence[int | None], axis: int) -> None:
    values, theirs = np.array(weight), np.asarray(old)
    for place, where in enumerate(places):
        if where is not None:
            values[..., place] = theirs[..., where]
    weight.assign(values)


def _key(channel: Channel, legends: Mapping[str, Any]) -> tuple:
    """A class is known by its name, not by its code."""
    legend = legends.get(channel.factor) or {}
    code = channel.code if channel.code is None else f"{channel.code:g}"
    return channel.factor, channel.form, legend.get(code, code)


def _layers(built: Any) -> list[Any]:
    """Layers with weights, in order; dropout's random state is none of them."""
    keras = network.keras()
    whole = (keras.layers.Dropout, keras.Model)
    return [layer for layer in flat_layers(built) if layer.weights and not isinstance(layer, whole)]


def start_alike(built: Any, channels: Sequence[Channel], seed: int) -> None:
    """Draw the first kernel of an untrained network anew, as `first_kernel` does."""
    kernel = first_layer(built, len(channels)).kernel
    kernel.assign(first_kernel(tuple(kernel.shape), channels, seed))


def first_layer(built: Any, channels: int) -> Any:
    """The convolution that the channels go into."""
    keras = network.keras()
    convolution = keras.layers.Conv2D
    layers = (layer for layer in flat_layers(built) if isinstance(layer, convolution))
    return next(layer for layer in layers if layer.kernel.shape[2] == channels)


def first_kernel(shape: tuple[int, ...], channels: Sequence[Channel], seed: int) -> np.ndarray:
    """Return a He-normal kernel, float32 `shape` (rows, columns, channels, filters).

    A channel's numbers depend on its name and the seed. The scale counts the channels without the
    deformation rate: it must not differ between the datasets.

    >>> rs = (Channel("red"), Channel("slope"))
    >>> a = first_kernel((3, 3, 2, 4), rs, seed=1)
    >>> b = first_kernel((3, 3, 3, 4), (*rs, Channel("deformation")), seed=1)
    >>> bool((a == b[:, :, :2]).all())
    True
    """
    rows, columns, _, filters = shape
    shared = sum(channel.factor not in MOTION for channel in channels) or 1
    scale = np.sqrt(2 / (rows * columns * shared)) / CUT_STD
    planes = [_cut_normal((rows, columns, filters), _rng(c, seed)) for c in channels]
    return (scale * np.stack(planes, axis=2)).astype(np.float32)


def _rng(channel: Channel, seed: int) -> np.random.Generator:
    name = f"{channel.factor} {channel.form} {channel.code}"
    digest = hashlib.sha256(name.encode()).digest()
    return np.random.default_rng([seed, int.from_bytes(digest[:8], "big")])


def _cut_normal(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Standard normal numbers, those beyond two drawn again."""
    values = rng.standard_normal(shape)
    while (beyond := np.abs(values) > 2).any():
        values[beyond] = rng.standard_normal(int(beyond.sum()))
    return values
