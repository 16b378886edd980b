"""Ranks of evidence beside the same inventory moved elsewhere; held-out blocks with a buffer."""

import csv
import json

import numpy as np
import pytest
from scipy import ndimage

from core import workflows
from core.analysis import control, forests, importance, store, tables
from core.analysis.areas import area_text
from core.analysis.classing import METHODS, Classing
from core.analysis.evidence import information_gain, roc
from core.analysis.forests import Blocks, blocks_of, hold_out
from core.analysis.one_pass import statistics
from core.analysis.one_pass.sample import BalancedSample
from core.commands import parse, show
from core.export import audit
from core.jobs.report import silent
from tests import stack

SIDE = 160


@pytest.fixture(autouse=True)
def small_forests(monkeypatch):
    monkeypatch.setattr(forests, "TREES", 5)
    for name, value in {"REPEATS": 2, "NULLS": 1}.items():
        monkeypatch.setattr(importance, name, value)


def slides(rng, count: int = 12, side: int = SIDE) -> np.ndarray:
    mask = np.zeros((side, side), np.uint8)
    for row, column in rng.integers(0, side - 14, (count, 2)):
        mask[row : row + 12, column : column + 12] = 1
    return mask


def squares() -> np.ndarray:
    """64 squares of 20 pixels, a class each: what they are called has nothing to do with slides."""
    return np.kron(np.arange(1, 65).reshape(8, 8), np.ones((20, 20)))


def smooth(rng, side: int = SIDE) -> np.ndarray:
    return ndimage.gaussian_filter(rng.standard_normal((side, side)), 12) * 50


def layers(seed: int = 0) -> tuple[dict, np.ndarray]:
    rng = np.random.default_rng(seed)
    mask = slides(rng)
    found = {
        "slope": 20 + 4 * rng.standard_normal(mask.shape) + 6 * mask,
        "geology": squares(),
        "rainfall": smooth(rng),
        "aspect": rng.uniform(0, 360, mask.shape),
    }
    return found, mask


@pytest.fixture
def scene(workspace):
    return stack.scene(*layers(), categorical=("geology",))


def run(*argv: str) -> dict:
    return workflows.run(parse(["factors", *argv]), silent)


def test_random_squares_rank_high_and_are_no_better_than_chance(scene):
    found = {t["factor"]: t for t in run("planted", "--pixels", "1000")["evidence"]["factors"]}
    geology, slope = found["geology"]["control"], found["slope"]["control"]
    assert found["geology"]["information_gain"] > 0.2 and found["geology"]["auc"] > 0.85
    assert geology["information_gain"]["p"] > 0.05 and geology["above_chance"] is False
    assert geology["auc"]["mean"] > 0.8, "that much is told by squares of anything"
    assert slope["above_chance"] and slope["information_gain"]["p"] == pytest.approx(1 / 40)
    assert slope["shifts"] == control.SHIFTS
    steep = found["slope"]["classes"][-1]
    assert steep["frequency_ratio"] > 2 and steep["chance_p"] == pytest.approx(0.05)


def test_the_control_keeps_its_level(workspace):
    """Factors that have nothing to do with landslides get any p alike (measured on 360 of them:
    .05 or less in 8 % on 160 x 160 px, in 3 % of 180 on 384 x 384)."""
    found = []
    for seed in range(10):
        rng = np.random.default_rng(100 + seed)
        mask = slides(rng, side=256)
        made = stack.scene({f"field_{n}": smooth(rng, 256) for n in range(6)}, mask)
        fine = statistics.compute(made, sample_pixels=0).histograms
        told = tables_of(made, fine, control.measure(made, fine, seed=seed))
        found += [t["control"]["information_gain"]["p"] for t in told.values()]
    assert 0.38 < np.mean(found) < 0.62
    assert np.mean(np.array(found) <= 0.05) <= 0.12


@pytest.mark.parametrize("classing", [Classing(m, 5) for m in METHODS] + [
    Classing(own={"slope": (10.0, 20.0, 25.0)})
])  # fmt: skip
def test_groups_are_the_rows_classes(scene, classing):
    fine = statistics.compute(scene, sample_pixels=0).histograms
    for factor in scene.factors:
        rows = classing.rows(factor, fine[factor.name])
        groups = classing.groups(factor, fine[factor.name])
        total = fine[factor.name].counts.sum(axis=0)
        shown = groups >= 0
        counted = np.bincount(groups[shown], total[shown], len(rows))
        assert counted.astype(int).tolist() == [row["pixels"] for row in rows]


