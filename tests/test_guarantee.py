"""A guaranteed recall: it holds on simulated ground, is chosen apart from what checks it, and says
where it cannot be had."""

import json
from dataclasses import replace

import numpy as np
import pytest
from mapie import risk_control

from core.__main__ import main
from core.errors import SlideScopeError
from core.learning.scores import guarantee, metrics, operating_point
from tests import tiny


def ground(blocks: int, rng: np.random.Generator) -> np.ndarray:
    """Counts (blocks, 200, 2): some blocks are easy and some are hard, some hold a few landslide
    pixels and some thousands."""
    pixels = np.exp(rng.uniform(1, 8, blocks)).astype(int)
    ease = rng.normal(0.8, 1.2, blocks)
    middles = (np.arange(200) + 0.5) / 200
    logit = np.log(middles / (1 - middles))
    weight = np.exp(-0.5 * ((logit - ease[:, None]) / 1.3) ** 2) / (middles * (1 - middles))
    shares = weight / weight.sum(axis=1, keepdims=True)
    counts = np.zeros((blocks, 200, 2), np.int64)
    counts[..., 1] = rng.multinomial(pixels, shares)
    counts[..., 0] = 50
    return counts


def test_the_recall_holds_over_500_draws_of_simulated_blocks():
    rng = np.random.default_rng(0)
    population = ground(1000, rng)
    # Of every block at every threshold: the rest of a draw is all but those that were drawn.
    recall = np.stack([guarantee.recalls(population, n / 200) for n in range(201)], axis=1)
    found = np.zeros(500)
    for draw in range(500):
        drawn = rng.permutation(len(population))[:30]
        at = round(200 * guarantee.threshold(population[drawn], 0.9))
        found[draw] = np.delete(recall[:, at], drawn).mean()
    assert 0.9 <= found.mean() <= 0.97


def test_a_higher_threshold_would_break_the_bound():
    blocks = ground(40, np.random.default_rng(1))
    found = guarantee.threshold(blocks, 0.85)
    for step, holds in ((0, True), (0.005, False)):
        missed = 1 - guarantee.recalls(blocks, found + step)
        assert ((missed.sum() + 1) / 41 <= 0.15) == holds


def test_the_threshold_is_that_of_mapie():
    """Another implementation of conformal risk control, fed with every pixel."""
    rng = np.random.default_rng(4)
    bins = np.clip(rng.normal(120 + rng.normal(0, 30, (25, 1)), 40, (25, 80)), 0, 199).astype(int)
    landslide = rng.random(bins.shape) < 0.4
    blocks = np.zeros((25, 200, 2), np.int64)
    for block, place, is_one in zip(blocks, bins, landslide):
        np.add.at(block, (place, is_one.astype(int)), 1)
    for wanted in (0.6, 0.75, 0.9):
        controller = risk_control.MultiLabelClassificationController(
            predict_function=lambda number: (bins[number[:, 0]] + 0.5) / 200,
            risk="recall",
            method="crc",
            target_level=wanted,
            predict_params=np.arange(200) / 200,
        )
        controller.calibrate(np.arange(25)[:, None], landslide.astype(int))
        assert guarantee.threshold(blocks, wanted) == controller.best_predict_param[0]


def test_what_checks_has_chosen_nothing():
    blocks = ground(25, np.random.default_rng(2))
    found = guarantee.of_blocks(blocks, 0.9)
    assert (found.calibration_blocks, found.check_blocks) == (13, 12)
    first, second = guarantee.halves(25, 0.9)
    assert sorted([*first, *second]) == list(range(25))
    changed = blocks.copy()
    changed[second, :, 1] = 0
    changed[second, 0, 1] = 7
    other = guarantee.of_blocks(changed, 0.9)
    assert other.threshold == found.threshold
    assert other.check_recall == 0 < found.check_recall
    tp, _, fn, _ = metrics.confusion(blocks[second].sum(axis=0), found.threshold)
    assert found.pooled_recall == pytest.approx(tp / (tp + fn))


def test_blocks_without_landslides_say_nothing():
    blocks = ground(25, np.random.default_rng(2))
    empty = np.broadcast_to([5, 0], (30, 200, 2))
    more = np.concatenate([blocks, empty])
    assert guarantee.of_blocks(more, 0.9) == guarantee.of_blocks(blocks, 0.9)


@pytest.mark.parametrize(("blocks", "wanted"), [(9, 0.9), (0, 0.5), (19, 0.95)])
def test_too_few_blocks_are_told_what_can_be_had(blocks, wanted):
    with pytest.raises(SlideScopeError, match="cannot be guaranteed: it needs"):
        guarantee.of_blocks(ground(blocks, np.random.default_rng(3)), wanted)


@pytest.mark.parametrize("wanted", [0.0, 1.0, 1.5, float("nan")])
def test_a_share_that_is_none_is_refused(tiny_runs, wanted):
    with pytest.raises(SlideScopeError, match="Invalid recall"):
        guarantee.of_run(tiny_runs[0], wanted)


def test_ground_that_was_learned_from_guarantees_nothing(tiny_runs, monkeypatch):
    """Of a run that is tested on another scene, all of its own is training ground."""
    run = tiny_runs[0]
    elsewhere = replace(run, config=replace(run.config, test_scene="valley"))
    with pytest.raises(SlideScopeError, match="held out no tile of 'tiny'"):
        guarantee.of_run(elsewhere, 0.5, "tiny")


def test_the_command_keeps_a_guaranteed_recall(workspace, capsys):
    scene = tiny.scene(tile=32)
    run = tiny.run(scene, "rs-dr", 4.0, held_out=tuple(range(0, 96)))
    argv = ["evaluate", run.id, "--at", "guarantee=0.6", "--json"]
    assert main([*argv, "--keep"]) == 0
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    promised = found["guarantee"]
    assert found["threshold"] == promised["threshold"]
    assert promised["calibration_recall"] >= 0.6
    assert "as far as blocks are exchangeable" in promised["words"]
    kept = operating_point.load(run)
    assert (kept.kind, kept.wanted, kept.threshold) == ("guarantee", 0.6, found["threshold"])
    assert operating_point.words(kept) == "mean recall 0.6 guaranteed on held-out blocks"
    assert json.loads((run.path / operating_point.FILE).read_text())["part"].startswith("half")
    assert main(["evaluate", run.id, "--at", "guarantee=0.99"]) == 2
    assert "ask for at most 0." in capsys.readouterr().err
    assert main(["evaluate", run.id, "--at", "guarantee=most"]) == 2
    assert "says no recall" in capsys.readouterr().err
