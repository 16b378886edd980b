"""What the map's modules say in another language than English."""

import pytest

from core.language import reader
from core.maps import comparison
from tests.modules import chromium, modules  # noqa: F401

pytestmark = pytest.mark.browser
# Calls a module with the words of a language; `given` is [words, ...].
SPEAK = "(await load('words')).speak(given[0]);"


def words() -> dict[str, str]:
    with reader.speaking("zh"):
        return comparison.words()


def test_the_headline_in_chinese(modules):  # noqa: F811
    script = f"""{SPEAK}
      const {{ sentence }} = await load("headline");
      const told = given[1].map((each) => sentence(...each).map(([text]) => text).join(""));
      (await load("words")).speak(null);
      return told;
    """
    left = {"landslides": 45, "found": [16], "marked": [2.94]}
    right = {"landslides": 45, "found": [27], "marked": [3.1]}
    figures = {"sides": [left, right], "unit": "km²"}
    alone = {"sides": [None, right], "unit": "km²"}
    level = {"sides": [right, right], "unit": "km²"}
    names = ["RS", "RS-DR"]
    asked = [[names, figures, 0, [14, 9]], [names, alone, 0, [None, 1]], [names, level, 0, None]]
    found = [text.replace("\u2009", " ") for text in modules.run(script, [words(), asked])]
    assert found == [
        "RS-DR检出45处滑坡中的27处，RS检出16处：多11处；误报9处（左侧14处）；"
        "圈定3.1 km²（左侧2.9 km²）。",
        "RS-DR检出45处滑坡中的27处；误报1处；圈定3.1 km²。",
        "RS-DR与RS均检出45处滑坡中的27处；误报：正在统计；圈定3.1 km²。",
    ]


def test_names_wear_the_colours_of_their_sides_in_any_order(modules):  # noqa: F811
    script = f"""{SPEAK}
      const {{ sentence }} = await load("headline");
      const told = sentence(...given[1]);
      (await load("words")).speak(null);
      return told;
    """
    side = {"landslides": 45, "found": [16], "marked": [2.94]}
    more = {**side, "found": [27]}
    turned = {**words(), "{one} finds {share}, {other} {before}: {more} more": "{other}<{one}"}
    asked = [["a", "b"], {"sides": [side, more], "unit": "px"}, 0, [1, 1]]
    found = modules.run(script, [turned, asked])
    assert [part for part in found if part[1]] == [["a", "left"], ["b", "right"]]


def test_without_words_a_message_is_itself(modules):  # noqa: F811
    said = modules("words").t
    assert said("{now} false alarms", {"now": 3}) == "3 false alarms"
    assert said("{one} finds {share}", {"share": "$&"}) == "{one} finds $&"
