"""The synthetic stack of the watershed: its files are HyP3's, its errors are those it tells of."""

import hashlib
import json

import numpy as np
import pytest
import rasterio

from core.scene.insar.geometry import line_of_sight
from core.scene.interferograms import geometry, products
from core.scene.interferograms.finding import find
from core.scene.interferograms.report import report
from core.scene.interferograms.stack import open_stack
from sample_data import interferograms
from sample_data import line_of_sight as sight
from sample_data.watershed import build

SIZE, SEED = 256, 3


@pytest.fixture(scope="module")
def scene():
    return build(SIZE, SEED)


@pytest.fixture(scope="module")
def folder(scene, tmp_path_factory):
    out = tmp_path_factory.mktemp("stack")
    interferograms.write(out, scene, SEED)
    return out


def digests(folder) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


def test_the_same_seed_gives_the_same_bytes(scene, folder, tmp_path):
    interferograms.write(tmp_path / "again", scene, SEED)
    assert digests(tmp_path / "again") == digests(folder)
    interferograms.write(tmp_path / "other", scene, SEED + 1)
    assert not set(digests(tmp_path / "other").values()) & {
        v for k, v in digests(folder).items() if k.endswith("unw_phase.tif")
    }


def test_the_stack_is_recognised_as_hyp3s(folder):
    found = find(folder)
    assert (found.product, found.count) == (products.HYP3, len(interferograms.pairs()))
    assert all(p.coherence and p.baseline_m is not None for p in found.pairs)
    assert {p.track for p in found.pairs} == {"154"}
    assert found.incidence == pytest.approx(sight.INCIDENCE_DEGREES, abs=0.01)
    with open_stack(found) as stack:
        made = report(stack)
    assert (len(made["dates"]), made["left_out"], len(made["islands"])) == (24, [], 1)
    assert made["spans"][-1]["days"] == 48


def test_its_geometry_is_the_watersheds_line_of_sight(folder, tmp_path):
    with open_stack(find(folder)) as stack:
        made = geometry.orbit(stack, tmp_path)
    with rasterio.open(made.incidence.path) as one, rasterio.open(made.heading.path) as two:
        angles = one.read(1)[40, 40], two.read(1)[40, 40]
    np.testing.assert_allclose(line_of_sight(*angles), sight.VECTOR, atol=1e-4)


def test_a_phase_is_the_motion_and_what_is_said_of_its_errors(folder):
    with rasterio.open(folder / interferograms.TRUTH) as file:
        truth = file.read(1)
        assert file.tags()["SYNTHETIC"] == "yes"
    with open_stack(find(folder)) as stack:
        assert stack.grid.shape == truth.shape == (80, 80)
        phase, coherence = stack.read(slice(0, 80))
        spans = stack.network.spans_days
    # Towards the satellite is a shorter range: a negative phase.
    moved = -phase * interferograms.WAVELENGTH_MM / (4 * np.pi)
    moved -= np.nanmedian(moved, axis=(1, 2), keepdims=True)
    seen = ~np.isnan(moved)
    rates = np.where(seen, moved / spans[:, None, None] * 365.25, 0)
    stacked = rates.sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    slides = (truth < -30) & seen.any(axis=0)
    assert slides.sum() > 5
    # A mean of pairs is a poor rate, but its sign and size are the truth's.
    assert np.median(stacked[slides] / truth[slides]) == pytest.approx(1, abs=0.35)
    assert 0.05 < np.isnan(phase).mean() < 0.6
    short, long = np.nanmean(coherence[spans == 12]), np.nanmean(coherence[spans == 48])
    assert 0.3 < long < short < 0.9


def test_the_record_is_written_last_and_says_that_it_is_synthetic(folder):
    facts = json.loads((folder / interferograms.RECORD).read_text())
    assert facts["synthetic"] and facts["pairs"] == len(interferograms.pairs())
    assert sum(f.stat().st_size for f in folder.rglob("*.tif")) < 5e6
