"""Where the dates of a network lie across the orbit: perpendicular baselines of single dates."""

import numpy as np

from core.scene.interferograms.network import Network


def positions(network: Network) -> np.ndarray:
    """(N,) float64 metres of every date from the pairs' baselines, by least squares; every island
    about 0, and 0 where none is known.

    >>> from datetime import date
    >>> days = tuple(date(2021, 1, n) for n in (1, 2, 3, 4))
    >>> positions(Network(days, ((0, 1), (1, 2)), (30.0, 30.0))).round(6).tolist()
    [-30.0, 0.0, 30.0, 0.0]
    """
    known = [
        (pair, metres)
        for pair, metres in zip(network.pairs, network.baselines_m)
        if metres is not None
    ]
    found = np.zeros(len(network.dates))
    if not known:
        return found
    matrix = np.zeros((len(known), len(found)))
    for row, ((first, second), _) in zip(matrix, known):
        row[first], row[second] = -1, 1
    # The least norm puts every island about 0.
    return np.linalg.lstsq(matrix, np.array([metres for _, metres in known]), rcond=None)[0]
