"""A public stack of Mexico City (PyRate's test data) gives the figures of an independent program.

The rates are those of MintPy 1.6.4 without weights, within .001 mm/yr where a pixel has all pairs.
"""

from pathlib import Path

import numpy as np
import pytest
import rasterio

from core.__main__ import main
from core.scene import store

# Where no pair joins two dates MintPy takes the least velocity.
PLAIN = (
    "--reference-pixel 8,9 --cycles none --datum none --gaps rest "
    "--min-temporal-coherence 0 --min-pairs 0"
)


def rate(folder: Path, options: str) -> np.ndarray:
    stack = folder / "sbas_cropA"
    dem = stack / "cropA_T005A_dem.tif"
    words = f"import mexico --elevation {dem} --deformation {stack} {options} --replace"
    assert main(words.split()) == 0
    with rasterio.open(store.load("mexico").path / "sbas" / "rate.tif") as file:
        return file.read(1).astype(np.float64)


def test_without_weights(workspace, real_data, capsys):
    found = rate(real_data, f"{PLAIN} --weights none")
    known = found[np.isfinite(found)]
    assert known.size == 5904
    assert known.mean() == pytest.approx(-105.2149, abs=0.01)
    assert np.median(known) == pytest.approx(-92.8403, abs=0.01)
    assert (known.min(), known.max()) == pytest.approx((-302.1267, 29.6979), abs=0.01)
    assert found[10, 90] == pytest.approx(-292.446, abs=0.01)
    assert found[30, 20] == pytest.approx(-32.738, abs=0.01)


def test_with_the_weights_of_coherence(workspace, real_data, capsys):
    found = rate(real_data, PLAIN)
    assert found[10, 90] == pytest.approx(-292.587, abs=0.01)
    assert found[30, 20] == pytest.approx(-32.938, abs=0.01)
