"""Probability bins: card, map and command line agree because one function bins."""

import numpy as np
import pytest

from core.display import bins


@pytest.mark.parametrize("step", range(1, 201))
def test_every_slider_step_is_the_border_of_a_bin(step):
    threshold = step * 0.005
    at, below = bins.to_display(np.array([threshold, np.nextafter(threshold, -1) - 1e-4]))
    cut = bins.first_bin(threshold)
    assert (at > cut) == (step < 200)
    assert below <= cut


def test_display_and_mask_cover_no_data_and_the_ends():
    display = bins.to_display(np.array([np.nan, 0.0, 0.005, 0.999, 1.0], np.float32))
    assert display.tolist() == [0, 1, 2, 200, 200]
    assert bins.to_mask(display, 0.5).tolist() == [255, 0, 0, 1, 1]
