"""The same start for networks that are compared.

With one seed every layer of a network starts the same, whatever the channels, for Keras draws a
layer's seed from its place alone. Only the first kernel has another shape on RS than on RS-DR, and
so other numbers. Here each of its channels is drawn for itself: what both datasets hold starts
equal.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from core.factors import MOTION
from core.learning.networks import network
from core.learning.tiles.channels import Channel
from models.keras_inside import flat_layers

# Standard deviation of a normal distribution cut off at two: what He initialisation divides by.
CUT_STD = 0.87962566103423978


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
