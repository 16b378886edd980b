"""Batch normalisation through TensorFlow's fused kernel where TensorFlow is the backend."""

import keras

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
