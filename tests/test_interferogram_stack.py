"""A stack is opened on one grid, what does not fit is left out by name, and its rows are read."""

import shutil
from contextlib import contextmanager
from functools import partial

import numpy as np
import pytest
from rasterio.transform import from_origin

from core.errors import SlideScopeError
from core.scene.interferograms import pixels, stack
from core.scene.interferograms.finding import find
from core.scene.interferograms.stack import open_stack
from tests import interferogram_files as files

M = len(files.PAIRS)
TRUTH = np.stack([files.phase(a, b) for a, b in files.PAIRS])
TRUTH[:, 0] = np.nan


@contextmanager
def opened(given, **settings):
    found = find(given)
    assert found is not None
    with open_stack(found, **settings) as made:
        yield made


def whole(made):
    return made.read(slice(0, made.grid.height))


def refused(given, **settings) -> str:
    with pytest.raises(SlideScopeError) as said, opened(given, **settings):
        pass
    return str(said.value)


@pytest.mark.parametrize("make", [files.hyp3, files.licsar, files.pyrate])
def test_phase_and_coherence_of_every_product_are_the_same_numbers(tmp_path, make):
    with opened(make(tmp_path)) as made:
        phase, coherence = whole(made)
        assert made.network.pairs == files.PAIRS and made.has_coherence.all()
    np.testing.assert_array_equal(phase, TRUTH)
    assert np.isnan(coherence[:, 0]).all()
    # LiCSAR's bytes are whole 255ths.
    np.testing.assert_allclose(coherence[:, 1:], [files.coherence()[1:]] * M, atol=1 / 255)
    assert phase.dtype == coherence.dtype == np.float32


def test_mintpys_stack_is_read_the_same_without_what_it_drops(tmp_path):
    path = files.mintpy(tmp_path / "ifgramStack.h5", dropped=[2])
    with opened(path) as made:
        phase, coherence = whole(made)
        assert (made.grid.crs, made.grid.shape) == ("EPSG:32648", (20, 24))
        assert made.wavelength_m == files.WAVELENGTH_M
    np.testing.assert_array_equal(phase, np.delete(TRUTH, 2, axis=0))
    assert np.nanmax(coherence) == np.float32(0.95)


def test_mintpys_stack_in_radar_coordinates_is_refused(tmp_path):
    path = files.mintpy(tmp_path / "ifgramStack.h5", X_FIRST=None)
    assert "is in radar coordinates" in refused(path)


def test_licsars_coherence_may_be_numbers_of_0_to_1(tmp_path):
    with opened(files.licsar(tmp_path, bytes_of_coherence=False)) as made:
        assert np.nanmax(whole(made)[1]) == np.float32(0.95)
        assert made.mean_coherence[0] == pytest.approx(0.7, abs=0.02)


def test_the_later_date_first_is_turned_round(tmp_path):
    with opened(files.hyp3(tmp_path, swapped=[3])) as made:
        np.testing.assert_array_equal(whole(made)[0], TRUTH)
        assert "1 pair has the later date first: turned round." in made.notes


def test_rows_and_pairs_can_be_asked_for(tmp_path):
    with opened(files.hyp3(tmp_path)) as made:
        phase, coherence = made.read(slice(4, 9), [5, 2])
        np.testing.assert_array_equal(phase, TRUTH[[5, 2], 4:9])
        assert coherence.shape == (2, 5, 24)


def test_extents_that_differ_by_whole_pixels_become_the_common_one(tmp_path):
    def lower(k, phase, coherence, transform):
        if k != 4:
            return phase, coherence, transform
        return phase[2:], coherence[2:], from_origin(500_000, 3_010_000 - 160, 80, 80)

    with opened(files.hyp3(tmp_path, change=lower)) as made:
        assert made.grid.shape == (18, 24) and made.grid.bounds[3] == 3_010_000 - 160
        np.testing.assert_array_equal(whole(made)[0], TRUTH[:, 2:])


def test_an_area_can_be_asked_for(tmp_path):
    box = (500_000 + 3 * 80, 3_010_000 - 15 * 80, 500_000 + 9 * 80, 3_010_000 - 5 * 80)
    with opened(files.hyp3(tmp_path), within=box) as made:
        np.testing.assert_array_equal(whole(made)[0], TRUTH[:, 5:15, 3:9])
    assert "no pixel in common with the area" in refused(tmp_path, within=(0, 0, 80, 80))


def moved(pixels_off: float, only: int):
    def change(k, phase, coherence, transform):
        off = 80 * pixels_off if k == only else 0
        return phase, coherence, from_origin(500_000 + off, 3_010_000, 80, 80)

    return change


