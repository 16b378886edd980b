"""Results: our tables beside the paper's."""

from core import atomic
from tests.page import texts, visit


def tables(app):
    return [m.value for m in app.markdown if m.value.startswith("|")]


def test_paper_stands_alone_without_runs(tiny_scene):
    app = visit("results")
    assert "no measured run yet" in texts(app)
    paper_3, ours_3, paper_4, ours_4 = tables(app)
    assert "| FCADenseNet | **0.8381** | 0.6972 | **0.7611** |" in paper_3
    assert "**0.7043**" in paper_3
    assert "Gain, points | +17.67 | +0.94 | +8.68 |" in paper_4
    assert "Gain" not in ours_4
    assert ours_3.count("–") == 4 * 7


def test_ours_bold_the_better_value_and_give_the_gain_twice(tiny_runs):
    with_deformation, without = (run.metrics() for run in tiny_runs)
    ours = tables(visit("results"))[3]
    assert f"| {without['f1']:.4f} |" in ours
    assert f"**{with_deformation['f1']:.4f}**" in ours
    gain = with_deformation["f1"] - without["f1"]
    assert f"{100 * gain:+.2f}" in ours
    assert f"{100 * gain / without['f1']:+.1f}" in ours


def test_every_caption_names_area_and_split_and_synthetic(tiny_runs):
    captions = [c.value for c in visit("results").caption if c.value.startswith("Ours")]
    assert len(captions) == 2
    for caption in captions:
        assert (
            "Ours: 2 held-out tiles of tiny, a synthetic scene; block split; threshold 0.5"
            in caption
        )


def test_footnotes_of_the_paper_are_there(tiny_runs):
    said = texts(visit("results"))
    for word in ("0.6642", "percentage points", "except for recall", "favoured by construction"):
        assert word in said


def test_csv_is_offered(tiny_runs):
    assert [b.label for b in visit("results").get("download_button")] == ["Download as CSV"]


def test_rows_measured_on_other_tiles_are_named(tiny_runs):
    path = tiny_runs[1].prediction() / "metrics.json"
    atomic.write_json(path, {**tiny_runs[1].metrics(), "tiles": 3})
    assert "not all rows were measured on the same tiles" in texts(visit("results"))
