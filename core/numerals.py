"""Numbers as people read them: as many decimals as the range deserves, thin spaces, a true minus.

Whatever stands on a page, in a table or in a report is written here.

The map writes its read-out by the same rule (`core/maps/assets/numbers.js`).
"""

import re
from collections.abc import Sequence

from core.language.translation import message

# An en dash at which no line breaks.
JOINED = "\u2060\u2013\u2060"
MINUS, THIN, NONE = "\u2212", "\u2009", "\u2013"


def number(value: float, span: float) -> str:
    """Write `value`, one of a range `span` wide.

    >>> number(-12345.678, 20000), number(0.1234, 1), number(-0.001, 10)
    ('−12\u2009346', '0.12', '0.0')
    """
    decimals = 0 if span >= 50 else 1 if span >= 5 else 2 if span >= 0.5 else 3
    return fixed(value, decimals)


def fixed(value: float | None, decimals: int, signed: bool = False) -> str:
    """Write `value` with so many decimals, `signed` with a plus as well; a dash where there is
    none.

    >>> fixed(-1234.56, 1), fixed(-0.0004, 3), fixed(0.5, 1, signed=True), fixed(None, 1)
    ('−1\u2009234.6', '0.000', '+0.5', '–')
    """
    return written(value, f"{'+' if signed else ''}.{decimals}f")


def significant(value: float | None, digits: int) -> str:
    """Write `value` with so many significant digits, never in powers of ten between 0.0001 and a
    million millions.

    >>> significant(-1234567.8, 5), significant(0.0123456, 3), significant(28.55, 4)
    ('−1\u2009234\u2009568', '0.0123', '28.55')
    """
    return written(value, f".{digits}g")


def written(value: float | None, form: str) -> str:
    """Write `value` in a format of Python's, such as '.3f' or '.4g', or as 'percent'.

    >>> written(0.123, "percent"), written(1e-7, ".2g"), written(float("nan"), ".1f")
    ('12.3 %', '1e−07', '–')
    """
    if value is None or value != value:
        return NONE
    if form == "percent":
        return percent(value)
    text = f"{value:{form}}"
    if "e+" in text and abs(value) < 1e12:
        text = f"{value:.0f}"
    if text.startswith("-") and not float(text):
        text = text[1:]
    text = re.sub(r"\d+", lambda ahead: f"{int(ahead[0]):,}", text, count=1)
    return text.replace(",", THIN).replace("-", MINUS)


def whole(value: int) -> str:
    """
    >>> whole(1234567)
    '1\u2009234\u2009567'
    """
    return f"{value:,}".replace(",", THIN).replace("-", MINUS)


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
        return message("under 0.01 %")
    if share >= 0.9995:
        return message("over 99.9 %")
    return f"{100 * share:.2f} %" if share < 0.01 else f"{100 * share:.1f} %"


def interval(ends: Sequence[float], leading: bool = True) -> str:
    """Write the ends of an interval, 0..1, in two decimals, on one line; without the `leading` 0
    where room is scarce.

    >>> interval((0.612, 0.7251)).replace(JOINED, "-"), interval((-0.01, 1), leading=False)[-4:]
    ('0.61-0.73', '1.00')
    """
    low, high = (fixed(end, 2) for end in ends)
    if not leading:
        low, high = (text.replace("0.", ".", 1) for text in (low, high))
    return f"{low}{JOINED}{high}"


def duration(seconds: float) -> str:
    """Return a duration as people say it.

    >>> duration(42), duration(190), duration(7500)
    ('42 s', '3 min 10 s', '2 h 5 min')
    """
    seconds = round(seconds)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60} min"
