"""Fully convolutional network (Long et al. 2015): VGG16 features, FCN-8s or FCN-32s."""

import keras
import numpy as np
from keras import layers, ops

from models import blocks

VARIANTS = ("8s", "32s")
VGG16 = ((1, 2), (2, 2), (4, 3), (8, 3), (8, 3))  # (filters / first filters, convolutions)


def fcn(
    channels,
    tile=128,
    outputs=1,
    output_bias=0.0,
    *,
    filters=32,
    fully_connected=512,
    dropout=0.2,
    variant="8s",
    name="fcn",
):
    """FCN trained from scratch: ten channels admit no ImageNet weights.

    Input (tile, tile, channels), output probabilities (tile, tile, outputs); a tile must be a
    multiple of 32. "8s" adds the scores of the third and fourth pooling to those of the fifth,
    "32s" uses the fifth alone. VGG16 has 64 first filters and 4096 "fully-connected" ones, 134 M
    parameters; the default is half the width and 512.

    10,368,805 trainable parameters for ten channels and one output.
    """
    if variant not in VARIANTS:
        raise ValueError(f"variant must be one of {VARIANTS}. Received: variant={variant!r}")
    inputs = keras.Input((tile, tile, channels))
    x = inputs

    pooled = []
    for width, convolutions in VGG16:
        for _ in range(convolutions):
            x = blocks.conv(x, width * filters, activation="relu")
        x = layers.MaxPooling2D(2)(x)
        pooled.append(x)

    for kernel in (7, 1):
        x = blocks.conv(x, fully_connected, kernel, activation="relu")
        x = layers.Dropout(dropout)(x)

    # The finest score holds the output bias: only a fixed up-sampling follows, which keeps it.
    if variant == "32s":
        x = class_score(x, outputs, output_bias)
        x = layers.UpSampling2D(32, interpolation="bilinear")(x)
    else:
        x = learned_upsampling(class_score(x, outputs))
        x = layers.Add()([x, class_score(pooled[3], outputs)])
        x = learned_upsampling(x)
        x = layers.Add()([x, class_score(pooled[2], outputs, output_bias)])
        x = layers.UpSampling2D(8, interpolation="bilinear")(x)
    return keras.Model(inputs, blocks.probability(x), name=name)


def class_score(x, outputs, bias=0.0):
    """1x1 score with zero weights at the start, as section 4.1 of Long et al. found as good."""
    return blocks.score(x, outputs, bias, kernel_initializer="zeros")


def learned_upsampling(x):
    """Double the resolution by a 4x4 transposed convolution that starts as bilinear."""
    return layers.Conv2DTranspose(
        x.shape[-1], 4, strides=2, padding="same", kernel_initializer=Bilinear()
    )(x)


@keras.saving.register_keras_serializable("slidescope")
class Bilinear(keras.initializers.Initializer):
    """Kernel of a transposed convolution that doubles each channel's resolution bilinearly."""

    def __call__(self, shape, dtype=None):
        """Kernel of `shape` (height, width, outputs, inputs); height = width = 4."""
        height, width, outputs, inputs = shape
        plane = np.outer(tent(height), tent(width))
        kernel = plane[:, :, None, None] * np.eye(outputs, inputs)
        return ops.convert_to_tensor(kernel, dtype=dtype or keras.config.floatx())


def tent(size):
    """Bilinear weights of a kernel row twice as wide as its stride.

    >>> tent(4).tolist()
    [0.25, 0.75, 0.75, 0.25]
    """
    centre = (size - 1) / 2
    return 1 - np.abs(np.arange(size) - centre) / (size / 2)
