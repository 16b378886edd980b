"""1x1 convolution as the matrix product that it is."""

import keras
from keras import ops


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
