"""The letters of a figure: which installed font stands for the one that was asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

# What is asked for -> families that look alike, the one that is meant first. The last ones come
# with the drawing library.
CHOICES = {
    "arial": ("Arial", "Helvetica", "Liberation Sans", "Nimbus Sans", "Arimo", "DejaVu Sans"),
    "times": (
        *("Times New Roman", "Times", "Liberation Serif", "Nimbus Roman", "Tinos"),
        *("STIXGeneral", "DejaVu Serif"),
    ),
    "chinese": (
        *("SimSun", "Songti SC", "Source Han Serif SC", "Noto Serif CJK SC", "Noto Serif CJK JP"),
        *("Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", "Noto Sans CJK JP"),
        *("WenQuanYi Zen Hei", "WenQuanYi Micro Hei"),
    ),
}
# For signs that the font has none of, such as the Chinese names of classes.
ANY_SIGN = (
    *("Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", "Noto Sans CJK JP", "SimSun"),
    "DejaVu Sans",
)
LAST = "DejaVu Sans"
# What a figure is lettered in unless it is said.
USUAL, CHINESE = "arial", "chinese"
NO_CHINESE = (
    "No font with Chinese signs is installed here, so they stand as boxes: install Noto Sans CJK "
    "SC (fonts-noto-cjk) or SimSun and make the figure again."
)


@dataclass(frozen=True)
class Letters:
    """`families`: the font of the figure, and those for the signs that it lacks; `note` says in a
    sentence what was taken instead of what was asked for, empty where that is installed."""

    families: tuple[str, ...]
    note: str = ""


def letters(asked: str, installed: Callable[[str], bool], chinese: bool = False) -> Letters:
    """The font for what is `asked`: a name of `CHOICES` or a family. A figure in Chinese has a
    Chinese one unless another than the usual is asked for, whose missing signs are Chinese then.

    >>> letters("arial", lambda family: family in ("Liberation Sans", "DejaVu Sans")).note
    'Arial is not installed here: the figure is lettered in Liberation Sans.'
    >>> letters("arial", lambda family: True).families[0]
    'Arial'
    >>> letters("arial", lambda family: "CJK" in family, chinese=True).families[0]
    'Noto Serif CJK SC'
    """
    asked = CHINESE if chinese and asked.lower() == USUAL else asked
    wanted: Sequence[str] = CHOICES.get(asked.lower(), (asked, *CHOICES["arial"]))
    found = next((family for family in wanted if installed(family)), LAST)
    others = tuple(name for name in ANY_SIGN if name != found and installed(name))
    note = ""
    if found != wanted[0]:
        note = f"{wanted[0]} is not installed here: the figure is lettered in {found}."
    if chinese and not {found, *others}.intersection(CHOICES[CHINESE]):
        note = NO_CHINESE
    return Letters((found, *others), note)
