"""Batch normalisation of few channels at the speed of many, on TensorFlow.

On a processor TensorFlow's kernel is oneDNN's, which is fast where the number of channels is a
multiple of sixteen (a vector register of floats) and five to ten times slower where it is not: and
a dense block grows by 6 or 12 maps. Here neighbouring pixels are read as one pixel of several
times the channels, which costs nothing in memory: 8 pixels of 30 channels are one of 240. Each
channel then has several phases, whose figures are put together again.
"""

from math import gcd

VECTOR = 16


def phases(shape):
    """How many neighbouring pixels make one of a multiple of sixteen channels; 1 where that is so
    already, or where the pixels of a tile of `shape` (batch, height, width, channels) do not come
    out even.

    >>> phases((24, 64, 64, 30)), phases((24, 64, 64, 48)), phases((None, 2, 2, 30))
    (8, 1, 1)
    """
    _, height, width, channels = shape
    count = VECTOR // gcd(channels, VECTOR)
    even = None not in (height, width) and height * width % count == 0
    return count if even else 1


def normalise(tf, x, gamma, beta, epsilon, phases):
    """(normalised x, mean, variance) by the statistics of the batch, as Keras computes them.

    `x` (batch, height, width, channels) in half or single precision, `gamma` and `beta`
    (channels,) float32; mean and variance (over n, not n - 1) come back as float32 (channels,).
    Exact, gradients included, up to rounding.
    """

    @tf.custom_gradient
    def normalised(x, gamma, beta):
        mean, variance = moments(tf, x, phases)
        y = apply(tf, x, gamma, beta, mean, variance, epsilon, phases)

        def gradient(dy, *_):
            return backward(tf, dy, x, gamma, mean, variance, epsilon, phases)

        return (y, mean, variance), gradient

    return normalised(x, tf.convert_to_tensor(gamma), tf.convert_to_tensor(beta))


def moments(tf, x, phases):
    """Mean and variance float32 (channels,) of x, put together from those of its phases."""
    x = widened(tf, x, phases)
    count = x.shape[-1]
    _, mean, unbiased, *_ = tf.raw_ops.FusedBatchNormV3(
        x=x, scale=tf.ones(count), offset=tf.zeros(count), mean=[], variance=[], is_training=True
    )
    n = tf.cast(tf.reduce_prod(tf.shape(x)[:-1]), tf.float32)
    means, variances = (tf.reshape(v, (phases, -1)) for v in (mean, unbiased * ((n - 1) / n)))
    mean = tf.reduce_mean(means, 0)
    between = tf.reduce_mean(tf.square(means - mean), 0)
    return mean, tf.reduce_mean(variances, 0) + between


def apply(tf, x, scale, offset, mean, variance, epsilon, phases):
    """scale (x - mean) / sqrt(variance + epsilon) + offset, in one pass over memory."""
    scale, offset, mean, variance = (tf.tile(v, [phases]) for v in (scale, offset, mean, variance))
    y, *_ = tf.raw_ops.FusedBatchNormV3(
        x=widened(tf, x, phases),
        scale=scale,
        offset=offset,
        mean=mean,
        variance=variance,
        epsilon=epsilon,
        is_training=False,
    )
    return tf.reshape(y, tf.shape(x))


def backward(tf, dy, x, gamma, mean, variance, epsilon, phases):
    """Gradients for x, gamma and beta.

    With given statistics the kernel needs one pass for all three; that the statistics depend on x
    takes away from dx a line in x (Ioffe and Szegedy 2015).
    """
    dx, dgamma, dbeta, *_ = tf.raw_ops.FusedBatchNormGradV3(
        y_backprop=widened(tf, dy, phases),
        x=widened(tf, x, phases),
        scale=tf.tile(gamma, [phases]),
        reserve_space_1=tf.tile(mean, [phases]),
        reserve_space_2=tf.tile(variance, [phases]),
        reserve_space_3=tf.zeros(1),
        epsilon=epsilon,
        is_training=False,
    )
    dgamma, dbeta = (tf.reduce_sum(tf.reshape(v, (phases, -1)), 0) for v in (dgamma, dbeta))
    n = tf.cast(tf.reduce_prod(tf.shape(x)[:-1]), tf.float32)
    share = -gamma * tf.math.rsqrt(variance + epsilon) / n
    through = apply(tf, x, share * dgamma, share * dbeta, mean, variance, epsilon, phases)
    return tf.reshape(dx, tf.shape(x)) + through, dgamma, dbeta


def widened(tf, x, phases):
    """(batch, height, width, channels) as (batch, 1, height x width / phases, more channels)."""
    _, height, width, channels = x.shape
    return tf.reshape(x, (-1, 1, height * width // phases, phases * channels))
