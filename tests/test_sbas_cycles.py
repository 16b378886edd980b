"""Whole cycles: triplets that do not close show them, short pairs first put them right."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from core.scene.sbas.cycles import closures, correct, loose_ends, whole_pairs
from core.scene.sbas.inversion import invert
from tests import interferograms

TURN = 2 * np.pi
NET = interferograms.network(12, 132, 3, 36)
PAIRS = len(NET.pairs)


def smooth(pixels: int, seed: int = 0, noise: float = 0.2) -> np.ndarray:
    """Rightly unwrapped phases (M, pixels)."""
    rng = np.random.default_rng(seed)
    dates = np.cumsum(rng.normal(0, 1, (12, pixels)), 0)
    phase = dates[NET.second] - dates[NET.first]
    return (phase + rng.normal(0, noise, phase.shape)).astype(np.float32)


def test_right_phases_stay_as_they_are():
    phase = smooth(100)
    zero = np.zeros(PAIRS)
    found = correct(NET, phase, zero, "search")
    assert found.phase is phase
    assert not found.before.any()
    assert not found.changed.any()


def test_a_wrong_pair_is_put_right_where_it_is_wrong():
    right = smooth(200)
    wrong = right.copy()
    wrong[7, 50:90] += np.float32(TURN)
    wrong[11, 70:120] -= np.float32(2 * TURN)
    found = correct(NET, wrong, np.zeros(PAIRS), "search")
    assert found.phase == pytest.approx(right, abs=1e-4)
    assert (found.before[50:120] > 0).all()
    assert not found.before[:50].any()
    assert not found.after.any()
    assert found.changed[60] == pytest.approx(1 / PAIRS)
    assert found.changed[80] == pytest.approx(2 / PAIRS)


def test_none_counts_and_changes_nothing():
    wrong = smooth(20)
    wrong[3] += np.float32(TURN)
    found = correct(NET, wrong, np.zeros(PAIRS), "none")
    assert found.phase is wrong
    assert (found.after == found.before).all()
    assert found.before.all()


def test_drop_leaves_out_a_pair_whose_triplets_all_disagree():
    right = smooth(30)
    wrong = right.copy()
    wrong[7, :10] += np.float32(TURN)
    found = correct(NET, wrong, np.zeros(PAIRS), "drop")
    assert np.isnan(found.phase[7, :10]).all()
    assert np.isnan(found.phase).sum() == 10
    assert not found.after.any()


def test_a_closure_counts_only_with_all_three_pairs():
    phase = smooth(5)
    m = NET.triplets[0, 0]
    phase[m, 2] = np.nan
    wrong, closed = closures(NET, phase, np.zeros(PAIRS))
    lost = (NET.triplets == m).any(1).sum()
    assert (
        closed.tolist()
        == [len(NET.triplets)] * 2 + [len(NET.triplets) - lost] + [len(NET.triplets)] * 2
    )
    assert not wrong.any()


def test_the_reference_counts_in_a_closure():
    phase, zero = smooth(5), np.zeros(PAIRS)
    zero[4] = -TURN
    assert closures(NET, phase, zero)[0].all()


def test_a_pair_that_is_off_everywhere_is_found_by_a_sample():
    phase, zero = smooth(300, noise=0.4), np.zeros(PAIRS)
    zero[4], zero[9] = -TURN, 2 * TURN
    turns = whole_pairs(NET, phase, zero)
    expected = np.zeros(PAIRS, int)
    expected[4], expected[9] = 1, -2
    assert turns.tolist() == expected.tolist()


def test_blocks_and_threads_show_in_no_cycle():
    phase = smooth(700)
    rng = np.random.default_rng(3)
    phase += (TURN * (rng.random(phase.shape) < 0.05)).astype(np.float32)
    zero = np.zeros(PAIRS)
    once = correct(NET, phase, zero, "search", threads=1)
    again = correct(NET, phase, zero, "search", threads=3)
    parts = [correct(NET, np.ascontiguousarray(p), zero, "search") for p in (
        phase[:, :33], phase[:, 33:500], phase[:, 500:]
    )]  # fmt: skip
    assert once.phase.tobytes() == again.phase.tobytes()
    assert once.phase.tobytes() == np.concatenate([p.phase for p in parts], 1).tobytes()


def test_the_mean_closure_beside_whole_cycles_is_what_short_pairs_lean_by():
    phase = smooth(400, noise=0.1)
    phase[NET.spans_days <= 12] += np.float32(0.1)
    # 10 triplets of 12 + 12 - 24 days gain .2 rad, 18 of 12 + 24 - 36 gain .1.
    assert loose_ends(NET, phase, np.zeros(PAIRS)) == pytest.approx(3.8 / 28, abs=0.005)
    single = replace(NET, pairs=tuple((n, n + 1) for n in range(11)))
    assert loose_ends(single, smooth(4)[:11], np.zeros(11)) is None


def branch_cut(wrapped: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """A plain unwrapper: along the middle row, and from there along every column."""
    line = np.unwrap(wrapped[len(wrapped) // 2])
    down = np.unwrap(wrapped, axis=0)
    return down + (line - down[len(wrapped) // 2])


def test_a_sharp_slide_beyond_the_longest_pairs_is_seen_by_the_short_ones():
    """-140 mm/yr: pairs of 60 days see no more than 84, those of 36 days 141."""
    net = interferograms.network(41, 480, 5, 60)
    stack = interferograms.make(
        net, 1, 64, rates=(-135,), errors=(), taper=50, unwrap=branch_cut
    )  # fmt: skip
    flat = stack.phase.reshape(len(net.pairs), -1)
    zero = flat[:, 0].astype(np.float64)
    mm = 1 / interferograms.RADIANS_PER_MM
    found = correct(net, flat, zero, "search")
    inside = ndimage.binary_erosion(stack.slides > 0, iterations=2).ravel()
    plain = invert(net, flat, reference=zero).rate * mm
    assert np.median(plain[inside]) > -100
    assert np.median(invert(net, found.phase, reference=zero).rate[inside]) * mm == pytest.approx(
        -135, rel=0.02
    )


def test_a_lone_chain_of_short_pairs_does_not_decide():
    """20 days apart, only neighbours are within 36 days: nobody vouches for them."""
    net = interferograms.network(20, 380, 3, 60)
    rng = np.random.default_rng(4)
    dates = np.cumsum(rng.normal(0, 1, (20, 300)), 0)
    right = dates[net.second] - dates[net.first] + rng.normal(0, 0.2, (len(net.pairs), 300))
    wrong = right.astype(np.float32)
    neighbours = np.flatnonzero(net.spans_days == 20)
    wrong[neighbours[9]] += np.float32(TURN)
    found = correct(net, wrong, np.zeros(len(net.pairs)), "search")
    assert found.phase == pytest.approx(right, abs=1e-4)
    assert not found.after.any()
