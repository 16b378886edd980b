"""What a stack is, by names and side-cars alone (core.scene.interferograms.finding)."""

from datetime import date
from pathlib import Path

import h5py
import pytest

from core.errors import SlideScopeError
from core.scene.interferograms import products, sidecars
from core.scene.interferograms.finding import find
from tests import interferogram_files as files

GAMMA = "S1AA_20190610T135156_20190622T135157_VVP012_INT80_G_ueF_F8BF"
BURST = "S1_213524_IW1_20170411_20170517_VV_INT80_8E81"
BURSTS = "S1_064_000000s1n00-136231s2n02-000000s3n00_IW_20200604_20200616_VV_INT80_77F1"


@pytest.mark.parametrize(
    ("name", "product", "days"),
    [
        (f"{GAMMA}_unw_phase.tif", products.HYP3, "20190610_20190622"),
        (f"{BURST}_unw_phase.tif", products.BURST, "20170411_20170517"),
        (f"{BURSTS}_unw_phase.tif", products.BURSTS, "20200604_20200616"),
        ("20210109_20210121.geo.unw.tif", products.LICSAR, "20210109_20210121"),
        ("c_20180106-20180130_VV_8rlks_eqa_unw.tif", products.OTHER, "20180106_20180130"),
        ("2021-01-09_2021-01-21_unwrapped.tif", products.OTHER, "20210109_20210121"),
        ("x_2021_01_09T101112_2021_01_21T101112_unw.tif", products.OTHER, "20210109_20210121"),
    ],
)
def test_the_product_and_both_dates_are_in_the_name(name, product, days):
    named = products.recognise(Path(name))
    assert (named.product, named.role) == (product, products.PHASE)
    assert products.pair_name(*named.dates) == days


@pytest.mark.parametrize(
    ("ending", "role"),
    [
        ("corr", products.COHERENCE),
        ("conncomp", products.COMPONENTS),
        ("wrapped_phase", products.WRAPPED),
        ("amp", products.AMPLITUDE),
        ("los_disp", products.DISPLACEMENT),
        ("vert_disp", products.DISPLACEMENT),
        ("dem", products.DEM),
        ("lv_theta", products.THETA),
        ("lv_phi", products.PHI),
        ("water_mask", products.WATER),
        ("inc_map", products.INCIDENCE),
    ],
)
def test_what_lies_beside_a_phase_is_known_for_what_it_is(ending, role):
    assert products.recognise(Path(f"{GAMMA}_{ending}.tif")).role == role
    assert role in products.WORDS


def test_dates_may_stand_in_the_name_of_the_folder():
    named = products.recognise(Path("stack/20210109_20210121/filt_fine.unw.tif"))
    assert named.role == products.PHASE and named.dates[1] == date(2021, 1, 21)


def test_track_and_frame_are_read_where_the_producer_writes_them():
    assert products.recognise(Path(f"{BURST}_corr.tif")).frame == "213524_IW1"
    assert products.recognise(Path(f"{BURSTS}_corr.tif")).track == "064"
    named = products.recognise(Path("124D_05000_131313/GEOC/a/20210109_20210121.geo.cc.tif"))
    assert (named.track, named.frame) == ("124D", "124D_05000_131313")


def test_a_folder_of_hyp3_products_is_a_stack(tmp_path):
    found = find(files.hyp3(tmp_path, swapped=[3]))
    assert (found.product, len(found.pairs)) == (products.HYP3, len(files.PAIRS))
    assert all(p.phase and p.coherence for p in found.pairs)
    assert found.pairs[0].baseline_m == pytest.approx(33.0)
    # The later date first in the name: the baseline is turned with the phase.
    turned = found.pairs[3]
    assert turned.swapped and turned.baseline_m == pytest.approx(51.0 - 33.0)
    assert {p.track for p in found.pairs} == {"53"} and found.heading == -169.6


