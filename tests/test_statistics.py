"""One streaming pass gives what numpy and pandas give, whatever the blocks, in little memory."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from core.analysis.one_pass import coding, statistics
from core.analysis.relations.collinearity import pearson
from core.errors import SlideScopeError
from core.scene import store
from tests import stack

HEIGHT, WIDTH = 300, 290


def layers(rng) -> dict:
    """Elevation far from zero, a correlated slope, gaps of their own in two factors."""
    noise = rng.standard_normal((4, HEIGHT, WIDTH))
    made = {
        "elevation": 8000 + 3 * noise[0],
        "slope": 20 + noise[0] + 2 * noise[1],
        "lithology": rng.integers(1, 6, (HEIGHT, WIDTH)).astype(float),
        "deformation": noise[2] * 15 + noise[1],
    }
    made["slope"][:20, :50] = np.nan
    made["deformation"][100:160] = np.nan
    return made


@pytest.fixture
def planted(workspace):
    rng = np.random.default_rng(1)
    mask = rng.random((HEIGHT, WIDTH)) < 0.02
    return stack.scene(layers(rng), mask, categorical=("lithology",))


def frame(scene: store.Scene) -> pd.DataFrame:
    values = scene.read().reshape(-1, len(scene.factors)).astype(np.float64)
    return pd.DataFrame(values, columns=scene.factor_names)


def test_correlation_equals_pandas_on_listwise_pixels(planted):
    found = statistics.compute(planted)
    expected = frame(planted).dropna()
    assert found.complete.n == len(expected)
    np.testing.assert_allclose(pearson(found.complete), expected.corr(), rtol=0, atol=1e-8)
    np.testing.assert_allclose(found.complete.mean, expected.mean(), rtol=1e-10)
    np.testing.assert_allclose(found.complete.covariance, expected.cov(), rtol=1e-8)


def test_without_deformation_its_gaps_cost_no_pixel(planted):
    found = statistics.compute(planted)
    expected = frame(planted).drop(columns="deformation").dropna()
    assert found.others == ("elevation", "slope", "lithology")
    assert found.without_deformation.n == len(expected) == HEIGHT * WIDTH - 20 * 50
    np.testing.assert_allclose(
        pearson(found.without_deformation), expected.corr(), rtol=0, atol=1e-8
    )


@pytest.mark.parametrize("block_pixels", [128 * 128, 128 * 256, 2**22])
def test_block_layout_changes_nothing(planted, block_pixels):
    one = statistics.compute(planted, sample_pixels=600)
    other = statistics.compute(planted, sample_pixels=600, block_pixels=block_pixels)
    np.testing.assert_allclose(pearson(one.complete), pearson(other.complete), atol=1e-12)
    for name in one.names:
        np.testing.assert_array_equal(one.histograms[name].counts, other.histograms[name].counts)
    for mine, theirs in zip(vars(one.balanced).values(), vars(other.balanced).values()):
        np.testing.assert_array_equal(mine, theirs)


def test_histograms_count_every_pixel_with_data_once(planted):
    found = statistics.compute(planted)
    mask, values = planted.read_mask() == 1, planted.read(["lithology"])[..., 0]
    classes = found.histograms["lithology"].counts
    for code in range(1, 6):
        assert classes[0, code - 1] == ((values == code) & ~mask).sum()
        assert classes[1, code - 1] == ((values == code) & mask).sum()
    slope = found.histograms["slope"]
    assert slope.counts.sum() == HEIGHT * WIDTH - 20 * 50
    known = frame(planted)["slope"].dropna()
    for share in (0.1, 0.5, 0.9):
        at = slope.bin_of(share)
        assert slope.edges[at] - slope.width <= known.quantile(share) <= slope.edges[at + 2]


def test_sample_is_balanced_and_holds_the_scene_s_own_values(planted):
    found = statistics.compute(planted, sample_pixels=800)
    sample = found.balanced
    assert (sample.label == 1).sum() == (sample.label == 0).sum() == 400
    assert len(np.unique(sample.row * WIDTH + sample.column)) == 800
    np.testing.assert_array_equal(planted.read()[sample.row, sample.column], sample.values)
    np.testing.assert_array_equal(planted.read_mask()[sample.row, sample.column], sample.label)
    assert np.isfinite(sample.values).all()


def test_few_landslide_pixels_keep_the_sample_balanced(workspace):
    rng = np.random.default_rng(1)
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[200:205, 10:20] = True
    found = statistics.compute(stack.scene(layers(rng), mask), sample_pixels=20_000)
    assert found.balanced.label.tolist() == [0] * 50 + [1] * 50


def test_a_sample_drawn_with_another_seed_is_another(planted):
    one, other = (statistics.compute(planted, sample_pixels=200, seed=s).balanced for s in (0, 1))
    assert not np.array_equal(one.row, other.row)


def test_a_scene_without_data_is_refused(workspace):
    empty = stack.scene({"slope": np.full((140, 140), np.nan)})
    with pytest.raises(SlideScopeError, match="no factor with data"):
        statistics.compute(empty)


PEAK = """
import resource, sys
from core.analysis.one_pass import coding, statistics
from core.scene import store
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
scene = store.load(sys.argv[1])
small = store.load("small")
statistics.compute(small)
before = peak()
statistics.compute(scene)
print(peak() - before)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="peak memory is read through resource")
def test_memory_does_not_grow_with_the_scene(workspace):
    """8 Mpx x 6 factors are 200 MB in float32; the pass may take 100 MB more than a warm start."""
    row = np.random.default_rng(0).standard_normal((6, 128, 4096)).astype(np.float32)
    names = ("elevation", "slope", "curvature", "red", "nir", "deformation")
    stack.scene({n: v[:, :128] for n, v in zip(names, row)}, name="small")
    stack.scene({n: np.tile(v, (16, 1)) for n, v in zip(names, row)}, name="large")
    run = [sys.executable, "-c", PEAK, "large"]
    done = subprocess.run(run, capture_output=True, text=True, cwd=store.paths.PROJECT, check=True)
    assert float(done.stdout.split()[-1]) < 100


def test_all_columns_add_up_as_numpy_adds_them(workspace):
    """Sines, cosines and classes too, of codes with a gap and of bearings beyond 0 to 360."""
    rng = np.random.default_rng(3)
    made = {
        "elevation": 8000 + rng.standard_normal((HEIGHT, WIDTH)),
        "aspect": rng.uniform(-400, 800, (HEIGHT, WIDTH)),
        "lithology": rng.choice([2.0, 3.0, 7.0], (HEIGHT, WIDTH)),
    }
    made["aspect"][10:40, 5:90] = np.nan
    scene = stack.scene(made, categorical=("lithology",))
    found = statistics.compute(scene)
    values = frame(scene).dropna().to_numpy().T
    expected = coding.expand(values, scene.factor_names, found.columns)
    assert [c.code for c in found.columns if c.form == "class"] == [2, 3, 4, 5, 6, 7]
    np.testing.assert_allclose(found.coded.mean, expected.mean(axis=1), rtol=0, atol=1e-10)
    np.testing.assert_allclose(found.coded.covariance, np.cov(expected), rtol=0, atol=1e-8)
