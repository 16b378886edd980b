"""A stack in, a rate and its layers out: blocks, stops, masks, and what the report says."""

import json
from dataclasses import replace

import numpy as np
import pytest
import rasterio

from core.errors import SlideScopeError
from core.request import options, words_of
from core.scene.sbas import blocks, chain, series
from core.scene.sbas.outcome import Outcome
from core.scene.sbas.settings import SbasSettings, pixel_of
from tests import interferograms

NET = interferograms.network(20, 380, 3, 60)
RATES = (-60.0, 25.0)
PLAIN = SbasSettings(cycles="none", datum="none", weights="none")


@pytest.fixture(scope="module")
def stack() -> interferograms.Stack:
    """92 x 96 pixels with two slides under an air that differs from date to date."""
    errors = ("turbulence", "height", "ramp", "noise", "cycles")
    made = interferograms.make(NET, 3, 96, rates=RATES, errors=errors)
    phase, coherence = made.phase[:, :92], made.coherence[:, :92]
    truth = {"rate": made.rate[:92], "heights": made.heights[:92], "slides": made.slides[:92]}
    return replace(made, phase=phase, coherence=coherence, row_block=8, **truth)


def layers(folder) -> dict[str, np.ndarray]:
    found = {}
    for file in sorted(folder.glob("*.tif")):
        with rasterio.open(file) as opened:
            found[file.stem] = opened.read().squeeze()
    return found


def run(stack, settings, folder, **more):
    outcome = chain.run(stack, settings, stack.heights, None, folder, **more)
    return outcome, layers(folder)


def test_slides_are_found_against_stable_ground(stack, tmp_path):
    outcome, found = run(stack, SbasSettings(), tmp_path)
    rate = found["deformation"]
    kept = np.isfinite(rate)
    stable = kept & (stack.slides == 0)
    away = (rate - stack.rate)[stable]
    assert kept.mean() > 0.8
    assert abs(np.median(away)) < 2
    assert (np.abs(away) < 2 * found["rate_error"][stable]).mean() > 0.85
    for number, fastest in enumerate(RATES, 1):
        core_ = kept & (stack.slides == number) & (np.abs(stack.rate) > 0.9 * abs(fastest))
        assert np.median(rate[core_]) == pytest.approx(fastest, abs=6)
    assert outcome.figures["closures_after"] < outcome.figures["closures_before"]


def test_every_layer_lies_on_the_grid_and_says_what_it_is(stack, tmp_path):
    outcome, found = run(stack, SbasSettings(), tmp_path)
    assert {f"{name}.tif" for name in found} == set(outcome.layers) - {"series.i2"}
    assert found["closures"].shape == (2, 92, 96)
    with rasterio.open(tmp_path / "deformation.tif") as opened:
        assert opened.transform == stack.grid.affine
        assert opened.dtypes == ("float32",)
        assert np.isnan(opened.nodata)
        assert opened.profile["tiled"]
        assert opened.profile["compress"] == "deflate"
        assert opened.tags()["UNIT"] == "mm/yr"
        assert opened.tags()["DIRECTION"] == "positive towards the satellite"
    written = json.loads((tmp_path / "sbas.json").read_text())
    again = Outcome.from_json(written)
    assert again.to_json() == written
    assert again.figures == outcome.figures
    assert not list(tmp_path.glob(".*"))


def test_what_is_masked_is_no_data_and_never_nought(stack, tmp_path):
    strict = replace(PLAIN, min_temporal_coherence=0.9)
    outcome, found = run(stack, strict, tmp_path)
    low = found["temporal_coherence"] < 0.9
    assert low.any()
    assert np.isnan(found["deformation"][low]).all()
    assert np.isfinite(found["deformation"][~low]).all()
    assert not (found["deformation"] == 0).any()
    assert outcome.figures["pixels_kept"] == (~low).sum()


