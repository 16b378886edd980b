"""Six metric cards: left value, right value, the difference in percentage points."""

import streamlit as st

from core.maps.scorecard import Card

MINUS = "\u2212"


def show(cards: tuple[Card, ...]) -> None:
    """Draw the cards side by side."""
    for column, card in zip(st.columns(len(cards), gap="xxsmall", wrap=False), cards):
        with column:
            st.metric(
                card.title,
                f":blue[{number(card.left)}] :orange[{number(card.right)}]",
                points(card),
                delta_color="green" if (card.points or 0) > 0 else "off",
                delta_arrow="off",
                help=_help(card),
                border=True,
            )


def number(value: float | None) -> str:
    """Three decimals, a dash where there is no score.

    >>> number(0.7611), number(None)
    ('0.761', '–')
    """
    return "–" if value is None else f"{value:.3f}"


def points(card: Card) -> str | None:
    """The difference right minus left with its sign.

    >>> points(Card("f1", "F1", 0.6658, 0.7611)), points(Card("f1", "F1", 0.5, 0.25))
    ('+9.5 points', '−25.0 points')
    """
    if card.points is None:
        return None
    sign = "+" if card.points >= 0 else MINUS
    return f"{sign}{abs(card.points):.1f} points"


def _help(card: Card) -> str:
    if card.points is None:
        return f"{card.title} of the left and the right side; a dash where there is no prediction."
    words = f"{card.title}: left {number(card.left)}, right {number(card.right)}; right minus left "
    words += f"{points(card)} (percentage points)"
    if card.percent is None:
        return words + "."
    sign = "+" if card.percent >= 0 else MINUS
    return f"{words}, {sign}{abs(card.percent):.1f} % of the left value."
