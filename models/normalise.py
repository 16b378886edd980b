"""The z-score that travels inside a model's weights."""

import keras
from keras import ops


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
