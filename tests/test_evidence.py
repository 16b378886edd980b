"""Evidence per class: figures worked by hand, breaks of every kind, and counts that are right."""

import itertools

import numpy as np
import pytest

from core.analysis.evidence.breaks import breaks, own
from core.analysis.evidence.classing import Classing, parse_own
from core.analysis.evidence.evidence import evidence, information_gain, roc
from core.analysis.evidence.evidence_table import tables
from core.analysis.one_pass.histogram import FineHistogram
from core.errors import SlideScopeError
from core.scene.store import SceneFactor

SLOPE = SceneFactor("slope", "continuous", "°", "test", 1.0, 0.0, 60.0)


def fine(outside, inside, low=0.0, width=10.0) -> FineHistogram:
    return FineHistogram(low, width, np.array([outside, inside]))


def test_weights_of_evidence_as_the_textbook_has_them():
    """Bonham-Carter's figures: W+ = ln P(B|D) / P(B|not D), and its mirror."""
    row = evidence([900, 100], [10, 90], landslides=100)[1]
    assert row.w_plus == pytest.approx(np.log((90 / 100) / (100 / 1000)))
    assert row.w_minus == pytest.approx(np.log((10 / 100) / (900 / 1000)))
    assert row.contrast == pytest.approx(row.w_plus - row.w_minus)
    deviation = np.sqrt(1 / 90 + 1 / 100 + 1 / 10 + 1 / 900)
    assert row.studentised == pytest.approx(row.contrast / deviation)
    assert row.frequency_ratio == pytest.approx((90 / 190) / (100 / 1100))


def test_fewer_landslides_of_the_same_pixels_say_less():
    many, few = (evidence([900, 100], [10, 90], n)[1] for n in (100, 4))
    assert many.contrast == few.contrast
    assert few.studentised == pytest.approx(many.studentised / 5)


def test_an_empty_side_leaves_what_it_must():
    only = evidence([5, 5], [0, 0], landslides=0)[0]
    assert (only.frequency_ratio, only.studentised) == (None, None)
    nowhere = evidence([5, 5], [4, 0], landslides=2)[1]
    assert nowhere.frequency_ratio == 0 and nowhere.w_plus is None
    assert roc([5, 5], [0, 0]) is None and information_gain([5, 5], [0, 0]) == 0


def test_auc_is_that_of_scikit_learn():
    from sklearn.metrics import roc_auc_score

    outside, inside = np.array([50, 30, 20]), np.array([5, 10, 30])
    label = np.repeat([0, 1], [outside.sum(), inside.sum()])
    share = inside / (inside + outside)
    score = np.concatenate([np.repeat(share, outside), np.repeat(share, inside)])
    assert roc(outside, inside)[2] == pytest.approx(roc_auc_score(label, score))


def test_natural_breaks_are_the_best_there_are():
    rng = np.random.default_rng(0)
    weight, at = rng.integers(1, 9, 14), np.arange(14) * 3
    counts = np.zeros(40, int)
    counts[at] = weight

    def spread(begins) -> float:
        ends = [0, *begins, 14]
        runs = [(at[i:j], weight[i:j]) for i, j in itertools.pairwise(ends)]
        return sum((w * (x - np.average(x, weights=w)) ** 2).sum() for x, w in runs)

    best = min(itertools.combinations(range(1, 14), 3), key=spread)
    found = breaks(fine(counts, counts * 0), "natural", 4)
    assert found.tolist() == [0, *at[list(best)], 40]


@pytest.mark.parametrize("method", ["quantile", "equal", "natural"])
def test_every_method_keeps_every_pixel(method):
    rng = np.random.default_rng(1)
    counts = rng.integers(0, 50, (2, 400))
    rows = Classing(method, 7).rows(SLOPE, FineHistogram(0.0, 0.15, counts))
    assert len(rows) == 7
    assert sum(row["pixels"] for row in rows) == counts.sum()
    assert sum(row["landslide_pixels"] for row in rows) == counts[1].sum()


def test_more_classes_than_values_are_not_made_up():
    used = fine([9, 0, 0, 1], [1, 0, 0, 0])
    assert breaks(used, "natural", 10).tolist() == [0, 3, 4]


def test_the_user_s_breaks_and_their_bins():
    rows = Classing(own={"slope": (15.0, 30.0)}).rows(SLOPE, fine([1] * 6, [1] * 6))
    assert [row["pixels"] for row in rows] == [4, 2, 6]
    assert own(fine([1] * 6, [0] * 6), [-5, 100]).tolist() == [0, 6]


def test_sectors_of_a_bearing_wrap_around_north():
    aspect = SceneFactor("aspect", "circular", "°", "test", 1.0, 0.0, 360.0)
    counts = np.zeros((2, 360), int)
    counts[0, 350], counts[0, 10], counts[1, 180] = 3, 4, 5
    rows = Classing().rows(aspect, FineHistogram(0.0, 1.0, counts))
    assert [(r["label"], r["pixels"], r["landslide_pixels"]) for r in rows] == [
        ("N", 7, 0),
        ("S", 5, 5),
    ]


def test_tables_rank_by_information_gain_and_count_landslides():
    nothing = SceneFactor("红色", "continuous", "", "test", 1.0, 0.0, 60.0)
    histograms = {"slope": fine([90, 10], [0, 10]), "红色": fine([50, 50], [5, 5])}
    found = tables([nothing, SLOPE], histograms, landslides=5, classing=Classing("equal", 2))
    assert [(t["factor"], t["rank"]) for t in found["factors"]] == [("slope", 1), ("红色", 2)]
    slope = found["factors"][0]
    assert [row["landslides"] for row in slope["classes"]] == [0, 5]
    assert slope["auc"] == pytest.approx(0.95)
    assert found["breaks"] == {"method": "equal", "classes": 2, "own": {}}


@pytest.mark.parametrize(
    "said, wrong",
    {
        "Unknown class breaks 'jenks'": lambda: breaks(fine([1, 1], [0, 0]), "jenks"),
        "Invalid number of classes 1": lambda: breaks(fine([1, 1], [0, 0]), "equal", 1),
        "give them in rising order": lambda: own(fine([1, 1], [0, 0]), [3, 2]),
        "are of no factor here": lambda: parse_own(["rock=1,2"], ["slope"]),
        "Invalid class breaks 'slope=a'": lambda: parse_own(["slope=a"], ["slope"]),
    }.items(),
)
def test_breaks_that_are_none(said, wrong):
    with pytest.raises(SlideScopeError, match=said):
        wrong()
