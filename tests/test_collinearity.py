"""VIF and TOL equal the regressions they stand for; singular cases follow the decision."""

import numpy as np
import pytest

from core.analysis.one_pass.moments import moments_of
from core.analysis.relations.collinearity import collinearity, pearson


def rows(values: dict) -> dict:
    table = np.stack(list(values.values()))
    matrix = pearson(moments_of(table, table[:, 0]))
    return {row.factor: row for row in collinearity(list(values), matrix).rows}


def regression_vif(values: np.ndarray, column: int) -> float:
    """1 / (1 - R^2) of one factor regressed on the others and an intercept (paper, formula 2)."""
    y = values[column]
    design = np.column_stack([np.delete(values, column, axis=0).T, np.ones(len(y))])
    residual = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    return ((y - y.mean()) ** 2).sum() / (residual**2).sum()


@pytest.fixture
def independent():
    rng = np.random.default_rng(3)
    return {name: rng.standard_normal(4000) for name in ("a", "b", "c", "d")}


def test_vif_equals_the_regression(independent):
    independent["d"] = independent["d"] + 2 * independent["a"] - independent["b"] + 500
    found = rows(independent)
    values = np.stack(list(independent.values()))
    for i, name in enumerate(independent):
        expected = regression_vif(values, i)
        assert found[name].vif == pytest.approx(expected, rel=1e-8)
        assert found[name].tol == pytest.approx(1 / expected, rel=1e-8)
    assert found["d"].vif > 5 > found["c"].vif


def test_condition_number_is_that_of_the_correlation_matrix(independent):
    independent["b"] = independent["b"] + independent["a"]
    matrix = np.corrcoef(np.stack(list(independent.values())))
    found = collinearity(list(independent), matrix)
    assert found.condition_number == pytest.approx(np.linalg.cond(matrix), rel=1e-9)


def test_identical_factors_have_no_vif_and_the_others_keep_theirs(independent):
    before = rows(independent)
    found = rows({**independent, "twin": independent["a"]})
    for name in ("a", "twin"):
        assert (found[name].vif, found[name].tol) == (None, 0.0)
        assert found[name].reason == "perfectly collinear"
    for name in ("b", "c", "d"):
        assert found[name].vif == pytest.approx(before[name].vif, rel=1e-8)


def test_a_planted_sum_takes_its_parts_along(independent):
    total = independent["a"] + 3 * independent["b"]
    found = rows({**independent, "sum": total.astype(np.float32)})
    assert [name for name, row in found.items() if row.vif is None] == ["a", "b", "sum"]
    assert found["c"].vif == pytest.approx(1, abs=0.01)


def test_two_dependent_sets_at_once(independent):
    extra = {"twin": independent["a"] * -2, "sum": independent["c"] + independent["d"]}
    found = rows({**independent, **extra})
    without = [name for name, row in found.items() if row.reason]
    assert without == ["a", "c", "d", "twin", "sum"]
    assert found["b"].vif == pytest.approx(1, abs=0.01)


def test_a_constant_factor_has_neither_and_harms_nobody(independent):
    found = rows({**independent, "flat": np.full(4000, 0.1)})
    row = found["flat"]
    assert (row.vif, row.tol, row.reason) == (None, None, "constant")
    assert found["a"].vif == pytest.approx(rows(independent)["a"].vif, rel=1e-10)


def test_a_single_factor_is_not_collinear():
    assert rows({"a": np.arange(9.0)})["a"].vif == 1


def test_thirty_factors():
    rng = np.random.default_rng(0)
    values = {f"f{i}": rng.standard_normal(5000) for i in range(30)}
    assert max(row.vif for row in rows(values).values()) < 1.1
