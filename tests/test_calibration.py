"""Calibration from the stored counts: what a probability promises and what came true."""

import numpy as np
import pytest

from core.learning.scores import calibration, evaluation


def counts_of(probability: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """Counts (200, 2) of 1000 pixels a bin, a share `observed` of them landslides."""
    table = np.zeros((200, 2), int)
    bins = np.floor(probability * 200).astype(int)
    table[bins, 1] = np.rint(1000 * observed)
    table[bins, 0] = 1000 - table[bins, 1]
    return table


def test_probabilities_that_come_true_have_no_error():
    middles = (np.arange(200) + 0.5) / 200
    assert calibration.expected_error(counts_of(middles, middles)) < 1e-3


def test_an_overconfident_network_has_the_error_it_exaggerates_by():
    middles = (np.arange(120, 200) + 0.5) / 200
    table = counts_of(middles, middles - 0.3)
    assert calibration.expected_error(table) == pytest.approx(0.3, abs=1e-3)
    assert all(s["observed"] < s["predicted"] for s in calibration.reliability(table))


def test_steps_without_pixels_are_left_out_and_none_is_lost():
    table = counts_of(np.array([0.1, 0.9]), np.array([0.1, 0.9]))
    steps = calibration.reliability(table)
    assert [step["pixels"] for step in steps] == [1000, 1000]
    assert calibration.expected_error(np.zeros((200, 2), int)) == 0


def test_evaluate_tells_it_beside_the_scores(tiny_runs):
    found = evaluation.evaluate(tiny_runs[0])
    assert 0 < found["ece"] < 1
    assert sum(step["pixels"] for step in found["reliability"]) == found["pixels"]
