"""Names and presets of the networks, and how to build and describe them.

The single place of both. Importing it does not import Keras: the functions that need Keras do.
"""

from dataclasses import dataclass
from math import prod

from models.sizes import SIZES, TILE

PAPER_DROPOUT = 0.2  # section 3.4; what an architecture takes where its preset says nothing
POOLING = 32  # five poolings: the side of a tile is a multiple of 2 ** 5


class UnknownModel(ValueError):
    """No such model; the message lists those there are."""


class UnknownPreset(ValueError):
    """The model has no such preset; the message lists those there are."""


@dataclass(frozen=True)
class Model:
    """A network's title for people and its presets: keyword arguments of its architecture."""

    title: str
    presets: dict[str, dict]


FC_DENSENET = {
    # FC-DenseNet-56 with the 4k bottleneck
    "paper": {"filters": 48, "growth": 12, "depths": (4,) * 11},
    "quick": {
        # Full resolution is where the time goes: few maps there, more layers deeper down.
        "filters": 12,
        "growth": 6,
        "depths": (2, 3, 4, 4, 4, 4, 4, 4, 4, 3, 2),
        "bottleneck": 2,
        "dropout": 0.1,
        # A few hundred steps in all: .99 would leave the moving statistics far behind.
        "momentum": 0.9,
    },
    # FC-DenseNet-56 again, for a thousand steps instead of a hundred epochs.
    "thorough": {"filters": 48, "growth": 12, "depths": (4,) * 11, "momentum": 0.9},
    "67": {"filters": 48, "growth": 16, "depths": (5,) * 11},
    "103": {"filters": 48, "growth": 16, "depths": (4, 5, 7, 10, 12, 15, 12, 10, 7, 5, 4)},
}

# Other ways to pay attention, as presets of FCADenseNet: what `fc_densenet` is given besides.
ATTENTION = {
    # on what is concatenated, so that skip and raised maps are weighed against each other
    "concat": {"cbam_at": "concat"},
    "both": {"cbam_at": "both"},
    # four times the hidden units: a sixteenth of 30 maps is one
    "ratio4": {"cbam_at": "skip", "reduction": 4},
    # the channel gate pools over the 32 px around a pixel, not over the whole square
    "local": {"cbam_at": "skip", "footprint": 32},
}


def attentive(presets):
    """`presets` of FC-DenseNet with CBAM on the skips, and the quick one with every other kind."""
    kinds = {f"quick-{kind}": presets["quick"] | more for kind, more in ATTENTION.items()}
    return {name: options | {"cbam_at": "skip"} for name, options in presets.items()} | kinds


def settings_preset(preset):
    """The preset whose settings of training a preset takes: the kinds of attention are trained
    alike.

    >>> settings_preset("quick-concat"), settings_preset("paper")
    ('quick', 'paper')
    """
    return preset.partition("-")[0]


MODELS = {
    "fcn": Model(
        "FCN",
        {
            "paper": {"filters": 32, "fully_connected": 512, "variant": "8s"},
            "quick": {"filters": 16, "fully_connected": 128, "dropout": 0.1},
            "thorough": {"filters": 32, "fully_connected": 512, "variant": "8s"},
        },
    ),
    "unet": Model(
        "U-Net",
        {
            "paper": {"filters": 64},
            "quick": {"filters": 12, "dropout": 0.1},
            "thorough": {"filters": 32},
            "32": {"filters": 32},
        },
    ),
    "unet_pretrained": Model(
        "U-Net, ImageNet encoder",
        {
            "paper": {"filters": (256, 128, 64, 32, 16)},
            "quick": {"filters": (96, 64, 32, 24, 16), "dropout": 0.1, "momentum": 0.9},
            "thorough": {"filters": (256, 128, 64, 32, 16), "momentum": 0.9},
        },
    ),
    "fc_densenet": Model("FC_DenseNet", FC_DENSENET),
    "fcadensenet": Model("FCADenseNet", attentive(FC_DENSENET)),
}

# 10^9 operations to predict a tile of 128 px with ten channels.
GFLOP = {
    name: {preset: round(size.gflop(10), 2) for preset, size in presets.items()}
    for name, presets in SIZES.items()
}


