"""Figures and tables in Chinese: what is read back of each file, and what stays as it is."""

import csv
import io
import re
from dataclasses import replace

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn

from core.cells import text as csv_text
from core.language import joining, reader
from core.manuscript import latex, layout, lettering, picture, store, tables, view, writing
from core.manuscript.panels import Panel
from core.manuscript.request import FigureRequest, TablesRequest
from core.manuscript.table import Column, Table
from core.runs import summary
from core.workflows import run
from tests.chinese import english
from tests.test_manuscript_tables import ANALYSIS, by_name

PANELS = ("reference", "mask", "errors", "slope", "lithology")


@pytest.fixture(scope="module")
def made(built, tmp_path_factory):
    """A figure in Chinese, and its folder."""
    out = tmp_path_factory.mktemp("figure") / "one"
    request = FigureRequest("tiny", PANELS, str(out), ("svg",), dpi=72, language="zh")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLIDESCOPE_WORKSPACE", str(built))
        return run(request, lambda *told: None), out


@pytest.fixture
def found(tiny_scene, tiny_runs, monkeypatch):
    """All tables in Chinese."""
    monkeypatch.setattr(tables.analyses, "load", lambda scene: ANALYSIS)
    monkeypatch.setattr(tables.analyses, "view", lambda analysis, causative: analysis)
    with reader.speaking("zh"):
        yield tables.every(tiny_scene)


def words(out) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]+)<", (out / "figure.svg").read_text("utf-8"))


def test_titles_and_legends_are_chinese_text_that_can_be_changed(made):
    said = words(made[1])
    for word in ("(a) 参考编目", "(d) 坡度", "命中（TP）", "漏报（FN）", "预测滑坡，p ≥ 0.5", "北"):
        assert word in said
    assert "已编目滑坡（轮廓）" in said and "1 km" in said and "27°16′N" in said
    assert "N" not in said and not english(" | ".join(said))


def test_the_caption_is_one_chinese_paragraph(made):
    caption = made[0]["caption"]
    assert caption.startswith("(a) 参考编目；(b) 预测滑坡，FCADenseNet RS-DR（阈值0.5）；")
    assert "场景tiny，合成场景；WGS 84 / UTM zone 48N (EPSG:32648)。" in caption
    assert made[0]["command"].endswith("--language zh")


def test_a_figure_of_another_language_does_not_take_the_place_of_this_one(tiny_scene):
    folders = {store.folder_for(tiny_scene, store.FIGURE, name) for name in ("en", "zh")}
    assert folders == {store.folder_for(tiny_scene, store.FIGURE), *folders} and len(folders) == 2


def test_classes_of_a_real_scene_keep_their_names(tiny_scene):
    (item,) = [factor for factor in tiny_scene.factors if factor.name == "lithology"]
    legend = dict.fromkeys(item.legend, "Sandstone")
    factors = tuple(replace(f, legend=legend) if f is item else f for f in tiny_scene.factors)
    whole = view.view(tiny_scene, view.window_of(tiny_scene, None), (64, 64))
    shown = []
    for synthetic in (True, False):
        scene = replace(tiny_scene, factors=factors, synthetic=synthetic)
        with reader.speaking("zh"):
            drawn = picture.picture(Panel("lithology", ""), replace(whole, scene=scene), None)
        shown.append({name for _, name in drawn.patches})
    assert shown == [{"砂岩"}, {"Sandstone"}]


def test_a_chinese_figure_has_a_font_with_its_signs_or_says_what_to_install():
    def with_serif(family: str) -> bool:
        return family in ("Noto Serif CJK SC", "Liberation Sans", "DejaVu Sans")

    assert lettering.letters("arial", with_serif, True).families[0] == "Noto Serif CJK SC"
    assert lettering.letters("arial", with_serif).families[0] == "Liberation Sans"
    bare = lettering.letters("arial", lambda family: family == "DejaVu Sans", True)
    assert "install Noto Sans CJK SC" in bare.note


def test_a_chinese_title_breaks_between_signs_and_fits_its_map():
    title = "(b) 滑坡概率，FCADenseNet RS-DR"
    lines = layout.wrapped(title, 16)
    assert max(map(joining.breadth, lines)) <= 16 and "".join(lines).replace(" ", "") == (
        title.replace(" ", "")
    )
    assert not any(line.startswith("，") for line in lines)


def test_word_has_chinese_titles_heads_and_notes_in_a_chinese_font(found):
    document = docx.Document(io.BytesIO(writing.word(found)))
    said = [paragraph.text for paragraph in document.paragraphs]
    assert "表2 六个致灾因子的共线性" in said and "表S3 全部因子的共线性" in said
    (second,) = [t for t in document.tables if t.rows[0].cells[0].text == "因子"][:1]
    assert [cell.text for cell in second.rows[0].cells][1:3] == ["论文，VIF", "论文，TOL"]
    assert "坡度" in [row.cells[0].text for row in second.rows]
    assert not [run for text in said for run in english(text)]
    normal = document.styles["Normal"].element.rPr
    assert normal.rFonts.get(qn("w:eastAsia")) == "SimSun"
    assert normal.find(qn("w:lang")).get(qn("w:eastAsia")) == "zh-CN"


def test_excel_has_chinese_heads_and_the_same_figures(found, tiny_scene):
    with reader.speaking("en"):
        same = tables.every(tiny_scene)
    book = openpyxl.load_workbook(io.BytesIO(writing.excel(found)))
    sheet = book["table-4"]
    assert sheet["A1"].value == "表4 不含与含形变速率的FCADenseNet"
    assert [cell.value for cell in sheet[3]][1:4] == ["数据集", "精确率", "召回率"]
    assert sheet["A3"].font.name == "Times New Roman" and sheet["B3"].font.name == "SimSun"
    for ours, theirs in zip(found, same):
        figures = [
            [[c for c in row if not isinstance(c, str)] for row in t.rows] for t in (ours, theirs)
        ]
        assert figures[0] == figures[1]


def test_latex_asks_for_ctex_and_csv_opens_in_excel(found):
    text = latex.text(found)
    assert text.splitlines()[0].count("ctex") == 1 and r"\caption{六个致灾因子的共线性}" in text
    name = "table-2"
    table = by_name(found, name)
    assert writing.csv(table) == csv_text(table.head, table.rows)
    assert next(csv.reader(io.StringIO(writing.csv(table))))[0] == "因子"


@pytest.mark.parametrize("language", ("en", "zh"))
def test_a_csv_has_a_mark_at_its_beginning_in_chinese_alone(tiny_runs, tmp_path, language):
    out = tmp_path / "out"
    told = run(TablesRequest("tiny", str(out), ("csv",), language=language), print)
    marked = (out / "table-2.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert marked == (language == "zh")
    assert told["tables"][0]["title"].startswith({"en": "Table 2. ", "zh": "表2 "}[language])


def test_a_name_that_somebody_gave_a_run_is_not_translated(tiny_scene, tiny_runs):
    summary.name(tiny_runs[0], "Slope")
    with reader.speaking("zh"):
        table = by_name(tables.every(tiny_scene), "table-3")
    assert any(str(row[1]).endswith("(Slope)") for row in table.rows)


def test_words_are_translated_and_figures_are_not():
    table = Table(
        "t", "Table 2. Collinearity of the six causative factors", (Column("Factor"),), ()
    )
    with reader.speaking("zh"):
        told = replace(table, rows=(("Slope",), (0.5,), (None,))).translated()
    assert told.rows == (("坡度",), (0.5,), (None,)) and told.numbered[0] == "表2"
