"""Paired statistics: cases that can be counted by hand, and the coverage of the interval."""

from functools import partial
from itertools import product

import numpy as np
import pytest
from scipy.stats import binomtest
from statsmodels.stats.multitest import multipletests

from core.experiments import statistics, table
from core.learning.scores import metrics


def binned(tp, fp, fn, tn) -> np.ndarray:
    """Counts (..., 200, 2) that give this confusion at 0.5."""
    counts = np.zeros((*np.shape(tp), 200, 2), np.int64)
    counts[..., 150, 1], counts[..., 150, 0] = tp, fp
    counts[..., 50, 1], counts[..., 50, 0] = fn, tn
    return counts


def recall(counts: np.ndarray) -> dict:
    """Measure of counts (..., [hits, landslide pixels])."""
    return {"recall": counts[..., 0] / np.maximum(counts[..., 1], 1)}


def arm(seeds: int, blocks: int, hits) -> np.ndarray:
    """100 landslide pixels in every block, `hits` of them found."""
    found = np.broadcast_to(np.asarray(hits), (seeds, blocks))
    return binned(found, 10, 100 - found, 1000)


def test_a_gain_is_the_difference_of_ratios_of_sums():
    few, many = binned(10, 0, 0, 100), binned(100, 0, 300, 100)
    before = np.stack([few, many])[None]
    after = np.stack([few, binned(200, 0, 200, 100)])[None]
    found = statistics.gains(before, after, 0.5)["recall"]
    assert found.before == pytest.approx(110 / 410)
    assert found.after == pytest.approx(210 / 410)
    assert found.points == pytest.approx(100 * 100 / 410)
    assert found.percent == pytest.approx(100 * 100 / 110)


def test_metrics_equal_those_of_the_run():
    counts = np.random.default_rng(0).integers(0, 50, (2, 3, 200, 2))
    found = statistics.measures(counts, 0.3)
    for i, j in product(range(2), range(3)):
        expected = metrics.scores(counts[i, j], 0.3)
        expected["average_precision"] = metrics.average_precision(counts[i, j])
        for name, values in found.items():
            assert values[i, j] == pytest.approx(expected[name])


@pytest.mark.parametrize(("seeds", "blocks"), [(2, 30), (3, 7)])
def test_too_few_seeds_or_blocks_give_no_interval_and_no_p(seeds, blocks):
    found = statistics.gains(arm(seeds, blocks, 40), arm(seeds, blocks, 60), 0.5)["f1"]
    assert found.after > found.before
    assert (found.low, found.high, found.p) == (None, None, None)
    assert f"here are {blocks} and {seeds}." in statistics.too_little(blocks, seeds)


def test_the_same_gain_in_every_block_has_a_narrow_interval_and_the_least_p():
    found = statistics.gains(arm(3, 8, 40), arm(3, 8, 60), 0.5)["recall"]
    assert (found.low, found.high) == pytest.approx((0.2, 0.2))
    # Of 2 ** 8 exchanges, none and all reach the observed difference.
    assert found.p == pytest.approx(2 / 256)


def test_equal_arms_have_p_1():
    found = statistics.gains(arm(3, 8, 40), arm(3, 8, 40), 0.5)
    assert {gain.p for gain in found.values()} == {1.0}
    assert {gain.points for gain in found.values()} == {0.0}


def test_p_equals_trying_every_exchange_by_hand():
    rng = np.random.default_rng(5)
    before, after = (rng.integers(20, 80, (2, 6, 2)) for _ in range(2))
    before[..., 1] = after[..., 1] = 100
    observed, reached = None, 0
    for swap in product((False, True), repeat=6):
        keep = np.array(swap)[None, :, None]
        a, b = np.where(keep, after, before), np.where(keep, before, after)
        d = abs(np.mean(b[..., 0].sum(1) / 600 - a[..., 0].sum(1) / 600))
        observed = d if observed is None else observed
        reached += d >= observed - 1e-12
    p = statistics.permutation(before, after, recall, rng)["recall"]
    assert p == pytest.approx(reached / 64)


def test_random_exchanges_agree_with_all_of_them(monkeypatch):
    rng = np.random.default_rng(3)
    before = np.stack([rng.integers(20, 80, (3, 10)), np.full((3, 10), 100)], axis=-1)
    after = before + [8, 0] * rng.integers(-1, 3, (1, 10, 1))
    exact = statistics.permutation(before, after, recall, rng)["recall"]
    monkeypatch.setattr(statistics, "EXACT_BLOCKS", 0)
    drawn = statistics.permutation(before, after, recall, rng)["recall"]
    assert drawn == pytest.approx(exact, abs=0.02)


