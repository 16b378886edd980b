"""Six metric cards: left value, right value, the difference in percentage points; their 90 %
intervals in small print below."""

import streamlit as st

from core.language.translation import sentences, tr
from core.maps.scorecard import MetricCard
from core.numerals import fixed, interval


def show(cards: tuple[MetricCard, ...]) -> None:
    """Draw the cards side by side."""
    for column, card in zip(st.columns(len(cards), gap="xxsmall", wrap=False), cards):
        with column:
            st.metric(
                tr(card.title),
                f":blue[{number(card.left)}] :orange[{number(card.right)}]",
                _delta(card),
                delta_color="green" if (card.points or 0) > 0 and card.sure is not False else "off",
                delta_arrow="off",
                help=sentences(*_help(card)),
                border=True,
            )
            if said := sureness(card):
                st.caption(tr(said))


def number(value: float | None) -> str:
    """Three decimals, a dash where there is no score.

    >>> number(0.7611), number(None)
    ('0.761', '–')
    """
    return fixed(value, 3)


def sureness(card: MetricCard) -> str | None:
    """The intervals of both sides in their colours; None where there are none.

    >>> sureness(MetricCard("f1", "F1", 0.67, None, (0.61, 0.72))).replace("\u2060", "")
    ':blue[.61–.72]'
    """
    sides = (("blue", card.left_interval), ("orange", card.right_interval))
    return " ".join(f":{c}[{interval(i, leading=False)}]" for c, i in sides if i) or None


def points(card: MetricCard) -> str | None:
    """The difference right minus left with its sign.

    >>> points(MetricCard("f1", "F1", 0.6658, 0.7611)), points(MetricCard("f1", "F1", 0.5, 0.25))
    ('+9.5 points', '−25.0 points')
    """
    if card.points is None:
        return None
    return f"{fixed(card.points, 1, signed=True)} points"


def _delta(card: MetricCard) -> str | None:
    said = points(card)
    return said and tr(said)


def _help(card: MetricCard) -> list[str]:
    if card.points is None:
        return [
            f"{card.title} of the left and the right side; a dash where there is no prediction."
        ]
    left, right = number(card.left), number(card.right)
    gain = f"{points(card)} (percentage points)"
    if card.percent is not None:
        more = fixed(card.percent, 1, signed=True)
        gain = f"{points(card)} (percentage points), {more} % of the left value"
    told = f"{card.title}: left {left}, right {right}; right minus left {gain}."
    return [told, *_sure(card)]


def _sure(card: MetricCard) -> list[str]:
    if card.difference is None:
        return []
    low, high = (fixed(100 * end, 1, signed=True) for end in card.difference)
    verdict = "it excludes zero" if card.sure else "it includes zero, so this may be chance"
    return [f"90 % interval of the difference: {low} to {high} points; {verdict}."]
