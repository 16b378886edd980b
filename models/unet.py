"""U-Net (Ronneberger et al. 2015), with `same` padding so that output and input align."""

import keras
from keras import layers

from models import blocks


def unet(
    channels,
    tile=128,
    outputs=1,
    output_bias=0.0,
    *,
    filters=64,
    pools=4,
    dropout=0.2,
    name="unet",
):
    """U-Net without batch norm, with 2x2 transposed convolutions.

    Input (tile, tile, channels), output probabilities (tile, tile, outputs); a tile must be a
    multiple of 2 ** pools. Filters double at each pooling. Dropout stands at the end of the
    contracting path, as in the original; its rate is the landslide paper's.

    31,035,777 trainable parameters for ten channels and 64 filters, 7,762,113 for 32.
    """
    inputs = keras.Input((tile, tile, channels))
    x = inputs

    skips = []
    for level in range(pools):
        x = blocks.double_conv(x, filters * 2**level)
        skips.append(x)
        x = layers.MaxPooling2D(2)(x)

    x = blocks.double_conv(x, filters * 2**pools)
    x = layers.Dropout(dropout)(x)

    for level in reversed(range(pools)):
        x = layers.Conv2DTranspose(
            filters * 2**level, 2, strides=2, kernel_initializer="he_normal"
        )(x)
        x = layers.Concatenate()([skips[level], x])
        x = blocks.double_conv(x, filters * 2**level)

    x = blocks.score(x, outputs, output_bias)
    return keras.Model(inputs, blocks.probability(x), name=name)
