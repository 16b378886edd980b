"""Run a trained network on windows of a given size, the fastest way this machine has."""

import importlib.util
import threading
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np

from core import processes
from core.learning.networks import device

# infer(windows float32 (batch, height, width, channels)) -> probability float32 (batch, height,
# width); may be called from several threads at once.
Infer = Callable[[np.ndarray], np.ndarray]
PIXELS = 8 * 128 * 128  # of a batch: what a training step sees
# OpenVINO's first inference of a process sets something up while it waits for Python's lock; a
# second thread in the same place holds that lock and waits for the first, for ever.
_first, _begun = threading.Lock(), threading.Event()


@dataclass(frozen=True)
class Format:
    """The numbers a network computes in, by OpenVINO's name, f32 or bf16; `shift` is added to the
    score before the sigmoid, against what rounding takes off it on the mean."""

    name: str
    shift: float = 0.0


FLOAT32, BFLOAT16 = Format("f32"), Format("bf16")


def batch_size(height: int, width: int) -> int:
    """Windows in a batch.

    >>> batch_size(128, 128), batch_size(512, 512)
    (8, 1)
    """
    return max(1, PIXELS // (height * width))


def streams() -> int:
    """How many batches are worked on at once: two keep the cores busier than one, and their memory
    adds up."""
    return min(2, processes.threads())


def fast(built: Any, height: int, width: int, tile: int, numbers: Format = FLOAT32) -> Infer:
    """`built`, trained on tiles of `tile` pixels, for windows of height x width; `numbers` are
    float32 without OpenVINO."""
    from models import footprint

    wide = footprint.widen(built, height, width, tile)
    if accelerated():
        return _openvino(wide, batch_size(height, width), numbers)
    return with_keras(wide)


def accelerated() -> bool:
    """Whether OpenVINO does the work: on processors, where it is installed."""
    return device.detect().kind == "cpu" and importlib.util.find_spec("openvino") is not None


def computes_bfloat16() -> bool:
    """Whether this processor computes in bfloat16 itself (AVX512-BF16, AMX) and OpenVINO is used:
    emulated it would be slower than float32."""
    if not accelerated():
        return False
    from core.learning.prediction import openvino_graph

    return openvino_graph.computes_bfloat16()


def with_keras(network: Any) -> Infer:
    """The network as Keras runs it. One batch at a time: its backend uses every core itself."""
    lock = threading.Lock()

    def infer(windows: np.ndarray) -> np.ndarray:
        with lock:
            return np.asarray(network.predict_on_batch(windows))[..., 0]

    return infer


def _openvino(network: Any, batch: int, numbers: Format) -> Infer:
    # Not at the top: a machine with a GPU need not have it.
    from core.learning.prediction import openvino_graph

    compiled = openvino_graph.compile(network, batch, streams(), numbers.name, numbers.shift)
    own = threading.local()

    def infer(windows: np.ndarray) -> np.ndarray:
        if not hasattr(own, "request"):
            own.request = compiled.create_infer_request()
        with nullcontext() if _begun.is_set() else _first:
            found = own.request.infer([compiled.prepare(windows)])[0][..., 0].copy()
            _begun.set()
        return found

    return infer


def same_masks(ours: np.ndarray, plain: np.ndarray, reference: np.ndarray) -> tuple[float, float]:
    """(IoU of the two landslide masks, difference of their F1 against `reference`).

    Boolean arrays of one shape. At 1 : 224 a share of agreeing pixels would mean nothing, and two
    empty masks agree about nothing: their IoU is 0.

    >>> mask = np.array([True, True, False, False])
    >>> same_masks(mask, mask, mask), same_masks(~mask & mask, ~mask & mask, mask)
    ((1.0, 0.0), (0.0, 0.0))
    """
    either = (ours | plain).sum()
    iou = float((ours & plain).sum() / either) if either else 0.0
    return iou, abs(_f1(ours, reference) - _f1(plain, reference))


def _f1(mask: np.ndarray, reference: np.ndarray) -> float:
    whole = mask.sum() + reference.sum()
    return float(2 * (mask & reference).sum() / whole) if whole else 0.0
