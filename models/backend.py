"""The one place where a network learns which backend it runs on."""

import importlib

import keras


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
