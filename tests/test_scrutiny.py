"""What reviewers ask: rates, classes, Boyce index, Brier score and recalibration, against others'
computation from single pixels."""

import json
from bisect import bisect_left, bisect_right

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as oracle
from sklearn.isotonic import IsotonicRegression

from core.__main__ import main
from core.errors import SlideScopeError
from core.learning.prediction import products
from core.learning.scores import calibration, intervals, metrics, ranking, scrutiny


@pytest.fixture(scope="module")
def pixels():
    """(probability at the bins' middles, landslide) of 20,000 pixels, overconfident."""
    rng = np.random.default_rng(1)
    landslide = rng.random(20_000) < 0.05
    raw = 1 / (1 + np.exp(-(rng.standard_normal(20_000) + 3 * landslide - 2)))
    return (np.minimum(np.floor(raw * 200), 199) + 0.5) / 200, landslide


@pytest.fixture(scope="module")
def counts(pixels):
    probability, landslide = pixels
    found = np.zeros((200, 2), np.int64)
    np.add.at(found, (np.floor(probability * 200).astype(int), landslide.astype(int)), 1)
    return found


def test_the_roc_area_is_scikit_learns_and_the_rate_area_that_of_sorted_pixels(pixels, counts):
    probability, landslide = pixels
    under = ranking.areas_under(counts)
    assert under["roc_auc"] == pytest.approx(oracle.roc_auc_score(landslide, probability))
    area, found = ranking.rate_curve(counts)
    assert under["rate_auc"] == pytest.approx(oracle.auc(area, found))
    # One point of the curve, counted: what the fifth of the area holds that is most probable.
    order = np.sort(probability)[::-1]
    cut = order[len(order) // 5]
    inside = probability > cut
    at = np.searchsorted(area, inside.mean())
    assert (area[at], found[at]) == pytest.approx(
        (inside.mean(), landslide[inside].mean() * inside.sum() / landslide.sum())
    )


def test_a_map_without_landslides_has_no_area():
    assert np.isnan(ranking.areas_under(np.ones((200, 2)) * [1, 0])["roc_auc"])


def ecospat_boyce(fit: np.ndarray, obs: np.ndarray, width: float, starts: np.ndarray) -> float:
    """As `ecospat.boyce` of R does it, from single values, counted window by window."""
    fit, obs = sorted(fit.tolist()), sorted(obs.tolist())

    def share(values, low, high):
        return (bisect_right(values, high) - bisect_left(values, low)) / len(values)

    found = [(s, share(fit, s, s + width), share(obs, s, s + width)) for s in starts]
    ratios = [(s, round(o / f, 10)) for s, f, o in found if f]
    kept = [r for r, after in zip(ratios, [*ratios[1:], (None, None)]) if r[1] != after[1]]
    return stats.spearmanr([s for s, _ in kept], [r for _, r in kept]).statistic


def test_the_boyce_index_is_the_one_counted_window_by_window(pixels, counts):
    probability, landslide = pixels
    used = np.flatnonzero(counts.any(axis=1))
    span = used[-1] + 1 - used[0]
    width = round(0.1 * span)
    starts = np.arange(used[0], used[-1] + 2 - width) / 200
    wanted = ecospat_boyce(probability, probability[landslide], width / 200, starts)
    assert ranking.boyce(counts)[0] == pytest.approx(wanted)


def test_the_boyce_index_falls_where_probable_ground_has_fewer_landslides(counts):
    area = np.full(200, 1000)
    rarer = np.stack([area, area - 5 * np.arange(200)], axis=1)
    assert ranking.boyce(counts)[0] > 0.9
    assert ranking.boyce(rarer)[0] == pytest.approx(-1)
    assert ranking.boyce(np.zeros((200, 2), int))[0] is None


@pytest.mark.parametrize("breaks", ["equal", "quantile"])
def test_classes_hold_every_pixel_once(pixels, counts, breaks):
    probability, landslide = pixels
    rows = ranking.classes(counts, breaks, 5)
    assert (rows[0]["low"], rows[-1]["high"]) == (0.0, 1.0)
    assert sum(row["pixels"] for row in rows) == len(probability)
    for row in rows:
        inside = (probability > row["low"]) & (probability < row["high"])
        assert row["landslide_pixels"] == landslide[inside].sum()
        assert row["landslide_share"] == pytest.approx(landslide[inside].sum() / landslide.sum())
        assert row["frequency_ratio"] == pytest.approx(landslide[inside].mean() / landslide.mean())


def test_the_brier_score_is_scikit_learns_and_the_sum_of_its_parts(pixels, counts):
    probability, landslide = pixels
    found = calibration.parts(counts)
    assert found["brier"] == pytest.approx(oracle.brier_score_loss(landslide, probability))
    parts = found["reliability"] - found["resolution"] + found["uncertainty"]
    assert found["brier"] == pytest.approx(parts)


def test_isotonic_recalibration_is_scikit_learns_and_makes_probabilities_come_true(pixels, counts):
    probability, landslide = pixels
    half = np.arange(len(landslide)) % 2 == 0
    first, second = np.zeros((2, 200, 2), np.int64)
    bins = np.floor(probability * 200).astype(int)
    for target, part in ((first, half), (second, ~half)):
        np.add.at(target, (bins[part], landslide[part].astype(int)), 1)
    table = calibration.isotonic(first)
    wanted = IsotonicRegression(out_of_bounds="clip").fit(probability[half], landslide[half])
    assert table == pytest.approx(wanted.predict(calibration.MIDDLES), abs=1e-9)
    after = calibration.recalibrated(second, table)
    score = oracle.brier_score_loss(landslide[~half], table[bins[~half]])
    assert after["brier"] == pytest.approx(score)
    assert after["brier"] < calibration.parts(second)["brier"]
    assert after["ece"] < 0.2 * calibration.expected_error(second)


def test_a_recalibration_that_changes_nothing_changes_no_figure(counts):
    after = calibration.recalibrated(counts, calibration.MIDDLES)
    assert after["ece"] == pytest.approx(calibration.expected_error(counts))
    assert after["reliability"] == calibration.reliability(counts)


def test_intervals_hold_the_figure(counts):
    rng = np.random.default_rng(2)
    blocks = np.stack([rng.binomial(counts // 10, 0.9) for _ in range(10)])
    found = intervals.of_measure(blocks, ranking.areas_under)
    low, high = found["roc_auc"]
    assert low < ranking.areas_under(blocks.sum(axis=0))["roc_auc"] < high
    assert intervals.of_measure(blocks[:3], ranking.areas_under) is None


@pytest.fixture
def run(tiny_runs):
    """A run whose second tile is validation."""
    run = tiny_runs[0]
    counts, part = products.load_counts(run.prediction())
    part[0] = metrics.VALIDATION
    products.save_counts(run.prediction(), counts, part)
    return run


def test_evaluate_has_it_for_reviewers(run, capsys):
    assert main(["evaluate", run.id, "--reviewers"]) == 0
    said = capsys.readouterr().out
    assert "AUC of the prediction rate" in said and "continuous Boyce index" in said
    assert main(["evaluate", run.id, "--reviewers", "--classes", "4", "--json"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])["reviewers"]
    counts, part = products.load_counts(run.prediction())
    total = metrics.area_counts(counts, part, "test")
    assert [rate["name"] for rate in found["rates"]] == ["prediction", "success"]
    assert found["rates"][0]["rate_auc"] == pytest.approx(ranking.areas_under(total)["rate_auc"])
    assert len(found["classes"]["rows"]) == 4
    assert found["brier"]["brier"] == pytest.approx(float(calibration.briers(total)))
    table = calibration.isotonic(metrics.area_counts(counts, part, "validation"))
    assert found["recalibration"]["bins"] == pytest.approx(table.tolist(), abs=1e-6)


def test_a_recalibration_is_never_judged_on_its_own_ground(run):
    found = scrutiny.of_run(run, area="all")["recalibration"]
    assert found["bins"] is None and "choose --area test" in found["why"]
    counts, part = products.load_counts(run.prediction())
    part[part == metrics.VALIDATION] = metrics.TRAIN
    products.save_counts(run.prediction(), counts, part)
    assert "never chooses a threshold" in scrutiny.of_run(run)["recalibration"]["why"]


def test_an_area_without_landslides_is_refused_in_a_sentence(run):
    counts, part = products.load_counts(run.prediction())
    counts[..., 1] = 0
    products.save_counts(run.prediction(), counts, part)
    with pytest.raises(SlideScopeError, match="No landslide pixel lies in the area 'test'"):
        scrutiny.of_run(run)


def test_other_outlines_than_those_counted_are_refused(run, capsys):
    argv = ["evaluate", run.id, "--reviewers", "--inventory-version", "1"]
    assert main(argv) == 2
    assert "reads the stored counts" in capsys.readouterr().err
