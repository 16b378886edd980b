"""Points and gaps as Chinese sets them, where a text has been put together of parts."""

import re

# What stands beside a character of Chinese is set as Chinese sets it.
_CJK = r"[\u3400-\u9fff\uff00-\uffef\u201d]"
_NUMBERED = re.compile(r"^\d+\.")
_BOLD = re.compile(r"\*\*([^*]+?)([，。：；！？])\*\*")
_POINT = re.compile(
    rf"(?<={_CJK})(?:[,:;!?]|\.(?![\w.]))(?=[*_]*(?: |$|{_CJK}))|[,:;.](?=[*_]* +{_CJK})|\.$"
)
_BRACKETS = re.compile(r" \(([\u3400-\u9fff][^()]*)\)")
_FULL = str.maketrans(",:;!?.", "，：；！？。")
_GAP = re.compile(rf"(?<=[，：；！？。、]) +|(?<={_CJK}) +(?={_CJK})")


def chinese(text: str) -> str:
    """
    >>> chinese("像元, 共3个. **合成场景.** 条件数2.16. 另见表2: a.tif")
    '像元，共3个。**合成场景**。条件数2.16。另见表2: a.tif'
    >>> chinese("1. 坡度")
    '1. 坡度'
    >>> chinese("sample (合成), 高程 (m)")
    'sample（合成），高程 (m)'
    """
    text = _BRACKETS.sub(r"（\1）", text)
    at = found.end() if (found := _NUMBERED.match(text)) else 0
    full = text[:at] + _POINT.sub(lambda found: found[0].translate(_FULL), text[at:])
    # Markdown ends no bold words with a point that a letter follows.
    return _GAP.sub("", _BOLD.sub(r"**\1**\2", full))