def test_a_hundredth_of_a_pixel_is_tolerated_and_more_is_left_out(tmp_path):
    with opened(files.hyp3(tmp_path / "a", change=moved(0.008, 4))) as made:
        assert len(made.pairs) == M
    with opened(files.hyp3(tmp_path / "b", change=moved(0.3, 4))) as made:
        assert len(made.pairs) == M - 1
        assert "20210202_20210226 does not lie on the others' grid" in made.left_out[0].sentence


def test_a_pair_from_elsewhere_is_left_out(tmp_path):
    with opened(files.hyp3(tmp_path, change=moved(20, 4))) as made:
        assert made.grid.shape == (20, 24)
        assert made.left_out[0].reason == "overlaps the others by less than half"


def test_two_grids_and_two_frames_are_refused(tmp_path):
    def finer(k, phase, coherence, transform):
        cell = 40 if k % 2 else 80
        return phase, coherence, from_origin(500_000, 3_010_000, cell, cell)

    def far(k, phase, coherence, transform):
        return phase, coherence, from_origin(500_000 + (k % 2) * 8000, 3_010_000, 80, 80)

    assert refused(files.hyp3(tmp_path / "a", change=finer)).startswith("Pairs of two grids (EPSG:")
    assert refused(files.hyp3(tmp_path / "b", change=far)).startswith("Pairs of two frames (")


def test_two_tracks_are_refused(tmp_path):
    # Orbits 36009 and 36082 of Sentinel-1A are 62 and 135 of its 175.
    files.hyp3(tmp_path, orbit=lambda k: 36009 if k < 5 else 36082)
    assert refused(tmp_path) == (
        "Pairs of two tracks (orbits 135 and 62): one stack needs one track; give the pairs of "
        "one of them."
    )


def test_wrapped_phases_are_refused(tmp_path):
    def wrap(k, phase, coherence, transform):
        ramp = phase + np.arange(480).reshape(20, 24) / 20
        return np.angle(np.exp(1j * ramp)).astype(np.float32), coherence, transform

    assert refused(files.hyp3(tmp_path / "a", change=wrap)) == (
        "All values lie within -pi..pi: these look wrapped; give the unwrapped phase "
        "(`*_unw_phase.tif`)."
    )
    one = files.hyp3(tmp_path / "b", change=lambda k, *v: wrap(k, *v) if k == 3 else v)
    with opened(one) as made:
        assert "looks wrapped" in made.left_out[0].reason and len(made.pairs) == M - 1


def test_what_is_missing_is_named(tmp_path):
    def without(k, phase, coherence, transform):
        return None if k == 2 else phase, None if k == 4 else coherence, transform

    with opened(files.hyp3(tmp_path, change=without)) as made:
        assert [k.sentence for k in made.left_out] == [
            "20210121_20210202 has no unwrapped phase, left out."
        ]
        assert "20210202_20210226 has no coherence; weights are off." in made.notes
        assert made.has_coherence.tolist() == [True] * 3 + [False] + [True] * 6
        assert np.isnan(whole(made)[1][3]).all()


def _break(folder, ending: str, pair: str, how):
    path = next(folder.glob(f"*{pair}*/*{ending}"))
    path.write_bytes(how(path.read_bytes()))


