"""The view of the map as the page's address holds it, so that a demo can be replayed by a link."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MODES = ("swipe", "grid", "blink", "one")
STYLES = ("probability", "mask", "errors")


@dataclass(frozen=True)
class View:
    """What a new map starts with; afterwards it is the map's own. None: the map's usual.

    `third`, `fourth` and `one` are ids of what these parts show, `at` is (latitude, longitude,
    zoom), `swipe` the place of the line 0..1, `base` a layer's id or '' for none.
    """

    threshold: float = 0.5
    mode: str | None = None
    opacity: float | None = None
    third: str | None = None
    fourth: str | None = None
    one: str | None = None
    as_left: str | None = None
    as_right: str | None = None
    base: str | None = None
    outlines: bool | None = None
    swipe: float | None = None
    at: tuple[float, float, float] | None = None

    def in_browser(self) -> dict[str, Any]:
        """The same by the names of the map's own state."""
        value = dict(vars(self))
        value["leftStyle"], value["rightStyle"] = value.pop("as_left"), value.pop("as_right")
        return value


def read(query: Mapping[str, str], threshold: float) -> View:
    """Return the view that an address asks for; what makes no sense in it is left out.

    >>> read({"mode": "grid", "opacity": "much", "at": "27.2,102.4,13.5"}, 0.3).at
    (27.2, 102.4, 13.5)
    """
    base = query.get("base")
    return View(
        threshold=threshold,
        mode=_one_of(query.get("mode"), MODES),
        opacity=_share(query.get("opacity")),
        third=query.get("third"),
        fourth=query.get("fourth"),
        one=query.get("one"),
        as_left=_one_of(query.get("as_left"), STYLES),
        as_right=_one_of(query.get("as_right"), STYLES),
        base="" if base == "none" else base,
        outlines={"0": False, "1": True}.get(query.get("outlines", "")),
        swipe=_share(query.get("swipe")),
        at=_place(query.get("at")),
    )


def _one_of(value: str | None, allowed: tuple[str, ...]) -> str | None:
    return value if value in allowed else None


def _share(value: str | None) -> float | None:
    found = _numbers(value, 1)
    return found[0] if found and 0 <= found[0] <= 1 else None


def _place(value: str | None) -> tuple[float, float, float] | None:
    found = _numbers(value, 3)
    if found is None or max(map(abs, found)) >= 1e7 or abs(found[2]) > 30:
        return None
    latitude, longitude, zoom = found
    return latitude, longitude, zoom


def _numbers(value: str | None, count: int) -> tuple[float, ...] | None:
    try:
        found = tuple(float(part) for part in (value or "").split(","))
    except ValueError:
        return None
    return found if len(found) == count and all(map(math.isfinite, found)) else None