def test_the_figures_of_a_place_are_those_of_the_evidence():
    rng = np.random.default_rng(0)
    outside, inside = rng.integers(0, 90, (2, 5, 7)).astype(float)
    gains, areas = control._gains(outside, inside), control._areas(outside, inside)
    for out, into, gain, area in zip(outside, inside, gains, areas):
        assert gain == pytest.approx(information_gain(out, into))
        assert area == pytest.approx(roc(out, into)[2])


def test_other_classes_and_a_stored_result_bring_their_control(scene):
    first = run("planted", "--pixels", "1000")
    again = run("planted", "--pixels", "1000")
    assert first["evidence"] == again["evidence"]
    other = run("planted", "--pixels", "1000", "--breaks", "equal", "--classes", "4")
    for table in other["evidence"]["factors"]:
        assert table["control"]["shifts"] == control.SHIFTS
        assert all(0 < row["chance_p"] <= 1 for row in table["classes"])
    stored = store.open_stored(scene)
    assert stored.shifted.pixels == scene.read_mask().sum()
    assert stored.shifted.counts["slope"].sum() == control.SHIFTS * stored.shifted.pixels


def test_what_a_place_holds_is_the_moved_inventory(scene):
    fine = statistics.compute(scene, sample_pixels=0).histograms
    moved = control.measure(scene, fine)
    values = scene.read(["geology"])[..., 0]
    counts = {tuple(row) for row in moved.counts["geology"].tolist()}
    mask, matched = scene.read_mask() == 1, 0
    for down in range(SIDE):
        for right in range(SIDE):
            if len(counts) == matched:
                break
            there = np.roll(mask, (down, right), (0, 1))
            held = np.bincount(values[there].astype(int), minlength=65)[1:]
            matched += tuple(held.tolist()) in counts
    assert matched >= len(counts)


def test_an_area_moves_its_landslides_within_itself(scene):
    fine = statistics.compute(scene, sample_pixels=0).histograms
    half = area_text.parse(scene, ["buffer:200"])
    moved = control.measure(scene, fine, half)
    assert moved.pixels == scene.read_mask().sum()
    assert (moved.counts["slope"].sum(axis=1) < moved.pixels).all()


def test_tiles_change_places(workspace):
    rng = np.random.default_rng(3)
    count, side = 45, 32
    mask = np.zeros((count * side, side), np.uint8)
    for tile in range(0, count, 3):
        mask[tile * side + 10 : tile * side + 20, 8:20] = 1
    value = rng.standard_normal(mask.shape)
    made = stack.scene({"slope": value + 3 * mask, "gray": value}, mask, kind="tiles", tile=side)
    found = {t["factor"]: t for t in run("planted", "--pixels", "1000")["evidence"]["factors"]}
    assert found["slope"]["control"]["above_chance"]
    assert not found["gray"]["control"]["above_chance"]
    few = {"slope": value[: 3 * side], "gray": value[: 3 * side]}
    made = stack.scene(few, mask[: 3 * side], kind="tiles", tile=side)
    fine = statistics.compute(made, sample_pixels=0).histograms
    assert len(control.measure(made, fine).counts["slope"]) == control.SHIFTS


def test_places_without_data_leave_no_control(workspace):
    rng = np.random.default_rng(4)
    values = np.full((SIDE, SIDE), np.nan)
    mask = np.zeros((SIDE, SIDE), np.uint8)
    mask[20:36, 20:36] = 1
    values[16:44, 16:44] = rng.standard_normal((28, 28))
    made = stack.scene({"slope": values, "gray": rng.standard_normal(mask.shape)}, mask)
    fine = statistics.compute(made, sample_pixels=0).histograms
    moved = control.measure(made, fine)
    result = tables_of(made, fine, moved)
    assert result["slope"]["control"]["above_chance"] is None
    assert {row["chance_p"] for row in result["slope"]["classes"]} == {None}
    assert result["gray"]["control"]["shifts"] == control.SHIFTS


def tables_of(made, fine, moved) -> dict:
    from core.analysis.evidence import tables as evidence_tables

    found = evidence_tables(made.factors, fine, 1, shifted=moved)
    return {t["factor"]: t for t in found["factors"]}


