"""Split the tiles into training, validation and test parts that do not touch.

`block` (default): blocks of 2 x 2 tiles, stratified by landslide share, the most even of many
random draws, a pixel buffer between the parts. `paper`: landslide and non-landslide tiles 7:3 each
(section 2.2), neighbours may touch. Both carve the validation part out of the training part by
block. `folds`: blocks again, each used tile in the test part of exactly one fold.
"""

from core.learning.split.draw import (
    BLOCK_TILES,
    TEST_SHARE,
    VALIDATION_SHARE,
    block_sums,
    blocks_of,
    check_fold_count,
    check_folds,
    split_tiles,
    with_pixels,
)
from core.learning.split.parts import PARTS, UNUSED, Split, TileTable
from core.learning.split.record import load, same_test, save, summary
from core.learning.split.table import is_quick, landslides_of, tile_table

__all__ = [
    "BLOCK_TILES",
    "PARTS",
    "TEST_SHARE",
    "UNUSED",
    "VALIDATION_SHARE",
    "Split",
    "TileTable",
    "block_sums",
    "blocks_of",
    "check_fold_count",
    "check_folds",
    "is_quick",
    "landslides_of",
    "load",
    "same_test",
    "save",
    "split_tiles",
    "summary",
    "tile_table",
    "with_pixels",
]
