"""Tables for a paper: what Word and Excel read back is what the runs and the analysis say."""

import io

import docx
import openpyxl
import pytest

from core import paper
from core.cells import text as csv_text
from core.manuscript import latex, tables, writing
from core.manuscript.request import TablesRequest
from core.manuscript.table import Column, Table
from core.numerals import interval
from core.runs.tables import METRICS
from core.workflows import run

ANALYSIS = {
    "n": 98_000,
    "pearson": {"factors": ["slope", "aspect"], "matrix": [[1.0, -0.25], [-0.25, 1.0]]},
    "collinearity": [
        {"factor": "slope", "vif": 1.0667, "tol": 0.9375},
        {"factor": "aspect", "vif": None, "tol": 0.0, "reason": "perfectly collinear"},
    ],
    "importance": [
        {
            "factor": "slope",
            "gini": {"mean": 0.3, "sd": 0.01},
            "permutation": {"mean": -0.02, "sd": 0.004},
            "drop_column": None,
            "above_noise": True,
            "control": False,
        }
    ],
    "factors": [
        {
            "factor": "slope",
            "n": 98_304,
            "no_data_share": 0.003,
            "mean": 12.3456,
            "sd": 4.5,
            "quantiles": {"0.02": 1.5, "0.5": 11.0, "0.98": 30.25},
        }
    ],
    "evidence": {
        "factors": [
            {
                "factor": "slope",
                "classes": [
                    {
                        **dict.fromkeys(("pixels", "landslide_pixels"), 10),
                        "label": "=1+1",
                        **dict.fromkeys(("frequency_ratio", "w_plus", "w_minus"), 0.5),
                        **dict.fromkeys(("contrast", "studentised"), None),
                    }
                ],
            }
        ]
    },
}


@pytest.fixture
def found(tiny_scene, tiny_runs, monkeypatch):
    monkeypatch.setattr(tables.analyses, "load", lambda scene: ANALYSIS)
    monkeypatch.setattr(tables.analyses, "view", lambda analysis, causative: analysis)
    return tables.every(tiny_scene)


def by_name(found, name: str) -> Table:
    return next(table for table in found if table.name == name)


def test_scores_are_those_of_the_runs_and_the_papers(found, tiny_runs):
    table = by_name(found, "table-4")
    rows = {row[:2]: dict(zip(METRICS, row[2:])) for row in table.rows}
    for run_ in tiny_runs:
        ours = rows["Ours", run_.config.dataset.upper()]
        assert ours == {name: run_.metrics()[name] for name in METRICS}
    theirs = rows["Paper", "RS-DR"]
    assert [theirs[name] for name in ("f1", "kappa")] == [0.7611, 0.7602]
    gain = 100 * (tiny_runs[0].metrics()["f1"] - tiny_runs[1].metrics()["f1"])
    assert rows["Ours", "Gain, points"]["f1"] == f"{gain:+.2f}".replace("-", "−")
    best = next(n for n, row in enumerate(table.rows) if row[:2] == ("Paper", "RS-DR"))
    assert (best, 2) in table.bold


def test_table_2_has_the_papers_figures_beside_ours(found):
    rows = {row[0]: row[1:] for row in by_name(found, "table-2").rows}
    assert rows["Slope"] == (*paper.TABLE_2["slope"], 1.0667, 0.9375)
    assert rows["Elevation"][2:] == (None, None)


def test_word_reads_back_what_the_tables_say(found):
    document = docx.Document(io.BytesIO(writing.word(found)))
    assert len(document.tables) == len(found) == 8
    for drawn, table in zip(document.tables, found):
        read = [[cell.text for cell in row.cells] for row in drawn.rows]
        assert read == [list(table.head), *table.shown]
        # Three lines: above and below the head, and at the end.
        lines = [row._tr.xpath(".//w:tcBorders/*") for row in drawn.rows]
        ruled = [n for n, found_ in enumerate(lines) if found_]
        assert ruled == sorted({0, len(table.rows)})
    paragraphs = [paragraph.text for paragraph in document.paragraphs]
    assert [t.title for t in found] == [text for text in paragraphs if text.startswith("Table ")]


def test_excel_reads_back_figures_as_numbers_with_all_their_digits(found):
    book = openpyxl.load_workbook(io.BytesIO(writing.excel(found)))
    assert book.sheetnames == [table.name for table in found]
    for sheet, table in zip(book.worksheets, found):
        for number, row in enumerate(table.rows, 4):
            for cell, value in zip(sheet[number], row):
                if isinstance(value, float):
                    assert cell.value == pytest.approx(value, rel=1e-14)
                else:
                    assert cell.value == {None: "–", "": None, "=1+1": "'=1+1"}.get(value, value)
    assert book["table-2"]["B4"].number_format == "0.000"
    assert book["table-4"]["E5"].font.bold  # F1 of the paper's RS-DR


def test_latex_has_booktabs_and_no_sign_that_it_would_take_for_its_own(found):
    text = latex.text(found)
    assert text.count(r"\toprule") == text.count(r"\bottomrule") == len(found)
    assert r"\caption{Collinearity of the six causative factors}" in text
    assert r"Gain, \%" in text and "−" not in text and r"\textbf{0.7611}" in text
    cells = [line.count(" & ") for line in text.splitlines() if line.startswith("Slope & 1.031")]
    assert cells == [4]


def test_csv_of_a_table_is_its_cells(found):
    table = by_name(found, "table-4")
    assert writing.csv(table) == csv_text(table.head, table.rows)


def test_an_interval_stands_in_a_row_of_its_own(tiny_scene, tiny_runs, monkeypatch):
    ends = {"f1": (0.61, 0.73)}
    monkeypatch.setattr("core.runs.tables.intervals", lambda values: ends)
    table = by_name(tables.every(tiny_scene), "table-3")
    row = next(row for row in table.rows if row[1] == "90 % interval")
    assert row[4] == interval(ends["f1"]).replace("\u2060", "") and row[2] == ""


def test_the_command_writes_what_is_asked_for(tiny_runs, tmp_path):
    out = tmp_path / "out"
    told = run(TablesRequest("tiny", str(out), ("tex", "csv")), print)
    assert told["files"] == ["table-2.csv", "table-3.csv", "table-4.csv", "tables.tex"]
    assert sorted(file.name for file in out.iterdir()) == sorted([*told["files"], "tables.json"])
    assert any("are not analysed" in note for note in told["notes"])


def test_a_column_of_words_is_set_to_the_left():
    table = Table("t", "T", (Column("a"), Column("b")), ((None, "x"), (1, "y")))
    assert table.is_number(0) and not table.is_number(1)
