"""Channels: what a dataset holds and how a factor becomes numbers."""

import numpy as np
import pytest

from core.errors import SlideScopeError
from core.learning.tiles import channels


def test_rs_is_rs_dr_without_deformation(tiny_scene):
    with_rate = channels.dataset_factors(tiny_scene, "rs-dr")
    without = channels.dataset_factors(tiny_scene, "rs")
    assert [n for n in with_rate if n not in without] == ["deformation"]


def test_an_unknown_dataset_is_refused(tiny_scene):
    with pytest.raises(SlideScopeError, match="Unknown dataset 'optical'"):
        channels.dataset_factors(tiny_scene, "optical")


def test_recommended_coding_is_one_hot_classes_and_sine_cosine(tiny_scene):
    items = [tiny_scene.factor(n) for n in ("aspect", "lithology", "red")]
    found = channels.channels_of(items, "recommended")
    assert [c.form for c in found] == ["sine", "cosine", "class", "class", "class", "value"]
    values = np.array([[90.0, 2.0, 7.0], [0.0, np.nan, 8.0]], np.float32)
    coded = channels.encode(values, ("aspect", "lithology", "red"), found)
    assert coded[0] == pytest.approx([1, 0, 0, 1, 0, 7], abs=1e-6)
    assert np.isnan(coded[1, 2:5]).all()


def test_paper_coding_takes_every_factor_as_it_is(tiny_scene):
    items = [tiny_scene.factor(n) for n in ("aspect", "lithology")]
    found = channels.channels_of(items, "paper")
    values = np.array([[90.0, 2.0]], np.float32)
    assert (channels.encode(values, ("aspect", "lithology"), found) == values).all()
    assert channels.from_json(channels.to_json(found)) == found
