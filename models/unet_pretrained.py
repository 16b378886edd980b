"""A U-Net on an encoder that may come from ImageNet: one more baseline."""

import keras
from keras import layers

from models import blocks, encoder
from models.batch_norm import BatchNormalization


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