def check_model(name):
    """Raise UnknownModel unless `name` is in the catalogue.

    >>> check_model("unet")
    """
    if name not in MODELS:
        raise UnknownModel(f"Unknown model '{name}': choose {', '.join(MODELS)}.")


def check_preset(name, preset):
    """Raise UnknownModel, or UnknownPreset unless model `name` has `preset`."""
    check_model(name)
    presets = MODELS[name].presets
    if preset not in presets:
        raise UnknownPreset(
            f"Model '{name}' has no preset '{preset}': choose {', '.join(presets)}."
        )


def dropout(name, preset):
    """The dropout that a preset's network is built with unless told otherwise, 0..1; the paper's
    for a model or preset that is not in the catalogue.

    >>> dropout("unet", "quick"), dropout("unet", "paper")
    (0.1, 0.2)
    """
    presets = MODELS[name].presets if name in MODELS else {}
    return presets.get(preset, {}).get("dropout", PAPER_DROPOUT)


def check_tile(tile):
    """Raise ValueError unless `tile` (pixels) survives five poolings; None is any such size."""
    if tile is not None and (tile < POOLING or tile % POOLING):
        raise ValueError(f"A tile's side must be a multiple of {POOLING}. Received: tile={tile}")


def build(name, preset, channels, *, tile=TILE, outputs=1, output_bias=0.0, **overrides):
    """The network of a preset, randomly initialised.

    Input (tile, tile, channels) float32; output (tile, tile, outputs) probabilities, sigmoid of
    one output or softmax over several. `tile=None` accepts any multiple of 32. `output_bias` is
    the score (logit) that the output starts from; `overrides` replace the preset's arguments.
    """
    check_preset(name, preset)
    check_tile(tile)
    arguments = {**MODELS[name].presets[preset], **overrides}
    return architecture(name)(channels, tile, outputs, output_bias, name=name, **arguments)


def architecture(name):
    """The function that builds model `name`. Imports Keras."""
    from models.fc_densenet import fc_densenet
    from models.fcn import fcn
    from models.unet import unet, unet_pretrained

    functions = {"fcn": fcn, "unet": unet, "unet_pretrained": unet_pretrained}
    return functions.get(name, fc_densenet)


def with_zscore(network, mean=0.0, std=1.0):
    """`network` behind a ZScore: raw channel values in (NaN = no data), probabilities out.

    `mean` and `std` hold one number per channel and are saved with the weights; the defaults
    serve a model whose weights are loaded next.
    """
    import keras

    from models.layers import ZScore

    inputs = keras.Input(network.input_shape[1:])
    z = ZScore(mean, std, name="zscore")(inputs)
    return keras.Model(inputs, network(z), name=network.name)


def describe(name, preset, channels=10, tile=TILE):
    """Size of a preset, counted on its network: {model, preset, trainable_parameters, gflop}.

    gflop is 10^9 floating-point operations to predict one tile, two per multiply-add of the
    convolutions and dense layers.
    """
    network = build(name, preset, channels, tile=tile)
    return {
        "model": name,
        "preset": preset,
        "trainable_parameters": sum(prod(w.shape) for w in network.trainable_weights),
        "gflop": 2 * multiply_adds(network) / 1e9,
    }


def describe_all(channels=10):
    """What `describe` gives for every model and preset at 128 x 128, in the catalogue's order.

    From the table of sizes: nothing is built and Keras is not imported.
    """
    return [
        {
            "model": name,
            "preset": preset,
            "trainable_parameters": SIZES[name][preset].parameters(channels),
            "gflop": SIZES[name][preset].gflop(channels),
        }
        for name in MODELS
        for preset in MODELS[name].presets
    ]


def multiply_adds(network):
    """Multiply-adds of the convolutions and dense layers for one input of fixed size.

    Each weight of a kernel is used once per position: the positions of the output, or those of
    the input for a transposed convolution.
    """
    from keras import layers

    total = 0
    for layer in network.layers:
        if isinstance(layer, layers.DepthwiseConv2D):
            total += prod(layer.output.shape[1:-1]) * prod(layer.kernel.shape)
        elif isinstance(layer, (layers.Conv2D, layers.Conv2DTranspose, layers.Dense)):
            transposed = isinstance(layer, layers.Conv2DTranspose)
            positions = (layer.input if transposed else layer.output).shape[1:-1]
            total += prod(positions) * prod(layer.kernel.shape)
    return total