def test_a_folder_of_licsar_is_a_stack_and_its_baselines_may_be_incomplete(tmp_path):
    found = find(files.licsar(tmp_path, lines=4))
    assert (found.product, len(found.pairs)) == (products.LICSAR, len(files.PAIRS))
    known = {p.name: p.baseline_m for p in found.pairs}
    assert known["20210121_20210226"] == pytest.approx(51.0 - 33.0)
    assert known["20210310_20210322"] is None
    assert set(found.geometry) == {"east", "north", "up"}
    assert (found.heading, found.incidence) == (-169.6, 39.2)


def test_names_of_nobody_beside_files_of_gamma_are_pyrate(tmp_path):
    found = find(files.pyrate(tmp_path))
    assert (found.product, found.count) == (products.PYRATE, len(files.PAIRS))
    assert found.pairs[1].baseline_m == pytest.approx(-20.5)
    assert found.others == {"dem": 1}


def test_dates_may_stand_in_pyrates_tags_alone(tmp_path):
    days = files.dates()
    for n, (a, b) in enumerate(files.PAIRS):
        tags = {"FIRST_DATE": days[a], "SECOND_DATE": days[b]}
        files.write(tmp_path / f"ifg_{n}_unw.tif", files.phase(a, b), **tags)
        files.write(tmp_path / f"ifg_{n}_cc.tif", files.coherence(), **tags)
    found = find(tmp_path)
    assert found.pairs[0].name == "20210109_20210121"
    assert found.count == len(files.PAIRS) and all(p.coherence for p in found.pairs)


def test_mintpys_file_is_a_stack_by_itself_and_in_its_folder(tmp_path):
    path = files.mintpy(tmp_path / "inputs" / "ifgramStack.h5", dropped=[2])
    for given in (path, tmp_path):
        found = find(given)
        assert (found.product, found.count) == (products.MINTPY, len(files.PAIRS) - 1)
        assert found.left_out[0].sentence == (
            "20210121_20210202 is dropped in the file (dropIfgram), left out."
        )


def test_a_pattern_of_phases_finds_the_coherence_beside(tmp_path):
    files.hyp3(tmp_path)
    found = find(str(tmp_path / "*" / "*20210109T*_unw_phase.tif"))
    assert [p.name for p in found.pairs] == ["20210109_20210121", "20210109_20210202"]
    assert all(p.coherence for p in found.pairs)


def test_a_list_of_files_is_a_stack(tmp_path):
    files.hyp3(tmp_path)
    assert find(sorted(tmp_path.glob("*/*_unw_phase.tif"))).count == len(files.PAIRS)


def test_what_is_no_stack_is_none(tmp_path):
    assert find(tmp_path) is None
    files.write(tmp_path / "rate_20210109_20210121.tif", files.coherence())
    assert find(tmp_path) is None
    one = files.write(tmp_path / "20210109_20210121_unw.tif", files.coherence())
    assert find(one) is None  # a file alone is looked at as any raster
    assert find(tmp_path).count == 1


def test_a_pair_of_the_same_dates_twice_is_one(tmp_path):
    files.hyp3(tmp_path, files.PAIRS[:3])
    again = tmp_path / "S1AA_20210109T112233_20210121T112235_VVP012_INT80_G_ueF_FFFF_unw_phase.tif"
    files.write(again, files.phase(0, 1))
    found = find(tmp_path)
    assert found.count == 3 and found.pairs[0].coherence
    assert "FFFF_unw_phase.tif is of the same two dates as S1AA" in found.left_out[0].sentence


def test_the_next_frame_of_the_same_day_is_no_duplicate(tmp_path):
    files.hyp3(tmp_path, files.PAIRS[:3])
    again = tmp_path / "S1AA_20210109T112258_20210121T112300_VVP012_INT80_G_ueF_FFFF_unw_phase.tif"
    files.write(again, files.phase(0, 1))
    assert find(tmp_path).refusal == (
        "Pairs of two frames (20210109_20210121 begins at two times, 25 s apart): one stack needs "
        "one frame; give the pairs of one."
    )


def test_two_frames_under_one_folder_are_no_duplicates(tmp_path):
    for frame in ("124D_05000_131313", "124D_05200_131313"):
        files.licsar(tmp_path / frame)
    assert find(tmp_path).refusal == (
        "Pairs of two frames (124D_05000_131313 and 124D_05200_131313): one stack needs one frame; "
        "give the pairs of one of them."
    )


