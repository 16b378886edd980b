"""Recommended coding: every figure equals the measure it is called after, computed another way."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from core.analysis.one_pass import statistics
from core.analysis.one_pass.coding import association, columns_of, expand
from core.analysis.relations import pairs
from core.analysis.relations.collinearity import collinearity
from core.analysis.relations.whatif import codings, relations_of
from tests import stack

SIDE = 200
NAMES = ("elevation", "slope", "aspect", "lithology", "landcover")


@pytest.fixture
def scene(workspace):
    rng = np.random.default_rng(4)
    noise = rng.standard_normal((4, SIDE, SIDE))
    lithology = 1.0 + (noise[0] > -0.5) + 2.0 * (noise[0] > 0.6)
    layers = {
        "elevation": 3000 + 40 * noise[0],
        "slope": 20 + 3 * noise[1] + noise[0],
        "aspect": (90 + 60 * noise[2] + 20 * noise[1]) % 360,
        "lithology": lithology,
        "landcover": np.where(noise[3] > 0, lithology % 3, 7.0),
    }
    layers["slope"][:3, :50] = np.nan
    return stack.scene(layers, categorical=("lithology", "landcover"))


@pytest.fixture
def table(scene) -> pd.DataFrame:
    values = scene.read().reshape(-1, len(NAMES)).astype(np.float64)
    return pd.DataFrame(values, columns=NAMES).dropna()


def test_every_pair_has_the_measure_of_its_kinds(scene, table):
    found = statistics.compute(scene)
    matrix = pd.DataFrame(association(found.correlations, NAMES, "recommended"), NAMES, NAMES)
    assert matrix.loc["elevation", "slope"] == pytest.approx(
        table["elevation"].corr(table["slope"]), abs=1e-8
    )
    for name in ("elevation", "slope"):
        eta = pairs.correlation_ratio(table["lithology"], table[name])
        assert matrix.loc[name, "lithology"] == pytest.approx(eta, abs=1e-8)
        turn = pairs.circular_linear(table["aspect"].to_numpy(), table[name].to_numpy())
        # Sines are taken in single precision.
        assert matrix.loc[name, "aspect"] == pytest.approx(turn, abs=1e-7)
    crossed = pd.crosstab(table["lithology"], table["landcover"]).to_numpy()
    expected = np.outer(crossed.sum(1), crossed.sum(0)) / crossed.sum()
    chi = ((crossed - expected) ** 2 / expected).sum()
    v = np.sqrt(chi / crossed.sum() / (min(crossed.shape) - 1))
    assert matrix.loc["lithology", "landcover"] == pytest.approx(v, abs=1e-8)


def test_vif_of_a_number_among_classes_is_that_of_the_regression(scene, table):
    found = statistics.compute(scene)
    rows = relations_of(found.correlations, NAMES, "recommended")["collinearity"]
    columns = columns_of([scene.factor(n) for n in NAMES])[len(NAMES) :]
    others = expand(table.to_numpy().T, NAMES, columns).T
    for row in rows[:2]:
        rest = "slope" if row["factor"] == "elevation" else "elevation"
        design = np.column_stack([others, table[rest]])
        fitted = LinearRegression().fit(design, table[row["factor"]])
        expected = 1 / (1 - fitted.score(design, table[row["factor"]]))
        assert row["vif"] == pytest.approx(expected, rel=1e-6)
        assert row["tol"] == pytest.approx(1 / expected, rel=1e-6)
    assert [row.get("df", 1) for row in rows] == [1, 1, 2, 2, 2]


def test_generalised_vif_does_not_depend_on_the_class_left_out():
    rng = np.random.default_rng(0)
    code, x = rng.integers(0, 3, 5000), rng.standard_normal(5000)
    x += code
    found = []
    for left_out in range(3):
        hot = [(code == c).astype(float) for c in range(3) if c != left_out]
        matrix = np.corrcoef([x, *hot])
        found.append(collinearity(["x", "code"], matrix, [[0], [1, 2]]).rows[1].gvif)
    assert found == pytest.approx([found[0]] * 3)


def test_paper_coding_is_pandas_and_scikit_learn(scene, table):
    found = relations_of(statistics.compute(scene).correlations, NAMES, "paper")
    np.testing.assert_allclose(found["correlation"]["matrix"], table.corr(), rtol=0, atol=1e-8)
    for row in found["collinearity"]:
        rest = table.drop(columns=row["factor"])
        fitted = LinearRegression().fit(rest, table[row["factor"]])
        expected = 1 / (1 - fitted.score(rest, table[row["factor"]]))
        assert row["vif"] == pytest.approx(expected, rel=1e-8)


def test_one_sentence_says_what_differs_and_why(scene):
    factors = [scene.factor(n) for n in NAMES]
    said = codings(statistics.compute(scene).correlations, factors)
    assert "codes of Lithology and Landcover as if they were amounts" in said["difference"]
    assert "0° and 360° of Aspect" in said["difference"] and "from " in said["difference"]
    assert said["recommended"]["correlation"]["measures"][3][4] == "Cramer's V"
    assert said["recommended"]["correlation"]["measures"][0][2] == "circular-linear"


def test_plain_numbers_have_one_coding(workspace):
    rng = np.random.default_rng(0)
    scene = stack.scene({"slope": rng.random((40, 40)), "高程": rng.random((40, 40))})
    coded = statistics.compute(scene).correlations
    said = codings(coded, scene.factors)
    assert said["difference"] == "All factors are plain numbers, so both codings are the same."
    assert said["paper"] == {
        **said["recommended"],
        "correlation": said["paper"]["correlation"],
    }


def test_a_factor_of_too_many_classes_stays_a_number(workspace):
    codes = np.arange(900).reshape(30, 30) % 300
    scene = stack.scene({"soil": codes, "slope": codes**2}, categorical=("soil",))
    assert [c.form for c in columns_of(scene.factors)] == ["value", "value"]
