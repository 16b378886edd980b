"""One file of an interferogram given as a rate is refused for what it is."""

import numpy as np
import pytest

from core.scene.interferograms.checks import WRAPPED
from core.scene.interferograms.single import not_a_rate
from tests import interferogram_files as files

GAMMA = "S1AA_20190610T135156_20190622T135157_VVP012_INT80_G_ueF_F8BF"


def test_one_phase_of_many_is_not_a_rate(tmp_path):
    files.hyp3(tmp_path)
    path = next(tmp_path.glob("*/*_unw_phase.tif"))
    assert not_a_rate(path) == (
        f"{len(files.PAIRS)} files look like interferograms (radians): give the folder as a stack; "
        "one of them is not a rate."
    )
    # A page counts only what it may see.
    assert "looks like an interferogram" in not_a_rate(path, [path.parent])


def test_one_phase_alone_is_not_a_rate(tmp_path):
    path = files.write(tmp_path / "20210109_20210121_unw.tif", files.phase(0, 1))
    assert not_a_rate(path).startswith("'20210109_20210121_unw.tif' looks like an interferogram")


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        ("corr", "the coherence of"),
        ("amp", "the amplitude of"),
        ("los_disp", "the displacement between two dates of"),
        ("vert_disp", "the displacement between two dates of"),
        ("conncomp", "the connected components of unwrapping of"),
    ],
)
def test_what_lies_beside_a_phase_is_refused_for_what_it_is(tmp_path, ending, words):
    path = files.write(tmp_path / f"{GAMMA}_{ending}.tif", files.coherence())
    assert words in not_a_rate(path)


def test_a_wrapped_phase_is_told_by_its_name_and_by_its_values(tmp_path):
    values = np.angle(np.exp(1j * np.arange(480).reshape(20, 24) / 7)).astype(np.float32)
    for name in (f"{GAMMA}_wrapped_phase.tif", f"{GAMMA}_unw_phase.tif", "insar.tif"):
        assert not_a_rate(files.write(tmp_path / name, values)) == WRAPPED


def test_tags_and_units_tell_what_a_name_does_not(tmp_path):
    tags = {"DATA_UNITS": "RADIANS"}
    path = files.write(tmp_path / "a.tif", files.phase(0, 1), DATA_TYPE="ORIGINAL_IFG", **tags)
    assert "looks like an interferogram" in not_a_rate(path)
    # PyRate writes the unit of phases beside coherences too.
    path = files.write(tmp_path / "b.tif", files.coherence(), DATA_TYPE="ORIGINAL_COH", **tags)
    assert "the coherence of" in not_a_rate(path)


def test_rates_pass(tmp_path):
    rng = np.random.default_rng(1)
    clipped = rng.uniform(-3.0, 3.0, (20, 24)).astype(np.float32)
    for name, values in (
        ("deformation.tif", files.rate().astype(np.float32)),
        ("los_disp_20190101_20211231.tif", files.rate().astype(np.float32)),
        ("velocity_20190101_20211231.tif", files.rate().astype(np.float32)),
        ("cm.tif", clipped),
        ("vel_mask.tif", np.ones((20, 24), np.uint8)),
    ):
        assert not_a_rate(files.write(tmp_path / name, values)) is None
    (tmp_path / "broken.tif").write_bytes(b"II*")
    assert not_a_rate(tmp_path / "broken.tif") is None
    assert not_a_rate(tmp_path / "rates.csv") is None


def test_the_real_interferogram_is_not_a_rate(real_data):
    folder = real_data / "sbas_cropA"
    if not folder.is_dir():
        pytest.skip(f"no real stack in {folder}")
    path = folder / "cropA_20180106-20180130_VV_8rlks_eqa_unw.tif"
    assert not_a_rate(path).startswith("30 files look like interferograms (radians)")
    assert "the coherence of" in not_a_rate(next(folder.glob("*_cc.tif")))
    assert not_a_rate(folder / "cropA_T005A_dem.tif") is None
