"""Layers of our own: the z-score that travels inside a model's weights, 1 x 1 convolutions, and
batch normalisation through TensorFlow's fused kernel where TensorFlow is the backend."""

import keras
from keras import ops

from models import wide
from models.backend import on_processor, tensorflow


@keras.saving.register_keras_serializable("slidescope")
class BatchNormalization(keras.layers.BatchNormalization):
    """Keras's layer, computed in one kernel on TensorFlow and by Keras elsewhere.

    Keras 3 composes the layer of a dozen operations on TensorFlow, each a pass over memory,
    forward and backward; FC-DenseNet is bound by memory (docs/speed.md has the figures). On a
    processor `models.wide` sees to the numbers of channels that the kernel is slow with. Same
    weights, same outputs, gradients and moving statistics as Keras's own; the class has its name,
    too, because a weights file names its groups after it.

    Input (batch, height, width, channels) of any float type; the statistics are float32.
    """

    def call(self, inputs, training=None, mask=None):
        if tensorflow() is None or not self._fits_kernel(inputs, mask):
            return super().call(inputs, training=training, mask=mask)
        if training and self.trainable:
            return self._normalise_by_batch(inputs)
        return self._kernel(inputs, self.moving_mean, self.moving_variance, is_training=False)[0]

    def _fits_kernel(self, inputs, mask):
        half_or_single = keras.backend.standardize_dtype(inputs.dtype) != "float64"
        plain = self.scale and self.center and not (self.renorm or self.synchronized)
        last = self.axis in (-1, 3)
        return plain and last and half_or_single and mask is None and len(inputs.shape) == 4

    def _normalise_by_batch(self, inputs):
        phases = wide.phases(inputs.shape)
        if phases > 1 and on_processor(tensorflow()):
            values = self.gamma, self.beta
            x, mean, variance = wide.normalise(tensorflow(), inputs, *values, self.epsilon, phases)
        else:
            # The kernel takes the running statistics only when they are what it normalises by.
            x, mean, unbiased, *_ = self._kernel(inputs, [], [], is_training=True)
            # The kernel divides by n - 1 what Keras averages over n = batch x height x width.
            n = keras.ops.cast(keras.ops.prod(keras.ops.shape(inputs)[:-1]), unbiased.dtype)
            variance = unbiased * ((n - 1) / n)
        for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance)):
            moving.assign(moving * self.momentum + batch * (1 - self.momentum))
        return x

    def _kernel(self, inputs, mean, variance, is_training):
        return tensorflow().raw_ops.FusedBatchNormV3(
            x=inputs,
            scale=self.gamma,
            offset=self.beta,
            mean=mean,
            variance=variance,
            epsilon=self.epsilon,
            is_training=is_training,
        )


@keras.saving.register_keras_serializable("slidescope")
class Conv2D(keras.layers.Conv2D):
    """Keras's layer; in training, a 1x1 kernel with stride 1 is applied by a matrix product.

    The same numbers in up to a third less time on a CPU, all of it saved in the gradients
    (docs/speed.md); so prediction keeps the convolution, which exporters know how to fuse. The
    class has Keras's name because a weights file names its groups after it.
    """

    def call(self, inputs, training=None):
        if not (training and self.is_matrix):
            return super().call(inputs)
        flat = ops.reshape(inputs, (-1, inputs.shape[-1]))
        x = ops.matmul(flat, ops.reshape(self.kernel, self.kernel.shape[2:]))
        if self.use_bias:
            x = ops.add(x, self.bias)
        x = ops.reshape(x, (*ops.shape(inputs)[:-1], self.filters))
        return x if self.activation is None else self.activation(x)

    @property
    def is_matrix(self):
        plain = self.strides == (1, 1) and self.groups == 1 and self.kernel_size == (1, 1)
        return plain and self.data_format == "channels_last"


@keras.saving.register_keras_serializable("slidescope")
class ZScore(keras.layers.Layer):
    """(value - mean) / std per channel; no data (NaN) becomes 0 afterwards, the mean itself.

    `mean` and `std` are scalars or one number per channel, in the channels' own units, fitted on
    the valid pixels of the training tiles. They are non-trainable weights, so a weights file
    carries them. A channel with std 0 never varied in training: it becomes 0 everywhere.
    """

    def __init__(self, mean=0.0, std=1.0, **kwargs):
        # Elevation in metres does not survive half precision: float32 whatever the policy.
        kwargs.setdefault("dtype", "float32")
        super().__init__(trainable=False, **kwargs)
        self.start = {"mean": as_numbers(mean), "std": as_numbers(std)}

    def build(self, shape):
        self.mean, self.std = (
            self.add_weight(
                shape=(shape[-1],),
                initializer=lambda shape, dtype, value=value: ops.broadcast_to(
                    ops.convert_to_tensor(value, dtype=dtype), shape
                ),
                trainable=False,
                name=name,
            )
            for name, value in self.start.items()
        )

    def call(self, x):
        z = ops.divide_no_nan(x - self.mean, self.std)
        return ops.where(ops.isnan(z), ops.zeros_like(z), z)

    def get_config(self):
        return {**super().get_config(), **self.start}


def as_numbers(value):
    """Plain floats for a configuration: a number stays a number, anything longer is a list."""
    return [float(v) for v in value] if hasattr(value, "__len__") else float(value)