def test_the_control_is_told_everywhere(scene, tmp_path, capsys):
    result = run("planted", "--pixels", "1000", "--report", str(tmp_path / "a.html"))
    show("factors", result)
    told = capsys.readouterr().out
    line = next(row for row in told.splitlines() if "Geology: information gain" in row)
    assert "moved elsewhere" in line and line.endswith("no better than chance")
    assert json.loads(json.dumps(result, allow_nan=False)) == result
    rows = list(csv.DictReader(tables.ranking_csv(result["evidence"]).splitlines()))
    about = {row["factor"]: row for row in rows}
    assert about["geology"]["above_chance"] == "False" and about["slope"]["above_chance"] == "True"
    assert float(about["slope"]["information_gain_p"]) == pytest.approx(1 / 40)
    classes = list(csv.DictReader(tables.evidence_csv(result["evidence"]).splitlines()))
    assert all(0 < float(row["chance_p"]) <= 1 for row in classes)
    page = (tmp_path / "a.html").read_text("utf-8")
    assert "no better than chance" in page and "39 places" in page
    assert any("moved over the scene as a whole" in note for note in map(" ".join, [audit.NOTES]))


def test_training_keeps_away_from_held_out_blocks():
    rng = np.random.default_rng(0)
    label = np.repeat(np.array([0, 1], np.uint8), 2000)
    row, column = rng.integers(0, 1024, (2, 4000))
    sample = BalancedSample(rng.standard_normal((4000, 1)), label, row, column)
    blocks = blocks_of(sample, 128, "area", 1024)
    assert (blocks.side, blocks.buffer) == (256, 32)
    held = hold_out(blocks, label, np.random.default_rng(1))
    trained = ~blocks.near(held)
    gaps = np.maximum(
        np.abs(row[trained][:, None] - row[held]), np.abs(column[trained][:, None] - column[held])
    )
    assert gaps.min() >= 32 and trained.sum() > 1000
    # Whatever is left out without being held out lies that near to a held-out block.
    between = ~held & ~trained
    gone = set(blocks.number[held].tolist())
    for r, c in zip(row[between], column[between]):
        around = {
            ((r + down) // 256) * 4 + (c + right) // 256
            for down in (-32, 0, 32)
            for right in (-32, 0, 32)
            if 0 <= (c + right) // 256 < 4
        }
        assert around & gone


def test_tiles_need_no_buffer():
    label = np.tile(np.array([0, 1], np.uint8), 8)
    row = np.repeat(np.arange(8), 2) * 32
    sample = BalancedSample(np.zeros((16, 1)), label, row, np.zeros(16, int))
    assert blocks_of(sample, 32, "tiles", 32).buffer == 0
    held = np.array([True, False])
    assert Blocks(np.array([0, 1]), 8).near(held).tolist() == [True, False]


def test_leaking_ground_is_held_back_by_the_buffer(workspace, monkeypatch):
    """A field that only knows where it is tells less across a buffer than across an edge."""
    rng = np.random.default_rng(5)
    side = 512
    mask = slides(rng, 60, side)
    near = ndimage.gaussian_filter(rng.standard_normal((side, side)), 8) * 40
    label = mask.ravel()
    at = np.concatenate([rng.choice(np.flatnonzero(label == k), 3000) for k in (0, 1)])
    row, column = np.divmod(at, side)
    values = np.column_stack([near.ravel()[at], row, column]).astype(np.float32)
    sample = BalancedSample(values, label[at], row, column)
    blocks = blocks_of(sample, 64, "area", side)
    found = importance.importance(sample, [0, 1, 2], ["a", "b", "c"], blocks, repeats=3)
    assert found.auc["mean"] < 0.75


def test_the_page_marks_what_is_no_better_than_chance(scene):
    from pages.components.factors import evidence_view

    found = run("planted", "--pixels", "1000")["evidence"]["factors"]
    said = evidence_view.chance(found)
    assert "the mean of 39 places" in said and "hatched: Geology" in said
    bars, marks = evidence_view.ranking(found, "slope").data
    hatched = dict(zip([t["factor"] for t in found], bars.marker.pattern.shape))
    assert hatched["geology"] == "/" and hatched["slope"] == ""
    assert len(marks.x) == len(found) and all(x > 0 for x in marks.x)
    none = [{**t, "control": None} for t in found]
    assert evidence_view.chance(none).startswith("No control")
