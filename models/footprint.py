"""A trained network for windows larger than its tiles: CBAM looks no further than a tile.

CBAM's channel gate and squeeze-and-excitation pool over their whole input. In a window larger than
the training tile they would see other statistics than in training and answer differently (F1 .65
on 128 px windows, .28 on 1024 px ones in one of our measurements of CBAM). Here every pixel's gate
pools over the tile-sized footprint around it instead, with the same weights. On one tile the two
are the same.
"""

import keras
import numpy as np
from keras import layers, ops

BLOCK = 32  # pixels between neighbouring footprints; windows must start on multiples of it


def widen(network, height, width, tile, dropout=False):
    """`network` for windows (height, width, channels), with the same weights.

    `height`, `width` and `tile` are multiples of 32 pixels. `dropout=True` keeps dropout at work
    in prediction (Gal and Ghahramani 2016); batch normalisation stays in inference mode.
    """
    footprint = min(tile, height), min(tile, width)

    def call(layer, *args, **kwargs):
        if isinstance(layer, keras.Model):
            return widen(layer, height, width, tile, dropout)(*args)
        if isinstance(layer, layers.Dropout) and dropout:
            return KeptDropout(layer.rate)(*args)
        if isinstance(layer, SqueezePool):
            x = args[0]
            window = tuple(side // BLOCK for side in footprint)
            return FootprintMeans(BLOCK // (height // x.shape[1]), window)(x)
        if isinstance(layer, (layers.GlobalAveragePooling2D, layers.GlobalMaxPooling2D)):
            return args[0]  # FootprintPools does both, where they are put together
        if isinstance(layer, layers.Concatenate) and layer.axis == 1:
            x = args[0][0]
            scale = height // x.shape[1]
            window = tuple(side // BLOCK for side in footprint)
            return FootprintPools(BLOCK // scale, window)(x)
        if isinstance(layer, layers.Multiply) and is_spread(*args[0]):
            x, gate = args[0]
            scale = height // x.shape[1]
            return SpreadGate(BLOCK // scale)([x, gate])
        return layer(*args, **kwargs)

    inputs = keras.Input((height, width, network.input_shape[-1]))
    # The layers themselves, not copies: a widened network shares its weights.
    return keras.models.clone_model(
        network, inputs, clone_function=lambda layer: layer, call_function=call
    )


def is_spread(x, gate):
    """Whether `gate` holds weights of channels, one for each footprint, to be spread over x."""
    squeezed = gate.shape[-1] == x.shape[-1] > 1 and gate.shape[1:3] != x.shape[1:3]
    return len(gate.shape) == 5 or squeezed


class SqueezePool(layers.GlobalAveragePooling2D):
    """The mean that squeeze-and-excitation weighs its channels by (Hu et al. 2018).

    Over a tile; in a larger window over the footprint around each pixel, as CBAM's.
    """


class KeptDropout(layers.Dropout):
    """Dropout in prediction, too. A functional network would override `training=True` given to
    Keras's own layer."""

    def call(self, inputs, training=None):
        return super().call(inputs, training=True)


class FootprintPools(layers.Layer):
    """Mean and maximum over every footprint of `window` (rows, columns) blocks of `block` pixels.

    (batch, height, width, channels) -> (batch, 2, P, Q, channels), P = height / block - rows + 1.
    """

    def __init__(self, block, window, **kwargs):
        super().__init__(trainable=False, **kwargs)
        self.block, self.window = block, window

    def call(self, x):
        mean = ops.average_pool(x, self.block, self.block)
        peak = ops.max_pool(x, self.block, self.block)
        mean = ops.average_pool(mean, self.window, 1)
        return ops.stack([mean, ops.max_pool(peak, self.window, 1)], axis=1)


class FootprintMeans(layers.Layer):
    """The mean alone: (batch, height, width, channels) -> (batch, P, Q, channels)."""

    def __init__(self, block, window, **kwargs):
        super().__init__(trainable=False, **kwargs)
        self.block, self.window = block, window

    def call(self, x):
        return ops.average_pool(ops.average_pool(x, self.block, self.block), self.window, 1)


class SpreadGate(layers.Layer):
    """x times its gates, interpolated between the footprints' centres.

    [(batch, height, width, channels), (batch, [1,] P, Q, channels)] -> the shape of the first.
    """

    def __init__(self, block, **kwargs):
        super().__init__(trainable=False, **kwargs)
        self.block = block

    def call(self, inputs):
        x, gate = inputs
        rows, columns, channels = gate.shape[-3:]
        down = interpolation(x.shape[1], rows, self.block)
        gate = ops.matmul(down, ops.reshape(gate, (-1, rows, columns * channels)))
        gate = ops.reshape(gate, (-1, x.shape[1], columns, channels))
        return x * ops.matmul(interpolation(x.shape[2], columns, self.block), gate)


def interpolation(length, footprints, block):
    """float32 (length, footprints): how much of each footprint's gate a pixel takes.

    A pixel between two centres takes from both; one nearer to the border than the outermost
    centre takes that footprint's gate as it is.

    >>> interpolation(4, 2, 2).tolist()
    [[1.0, 0.0], [0.75, 0.25], [0.25, 0.75], [0.0, 1.0]]
    """
    border = (length - (footprints - 1) * block) / 2
    at = np.clip((np.arange(length) + 0.5 - border) / block, 0, footprints - 1)
    return np.maximum(0, 1 - np.abs(at[:, None] - np.arange(footprints))).astype(np.float32)
