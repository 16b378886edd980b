"""Metrics from whole-area counts, held against the paper's own figures and scikit-learn."""

import numpy as np
import pytest
from sklearn import metrics as sk

from core.display import bins
from core.errors import SlideScopeError
from core.learning.scores import metrics

# Tables 3 and 4 of the paper: precision, recall -> F1, Kappa, MIoU at 224 : 1.
PRINTED = [
    (0.6870, 0.5354, 0.6018, 0.6002, 0.7136),
    (0.4653, 0.6908, 0.5561, 0.5543, 0.6901),
    (0.8381, 0.6972, 0.7611, 0.7602, 0.8062),
    (0.6614, 0.6878, 0.6743, 0.6729, 0.7529),
]


@pytest.mark.parametrize("row", PRINTED, ids=["FCN", "U-Net", "FCADenseNet", "FCADenseNet RS"])
def test_formulas_give_the_printed_figures(row):
    precision, recall, f1, kappa, miou = row
    positives, negatives = 1_000_000, 224_000_000
    tp = recall * positives
    fp = tp / precision - tp
    found = metrics.confusion_scores(tp, fp, positives - tp, negatives - fp)
    # Precision, recall and the imbalance are printed rounded.
    assert found["f1"] == pytest.approx(f1, abs=6e-4)
    assert found["kappa"] == pytest.approx(kappa, abs=8e-4)
    assert found["miou"] == pytest.approx(miou, abs=6e-4)


@pytest.fixture
def pixels():
    rng = np.random.default_rng(1)
    truth = rng.random(20_000) < 0.05
    probability = np.clip(rng.normal(0.3 + 0.3 * truth, 0.15), 0, 1)
    return probability, truth


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.72])
def test_scores_equal_scikit_learn(pixels, threshold):
    probability, truth = pixels
    found = metrics.scores(metrics.count(bins.to_display(probability), truth), threshold)
    predicted = probability >= threshold
    assert found["precision"] == pytest.approx(sk.precision_score(truth, predicted))
    assert found["recall"] == pytest.approx(sk.recall_score(truth, predicted))
    assert found["kappa"] == pytest.approx(sk.cohen_kappa_score(truth, predicted))
    assert found["iou_landslide"] == pytest.approx(sk.jaccard_score(truth, predicted))
    assert found["miou"] == pytest.approx(sk.jaccard_score(truth, predicted, average="macro"))


def test_average_precision_equals_scikit_learn_up_to_the_bins(pixels):
    probability, truth = pixels
    found = metrics.average_precision(metrics.count(bins.to_display(probability), truth))
    assert found == pytest.approx(sk.average_precision_score(truth, probability), abs=0.01)


def test_an_empty_mask_scores_zero_and_not_a_crash():
    counts = np.zeros((200, 2), np.int64)
    counts[3] = 990, 10
    found = metrics.scores(counts)
    assert (found["precision"], found["recall"], found["f1"], found["kappa"]) == (0, 0, 0, 0)
    assert found["miou"] == pytest.approx(0.495)


def test_an_area_is_the_sum_of_its_tiles():
    counts = np.arange(4 * 200 * 2).reshape(4, 200, 2)
    part = np.array([metrics.TRAIN, metrics.TEST, metrics.TEST, metrics.VALIDATION])
    assert (metrics.area_counts(counts, part, "test") == counts[1] + counts[2]).all()
    assert (metrics.area_counts(counts, part, "all") == counts.sum(0)).all()
    with pytest.raises(SlideScopeError, match="Unknown area 'everything'"):
        metrics.area_counts(counts, part, "everything")


def test_no_data_counts_for_nothing():
    display = np.array([[0, 200], [0, 1]], np.uint8)
    assert metrics.count(display, np.ones((2, 2), np.uint8)).sum() == 2


def test_best_f1_is_the_best_of_all_thresholds(pixels):
    probability, truth = pixels
    counts = metrics.count(bins.to_display(probability), truth)
    threshold, best = metrics.best_f1(counts)
    everything = [metrics.scores(counts, t / 200)["f1"] for t in range(200)]
    assert best == pytest.approx(max(everything))
    assert metrics.scores(counts, threshold)["f1"] == pytest.approx(best)


def test_a_threshold_above_one_is_refused():
    with pytest.raises(SlideScopeError, match=r"Invalid threshold 1\.5"):
        metrics.scores(np.zeros((200, 2)), 1.5)
