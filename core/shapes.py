"""Whether a value that was read has the shape that it should have: types of Python as the rule."""

import math
import types
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    Required,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

# Beyond it a float does not hold every whole number, and nothing here is as large.
LARGEST = 2**53


@dataclass(frozen=True)
class Within:
    """Bounds of a number, both included: `Annotated[float, Within(0, 1)]`."""

    least: float
    most: float


Share = Annotated[float, Within(0, 1)]
# Seconds since 1970, up to the year 5138.
Moment = Annotated[float, Within(0, 1e11)]
Count = Annotated[int, Within(0, LARGEST)]
Epoch = Annotated[float, Within(0, 10**6)]
Number = Annotated[int, Within(0, 10**6)]


def wrong(value: Any, hint: Any, where: str = "it") -> str | None:
    """What is wrong with `value`, in words that finish a sentence; None if it has the type `hint`.

    Known are None, bool, int, float, str, Any, unions, Literal, Annotated with `Within`, list,
    tuple, dict, a TypedDict and a dataclass (for which a dict stands as well). Keys that are not
    asked for are no fault: a newer version may know what they mean.

    >>> wrong(3, int), wrong(3, float | None), wrong({"a": 1, "b": 2}, dict[str, int])
    (None, None, None)
    >>> wrong(True, int), wrong(float("inf"), float)
    ('it is True, no whole number', 'it is inf, no number')
    >>> wrong([1, "x"], list[int]), wrong(1.5, Share)
    ("it[1] is 'x', no whole number", 'it is 1.5 and must lie within 0 and 1')
    """
    if hint is Any:
        return None
    if is_typeddict(hint) or is_dataclass(hint):
        return _fields(value, hint, where)
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (NotRequired, Required):
        return wrong(value, inner[0], where)
    if origin is Annotated:
        return wrong(value, inner[0], where) or _bounds(value, inner[1], where)
    if origin in (Union, types.UnionType):
        found = [wrong(value, each, where) for each in inner if each is not type(None)]
        fits = None in found or (value is None and type(None) in inner)
        return None if fits else found[0]
    if origin is Literal:
        known = ", ".join(map(repr, inner))
        return None if value in inner else f"{where} is {_short(value)}, none of {known}"
    if origin in (list, tuple):
        return _sequence(value, inner, where)
    if origin is dict:
        return _mapping(value, inner, where)
    if _is(value, hint):
        return None
    return f"{where} is {_short(value)}, {_KINDS.get(hint, 'something else')}"


_KINDS = {
    int: "no whole number",
    float: "no number",
    str: "no text",
    bool: "neither true nor false",
    dict: "no object",
    list: "no list",
    tuple: "no list",
    type(None): "not null",
}


def _is(value: Any, kind: type) -> bool:
    if kind in (int, float):
        numbers = int if kind is int else (int, float)
        if not isinstance(value, numbers) or isinstance(value, bool):
            return False
        # Compared before anything else: a whole number may be too large for a float.
        return abs(value) <= (LARGEST if kind is int else 1e300) and math.isfinite(value)
    return isinstance(value, (list, tuple) if kind in (list, tuple) else kind)


def _bounds(value: Any, bounds: Within, where: str) -> str | None:
    if bounds.least <= value <= bounds.most:
        return None
    return f"{where} is {_short(value)} and must lie within {bounds.least:g} and {bounds.most:g}"


def _sequence(value: Any, inner: tuple, where: str) -> str | None:
    if not isinstance(value, list | tuple):
        return f"{where} is {_short(value)}, no list"
    fixed = len(inner) > 1 and inner[1] is not Ellipsis
    if fixed and len(value) != len(inner):
        return f"{where} has {len(value)} values, not {len(inner)}"
    hints = inner if fixed else [inner[0]] * len(value)
    return _first(wrong(v, h, f"{where}[{n}]") for n, (v, h) in enumerate(zip(value, hints)))


def _mapping(value: Any, inner: tuple, where: str) -> str | None:
    if not isinstance(value, Mapping):
        return f"{where} is {_short(value)}, no object"
    return _first(
        wrong(key, inner[0], f"a key of {where}") or wrong(one, inner[1], f"{where}.{key}"[:80])
        for key, one in value.items()
    )


def _fields(value: Any, hint: Any, where: str) -> str | None:
    if not isinstance(value, Mapping) and not is_dataclass(value):
        return f"{where} is {_short(value)}, no object"
    found = value if isinstance(value, Mapping) else vars(value)
    hints, needed = _hints(hint)
    inside = "" if where == "it" else f"{where}."
    missing = next((name for name in needed if name not in found), None)
    if missing:
        return f"'{inside}{missing}' is missing"
    known = (name for name in hints if name in found)
    return _first(wrong(found[name], hints[name], f"{inside}{name}") for name in known)


@cache
def _hints(hint: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Types by name, and what must be there."""
    hints = get_type_hints(hint, include_extras=True)
    if is_typeddict(hint):
        return hints, tuple(sorted(hint.__required_keys__))
    return {each.name: hints[each.name] for each in fields(hint)}, ()


def _first(found) -> str | None:
    return next((each for each in found if each), None)


def _short(value: Any) -> str:
    """
    >>> _short("x" * 99)
    "'xxxxxxxxxxxxxxxxxxxxxxxxxxx ..."
    """
    text = repr(value) if not isinstance(value, int) or abs(value) < 1e30 else "a huge number"
    return text if len(text) <= 32 else f"{text[:28]} ..."