def test_a_pixel_without_pairs_has_nothing_in_any_layer(stack, tmp_path):
    phase = stack.phase.copy()
    phase[:, 5, 6] = np.nan
    _, found = run(replace(stack, phase=phase), PLAIN, tmp_path)
    assert all(np.isnan(values[..., 5, 6]).all() for values in found.values())


@pytest.mark.parametrize("settings", [SbasSettings(), replace(PLAIN, series=True)])
def test_the_size_of_a_block_shows_in_no_bit(stack, tmp_path, monkeypatch, settings):
    _, whole = run(stack, settings, tmp_path / "whole")
    # Blocks of 8 rows, which are too high for memory and come through a file in pieces of one row.
    row = 96 * len(NET.pairs) * blocks.BYTES
    monkeypatch.setattr(blocks, "BLOCK_BYTES", row)
    monkeypatch.setattr(blocks, "MOST_BYTES", row)
    _, small = run(stack, settings, tmp_path / "small")
    for name, values in whole.items():
        assert values.tobytes() == small[name].tobytes(), name


class Stop(Exception):
    """What a report raises when the user has had enough."""


def test_after_a_stop_it_goes_on_where_it_was(stack, tmp_path, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 1)
    settings = SbasSettings(series=True)
    run(stack, settings, tmp_path / "once")
    seen = []

    def stops(stage, fraction=None, **figures):
        seen.append(fraction)
        if figures.get("block") == 5 and stage.startswith("inverting"):
            raise Stop

    with pytest.raises(Stop):
        run(stack, settings, tmp_path / "twice", report=stops)
    assert seen == sorted(seen)
    left = {file.name for file in (tmp_path / "twice").iterdir()}
    assert left == {chain.SCRATCH}
    stack.reads.clear()
    run(stack, settings, tmp_path / "twice")
    # The first look is at single pairs, as none more fits.
    again = [rows.start for rows, pairs in stack.reads if len(pairs) == len(NET.pairs)]
    assert again == list(range(32, 92, 8))
    for file in (tmp_path / "once").iterdir():
        assert file.read_bytes() == (tmp_path / "twice" / file.name).read_bytes(), file.name


def test_blocks_of_other_files_are_not_taken_over(stack, tmp_path):
    def stops(stage, fraction=None, **figures):
        if stage.startswith("fitting"):
            raise Stop

    folder = tmp_path / "out"
    with pytest.raises(Stop):
        run(stack, PLAIN, folder, report=stops)
    other = replace(stack, phase=stack.phase * np.float32(1.5))
    _, found = run(other, PLAIN, folder)
    _, expected = run(other, PLAIN, tmp_path / "expected")
    assert found["deformation"].tobytes() == expected["deformation"].tobytes()


def test_the_reference_pixel_has_no_rate(stack, tmp_path):
    for name, settings in (("plain", PLAIN), ("datum", SbasSettings())):
        given = replace(settings, reference_pixel=(50, 4), min_temporal_coherence=0.0)
        outcome, found = run(stack, given, tmp_path / name)
        assert found["deformation"][4, 50] == pytest.approx(0, abs=1e-4)
        assert outcome.reference["given"]


def test_a_reference_pixel_is_column_and_row():
    assert pixel_of("8,9") == (8, 9)
    with pytest.raises(SlideScopeError, match="write them as 8,9"):
        pixel_of("8")


def test_a_reference_pixel_beside_the_stack_is_refused(stack, tmp_path):
    with pytest.raises(SlideScopeError, match="96 columns and 92 rows"):
        run(stack, replace(PLAIN, reference_pixel=(96, 1)), tmp_path)


def test_the_series_of_a_pixel_is_read_from_one_place(stack, tmp_path):
    run(stack, replace(PLAIN, series=True), tmp_path)
    with rasterio.open(tmp_path / "deformation.tif") as opened:
        rates = opened.read(1)
    row, column = (int(each[100]) for each in np.nonzero(np.isfinite(rates)))
    found, rate = series.read(tmp_path, row, column), rates[row, column]
    assert found[0] == 0
    assert np.polyfit(NET.years, found, 1)[0] == pytest.approx(rate, abs=0.2)


