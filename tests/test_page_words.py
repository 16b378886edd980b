"""Pages speak to people who click: no word of the command line but where it is to be copied."""

import re

import pytest

from core.numerals import whole
from tests import page

OF_A_COMMAND = re.compile(r"(?<![\w-])--[a-z][a-z-]*|python -m core|`slidescope ")


def prose(name: str) -> str:
    """What a page says, without the blocks that are meant to be copied."""
    app = page.visit(name)
    said = page.texts(app)
    for block in app.code:
        said = said.replace(str(block.value), "")
    return said


@pytest.mark.parametrize("name", page.PAGES)
def test_no_page_speaks_of_the_command_line(tiny_runs, name):
    found = [line for line in prose(name).splitlines() if OF_A_COMMAND.search(line)]
    assert found == []


def test_nor_does_a_page_without_any_scene(workspace):
    for name in page.PAGES:
        assert OF_A_COMMAND.findall(prose(name)) == [], name


def test_what_counts_as_a_word_of_the_command_line():
    assert OF_A_COMMAND.findall("give --point-radius, or `python -m core runs`") == [
        "--point-radius",
        "python -m core",
    ]
    assert OF_A_COMMAND.findall("one - two -- three, 2020--2021, a---b") == []


def test_thousands_are_parted_by_thin_spaces(tiny_runs, tiny_scene):
    said = page.texts(page.visit("scene"))
    assert f"{whole(tiny_scene.grid.width)} × {whole(tiny_scene.grid.height)} pixels" in said
    assert not re.search(r"\d,\d{3}\b", said)
