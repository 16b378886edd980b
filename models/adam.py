"""Adam as one operation a weight where TensorFlow is the backend."""

import importlib

import keras


@keras.saving.register_keras_serializable("slidescope")
class Adam(keras.optimizers.Adam):
    """Keras's optimizer; on TensorFlow each weight is updated by one kernel.

    Keras composes an update of some twenty operations, of which four hundred weights make most of
    the nodes of a graph that takes a minute to build: the first step of FCADenseNet-56 needs a
    quarter less processor time this way (docs/speed.md). Same formula, same state variables.
    """

    def update_step(self, gradient, variable, learning_rate):
        tf = tensorflow()
        if tf is None or self.amsgrad or not isinstance(gradient, tf.Tensor):
            return super().update_step(gradient, variable, learning_rate)
        number = self._get_variable_index(variable)
        state = self._momentums[number].value, self._velocities[number].value
        kind = variable.dtype
        step = tf.cast(self.iterations.value + 1, kind)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=state[0].handle,
            v=state[1].handle,
            beta1_power=tf.pow(tf.constant(self.beta_1, kind), step),
            beta2_power=tf.pow(tf.constant(self.beta_2, kind), step),
            lr=tf.cast(learning_rate, kind),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=tf.cast(gradient, kind),
        )


def tensorflow():
    """TensorFlow if it is Keras's backend, else None.

    For kernels that no operation of Keras leads to; whoever calls this falls back to Keras's own
    layer on None. Not an import statement, because with Keras on JAX or PyTorch there need be no
    TensorFlow at all.
    """
    if keras.backend.backend() != "tensorflow":
        return None
    return importlib.import_module("tensorflow")


def on_processor(tf):
    """Whether TensorFlow computes on the processor, for want of a GPU that it can use."""
    return not tf.config.list_physical_devices("GPU")
