"""A text in the reader's language: found by the words around what it holds."""

import pytest

from core.language import joining, reader
from core.language.matching import Translator
from core.language.translation import tr

MESSAGES = {
    "Training": "训练",
    "no data": "无数据",
    "{0} tiles": "{0}个瓦片",
    "{0} of {1}": "{1}的{0}",
    "Scene '{0}' has {1} tiles": "场景“{0}”有{1}个瓦片",
    "{0} files are left out: {1}.": "略去{0}个文件：{1}。",
    "they hold no landslide": "其中没有滑坡",
    "whole scene {}, none of it seen in training": "整个场景{}，训练中均未见过",
    "; mean of {looks} looks": "；{looks}次的均值",
    "The file is empty: give another.": "文件为空：请另给一个。",
    "no landslide for {0} px, none": "{0} px内无滑坡",
}


@pytest.fixture(scope="module")
def chinese() -> Translator:
    return Translator(MESSAGES)


def test_a_message_without_fields_is_found_as_it_is(chinese):
    assert chinese.whole("Training") == "训练"
    assert chinese.whole("  Training ") == "  训练 "


def test_fields_are_filled_in_the_order_of_the_other_language(chinese):
    assert chinese.whole("Scene 'Slope tiles' has 12 tiles") == "场景“Slope tiles”有12个瓦片"
    assert chinese.whole("3 of 8") == "8的3"


def test_what_a_field_holds_is_told_too_where_it_is_words_of_ours(chinese):
    text = "2 files are left out: they hold no landslide."
    assert chinese.whole(text) == "略去2个文件：其中没有滑坡。"


def test_fields_may_have_names_or_none(chinese):
    assert chinese.whole("whole scene a, none of it seen in training") == (
        "整个场景a，训练中均未见过"
    )
    assert chinese.whole("mean of 4 looks") == "4次的均值"


def test_a_message_of_few_letters_holds_values_and_no_sentence(chinese):
    text = "The mean of squares drawn anywhere of this"
    assert chinese.whole(text) == text


def test_sentences_are_told_one_by_one(chinese):
    text = "The file is empty: give another. Scene 'a' has 3 tiles; mean of 4 looks"
    assert chinese.whole(text) == "文件为空：请另给一个。场景“a”有3个瓦片；4次的均值"


def test_the_rows_of_a_table_are_told_cell_by_cell(chinese):
    assert chinese.whole("| Training | 3 of 8 |\n|:--|--:|\n| no data | – |") == (
        "| 训练 | 8的3 |\n|:--|--:|\n| 无数据 | – |"
    )


def test_a_field_holds_no_more_than_a_sentence(chinese):
    text = "Scene 'a' is odd. Scene 'b' has 3 tiles"
    assert chinese.whole(text) == "Scene 'a' is odd。场景“b”有3个瓦片"


def test_what_nobody_has_translated_stays_whole(chinese):
    text = "An unknown sentence of somebody else with 3 tiles in it, and more of this kind."
    assert chinese.whole(text) == text


def test_the_first_letter_and_the_point_at_the_end_may_differ(chinese):
    assert chinese.whole("They hold no landslide.") == "其中没有滑坡。"


def test_marks_around_a_text_stay(chinese):
    assert chinese.whole(":primary[Training]") == ":primary[训练]"
    assert chinese.whole("**Training** (no data)") == "**训练**（无数据）"


def test_a_point_within_a_number_is_no_end_of_a_sentence():
    found = Translator({"{0}.{1} Gini favours numeric factors.": "{0}。{1}基尼重要性偏向数值。"})
    assert found.whole("AUC 0.851 here. Gini favours numeric factors.") == (
        "AUC 0.851 here。基尼重要性偏向数值。"
    )


@pytest.mark.parametrize(
    "asked, language",
    [("zh-CN", "zh"), ("zh", "zh"), ("de-DE, zh;q=0.5", "zh"), ("en-GB,en;q=0.9", "en")],
)
def test_the_browser_says_which_language(asked, language):
    assert reader.of_browser(asked) == language


def test_where_nobody_reads_it_is_english():
    assert reader.current() == "en"
    with reader.speaking("zh"):
        assert reader.current() == "zh"
    assert reader.current() == "en"


def test_pieces_side_by_side_of_an_area_and_a_split_stay_apart():
    with reader.speaking("zh"):
        area = tr("2 held-out tiles of tiny, a synthetic scene")
        split = tr("block split, fold 2 of 5, trained on valley too")
    assert area == "合成场景tiny的2个留出瓦片"
    assert split == "区块划分，第2折（共5折），同时在valley上训练"


def test_a_title_with_another_text_behind_it_takes_nothing_of_it():
    with reader.speaking("zh"):
        line = joining.by_parts("Train U-Net RS on valley · Training: epoch 2 of 18 · 8 %")
        folds = tr("Train U-Net RS on valley, 5 folds")
        area = tr("Factor statistics of valley, landslides")
    assert line == "在valley上训练U-Net RS · 正在训练：第2/18轮 · 8 %"
    assert folds == "在valley上训练U-Net RS，5折"
    assert area == "valley的因子统计，滑坡"


def test_the_factor_that_an_option_names_stays_as_it_is_typed():
    words = {"Give --unit {0}=mm/yr for {1}.": "用 --unit {0}=mm/yr {1}。", "slope": "坡"}
    found = Translator(words)
    assert found.whole("Give --unit slope=mm/yr for slope.") == "用 --unit slope=mm/yr 坡。"


def test_names_to_choose_from_stay_as_they_are_typed():
    found = Translator(
        {"it also has {0}: {1}:{2} takes another.": "另有{0}：{1}:{2}可另选。", "Name": "名称"}
    )
    assert found.whole("it also has name: a.gpkg:name takes another.") == (
        "另有name：a.gpkg:name可另选。"
    )