def test_the_command_line_has_a_word_for_every_step():
    switches = {each.switch for each in options(SbasSettings).values()}
    assert switches >= {"--reference-pixel", "--cycles", "--datum", "--weights", "--ramp"}
    assert switches >= {"--max-days", "--drop", "--height-delay", "--annual", "--series"}
    written = options(SbasSettings)["reference_pixel"]
    assert words_of(written, (8, 9)) == ["--reference-pixel", "8,9"]


def test_no_box_that_every_pair_has_leaves_pairs_out(stack, tmp_path):
    """Two pairs on either half of the map: no box has both."""
    phase = stack.phase.copy()
    phase[5, :, :54] = np.nan
    phase[9, :, 42:] = np.nan
    outcome, _ = run(replace(stack, phase=phase), PLAIN, tmp_path)
    left = [pair.left_out for pair in outcome.pairs if pair.left_out]
    assert len(left) == 1
    assert left[0].startswith("no data at the reference box")
    assert outcome.pairs_used == len(NET.pairs) - 1


def test_a_pair_that_a_given_pixel_lacks_is_left_out_and_named(stack, tmp_path):
    phase = stack.phase.copy()
    phase[5, 4, 50] = np.nan
    holed = replace(stack, phase=phase)
    outcome, _ = run(holed, replace(PLAIN, reference_pixel=(50, 4)), tmp_path)
    assert outcome.pairs[5].left_out == "no data at the reference pixel 50,4"


def test_a_given_pixel_without_data_is_refused(stack, tmp_path):
    phase = stack.phase.copy()
    phase[:, 4, 50] = np.nan
    with pytest.raises(SlideScopeError, match="reference pixel 50,4 has no data in any pair"):
        run(replace(stack, phase=phase), replace(PLAIN, reference_pixel=(50, 4)), tmp_path)


def test_a_pair_that_is_cycles_off_everywhere_is_named(stack, tmp_path):
    phase = stack.phase.copy()
    box = chain.prepare(stack, SbasSettings()).found.reference.box(stack.grid.shape)
    # The reference was unwrapped wrongly: everything else is off against it.
    phase[5][box] -= np.float32(2 * np.pi)
    outcome, _ = run(replace(stack, phase=phase), SbasSettings(), tmp_path)
    before = chain.prepare(stack, SbasSettings()).turns
    assert outcome.whole_pairs.get(outcome.pairs[5].name, 0) == before[5] + 1


def test_pairs_are_left_out_by_span_name_and_date(stack, tmp_path):
    first, second = (NET.dates[n].strftime("%Y%m%d") for n in NET.pairs[0])
    last = NET.dates[-1].strftime("%Y%m%d")
    settings = replace(PLAIN, max_days=40, drop=(f"{first}_{second}", last))
    outcome, _ = run(stack, settings, tmp_path)
    why = {pair.name: pair.left_out for pair in outcome.pairs}
    assert why[f"{first}_{second}"] == "left out by --drop"
    assert all(words == "left out by --drop" for name, words in why.items() if last in name)
    assert {pair.days for pair in outcome.pairs if "more than --max-days" in pair.left_out} >= {60}
    assert outcome.pairs_used == sum(not words for words in why.values())
    assert outcome.dates[-1] == NET.dates[-2].isoformat()
    assert outcome.spans[-1].days == 40


def test_dropping_what_is_not_there_is_refused(stack, tmp_path):
    with pytest.raises(SlideScopeError, match="Nothing to leave out is called '20200101'"):
        run(stack, replace(PLAIN, drop=("20200101",)), tmp_path)