def test_seeds_that_disagree_widen_the_interval(monkeypatch):
    monkeypatch.setattr(statistics, "FLIPS", 99)
    steady = arm(3, 20, 60)
    wild = arm(3, 20, np.array([[40], [60], [80]]))
    narrow, wide = (statistics.gains(arm(3, 20, 40), b, 0.5)["recall"] for b in (steady, wild))
    assert narrow.after == pytest.approx(wide.after)
    assert wide.high - wide.low > narrow.high - narrow.low + 0.2


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    """Blocks of unequal size whose gain varies around .1: 95 % of the intervals should hold it."""
    rng = np.random.default_rng(11)
    held, trials = 0, 150
    for _ in range(trials):
        size = rng.integers(50, 400, 16)
        easy = rng.uniform(0.2, 0.6, 16)
        gain = np.clip(0.1 + 0.12 * rng.standard_normal(16), -easy, 1 - easy)
        hits = [rng.binomial(size, share, (3, 16)) for share in (easy, easy + gain)]
        before, after = (np.stack([h, np.broadcast_to(size, h.shape)], axis=-1) for h in hits)
        low, high = statistics.bootstrap(before, after, recall, rng, 400)["recall"]
        held += low <= 0.1 <= high
    assert 0.9 <= held / trials <= 0.99


def test_p_is_seldom_small_where_there_is_nothing():
    rng = np.random.default_rng(12)
    small, trials = 0, 100
    for _ in range(trials):
        before = np.stack([rng.binomial(100, 0.5, (3, 10)), np.full((3, 10), 100)], axis=-1)
        after = np.stack([rng.binomial(100, 0.5, (3, 10)), np.full((3, 10), 100)], axis=-1)
        small += statistics.permutation(before, after, recall, rng)["recall"] <= 0.05
    assert small / trials <= 0.1


@pytest.mark.parametrize(("gained", "lost"), [(9, 2), (1, 14), (40, 41), (700, 600)])
def test_mcnemar_is_the_binomial_test_on_the_discordant_objects(gained, lost):
    expected = binomtest(gained, gained + lost).pvalue
    assert statistics.mcnemar(gained, lost) == pytest.approx(expected)


def test_mcnemar_without_a_discordant_object_is_1():
    assert statistics.mcnemar(0, 0) == 1.0


def test_the_same_table_has_the_same_figures(monkeypatch):
    monkeypatch.setattr(statistics, "FLIPS", 99)
    rng = np.random.default_rng(8)
    before, after = (binned(rng.integers(0, 99, (3, 15)), 5, 50, 900) for _ in range(2))
    make = partial(statistics.gains, before, after, 0.5)
    assert make() == make()


def rejected(p: list[float], level: float) -> list[bool]:
    """Holm's procedure itself: from the smallest on, until one is too large for its rank."""
    found, gone = [False] * len(p), False
    for rank, n in enumerate(sorted(range(len(p)), key=lambda n: p[n])):
        gone = gone or p[n] > level / (len(p) - rank)
        found[n] = not gone
    return found


def test_holms_p_is_the_level_at_which_the_procedure_rejects():
    rng = np.random.default_rng(3)
    for many in (1, 2, 6):
        p = (rng.random(many) ** 3).tolist()
        corrected = statistics.holm(p)
        for level in np.linspace(0.0005, 0.9995, 400):
            assert [each <= level for each in corrected] == rejected(p, level)
        assert corrected == pytest.approx(multipletests(p, method="holm")[1])


def test_every_gain_has_its_corrected_p_beside_it():
    one = {"metrics": {"f1": {"p": 0.01}}, "mcnemar": {"p": 0.2}}
    other = {"metrics": {"f1": {"p": 0.02}}, "mcnemar": {"p": None}}
    nothing = {"metrics": {}, "mcnemar": None}
    first, second, third = table.corrected([one, other, nothing])
    assert (first["metrics"]["f1"]["p_holm"], second["metrics"]["f1"]["p_holm"]) == (0.02, 0.02)
    assert (first["mcnemar"]["p_holm"], second["mcnemar"]["p_holm"]) == (0.2, None)
    assert third == nothing
