"""A trained network as an OpenVINO graph: the same figures, about twice as fast on a processor.

The layers are translated one by one, so no TensorFlow graph is traced first, and tensors are
(batch, channels, height, width), which OpenVINO blocks for the processor. OpenVINO folds each
batch normalisation into the convolution before it, or joins it with the ReLU after it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import openvino as ov
from openvino import opset1
from openvino import opset13 as op

from core import processes
from core.errors import SlideScopeError
from models.keras_inside import calls_of


@dataclass(frozen=True)
class Compiled:
    """A compiled network: input (batch, height, width, channels) as `prepare` gives it, output
    (batch, height, width, outputs) float32."""

    model: ov.CompiledModel
    prepare: Callable[[np.ndarray], np.ndarray]

    def __call__(self, windows: np.ndarray) -> np.ndarray:
        return self.model([self.prepare(windows)])[0]

    def create_infer_request(self) -> ov.InferRequest:
        return self.model.create_infer_request()


def compile(
    network: Any, batch: int, streams: int, precision: str = "f32", shift: float = 0.0
) -> Compiled:
    """Return the compiled network. `streams` inferences run at once; `precision` f32 or bf16;
    `shift` is added to the score before the sigmoid.

    In bfloat16 the z-score is taken outside of the graph: with eight bits an elevation is known to
    the next 8 m, and what is left after the mean is subtracted would be rounding.
    """
    outside = precision != "f32"
    source = op.parameter([batch, *network.input_shape[1:]], np.float32)
    values = _walk(network, op.transpose(source, np.array([0, 3, 1, 2])), zscore=not outside)
    if shift:
        values = _shifted(values, shift)
    model = ov.Model([op.transpose(values, np.array([0, 2, 3, 1]))], [source])
    # Said in any case: where the processor could do bfloat16 OpenVINO would take it unasked.
    options = {"INFERENCE_PRECISION_HINT": precision, "NUM_STREAMS": streams}
    if processes.shared():
        options["INFERENCE_NUM_THREADS"] = processes.threads()
        # Each process would bind its threads to the machine's first cores, all to the same ones.
        options["ENABLE_CPU_PINNING"] = False
    compiled = ov.Core().compile_model(model, "CPU", options)
    return Compiled(compiled, _zscored(network) if outside else lambda windows: windows)


def _shifted(probability: Any, shift: float) -> Any:
    """The probability of a score that is larger by `shift`."""
    return op.sigmoid(op.add(probability.input_value(0), np.float32(shift)))


def computes_bfloat16() -> bool:
    """Whether the processor has instructions for bfloat16."""
    return "BF16" in ov.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def _zscored(network: Any) -> Callable[[np.ndarray], np.ndarray]:
    """The network's z-score on windows (batch, height, width, channels), float32 whatever the
    graph computes in."""
    layer = next((each for each in network.layers if type(each).__name__ == "ZScore"), None)
    if layer is None:
        return lambda windows: windows
    mean, scale = _mean_and_scale(layer)

    def prepare(windows: np.ndarray) -> np.ndarray:
        z = windows - mean
        z *= scale
        z[np.isnan(z)] = 0
        return z

    return prepare


def _mean_and_scale(layer: Any) -> tuple[np.ndarray, np.ndarray]:
    mean, std = np.asarray(layer.mean, np.float32), np.asarray(layer.std, np.float32)
    return mean, np.divide(1, std, out=np.zeros_like(std), where=std != 0)


def _walk(network: Any, x: Any, zscore: bool = True) -> Any:
    """Translate every layer of a functional network, from its inputs on; without `zscore` the
    outermost z-score is passed through."""
    values = {id(network.inputs[0]): x}
    for layer in network.operations:
        kind = type(layer).__name__
        if kind == "InputLayer":
            continue
        # Widened networks share their layers: take the call that belongs to this one.
        calls = calls_of(layer)
        node = next(n for n in calls if all(id(t) in values for t in n.input_tensors))
        given = [values[id(t)] for t in node.input_tensors]
        if kind == "ZScore" and not zscore:
            made = given[0]
        elif kind == "Functional":
            made = _walk(layer, given[0])
        elif kind in LAYERS:
            made = LAYERS[kind](layer, *given)
        else:
            raise SlideScopeError(
                f"Layer '{kind}' has no OpenVINO translation: every layer of a network needs one; "
                "add it to core/learning/prediction/openvino_graph.py or uninstall openvino."
            )
        values[id(node.outputs[0])] = made
    return values[id(network.outputs[0])]


def _per_channel(values: Any) -> np.ndarray:
    return np.asarray(values, np.float32).reshape(1, -1, 1, 1)


def _zscore(layer, x):
    mean, scale = _mean_and_scale(layer)
    z = op.multiply(op.subtract(x, _per_channel(mean)), _per_channel(scale))
    # The comparison with itself fails for NaN alone.
    return op.select(op.equal(z, z), z, np.float32(0))


def _activation(layer, x):
    name = layer if isinstance(layer, str) else layer.activation.__name__
    if isinstance(x, tuple):
        return tuple(_activation(name, part) for part in x)
    if name == "linear":
        return x
    if name == "softmax":
        return op.softmax(x, 1)
    return {"relu": op.relu, "sigmoid": op.sigmoid, "silu": op.swish}[name](x)


def _biased(layer, x):
    if layer.use_bias:
        x = op.add(x, _per_channel(layer.bias))
    return _activation(layer.activation.__name__, x)


def _conv(layer, x):
    kernel = np.asarray(layer.kernel, np.float32).transpose(3, 2, 0, 1)
    strides, none = list(layer.strides), [0, 0]
    pad = "same_upper" if layer.padding == "same" else "valid"
    found = op.convolution(x, np.ascontiguousarray(kernel), strides, none, none, [1, 1], pad)
    return _biased(layer, found)


def _depthwise(layer, x):
    # Keras keeps (height, width, channels, 1); OpenVINO a group for every channel.
    kernel = np.asarray(layer.kernel, np.float32).transpose(2, 3, 0, 1)[:, :, None]
    strides, none = list(layer.strides), [0, 0]
    pad = "same_upper" if layer.padding == "same" else "valid"
    kernel = np.ascontiguousarray(kernel)
    return _biased(layer, op.group_convolution(x, kernel, strides, none, none, [1, 1], pad))


def _conv_transpose(layer, x):
    # Keras keeps (height, width, outputs, inputs); OpenVINO wants (inputs, outputs, ...).
    kernel = np.ascontiguousarray(np.asarray(layer.kernel, np.float32).transpose(3, 2, 0, 1))
    cut = [(k - s) // 2 for k, s in zip(layer.kernel_size, layer.strides)]
    strides = list(layer.strides)
    found = op.convolution_backprop_data(x, kernel, strides, None, cut, cut, [1, 1])
    return _biased(layer, found)


def _dense(layer, pair):
    """The perceptron of the channel gate, once for the mean and once for the maximum."""
    kernel = np.asarray(layer.kernel, np.float32).T[:, :, None, None]
    none = [0, 0]
    return tuple(
        _biased(layer, op.convolution(x, np.ascontiguousarray(kernel), [1, 1], none, none, [1, 1]))
        for x in pair
    )


def _batch_norm(layer, x):
    scale = np.asarray(layer.gamma) / np.sqrt(np.asarray(layer.moving_variance) + layer.epsilon)
    shift = np.asarray(layer.beta) - np.asarray(layer.moving_mean) * scale
    return op.add(op.multiply(x, _per_channel(scale)), _per_channel(shift))


def _concatenate(layer, *parts):
    # Along the rows: the mean and the maximum of a channel gate, which stay a pair here.
    return tuple(parts) if layer.axis == 1 else op.concat(list(parts), 1)


def _sum(layer, pair):
    return op.add(*pair)


def _channel_max(layer, x):
    return op.reduce_max(x, np.array([1]), True)


def _channel_mean(layer, x):
    return op.reduce_mean(x, np.array([1]), True)


def _max_pool(layer, x):
    return _pools(x, layer.pool_size, layer.strides)[1]


def _pools(x, window, strides):
    """(mean, maximum) over windows, without padding."""
    none, window, strides = [0, 0], list(window), list(strides)
    mean = op.avg_pool(x, strides, none, none, window, True)
    return mean, opset1.max_pool(x, strides, none, none, window)


def _upsample(layer, x):
    mode = "nearest" if layer.interpolation == "nearest" else "linear_onnx"
    scales, axes = np.array(layer.size, np.float32), np.array([2, 3])
    return op.interpolate(x, scales, mode, "scales", axes=axes)


def _footprint_pools(layer, x):
    mean, peak = _pools(x, [layer.block] * 2, [layer.block] * 2)
    return _pools(mean, layer.window, [1, 1])[0], _pools(peak, layer.window, [1, 1])[1]


def _footprint_means(layer, x):
    return _pools(_pools(x, [layer.block] * 2, [layer.block] * 2)[0], layer.window, [1, 1])[0]


def _spread_gate(layer, x, gate):
    from models.footprint import interpolation

    sizes = zip(list(x.get_output_shape(0))[2:], list(gate.get_output_shape(0))[2:])
    down, across = (interpolation(n, footprints, layer.block) for n, footprints in sizes)
    rows = op.matmul(down, gate, False, False)
    return op.multiply(x, op.matmul(rows, across, False, True))


LAYERS: dict[str, Callable[..., Any]] = {
    "ZScore": _zscore,
    "Conv2D": _conv,
    "Conv2DTranspose": _conv_transpose,
    "DepthwiseConv2D": _depthwise,
    "Dense": _dense,
    "BatchNormalization": _batch_norm,
    "Activation": _activation,
    "Dropout": lambda layer, x: x,
    "Concatenate": _concatenate,
    "Add": lambda layer, a, b: op.add(a, b),
    "Multiply": lambda layer, a, b: op.multiply(a, b),
    "MaxPooling2D": _max_pool,
    "UpSampling2D": _upsample,
    "GlobalAveragePooling2D": lambda layer, x: op.reduce_mean(x, np.array([2, 3]), True),
    "SqueezePool": lambda layer, x: op.reduce_mean(x, np.array([2, 3]), True),
    "GlobalMaxPooling2D": lambda layer, x: op.reduce_max(x, np.array([2, 3]), True),
    "Sum": _sum,
    "Max": _channel_max,
    "Mean": _channel_mean,
    "FootprintPools": _footprint_pools,
    "FootprintMeans": _footprint_means,
    "SpreadGate": _spread_gate,
}
