"""Batch statistics measured again, for the network as it predicts.

While a network learns, dropout widens what every later batch normalisation sees, and the running
averages lag behind the weights; in prediction there is no dropout, so the stored statistics are
those of another network (Li et al., 2019, "the disharmony between dropout and batch
normalization"). The cure costs one pass without gradients: read batches of the very mixture that
was trained on once more and average the statistics anew. (Tiles as they lie hold far fewer
landslides than batches do: the same weights had a validation AP of .36 by their statistics, .54 by
those of batches as drawn.)
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from core.learning.networks import network as networks
from models.keras_inside import flat_layers

# Batches that are enough to average over.
BATCHES = 40


def measure_again(network: Any, batches: Iterable[np.ndarray]) -> int:
    """Replace every batch normalisation's statistics by their mean over `batches` of raw channel
    values (tiles, rows, columns, channels), dropout off. Weights that are learned stay. Returns
    the number of batches."""
    layers = networks.keras().layers
    parts = flat_layers(network)
    kinds = (layers.BatchNormalization, layers.Dropout)
    norms, dropouts = ([p for p in parts if isinstance(p, kind)] for kind in kinds)
    before = [(part, "momentum", part.momentum) for part in norms]
    before += [(part, "rate", part.rate) for part in dropouts]
    count = 0
    try:
        for part in dropouts:
            part.rate = 0.0
        for count, batch in enumerate(batches, 1):
            # The mean so far: the first batch replaces what is there, the second counts half.
            for part in norms:
                part.momentum = (count - 1) / count
            network(batch, training=True)
    finally:
        for part, name, value in before:
            setattr(part, name, value)
    return count
