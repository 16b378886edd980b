"""Building blocks of the four networks: small pure functions, `x = block(x, ...)`.

Tensors are (batch, height, width, channels). Every convolution has a bias and `same` padding
unless its block says otherwise.
"""

import keras
from keras import layers, ops

from models import footprint as pooling
from models.layers import BatchNormalization, Conv2D


def conv(x, filters, kernel=3, **options):
    """Convolution with He initialisation (the networks are trained from scratch)."""
    options.setdefault("kernel_initializer", "he_normal")
    return Conv2D(filters, kernel, padding="same", **options)(x)


def double_conv(x, filters):
    """Two 3x3 convolutions, each with ReLU (Ronneberger et al. 2015)."""
    x = conv(x, filters, activation="relu")
    return conv(x, filters, activation="relu")


def bn_relu_conv(x, filters, kernel, dropout, momentum):
    """The unit of FC-DenseNet: batch norm, ReLU, convolution, dropout (Jegou et al. 2017)."""
    x = BatchNormalization(momentum=momentum)(x)
    x = layers.Activation("relu")(x)
    x = conv(x, filters, kernel)
    return layers.Dropout(dropout)(x) if dropout else x


def dense_layer(x, growth, bottleneck, dropout, momentum):
    """`growth` new maps out of x, through a 1x1 compression to bottleneck x growth maps.

    Equation (3) of the paper; `bottleneck=0` leaves the compression out.
    """
    if bottleneck:
        x = bn_relu_conv(x, bottleneck * growth, 1, dropout, momentum)
    return bn_relu_conv(x, growth, 3, dropout, momentum)


def dense_block(x, depth, growth, **unit):
    """`depth` dense layers, each fed with x and the maps of all layers before it.

    Returns two tensors: x and the new maps together, and the depth x growth new maps alone. A
    caller uses one of them; Keras drops the other's concatenation from the graph.
    """
    new = []
    for _ in range(depth):
        new.append(dense_layer(x, growth, **unit))
        x = layers.Concatenate()([x, new[-1]])
    return x, layers.Concatenate()(new)


def transition_down(x, dropout, momentum):
    """Halve the resolution, keep the channels: BN-ReLU-1x1 convolution-dropout-2x2 max pool."""
    x = bn_relu_conv(x, x.shape[-1], 1, dropout, momentum)
    return layers.MaxPooling2D(2)(x)


def transition_up(x):
    """Double the resolution, keep the channels: 2x2 up-sampling, then a 3x3 convolution."""
    x = layers.UpSampling2D(2)(x)
    return conv(x, x.shape[-1], 3)


def cbam(x, reduction, name, level=1, footprint=None):
    """Convolutional block attention (Woo et al. 2018): channel gate, then spatial gate.

    With `footprint` (pixels of the network's input, a multiple of 32) the channel gate of a pixel
    pools over so many around it; x has been halved `level` - 1 times.
    """
    if footprint:
        block = pooling.BLOCK // 2 ** (level - 1)
        window = (footprint // pooling.BLOCK,) * 2
        pools = pooling.FootprintPools(block, window, name=f"{name}_channel_pools")(x)
        gate = perceptron(pools, x.shape[-1], reduction, f"{name}_channel")
        x = pooling.SpreadGate(block, name=f"{name}_channel_spread")([x, gate])
    else:
        x = layers.Multiply()([x, channel_gate(x, reduction, f"{name}_channel")])
    return layers.Multiply()([x, spatial_gate(x, f"{name}_space")])


def channel_gate(x, reduction, name):
    """One weight in (0, 1) per channel, shape (batch, 1, 1, channels).

    The mean and the maximum over space go through ONE two-layer perceptron with
    channels / reduction hidden units. Stacking them as two "rows" makes the sharing visible and
    costs one call.
    """
    mean = layers.GlobalAveragePooling2D(keepdims=True)(x)
    peak = layers.GlobalMaxPooling2D(keepdims=True)(x)
    both = layers.Concatenate(axis=1, name=f"{name}_pools")([mean, peak])
    return perceptron(both, x.shape[-1], reduction, name)


def perceptron(both, channels, reduction, name):
    """The gate out of a mean and a maximum, which lie along axis 1 of `both` (batch, 2, ...)."""
    hidden = max(1, channels // reduction)
    both = layers.Dense(hidden, activation="relu", name=f"{name}_mlp1")(both)
    both = layers.Dense(channels, name=f"{name}_mlp2")(both)
    return layers.Activation("sigmoid", name=name)(ops.sum(both, axis=1, keepdims=True))


def spatial_gate(x, name):
    """One weight in (0, 1) per pixel, shape (batch, height, width, 1).

    Maximum and mean over CHANNELS, then a 7x7 convolution without bias.
    """
    peak = ops.max(x, axis=-1, keepdims=True)
    mean = ops.mean(x, axis=-1, keepdims=True)
    both = layers.Concatenate(name=f"{name}_pools")([peak, mean])
    return conv(both, 1, 7, use_bias=False, activation="sigmoid", name=name)


def score(x, outputs, bias=0.0, **options):
    """1x1 convolution to one score (logit) per output; `bias` is the score it starts from."""
    start = keras.initializers.Constant(bias)
    return conv(x, outputs, 1, bias_initializer=start, **options)


def probability(x):
    """Sigmoid of one score, softmax over several; always float32, so that p near 0 survives."""
    activation = "sigmoid" if x.shape[-1] == 1 else "softmax"
    return layers.Activation(activation, dtype="float32", name="probability")(x)
