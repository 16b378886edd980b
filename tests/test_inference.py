"""The fast path of prediction: the same network, whatever runs it and however large the window."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest

from core import paths
from core.learning.networks import network
from core.learning.prediction import inference, openvino_graph, windows
from models import catalogue

SHIPPED = "sample-fcadensenet-rs-dr-shipped"


def test_masks_agree_by_their_landslides_not_by_the_many_other_pixels():
    reference = np.zeros(1000, bool)
    reference[:10] = True
    ours, plain = reference.copy(), reference.copy()
    ours[9] = False
    iou, difference = inference.same_masks(ours, plain, reference)
    assert iou == pytest.approx(0.9)
    assert difference == pytest.approx(1 - 18 / 19)


@pytest.fixture(scope="module")
def shipped():
    """A trained network and terrain-like windows for it, float32 (1, 448, 448, channels)."""
    built, card = network.load(paths.PRETRAINED / SHIPPED / "model")
    return built, card, like_the_training_scene(built, 448)


def like_the_training_scene(built, side: int) -> np.ndarray:
    """Smooth random fields with the mean and spread that the network was trained with."""
    from scipy import ndimage

    zscore = next(layer for layer in built.layers if layer.name == "zscore")
    mean, std = np.asarray(zscore.mean), np.asarray(zscore.std)
    noise = np.random.default_rng(1).standard_normal((side, side, len(mean)))
    smooth = ndimage.gaussian_filter(noise, (4, 4, 0))
    return (smooth / smooth.std() * 1.5 * std + mean)[None].astype(np.float32)


@pytest.mark.slow
def test_on_one_tile_a_widened_network_is_the_network(shipped):
    from models import footprint

    built, card, window = shipped
    tile = window[:, : card.tile, : card.tile]
    wide = footprint.widen(built, card.tile, card.tile, card.tile)
    np.testing.assert_allclose(wide(tile), built(tile, training=False), atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("tile", (128, 64))
def test_the_margin_makes_the_answer_independent_of_where_windows_lie(shipped, tile):
    """Two layouts of the same 448 px: one window, and windows of 320 px in two rows and columns.

    The gates of a network trained on squares of 64 px look no further than those.
    """
    built, _, window = shipped
    margin = windows.WindowLayout.of("fcadensenet", tile).margin
    assert margin == 96
    whole = inference.fast(built, 448, 448, tile)(window)[0]
    cut = stitched(inference.fast(built, 320, 320, tile), window, 320, margin)
    iou, _ = inference.same_masks(cut >= 0.5, whole >= 0.5, whole >= 0.5)
    assert (whole >= 0.5).sum() > 100
    assert np.abs(cut - whole).max() < 0.05
    assert iou >= 0.98


@pytest.mark.slow
def test_a_gate_a_window_depends_on_where_windows_lie(shipped):
    """The network as it was trained, which is why windows are not predicted so."""
    built, card, window = shipped
    whole = inference.fast(built, 448, 448, card.tile)(window)[0]
    plain, side = inference.with_keras(built), card.tile
    strips = [stitched(plain, window[:, i : i + side], side, 0) for i in range(0, 384, side)]
    assert np.abs(np.concatenate(strips) - whole[:384]).max() > 0.05


def stitched(infer, window: np.ndarray, side: int, margin: int) -> np.ndarray:
    """Probability of a window float32 (1, height, width, channels), cut into windows of `side`."""
    rows, columns = (windows.spans(n, side, margin) for n in window.shape[1:3])
    found = np.zeros(window.shape[1:3], np.float32)
    for row in rows:
        for column in columns:
            down, right = (slice(s.start, s.start + side) for s in (row, column))
            own = np.s_[
                row.first - row.start : row.last - row.start,
                column.first - column.start : column.last - column.start,
            ]
            kept = infer(window[:, down, right])[0][own]
            found[row.first : row.last, column.first : column.last] = kept
    return found


@pytest.mark.slow
def test_with_dropout_kept_a_network_answers_a_little_differently_each_time():
    from models import footprint

    built = catalogue.with_zscore(catalogue.build("unet", "quick", 3, tile=64, dropout=0.2))
    infer = inference.with_keras(footprint.widen(built, 64, 64, 64, dropout=True))
    tile = np.random.default_rng(0).standard_normal((1, 64, 64, 3)).astype(np.float32)
    assert np.abs(infer(tile) - infer(tile)).max() > 1e-3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "preset", "tile"),
    [
        ("fcn", "quick", 128),
        ("unet", "quick", 128),
        pytest.param("unet_pretrained", "quick", 128, marks=pytest.mark.sweep),
        ("fcadensenet", "quick", 64),
        # The same kinds of blocks: FC_DenseNet is FCADenseNet without its gates.
        pytest.param("fc_densenet", "quick", 128, marks=pytest.mark.sweep),
        pytest.param("fcadensenet", "quick", 128, marks=pytest.mark.sweep),
        pytest.param("fcadensenet", "quick-both", 128, marks=pytest.mark.sweep),
        pytest.param("fcadensenet", "quick-local", 128, marks=pytest.mark.sweep),
    ],
)
def test_openvino_gives_the_figures_of_keras(model, preset, tile):
    openvino_graph = pytest.importorskip(
        "core.learning.prediction.openvino_graph", exc_type=ImportError
    )
    from models import footprint

    keras = network.keras()
    keras.utils.set_random_seed(0)
    draw = np.random.default_rng(0)
    built = catalogue.with_zscore(
        catalogue.build(model, preset, 5, tile=tile), np.ones(5), np.full(5, 2.0)
    )
    # Weights as after some training: none at the zero or one that it starts from.
    noise = [draw.normal(0, 0.02, w.shape) for w in built.get_weights()]
    weights = [w + (np.abs(n) if w.ndim == 1 else n) for w, n in zip(built.get_weights(), noise)]
    built.set_weights(weights)
    wide = footprint.widen(built, 160, 192, tile)
    x = draw.normal(size=(2, 160, 192, 5)).astype(np.float32)
    x[:, :20, :20] = np.nan
    expected = np.asarray(wide(x, training=False))
    found = openvino_graph.compile(wide, 2, 1)(x)
    assert expected.std() > 1e-3
    np.testing.assert_allclose(found, expected, atol=2e-5)
    # On a square of the size it was trained on, a widened network is the network.
    square = x[:1, -tile:, -tile:]
    plain = np.asarray(built(square, training=False))
    same = footprint.widen(built, tile, tile, tile)(square, training=False)
    np.testing.assert_allclose(same, plain, atol=2e-5)


@pytest.mark.slow
def test_bfloat16_rounds_what_the_network_computes_not_the_elevation(shipped):
    """At 3000 m bfloat16 knows an elevation to the next 16 m: the z-score is taken before."""
    graph = pytest.importorskip("core.learning.prediction.openvino_graph", exc_type=ImportError)
    from models import footprint

    built, card, window = shipped
    elevation = card.factors.index("elevation")
    zscore = next(layer for layer in built.layers if layer.name == "zscore")
    wide = footprint.widen(built, 448, 448, card.tile)
    prepared = graph._zscored(wide)(window)
    mean, std = np.asarray(zscore.mean)[elevation], np.asarray(zscore.std)[elevation]
    z = (window[..., elevation] - mean) / std
    np.testing.assert_allclose(prepared[..., elevation], z, atol=1e-5)
    if not graph.computes_bfloat16():
        pytest.skip("this processor does not compute in bfloat16")
    formats = inference.FLOAT32, inference.BFLOAT16
    plain, half = (inference.fast(built, 448, 448, card.tile, each)(window) for each in formats)
    assert 0 < np.abs(plain - half).max() < 0.1
    iou, _ = inference.same_masks(half >= 0.5, plain >= 0.5, plain >= 0.5)
    assert iou > 0.97


@pytest.mark.slow
def test_a_shift_moves_the_score_before_the_sigmoid(shipped):
    graph = pytest.importorskip("core.learning.prediction.openvino_graph", exc_type=ImportError)
    built, card, window = shipped
    tile = window[:, : card.tile, : card.tile]
    plain = graph.compile(built, 1, 1)(tile)
    moved = graph.compile(built, 1, 1, shift=0.5)(tile)
    score = np.log(plain / (1 - plain)) + 0.5
    np.testing.assert_allclose(moved, 1 / (1 + np.exp(-score)), atol=1e-4)


def test_the_first_inference_of_a_process_has_openvino_for_itself(monkeypatch):
    """Two threads in it for the first time waited for each other for ever."""
    inside, most, before = [], [], []
    compiled = SimpleNamespace(prepare=lambda windows: windows)

    def one(request):
        inside.append(None)
        (most if inference._begun.is_set() else before).append(len(inside))
        time.sleep(0.05)
        inside.pop()
        return [np.zeros((1, 2, 2, 1), np.float32)]

    compiled.create_infer_request = lambda: SimpleNamespace(infer=one)
    monkeypatch.setattr(openvino_graph, "compile", lambda *_: compiled)
    monkeypatch.setattr(inference, "_begun", threading.Event())
    infer = inference._openvino(None, 1, inference.FLOAT32)
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(infer, [np.zeros((1, 2, 2, 1), np.float32)] * 12))
    assert len(found) == 12 and found[0].shape == (1, 2, 2)
    assert max(before) == 1 and max(most) > 1
