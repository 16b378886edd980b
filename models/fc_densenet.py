"""FC-DenseNet and FCADenseNet: one function, CBAM is the only difference."""

import keras
from keras import layers

from models import blocks
from models.footprint import BLOCK

CBAM_AT = (None, "skip", "concat", "both")


def fc_densenet(
    channels,
    tile=128,
    outputs=1,
    output_bias=0.0,
    *,
    filters=48,
    growth=12,
    depths=(4,) * 11,
    bottleneck=4,
    dropout=0.2,
    momentum=0.99,
    cbam_at=None,
    reduction=16,
    footprint=None,
    name="fc_densenet",
):
    """FC-DenseNet (Jegou et al. 2017); with `cbam_at` the paper's FCADenseNet (section 3.2).

    Input (tile, tile, channels), output probabilities (tile, tile, outputs). `depths` gives the
    dense layers of each block, down, bottom and up: an odd number of blocks, so eleven make five
    poolings and a tile must be a multiple of 32. `bottleneck` is the width of the 1x1 compression
    in growth rates (0: none). `cbam_at` puts attention on each encoder skip just before it is
    concatenated ("skip"), on the concatenation ("concat") or on both. Its perceptron has a
    `reduction`-th of the channels as hidden units; its channel gate pools over the whole input or,
    with `footprint` (a multiple of 32 pixels), over so many around each pixel.

    The defaults are FC-DenseNet-56 with a 4k bottleneck: 1,034,881 trainable parameters for ten
    channels, 1,062,311 with CBAM on the skips.
    """
    if cbam_at not in CBAM_AT:
        raise ValueError(f"cbam_at must be one of {CBAM_AT}. Received: cbam_at={cbam_at!r}")
    if footprint and (footprint % BLOCK or not tile):
        raise ValueError(
            f"footprint must be a multiple of {BLOCK} in tiles of fixed size. "
            f"Received: footprint={footprint}, tile={tile}"
        )
    pools = len(depths) // 2
    down, bottom, up = depths[:pools], depths[pools], depths[pools + 1 :]
    unit = {"dropout": dropout, "momentum": momentum}
    gate = {"reduction": reduction, "footprint": footprint}
    dense = {"growth": growth, "bottleneck": bottleneck, **unit}

    inputs = keras.Input((tile, tile, channels))
    x = blocks.conv(inputs, filters)

    skips = []
    for depth in down:
        x, _ = blocks.dense_block(x, depth, **dense)
        skips.append(x)
        x = blocks.transition_down(x, **unit)

    x, new = blocks.dense_block(x, bottom, **dense)

    for level, depth in zip(range(pools, 0, -1), up):
        # Only the block's new maps are carried up: the full stack would grow without bound.
        x, skip = blocks.transition_up(new), skips[level - 1]
        if cbam_at in ("skip", "both"):
            skip = blocks.cbam(skip, name=f"skip{level}", level=level, **gate)
        x = layers.Concatenate()([x, skip])
        if cbam_at in ("concat", "both"):
            x = blocks.cbam(x, name=f"concat{level}", level=level, **gate)
        x, new = blocks.dense_block(x, depth, **dense)

    x = blocks.score(x, outputs, output_bias)
    return keras.Model(inputs, blocks.probability(x), name=name)
