"""Numbers as people read them: as many decimals as the range deserves, thin spaces, a true minus.

The map writes its read-out by the same rule (`core/maps/assets/numbers.js`).
"""

from collections.abc import Sequence

# An en dash at which no line breaks.
JOINED = "\u2060\u2013\u2060"


def number(value: float, span: float) -> str:
    """Write `value`, one of a range `span` wide.

    >>> number(-12345.678, 20000), number(0.1234, 1), number(-0.001, 10)
    ('−12\u2009346', '0.12', '0.0')
    """
    decimals = 0 if span >= 50 else 1 if span >= 5 else 2 if span >= 0.5 else 3
    text = f"{abs(value):,.{decimals}f}".replace(",", "\u2009")
    return f"−{text}" if value < 0 and float(text.replace("\u2009", "")) else text


def whole(value: int) -> str:
    """
    >>> whole(1234567)
    '1\u2009234\u2009567'
    """
    return f"{value:,}".replace(",", "\u2009")


def percent(share: float) -> str:
    """Write a share; one that is neither nothing nor all is never rounded to it.

    >>> percent(0), percent(0.00001), percent(0.0038), percent(0.1234)
    ('0 %', 'under 0.01 %', '0.38 %', '12.3 %')
    >>> percent(0.99999), percent(1)
    ('over 99.9 %', '100 %')
    """
    if share in (0, 1):
        return f"{share * 100:.0f} %"
    if share < 0.00005:
        return "under 0.01 %"
    if share >= 0.9995:
        return "over 99.9 %"
    return f"{100 * share:.2f} %" if share < 0.01 else f"{100 * share:.1f} %"


def interval(ends: Sequence[float], leading: bool = True) -> str:
    """Write the ends of an interval, 0..1, in two decimals, on one line; without the `leading` 0
    where room is scarce.

    >>> interval((0.612, 0.7251)).replace(JOINED, "-"), interval((-0.01, 1), leading=False)[-4:]
    ('0.61-0.73', '1.00')
    """
    low, high = (f"{end:.2f}".replace("-", "\u2212") for end in ends)
    if not leading:
        low, high = (text.replace("0.", ".", 1) for text in (low, high))
    return f"{low}{JOINED}{high}"