@pytest.mark.parametrize(
    "how",
    [
        lambda b: b"",
        lambda b: b"no tiff",
        lambda b: b[: len(b) // 2],
        lambda b: b[:-40],
        lambda b: b[:300] + bytes(len(b) - 300),
    ],
    ids=["empty", "text", "half", "cut off", "zeros"],
)
def test_damaged_files_are_left_out_by_name(tmp_path, how):
    files.hyp3(tmp_path)
    _break(tmp_path, "_unw_phase.tif", "20210109T112233_20210202", how)
    _break(tmp_path, "_corr.tif", "20210121T112233_20210202", how)
    with opened(tmp_path) as made:
        names = [p.name for p in made.pairs]
        assert len(names) == M - 1 and "20210109_20210202" not in names
        assert made.left_out[0].sentence.startswith("20210109_20210202 ")
        assert not made.has_coherence[names.index("20210121_20210202")]
        assert np.isfinite(whole(made)[0][:, 1:]).all()


def test_damage_that_shows_only_when_read_names_its_file(tmp_path):
    made = open_stack(find(files.hyp3(tmp_path)))
    _break(tmp_path, "_unw_phase.tif", "20210109T112233_20210202", lambda b: b[:300] + b"x" * 999)
    made.close()  # files that are open are seen as they were
    with pytest.raises(SlideScopeError, match=r"_unw_phase.tif' of pair 20210109_20210202 is dam"):
        whole(made)


def test_too_few_dates_or_days_are_refused(tmp_path):
    few = files.PAIRS[:5]
    assert refused(files.hyp3(tmp_path / "a", few)) == (
        "Only 4 dates over 48 days: a rate needs at least 5 dates and 90 days; give more pairs."
    )
    assert "holds one interferogram (20210109_20210121)" in refused(
        files.hyp3(tmp_path / "b", few[:1])
    )
    with opened(files.hyp3(tmp_path / "c", files.PAIRS[:9])) as made:
        assert "6 dates over 72 days are few" in " ".join(made.notes)


def test_pairs_and_dates_can_be_dropped_and_long_pairs_too(tmp_path):
    files.hyp3(tmp_path)
    with opened(tmp_path, drop=["20210109_20210121", "20210415"], max_days=30) as made:
        kept = [p.name for p in made.pairs]
        why = {k.name: k.reason for k in made.left_out}
    assert "20210109_20210121" not in kept and not any("20210415" in name for name in kept)
    assert why["20210121_20210226"] == "spans 36 days (--max-days 30)"
    assert why["20210322_20210415"] == "was dropped (--drop 20210415)"
    assert "is no pair or date" in refused(tmp_path, drop=["20200101"])
    assert "is not understood" in refused(tmp_path, drop=["first"])


def test_the_wavelength_is_of_the_files_the_radar_or_the_user(tmp_path):
    with opened(files.pyrate(tmp_path / "a")) as made:
        assert made.wavelength_m == 0.0555
    with opened(tmp_path / "a", wavelength=0.236) as made:
        assert made.wavelength_m == 0.236
    assert "Wavelength 23 m is out of range" in refused(tmp_path / "a", wavelength=23)
    for a, b in files.PAIRS:
        when = files.dates()
        files.write(tmp_path / f"b/{when[a]}_{when[b]}_unw.tif", files.phase(a, b))
    with opened(tmp_path / "b") as made:
        assert made.wavelength_m == files.WAVELENGTH_M
        assert "C band is assumed" in made.notes[0]


def test_undeclared_and_declared_no_data_are_no_data(tmp_path):
    def odd(k, phase, coherence, transform):
        phase[5, :4] = (-9999, np.nan, np.inf, 77)
        return phase, coherence, transform

    with opened(files.hyp3(tmp_path, change=odd, nodata=77)) as made:
        assert np.isnan(whole(made)[0][:, 5, :4]).all()


@pytest.mark.parametrize("storage", ["one strip", "tiles", "chunks"])
def test_what_is_stored_in_tall_pieces_is_unpacked_once_and_read_the_same(
    tmp_path, storage, monkeypatch
):
    monkeypatch.setattr(stack, "READ_BYTES", M * 24 * 8 * 3)
    if storage == "chunks":
        given = files.mintpy(tmp_path / "ifgramStack.h5")
    else:
        tall = {"blockysize": 20}
        if storage == "tiles":
            tall = {"tiled": True, "blockxsize": 16, "blockysize": 16}
        given = files.hyp3(tmp_path, **tall)
    with opened(given) as made:
        assert made.row_block == 3 and (made.unpacked_bytes > 0) == (storage != "chunks")
        parts = [made.read(slice(r, r + 3)) for r in range(0, 20, 3)]
        scratch = [s.path for s in made._scratch]
    np.testing.assert_array_equal(np.concatenate([p for p, _ in parts], axis=1), TRUTH)
    coherence = np.concatenate([c for _, c in parts], axis=1)
    assert np.nanmin(coherence) == np.float32(0.7)
    assert not any(path.exists() for path in scratch)


def test_a_copy_of_everything_can_be_asked_for(tmp_path):
    folder = files.hyp3(tmp_path / "stack")
    with open_stack(find(folder), work=tmp_path, copied=True) as made:
        # Numbers of four bytes, phase and coherence.
        assert made.unpacked_bytes == M * 20 * 24 * 8
        made.unpack()
        shutil.rmtree(folder)
        np.testing.assert_array_equal(whole(made)[0], TRUTH)
    assert not list(tmp_path.iterdir())


def test_a_disk_that_is_too_small_is_said_and_leaves_nothing(tmp_path, monkeypatch):
    full = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(pixels.shutil, "disk_usage", lambda _: full)
    made = open_stack(find(files.hyp3(tmp_path / "stack")), work=tmp_path, copied=True)
    with made, pytest.raises(SlideScopeError, match=r"takes 0.0 GB, 0.0 GB are free"):
        whole(made)
    assert [p.name for p in tmp_path.iterdir()] == ["stack"]


def test_no_more_files_stay_open_than_the_budget_allows(tmp_path):
    handles = pixels.Handles(budget=3)
    made = {}
    for key in "abcabcdd":
        path = tmp_path / key
        with handles.use(key, partial(path.open, "w")) as file:
            made[key] = file
    assert handles.opened == 4 and [k for k, f in made.items() if f.closed] == ["a"]
    handles.close()
    assert all(file.closed for file in made.values())


def test_files_whose_blocks_take_much_memory_do_not_stay_open(tmp_path):
    handles = pixels.Handles(room=100)
    made = {}
    for key, size in (("a", 30), ("b", 30), ("c", 60), ("d", 200)):
        with handles.use(key, partial((tmp_path / key).open, "w"), size) as file:
            made[key] = file
        still = "".join(k for k, f in made.items() if not f.closed)
        assert still == {"a": "a", "b": "ab", "c": "bc", "d": ""}[key]


def test_a_link_out_of_the_folders_of_pages_is_refused(tmp_path):
    inside = files.hyp3(tmp_path / "in")
    path = next(inside.glob("*/*_unw_phase.tif"))
    path.rename(tmp_path / "elsewhere.tif")
    path.symlink_to(tmp_path / "elsewhere.tif")
    found = find(inside, [inside])
    with pytest.raises(SlideScopeError, match="outside the folders"):
        open_stack(found, folders=[inside])


# Of each of the shared tiny stacks: pairs, what is left out, a word of its notes.
TINY = {
    "hyp3_ok": (9, 0, "Sentinel-1"),
    "licsar_ok": (9, 0, "Sentinel-1"),
    "hyp3_shifted": (9, 0, ""),
    "hyp3_swapped": (9, 0, "turned round"),
    "hyp3_two_islands": (6, 0, ""),
    "hyp3_one_cycle": (9, 0, ""),
    "hyp3_no_coherence": (9, 0, "weights are off"),
    "hyp3_one_missing_unw": (8, 1, ""),
}


@pytest.mark.parametrize("name", TINY)
def test_the_shared_stacks_end_as_designed(real_data, name):
    folder = real_data / "stacks" / name
    if not folder.is_dir():
        pytest.skip(f"no tiny stack in {folder}")
    pairs, left_out, word = TINY[name]
    with opened(folder) as made:
        assert (len(made.pairs), len(made.left_out)) == (pairs, left_out)
        assert word in " ".join(made.notes)
        phase, _ = whole(made)
    spans = made.network.spans_days
    top = 1 if name == "hyp3_shifted" else 0
    slide, still = phase[:, 8 - top, 10], phase[:, 16 - top, 3]
    # -60 mm/yr is away: a phase that grows by 4 pi / wavelength a metre.
    grown = 60 / 1000 * spans / 365.25 * 4 * np.pi / made.wavelength_m
    np.testing.assert_allclose(slide - still, grown, atol=1e-3)


def test_the_shared_wrapped_stack_is_refused(real_data):
    folder = real_data / "stacks" / "hyp3_wrapped"
    if not folder.is_dir():
        pytest.skip(f"no tiny stack in {folder}")
    assert "these look wrapped" in refused(folder)


def test_the_real_stack_is_read(real_data):
    folder = real_data / "sbas_cropA"
    if not folder.is_dir():
        pytest.skip(f"no real stack in {folder}")
    with opened(folder) as made:
        phase, coherence = whole(made)
        assert (len(made.pairs), len(made.network.dates), made.grid.shape) == (30, 13, (60, 100))
        assert len(made.network.triplets) == 24
        assert made.wavelength_m == pytest.approx(0.0555042, abs=1e-7)
        assert made.left_out == () and made.has_coherence.all()
    assert int((~np.isnan(phase)).all(axis=0).sum()) == 5882
    assert int((~np.isnan(phase)).any(axis=0).sum()) == 5904
    assert np.nanmin(coherence) > 0 and np.nanmax(coherence) <= 1
    # What was read gives the rates that MintPy gives of the same files, subsidence negative.
    referred = phase - phase[:, 9:10, 8:9]
    for row, column, rate in ((10, 90, -292.446), (30, 20, -32.738)):
        found = rate_by_least_squares(made, referred[:, row, column])
        assert found == pytest.approx(rate, abs=0.01)


def rate_by_least_squares(made, phase: np.ndarray) -> float:
    """mm/yr of one pixel: a phase for every date, then a line through these."""
    net = made.network
    design = np.zeros((len(net.pairs), len(net.dates)))
    design[np.arange(len(net.pairs)), net.first] = -1
    design[np.arange(len(net.pairs)), net.second] = 1
    dates = np.linalg.lstsq(design, phase.astype(float), rcond=None)[0]
    slope = np.polyfit(net.years, dates, 1)[0]
    return -made.wavelength_m * 1000 / (4 * np.pi) * slope