def test_all_that_a_hyp3_product_holds_beside_its_phase_is_known(tmp_path):
    files.hyp3(tmp_path)
    for path in list(tmp_path.glob("*/*_unw_phase.tif")):
        for ending in ("amp", "dem", "los_disp", "vert_disp", "wrapped_phase", "water_mask"):
            files.write(Path(str(path).replace("unw_phase", ending)), files.coherence())
        for ending in ("unw_phase.png", "color_phase.png", "unw_phase.kmz", "unw_phase.tif.xml"):
            Path(str(path).replace("unw_phase.tif", ending)).write_bytes(b"a preview")
    found = find(tmp_path)
    assert found.count == len(files.PAIRS) and found.refusal is None and not found.left_out
    assert found.others == {
        "amplitude": 11, "dem": 11, "displacement": 22, "wrapped": 11, "water": 11,
    }  # fmt: skip


def test_a_folder_of_displacements_is_refused_for_what_it_is(tmp_path):
    for number in ("0AAB", "0AAC"):
        name = f"S1AA_20190610T135156_20190622T135157_VVP012_INT80_G_ueF_{number}_los_disp.tif"
        files.write(tmp_path / name, files.coherence())
    assert "holds 2 files of displacement between two dates" in find(tmp_path).refusal


def test_products_that_are_still_zipped_are_to_be_unzipped(tmp_path):
    (tmp_path / f"{GAMMA}.zip").write_bytes(b"PK")
    with pytest.raises(SlideScopeError, match="1 interferograms that are still zipped"):
        find(tmp_path)


def test_a_page_opens_only_folders_that_it_may(tmp_path):
    inside, outside = tmp_path / "in", tmp_path / "out"
    files.hyp3(outside)
    inside.mkdir()
    with pytest.raises(SlideScopeError, match="outside the folders"):
        find(outside, [inside])
    one = next(outside.glob("*/*_unw_phase.tif"))
    for given in (one, outside / "*" / "*.tif"):
        with pytest.raises(SlideScopeError, match="outside the folders"):
            find(given, [inside])
    (inside / "link").symlink_to(outside)
    assert find(inside, [inside]) is None
    assert find(inside).count == len(files.PAIRS)


def test_a_mintpy_file_that_reaches_into_another_is_refused(tmp_path):
    path = files.mintpy(tmp_path / "ifgramStack.h5")
    with h5py.File(path, "a") as file:
        file["elsewhere"] = h5py.ExternalLink("other.h5", "/x")
    with pytest.raises(SlideScopeError, match="from another file"):
        find(path.parent)


def test_baselines_of_both_ages_of_licsar_agree():
    new = sidecars.licsar_baselines("20170302 20170326 130.9 24.0\n20170302 20170218 34.2 -12.0\n")
    old = sidecars.licsar_baselines("1 20170218 20170326 96.7 36.0 -12.0 24.0 34.2 130.9\n")
    day = date(2017, 2, 18), date(2017, 3, 26)
    assert sidecars.between(new, *day) == pytest.approx(96.7) == sidecars.between(old, *day)


def test_the_shared_stacks_are_recognised(real_data):
    stacks = real_data / "stacks"
    if not stacks.is_dir():
        pytest.skip(f"no tiny stacks in {stacks}")
    found = {p.name: find(p) for p in stacks.iterdir() if p.is_dir()}
    assert {n: f.product for n, f in found.items()} == {
        n: products.LICSAR if n == "licsar_ok" else products.HYP3 for n in found
    }
    count = {n: f.count for n, f in found.items()}
    assert (count["hyp3_ok"], count["hyp3_one_missing_unw"], count["hyp3_two_islands"]) == (9, 8, 6)
    assert [p.swapped for p in found["hyp3_swapped"].pairs].count(True) == 1


def test_the_real_stack_is_recognised_with_its_baselines(real_data):
    folder = real_data / "sbas_cropA"
    if not folder.is_dir():
        pytest.skip(f"no real stack in {folder}")
    found = find(folder)
    assert (found.product, found.count) == (products.PYRATE, 30)
    assert all(p.coherence and p.baseline_m is not None for p in found.pairs)