def test_a_pair_of_little_ground_or_no_coherence_is_left_out(stack, tmp_path):
    phase, coherence = stack.phase.copy(), stack.coherence.copy()
    phase[3, :76] = np.nan
    coherence[7] = 0.02
    outcome, _ = run(replace(stack, phase=phase, coherence=coherence), PLAIN, tmp_path)
    assert outcome.pairs[3].left_out == "covers 17 % of the ground, less than 30 %"
    assert outcome.pairs[7].left_out == "mean coherence 0.02, less than 0.05"
    assert outcome.pairs_used == len(NET.pairs) - 2


def test_a_pair_without_coherence_switches_weights_off(stack, tmp_path):
    coherence = stack.coherence.copy()
    coherence[5] = np.nan
    bare = replace(stack, coherence=coherence)
    outcome, found = run(bare, SbasSettings(), tmp_path / "bare")
    assert outcome.steps["weights"] == "off"
    assert outcome.settings["weights"] == "coherence"
    _, off = run(bare, SbasSettings(weights="none"), tmp_path / "off")
    assert found["deformation"].tobytes() == off["deformation"].tobytes()


def test_no_coherence_at_all_is_enough(stack, tmp_path):
    bare = replace(stack, coherence=np.full_like(stack.coherence, np.nan))
    outcome, found = run(bare, SbasSettings(), tmp_path)
    assert np.isnan(found["mean_coherence"]).all()
    assert np.isfinite(found["deformation"]).any()
    assert outcome.steps["weights"] == "off"


def test_too_few_dates_are_refused(tmp_path):
    short = interferograms.make(interferograms.network(4, 60, 3, 60), 0, 64, rates=())
    with pytest.raises(SlideScopeError, match="Only 4 dates over 60 days"):
        run(short, PLAIN, tmp_path)


def test_unreliable_everywhere_is_refused_with_the_best(stack, tmp_path):
    rng = np.random.default_rng(0)
    noise = rng.uniform(-9, 9, stack.phase.shape).astype(np.float32)
    with pytest.raises(SlideScopeError, match=r"below 0\.7 everywhere \(best 0\.\d\d\)"):
        run(replace(stack, phase=noise), PLAIN, tmp_path)


def test_mapped_slides_keep_out_of_the_datum(stack, tmp_path):
    """Half the map moves: without the inventory nobody could tell which half."""
    phase = stack.phase.copy()
    mm = (-9.0 * NET.spans_days / 365.25 * interferograms.RADIANS_PER_MM).astype(np.float32)
    phase[:, :, :58] += mm[:, None, None]
    known = np.zeros(stack.grid.shape, bool)
    known[:, :58] = True
    moved = replace(stack, phase=phase)
    settings = SbasSettings(ramp=False, height_delay="none")
    chain.run(moved, settings, None, known, tmp_path)
    rate = layers(tmp_path)["deformation"]
    right = np.where(stack.slides[:, 62:] == 0, rate[:, 62:], np.nan)
    assert np.nanmedian(right) == pytest.approx(0, abs=1)


def test_a_network_in_two_islands_keeps_its_rate(tmp_path):
    """No pair crosses day 180; -60 about the stacked rate, less by least velocity."""
    cut = tuple((a, b) for a, b in NET.pairs if not NET.days[a] < 180 <= NET.days[b])
    net = replace(NET, pairs=cut)
    made = interferograms.make(net, 5, 64, rates=(-60.0,), errors=(), taper=50)
    outcome, found = run(made, SbasSettings(), tmp_path / "rate")
    inside = (made.slides == 1) & (made.rate < -59)
    assert np.nanmedian(found["deformation"][inside]) == pytest.approx(-60, abs=0.05)
    assert np.nanmedian(found["deformation"][made.slides == 0]) == pytest.approx(0, abs=0.05)
    assert (found["islands"][inside] == 2).all()
    assert outcome.islands == 2
    assert "falls into 2 islands" in " ".join(outcome.warnings)
    _, rest = run(made, SbasSettings(gaps="rest"), tmp_path / "rest")
    assert np.nanmedian(rest["deformation"][inside]) > -57


