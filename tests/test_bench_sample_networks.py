"""The second part of the sample's acceptance: trained networks on scenes that none has seen."""

import numpy as np
import pytest

from bench import sample_networks


def blocks(hits: int) -> np.ndarray:
    """Forty alike blocks: of 100 slow cells `hits` are found, with 10 false ones."""
    return np.tile(np.array([[900, 10], [0, 0], [100 - hits, hits]]), (40, 1, 1))


def test_a_gain_that_every_block_shows_is_certain():
    found = sample_networks.figures({"rs_dr": blocks(80), "rs": blocks(60)})
    assert found["rs_dr"] == {
        "f1": pytest.approx(160 / 190, abs=1e-3),
        "precision": pytest.approx(80 / 90, abs=1e-3),
        "recall_fresh": 0.0,
        "recall_slow": 0.8,
    }
    assert found["gain"] == pytest.approx(160 / 190 - 120 / 170, abs=1e-3)
    assert found["interval"] == [found["gain"], found["gain"]]
    assert sample_networks.acceptable(found)


def test_a_gain_from_a_single_block_is_not_accepted():
    lucky = blocks(50)
    lucky[0] = [[900, 10], [0, 0], [0, 2000]]
    behind = blocks(50)
    behind[0] = [[900, 10], [0, 0], [2000, 0]]
    found = sample_networks.figures({"rs_dr": lucky, "rs": behind})
    assert found["gain"] > 0.05 and found["interval"][0] <= 0
    assert not sample_networks.acceptable(found)


def test_counts_are_by_block_and_kind_without_gaps():
    kind = np.zeros((256, 512), np.uint8)
    kind[0, 0], kind[0, 300] = 1, 2
    probability = np.full(kind.shape, 0.1, np.float32)
    probability[0, 300], probability[5, 5] = 0.5, np.nan
    left, right = sample_networks.counts(probability, kind)
    assert left.tolist() == [[256 * 256 - 2, 0], [1, 0], [0, 0]]
    assert right.tolist() == [[256 * 256 - 1, 0], [0, 0], [0, 1]]


def test_a_missing_network_is_told_before_anything_is_made(tmp_path):
    with pytest.raises(SystemExit, match="both arms are needed"):
        sample_networks.networks(tmp_path)
