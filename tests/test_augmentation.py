"""Augmentation keeps a bearing true: turning the terrain equals turning tile and aspect."""

import numpy as np
import pytest

from core.learning.tiles.augmentation import CHOICES, TURNS, augment, turn


def aspect_of(elevation: np.ndarray) -> np.ndarray:
    """Bearing of the steepest descent, degrees clockwise from north; rows run south."""
    south, east = np.gradient(elevation)
    return np.degrees(np.arctan2(-east, south)) % 360


@pytest.fixture
def elevation():
    rows, columns = np.mgrid[:40, :40] / 10.0
    return np.sin(rows) + np.cos(1.3 * columns) + 0.3 * rows * columns


@pytest.mark.parametrize(("mirror", "turns"), TURNS)
def test_aspect_turns_with_the_tile(elevation, mirror, turns):
    stack = np.stack([elevation, aspect_of(elevation)], axis=-1)
    turned = augment(stack, [1], mirror, turns)
    difference = (turned[..., 1] - aspect_of(turned[..., 0]) + 180) % 360 - 180
    assert np.abs(difference).max() < 1e-6
    assert (turned[..., 0] == turn(elevation, mirror, turns)).all()


def test_the_paper_uses_all_eight_and_safe_only_the_north_south_flip():
    square = np.arange(9).reshape(3, 3)
    assert len({turn(square, *c).tobytes() for c in CHOICES["paper"]}) == 8
    safe = [turn(square, *c) for c in CHOICES["safe"]]
    assert (safe[0] == square).all()
    assert (safe[1] == square[::-1]).all()
