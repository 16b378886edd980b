"""What if: the figures of a subset equal those computed of it anew, fast, and say what explains."""

import time

import numpy as np
import pytest

from core.analysis.one_pass.coding import Coded, Column
from core.analysis.relations.collinearity import collinearity
from core.analysis.relations.whatif import relations_of, what_if
from core.analysis.store import Stored
from core.errors import SlideScopeError


def stored(values: dict) -> Stored:
    names = list(values)
    with np.errstate(all="ignore"):
        matrix = np.corrcoef(np.stack(list(values.values())))
    coded = Coded(tuple(map(Column, names)), matrix, (0,) * len(names))
    return Stored({"pearson": {"factors": names}, "n": 5000}, {}, coded)


@pytest.fixture
def values():
    rng = np.random.default_rng(0)
    made = {name: rng.standard_normal(5000) for name in ("elevation", "slope", "red", "nir")}
    made["nir"] = made["red"] + 0.2 * made["nir"]
    return made


def test_a_factor_less_is_the_analysis_without_it(values):
    found = what_if(stored(values), ["red"])
    left = {name: v for name, v in values.items() if name != "red"}
    expected = collinearity(list(left), np.corrcoef(np.stack(list(left.values()))))
    assert found["factors"] == list(left) and found["without"] == ["red"]
    for row, wanted in zip(found["collinearity"], expected.rows):
        assert row["vif"] == pytest.approx(wanted.vif, rel=1e-10)
    assert found["condition_number"] == pytest.approx(expected.condition_number, rel=1e-9)
    assert found["warnings"] == []


def test_a_high_vif_names_who_explains_it_and_what_leaving_it_out_would_do(values):
    found = what_if(stored(values), [])
    rows = {row["factor"]: row for row in found["warnings"]}
    assert set(rows) == {"red", "nir"} and rows["red"]["level"] == "high"
    (by,) = rows["red"]["explained_by"]
    assert by["factor"] == "nir" and by["beta"] == pytest.approx(0.98, abs=0.02)
    without = {row["factor"]: row for row in what_if(stored(values), ["nir"])["collinearity"]}
    assert by["vif_without"] == pytest.approx(without["red"]["vif"], rel=1e-9)
    assert "explained by Near infrared (B8); without" in rows["red"]["sentence"]


def test_moderate_begins_at_five():
    rng = np.random.default_rng(1)
    x = rng.standard_normal(5000)
    found = what_if(stored({"a": x, "b": x + 0.45 * rng.standard_normal(5000)}), [])
    assert [row["level"] for row in found["warnings"]] == ["moderate", "moderate"]


def test_exact_combinations_name_each_other(values):
    values["twin"] = values["slope"] * 2
    rows = {row["factor"]: row for row in what_if(stored(values), [])["warnings"]}
    assert rows["twin"]["level"] == "perfect" and rows["twin"]["vif"] is None
    assert [by["factor"] for by in rows["twin"]["explained_by"]] == ["slope"]
    assert not [row for row in what_if(stored(values), ["twin"])["warnings"] if not row["vif"]]


def test_thirty_factors_are_answered_at_once():
    rng = np.random.default_rng(2)
    base = rng.standard_normal((30, 2000))
    many = stored({f"f{i}": base[i] + 2 * base[i - 1] + 3 * base[0] for i in range(30)})
    begun = time.process_time()
    found = what_if(many, ["f3"])
    assert time.process_time() - begun < 0.5
    assert len(found["collinearity"]) == 29 and found["warnings"]


def test_a_group_of_columns_explains_as_one():
    rng = np.random.default_rng(3)
    angle = rng.uniform(0, 2 * np.pi, 4000)
    x = 3 * np.sin(angle) + rng.standard_normal(4000) * 0.5
    columns = (Column("slope"), Column("aspect", "sine"), Column("aspect", "cosine"))
    matrix = np.corrcoef([x, np.sin(angle), np.cos(angle)])
    found = relations_of(Coded(columns, matrix, (0, 0, 0)), ["slope", "aspect"], "recommended")
    (row,) = [w for w in found["warnings"] if w["factor"] == "slope"]
    assert row["explained_by"] == [{"factor": "aspect", "beta": None, "vif_without": 1.0}]


@pytest.mark.parametrize(
    "said, asked",
    {
        "no factor 'rock' to leave out": (["rock"], "paper"),
        "leaves no factor": (["elevation", "slope", "red", "nir"], "paper"),
        "Unknown coding 'best'": ([], "best"),
    }.items(),
)
def test_refusals(values, said, asked):
    with pytest.raises(SlideScopeError, match=said):
        what_if(stored(values), *asked)
