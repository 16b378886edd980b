"""An ImageNet encoder for any number of channels: EfficientNetV2-B0 of Keras's applications."""

import warnings

import keras
import numpy as np
from keras import layers

from models.footprint import SqueezePool
from models.keras_inside import flat_layers
from models.layers import BatchNormalization, Conv2D

FIRST = "stem_conv"
# The last maps at a half, a quarter, ... and a thirty-second of the resolution.
LEVELS = ("block1a_project_activation", "block2b_add", "block3b_add", "block5e_add", "block6h_add")
DROP_CONNECT = 0.2  # its own rate, for the last block; what comes before has less


def encoder(channels, tile, dropout=DROP_CONNECT):
    """The encoder (Tan and Le 2021), randomly initialised: a model of (tile, tile, channels).

    Layers, names and order of the weights are those of Keras's applications. Its batch norm and
    1x1 convolutions are ours, which compute the same; `dropout` is the share of the last block's
    images whose block is left out in training (stochastic depth), that of earlier ones is less.
    """
    with warnings.catch_warnings():
        # Keras warns of images of other than one or three channels; ours are no images.
        warnings.filterwarnings("ignore", message="This model usually expects")
        base = built((tile, tile, channels))

    def ours(layer):
        config = layer.get_config()
        if isinstance(layer, layers.BatchNormalization):
            return BatchNormalization.from_config(config)
        if type(layer) is layers.Conv2D:
            return Conv2D.from_config(config)
        if isinstance(layer, layers.Dropout):
            return layers.Dropout.from_config(
                {**config, "rate": config["rate"] * dropout / DROP_CONNECT}
            )
        if isinstance(layer, layers.GlobalAveragePooling2D):
            return SqueezePool(keepdims=True, name=layer.name)
        if isinstance(layer, layers.Reshape):  # to one pixel, which it is already
            return layers.Activation("linear", name=layer.name)
        return layer.__class__.from_config(config)

    return keras.models.clone_model(base, clone_function=ours)


def built(shape, weights=None):
    """Keras's own model without its head: `weights` None, "imagenet" (fetched where the cache has
    none) or a file."""
    return keras.applications.EfficientNetV2B0(
        include_top=False, weights=weights, input_shape=shape, include_preprocessing=False
    )


def widened(kernel, planes):
    """The first kernel float32 (rows, columns, 3, filters) for other channels than the colours.

    `planes` names for each new channel the colour (0, 1, 2) whose weights it takes. Each filter is
    then scaled so that the sum of its squares stays what it was: to channels of unit variance that
    have nothing to do with each other it answers as strongly as before.

    >>> kernel = np.array([[[[3.0], [0.0], [4.0]]]])
    >>> widened(kernel, [0, 0, 2, 2]).round(3).ravel().tolist()
    [2.121, 2.121, 2.828, 2.828]
    """
    wide = kernel[:, :, list(planes)]
    was, now = (np.sqrt((k**2).sum((0, 1, 2))) for k in (kernel, wide))
    return wide * np.divide(was, now, out=np.zeros_like(was), where=now > 0)


def take_weights(network, trained, planes):
    """Fill the encoder inside `network` (in place) with the weights of `trained`, Keras's model for
    images; `planes` as `widened` has them."""
    mine = {layer.name: layer for layer in flat_layers(network)}
    for layer in trained.layers:
        found = layer.get_weights()
        if layer.name == FIRST:
            found = [widened(found[0], planes), *found[1:]]
        if found:
            mine[layer.name].set_weights(found)
