"""Windows of a scene as a network wants them."""

import numpy as np
from rasterio.windows import Window

from core.learning.networks.network import ModelCard
from core.learning.prediction.windows import Span, WindowPlan
from core.learning.tiles.channels import encode
from core.scene.store import Scene


def window(
    scene: Scene, factors: tuple[str, ...], row: Span, column: Span, plan: WindowPlan
) -> np.ndarray:
    """Raw values float32 (height, width, factors) of one window, NaN beyond the scene (and, in a
    tile scene, beyond the tile)."""
    limits = (row.last, column.last) if scene.kind == "tiles" else scene.grid.shape
    height = min(plan.height, limits[0] - row.start)
    width = min(plan.width, limits[1] - column.start)
    values = scene.read(factors, Window(column.start, row.start, width, height))
    beyond = ((0, plan.height - height), (0, plan.width - width), (0, 0))
    return np.pad(values, beyond, constant_values=np.nan)


def encoded(raw: np.ndarray, card: ModelCard) -> np.ndarray:
    """Channels float32 (..., channels) of raw values (..., factors of the card)."""
    return encode(raw, card.factors, card.channels)
