"""The dry run's report of a stack, as JSON and as text."""

import json

from core.scene.interferograms import report
from core.scene.interferograms.finding import find
from core.scene.interferograms.stack import open_stack
from tests import interferogram_files as files


def told(folder, **settings) -> dict:
    with open_stack(find(folder), **settings) as stack:
        made = report.report(stack)
    return json.loads(json.dumps(made, allow_nan=False))


def test_the_report_says_what_the_stack_is(tmp_path):
    made = told(files.hyp3(tmp_path))
    assert (len(made["dates"]), len(made["pairs"]), made["days"]) == (7, len(files.PAIRS), 96)
    assert made["islands"] == [made["dates"]] and made["left_out"] == []
    assert made["pairs"][0] == {
        "name": "20210109_20210121",
        "first": "2021-01-09",
        "second": "2021-01-21",
        "days": 12,
        "baseline_m": 33.0,
        "coverage": 0.95,
        "coherence": 0.7088,
    }
    assert made["spans"][0] == {"days": 12, "pairs": 4, "fastest_mm_yr": 422.1}
    text = "\n".join(report.lines(made))
    assert "HyP3 (GAMMA)" in text and "7 dates from 2021-01-09 to 2021-04-15 (96 days)" in text
    assert "422 mm/yr (12 days); 141 by the longest (36 days)" in text
    assert "Reference: chosen where all pairs are coherent." in text


def test_the_report_names_what_is_left_out_and_what_is_beside(tmp_path):
    def without(k, phase, coherence, transform):
        return (None, coherence, transform) if k == 2 else (phase, None, transform)

    files.hyp3(tmp_path, change=without)
    files.write(next(tmp_path.iterdir()) / "a_dem.tif", files.coherence())
    made = told(tmp_path)
    text = report.lines(made)
    assert "20210121_20210202 has no unwrapped phase, left out." in text
    assert "Recognised beside the phases: elevation (1)." in text
    assert all(pair["coherence"] is None for pair in made["pairs"])


def test_islands_are_said_with_the_date_that_no_pair_crosses(tmp_path):
    apart = [p for p in files.PAIRS if not p[0] <= 2 < p[1]]
    made = told(files.hyp3(tmp_path, apart))
    assert [len(group) for group in made["islands"]] == [3, 4]
    assert made["notes"][-1] == (
        "The network falls into 2 islands (no pair crosses 2021-02-02): the rate bridges them by "
        "the mean rate; `islands` shows where."
    )


def test_a_given_reference_is_said(tmp_path):
    with open_stack(find(files.licsar(tmp_path))) as stack:
        made = report.report(stack, reference="row 9, column 8")
    assert "Reference: row 9, column 8." in report.lines(made)
