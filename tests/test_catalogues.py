"""The catalogues hold every text of the code, and each translation what its text holds."""

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg

from core.language import catalogue, extraction
from core.language.matching import FIELD
from core.language.reader import ENGLISH, LANGUAGES

ROOT = Path(__file__).resolve().parents[1]
OTHERS = [language for language in LANGUAGES if language != ENGLISH]
OPTION_OR_LINK = re.compile(r"(?<![\w-])--[a-z][a-z-]+|\]\([^)]*\)")


@cache
def said() -> dict[str, str]:
    """Every message of the code, with the file that has it, as `make catalogues` takes them."""
    with (ROOT / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(ROOT, methods, options, keywords={"t": None})
    return {message: name for name, _, message, *_ in found}


@cache
def known(language: str) -> dict[str, str]:
    """Every message of a catalogue, those of scripts too."""
    found = catalogue.messages(language)
    for folder in catalogue.SCRIPTS:
        found = {**found, **catalogue.messages_in(language, folder)}
    return found


def test_the_code_is_read():
    files = set(said().values())
    assert len(said()) > 3000
    assert {"app.py", "pages/overview.py", "core/scene/importing.py"} <= files
    assert any(name.startswith("core/maps/assets/") for name in files)
    assert not any(name.startswith("core/commands/") for name in files)


@pytest.mark.parametrize("language", OTHERS)
def test_no_text_is_outside_the_catalogues(language):
    told = known(language)
    missing = [f"{name}: {text}" for text, name in said().items() if text not in told]
    assert not missing, "run `make catalogues`, then translate what is empty in core/language/"


@pytest.mark.parametrize("language", OTHERS)
def test_no_text_stays_that_the_code_does_not_have(language):
    gone = [text for text in known(language) if text not in said()]
    assert not gone, "run `make catalogues`"


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_names_no_field_that_its_text_does_not_have(language):
    wrong = {
        text: other
        for text, other in known(language).items()
        if set(FIELD.findall(other)) - set(FIELD.findall(text))
    }
    assert not wrong


def kept(text: str) -> set[str]:
    """What a translation must keep letter by letter: options, links, commands."""
    return {*OPTION_OR_LINK.findall(text), *text.split("`")[1::2]}


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_keeps_options_commands_and_links(language):
    wrong = {text: other for text, other in known(language).items() if kept(text) - kept(other)}
    assert not wrong


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_is_one(language):
    """All but references, patterns and code are other words than the English ones."""
    told = known(language)
    same = [text for text, other in told.items() if text == other and text.count(" ") > 2]
    assert len(same) < len(told) / 50, same


def test_a_new_sentence_is_found_without_a_mark():
    source = (
        'def f(n):\n    """Docs are no message."""\n'
        '    raise SlideScopeError(f"Only {n} pixels are left: choose a larger area.")\n'
    )
    (found,) = extraction.of_source(source)
    assert found.text == "Only {0} pixels are left: choose a larger area."
    assert found.values == ("n",)


def test_what_nobody_reads_is_no_message():
    lines = (
        'logs.log.info("the server starts")',
        're.compile("two words")',
        'raise ValueError("a defect here")',
        'open("a.txt", encoding="utf-8")',
        'width = "12px solid red"',
        'key = "tile_px"',
    )
    assert extraction.of_source("\n".join(lines)) == []


def test_single_words_are_messages_where_they_are_shown():
    lines = ('tr("done")', 'message("none")', 'label = "Slope"', "f\"{n} tile{'s' * n} of {n}\"")
    found = {each.text for each in extraction.of_source("\n".join(lines))}
    assert found == {"done", "none", "Slope", "{0} tile{1} of {2}"}
