"""The map in the reader's language: what its scripts say, are given and ask for."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from core.language import catalogue, reader
from core.language.matching import FIELD
from core.language.translation import tr
from core.maps import comparison, frontend, place, sides
from core.maps.measured import measure
from tests import chinese
from tests.test_routes import Client

MESSAGE = re.compile(r'\bt\(\s*("(?:[^"\\]|\\.)*")')
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# In the setup and in commands: what nobody reads.
UNREAD = ("url", "words", "tables", "images", "outlines", "values", "search", "headline", "version")


def spoken() -> dict[str, str]:
    """Every message of the scripts, with the one that has it."""
    found = {}
    for name in frontend.SCRIPTS:
        text = frontend.FILES[name].decode()
        found |= {json.loads(each): name for each in MESSAGE.findall(text)}
    return found


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, each in value.items():
            if name not in UNREAD:
                yield from texts(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from texts(each)


def words() -> dict[str, str]:
    with reader.speaking("zh"):
        return comparison.words()


def test_every_text_of_the_scripts_has_a_translation_with_its_fields():
    told = words()
    assert len(told) > 80
    assert {text: name for text, name in spoken().items() if text not in told} == {}
    fields = {text: (FIELD.findall(text), FIELD.findall(other)) for text, other in told.items()}
    assert [text for text, (mine, theirs) in fields.items() if set(theirs) - set(mine)] == []


def test_no_script_puts_words_on_the_page_past_the_catalogue():
    """A text in quotes beside what people read is one that nobody can translate."""
    past = re.compile(
        r'(?:textContent[:=]|"aria-label",|title:|placeholder:|\.say\(|said\()\s*["`][^"`]*[a-z]{3}'
    )
    found = {
        name: past.findall(frontend.FILES[name].decode())
        for name in frontend.SCRIPTS
        if past.search(frontend.FILES[name].decode())
    }
    assert found == {}


def test_core_recognises_no_text_by_what_only_scripts_say():
    """`at {limit}` would fit "at least": core's texts are none of the map's."""
    assert "at {limit}" in words()
    assert "at {limit}" not in catalogue.messages("zh")


def test_what_the_map_is_given_is_chinese(tiny_scene, tiny_runs):
    known = sides.sides_of(tiny_scene)
    left, right = (known[f"run:{run.id}"] for run in tiny_runs)
    with reader.speaking("zh"):
        given = comparison.setup(tiny_scene)
        told = [comparison._side(side) for side in known.values()]
        scores = measure(left, right, tiny_scene).in_browser()
    assert given["language"] == "zh"
    read = list(texts([given, told, scores]))
    assert [found for text in read for found in chinese.english(text)] == []
    titles = [layer["title"] for layer in given["layers"]]
    assert all(map(CHINESE.search, titles)), titles
    assert comparison.setup(tiny_scene)["words"] == {}


def test_another_language_is_another_map(tiny_scene):
    english = comparison.map_key(tiny_scene)
    with reader.speaking("zh"):
        assert comparison.map_key(tiny_scene) != english


def test_routes_answer_in_the_language_that_the_map_asks_for(tiny_scene, tiny_runs):
    client = Client()
    asked = f"/maps/search/tiny.json?text={quote('nowhere')}"
    assert "不是位置" in client.get(f"{asked}&language=zh").text
    assert "is no place" in client.get(asked).text
    assert "is no place" in client.get(f"{asked}&language=../x").text
    at = "/maps/values/tiny.json?lat={}&lng={}".format(*place.point(tiny_scene, 90, 300))
    first = {lang: client.get(f"{at}&language={lang}").text for lang in ("zh", "en")}
    assert CHINESE.search(first["zh"]) and not CHINESE.search(first["en"])
    pair = "&".join(f"{name}=run:{run.id}" for name, run in zip(("left", "right"), tiny_runs))
    said = client.get(f"/maps/headline/tiny.json?{pair}&area=test&language=zh").text
    with reader.speaking("zh"):
        assert json.loads(said)["area"] == tr("test part")
