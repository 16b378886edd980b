"""Two networks of one seed, on RS and on RS-DR, start as one."""

import numpy as np
import pytest

from core.learning.networks import start
from core.learning.tiles.channels import Channel
from core.runs.config import RunConfig

RS = tuple(Channel(name) for name in ("red", "nir", "elevation"))
RS_DR = (*RS, Channel("deformation"))


def test_the_first_kernel_has_he_initialisations_spread():
    kernel = start.first_kernel((3, 3, 3, 2000), RS, seed=0)
    assert kernel.std() == pytest.approx(np.sqrt(2 / 27), rel=0.01)
    assert np.abs(kernel).max() < 2 * np.sqrt(2 / 27) / start.CUT_STD


def test_another_seed_and_another_channel_start_elsewhere():
    a = start.first_kernel((3, 3, 3, 8), RS, seed=0)
    b = start.first_kernel((3, 3, 3, 8), RS, seed=1)
    assert not np.isclose(a, b).any()
    assert not np.isclose(a[:, :, 0], a[:, :, 1]).any()


@pytest.mark.slow
@pytest.mark.parametrize("model", ["fcadensenet", "unet"])
def test_every_weight_that_both_datasets_have_starts_equal(model):
    from core.learning.networks import network

    starts = []
    for channels in (RS, RS_DR):
        config = RunConfig("tiny", "", 1, True, model, "quick", "rs", (), seed=4, tile=32)
        built = network.build(config, len(channels), 0.0, 1.0, 0.0)
        start.start_alike(built, channels, config.seed)
        starts.append([np.asarray(w) for w in built.trainable_weights])
    rs, rs_dr = starts
    assert len(rs) == len(rs_dr)
    same_shape = [np.array_equal(a, b) for a, b in zip(rs, rs_dr) if a.shape == b.shape]
    assert all(same_shape)
    assert len(same_shape) == len(rs) - 1
    assert np.array_equal(rs[0], rs_dr[0][:, :, :3])