def test_one_island_alone_can_be_asked_for(stack, tmp_path):
    phase = stack.phase.copy()
    cross = (NET.first < 9) & (NET.second >= 9)
    phase[cross, 20:30] = np.nan
    gapped = replace(stack, phase=phase)
    _, kept = run(gapped, SbasSettings(min_temporal_coherence=0), tmp_path / "any")
    _, whole = run(gapped, SbasSettings(min_temporal_coherence=0, islands="1"), tmp_path / "1")
    assert np.isfinite(kept["deformation"][20:30]).all()
    assert np.isnan(whole["deformation"][20:30]).all()
    assert np.isfinite(whole["deformation"][:20]).all()


def test_rates_beyond_the_shortest_pairs_are_warned_of(tmp_path):
    net = interferograms.network(8, 336, 2, 100)
    made = interferograms.make(net, 2, 64, rates=(-110.0,), errors=("noise",))
    outcome, _ = run(made, SbasSettings(), tmp_path)
    assert outcome.spans[0].fastest_mm_yr == pytest.approx(105.5, abs=0.1)
    assert "106 mm/yr" in " ".join(outcome.warnings)


def test_a_box_on_a_slide_is_told_and_does_no_harm(tmp_path):
    made = interferograms.make(NET, 3, 64, rates=(-60.0,), errors=("noise",), taper=50)
    coherence = made.coherence.copy()
    coherence[:, made.slides == 1] = 0.98
    outcome, found = run(replace(made, coherence=coherence), SbasSettings(), tmp_path)
    assert outcome.reference["moves_mm_yr"] == pytest.approx(-60, abs=3)
    assert "The reference box moves" in " ".join(outcome.warnings)
    stable = made.slides == 0
    assert np.nanmedian(found["deformation"][stable]) == pytest.approx(0, abs=1)


@pytest.fixture(scope="module")
def mexico(real_data) -> interferograms.Stack:
    return interferograms.mexico(real_data / "sbas_cropA")


def test_mexico_city_sinks_from_files_to_map(mexico, tmp_path):
    every = {"min_temporal_coherence": 0.0, "min_pairs": 0.0}
    settings = replace(PLAIN, reference_pixel=(8, 9), gaps="rest", **every)
    outcome, found = run(mexico, settings, tmp_path)
    rate = found["deformation"]
    assert np.isfinite(rate).sum() == 5904
    assert np.nanmean(rate, dtype=np.float64) == pytest.approx(-105.2149, abs=0.0005)
    assert np.nanmedian(rate) == pytest.approx(-92.8403, abs=0.0005)
    assert np.nanmin(rate) == pytest.approx(-302.1267, abs=0.0005)
    assert np.nanmax(rate) == pytest.approx(29.6979, abs=0.0005)
    assert (rate[10, 90], rate[30, 20]) == pytest.approx((-292.446, -32.738), abs=0.001)
    # 140 of 24 triplets at 5896 pixels do not close.
    closed = np.isfinite(found["closures"][0])
    assert found["closures"][0][closed].sum() * 24 == pytest.approx(140, abs=2)
    assert outcome.triplets == 24


def test_mexico_city_with_weights_by_default_options(mexico, tmp_path):
    settings = replace(PLAIN, reference_pixel=(8, 9), weights="coherence")
    _, found = run(mexico, settings, tmp_path)
    rate = found["deformation"]
    assert (rate[10, 90], rate[30, 20]) == pytest.approx((-292.587, -32.938), abs=0.001)


def test_on_a_sinking_city_no_datum_is_fitted(mexico, tmp_path):
    outcome, found = run(mexico, SbasSettings(reference_pixel=(8, 9)), tmp_path)
    assert outcome.datum["terms"] == []
    assert outcome.datum["spread_mm_yr"] > 90
    assert "Most ground moves" in " ".join(outcome.warnings)
    assert np.nanmedian(found["deformation"]) < -85
