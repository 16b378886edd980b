"""A table that is written is read as text and numbers, by a spreadsheet too."""

import csv

import pytest

from core import cells
from core.analysis import tables as factor_tables
from core.scene.sbas import displacement
from tests.test_architecture import files


@pytest.mark.parametrize(
    "text",
    ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1", "＝1"),
)
def test_text_that_would_be_a_formula_is_marked_as_text(text):
    assert cells.cell(text) == f"'{text}"


@pytest.mark.parametrize(
    "value", (-1.5, "-1.5", "+3", "-1e-3", "-inf", "shale", "", None, 7, "a=b")
)
def test_numbers_and_other_text_stay(value):
    assert cells.cell(value) == value


def test_names_of_classes_and_columns_are_cells_too():
    row = {"label": '=HYPERLINK("http://example.org")', "pixels": 4, "landslide_pixels": 1}
    table = factor_tables.classes_csv({"classes": [{**row, "share": 0.25}]})
    (cell, *_) = list(csv.reader(table.splitlines()))[1]
    assert cell == '\'=HYPERLINK("http://example.org")'
    assert cells.text(["@a"], []) == "'@a\n"


def test_a_place_with_quotation_marks_is_one_cell():
    import dataclasses

    fields = {f.name: None for f in dataclasses.fields(displacement.Displacement)}
    known = {"title": '=a"b,c', "dates": ("2020-01-01",), "mm": (1.0,), "line": (1.0,),
             "groups": (0,), "deviation": 0.5, "rate": -2.0, "rate_error": 0.1}  # fmt: skip
    place = displacement.Displacement(**{**fields, **known})
    (row,) = list(csv.reader(displacement.csv([place]).splitlines()))[1:]
    assert row[0] == "'=a\"b,c" and row[6] == "-2"


def test_no_other_file_writes_a_table():
    # A workbook is turned into text that is read again at once.
    allowed = {"cells.py", "workbooks.py"}
    wrong = {f.name for f in files("core") if "csv.writer(" in f.read_text("utf-8")} - allowed
    assert not wrong
    assert not [f.name for f in files("core") if "csv.DictWriter" in f.read_text("utf-8")]
