"""The range of autocorrelation, and how far held-out ground lies from training ground."""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage
from scipy.spatial import distance

from core.__main__ import main
from core.analysis import autocorrelation
from core.errors import SlideScopeError
from core.learning.scores.metrics import TEST, TRAIN
from core.learning.split import Split, spacing
from core.learning.tiles.tiling import tiling_of
from tests import tiny


def test_the_variogram_is_that_of_every_pair():
    rng = np.random.default_rng(0)
    values = rng.standard_normal((14, 17)).cumsum(axis=1)
    values[3, 4:9] = np.nan
    lags, gamma, pairs = autocorrelation.variogram(values, (10.0, 10.0))
    at = np.argwhere(np.isfinite(values))
    apart = distance.pdist(at * 10.0)
    half = distance.pdist(values[np.isfinite(values)][:, None], "sqeuclidean") / 2
    for n in range(len(lags)):
        inside = (apart / 10).round() == n + 1
        assert pairs[n] == pytest.approx(2 * inside.sum())
        assert gamma[n] == pytest.approx(half[inside].mean())
        assert lags[n] == pytest.approx(apart[inside].mean())


def test_ground_of_a_known_range_has_it():
    """White noise summed over discs 21 pixels wide is alike over as many (the model differs)."""
    noise = np.random.default_rng(1).standard_normal((256, 256))
    rows, columns = np.mgrid[-10:11, -10:11]
    disc = (np.hypot(rows, columns) <= 10).astype(float)
    found = autocorrelation.of_values("a", ndimage.convolve(noise, disc, mode="wrap"), (30.0, 30.0))
    assert found.metres == pytest.approx(630, rel=0.15) and not found.beyond


def test_noise_has_none_and_a_slope_is_beyond_what_the_scene_tells():
    noise = np.random.default_rng(2).standard_normal((128, 128))
    assert autocorrelation.of_values("noise", noise, (10.0, 10.0)).metres == 0
    plane = np.mgrid[:128, :128][0].astype(float)
    assert autocorrelation.of_values("plane", plane, (10.0, 10.0)).beyond
    assert autocorrelation.of_values("flat", np.ones((9, 9)), (1.0, 1.0)).metres == 0


@pytest.mark.parametrize("buffer", [0, 20])
def test_distances_are_those_of_a_search(tiny_scene, buffer):
    tiling = tiling_of(tiny_scene)
    part = np.array([TRAIN, TRAIN, TEST, TRAIN, TEST, TEST], np.uint8)
    split = Split(tiling, part, buffer)
    away = spacing.distances(tiny_scene, split)
    usable = np.zeros(tiny_scene.grid.shape, bool)
    held = usable.copy()
    for number in range(6):
        rows, columns = tiling.window(number).toslices()
        if part[number] == TRAIN:
            usable[rows, columns] = split.usable(number)
        else:
            held[rows, columns] = True
    train, test = np.argwhere(usable)[::1], np.argwhere(held)
    pick = np.random.default_rng(0).permutation(len(test))[:40]
    wanted = distance.cdist(test[pick] * 12.5, train * 12.5).min(axis=1)
    assert away[pick] == pytest.approx(wanted)
    assert away.min() == 12.5 * (buffer + 1)


def test_evaluate_says_whether_blocks_reach_the_range(tiny_runs, capsys):
    run = tiny_runs[0]
    assert main(["evaluate", run.id, "--spacing", "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])["spacing"]
    assert {row["factor"] for row in found["ranges"]} >= {"red", "slope", "landslides"}
    assert (found["unit"], found["block"]) == ("m", 2 * 128 * 12.5)
    assert 0 <= found["near_share"] <= 1
    assert "The factors are alike over" in found["words"]
    assert main(["evaluate", run.id, "--spacing"]) == 0
    assert found["words"] in capsys.readouterr().out


def test_narrow_blocks_are_told_what_would_do():
    found = {
        **{"unit": "m", "range": 5000.0, "near_share": 0.9, "block": 3200.0},
        **{"distances": {"0.5": 900.0}, "proposed_block_px": 512, "proposed_buffer_px": 127},
    }
    said = spacing.words(found, 12.5)
    assert "90 % of the held-out pixels" in said and "512 px (6,400 m) would reach it" in said
    assert "--buffer 127" in said and said.endswith(".")


def test_tiles_have_no_distance(workspace):
    scene = replace(tiny.scene(), kind="tiles")
    with pytest.raises(SlideScopeError, match="of independent tiles"):
        autocorrelation.of_scene(scene)
