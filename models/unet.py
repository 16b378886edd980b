"""U-Net (Ronneberger et al. 2015), with `same` padding so that output and input align."""

import keras
from keras import layers

from models import blocks, encoder
from models.layers import BatchNormalization


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


def unet_pretrained(
    channels,
    tile=128,
    outputs=1,
    output_bias=0.0,
    *,
    filters=(256, 128, 64, 32, 16),
    dropout=0.2,
    momentum=0.99,
    name="unet_pretrained",
):
    """U-Net (Ronneberger et al. 2015) whose contracting path is EfficientNetV2-B0.

    Input (tile, tile, channels), output probabilities (tile, tile, outputs); a tile must be a
    multiple of 32. `filters` of the expanding path, from a sixteenth of the resolution to all of
    it; there the input itself is the skip. `dropout` is also the encoder's stochastic depth;
    `momentum` that of the expanding path's batch norm, the encoder keeps its own (.9).

    Randomly initialised; `models.encoder.take_weights` brings those of ImageNet.
    """
    contracting = encoder.encoder(channels, tile, dropout)
    inputs = contracting.input
    *skips, x = (contracting.get_layer(level).output for level in encoder.LEVELS)
    x = layers.Dropout(dropout)(x)
    for width, skip in zip(filters, [*reversed(skips), inputs], strict=True):
        x = layers.UpSampling2D(2)(x)
        x = layers.Concatenate()([x, skip])
        for _ in range(2):
            x = blocks.conv(x, width, use_bias=False)
            x = BatchNormalization(momentum=momentum)(x)
            x = layers.Activation("relu")(x)
    x = blocks.score(x, outputs, output_bias)
    return keras.Model(inputs, blocks.probability(x), name=name)
