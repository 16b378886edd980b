"""Which column of a table, or attribute of a layer, holds the rate."""

import re
from collections.abc import Sequence
from pathlib import Path

from core.errors import SlideScopeError

# Names in the order of trust, small letters.
RATE = ("mean_velocity", "velocity", "vel", "rate", "v", "vlos", "v_los", "vel_los", "mean_vel")
_SPEAKS = re.compile(r"vel|rate|defo|displ|mm_?(per_?)?y")
# What stands beside a rate in such tables: names, quality, heights, places, dates.
_COMPANION = re.compile(
    r"^(fid|id|pid|code|index|objectid|track|line|pixel|x|y|z|lon|lat|l|p)$"
    r"|std|sigma|rmse|coh|height|elev|dem|acc|seas|prec|east|north|longitude|latitude|^d?\d{8}$"
)


def choose(path: Path, asked: int | str | None, names: Sequence[str]) -> tuple[str, bool]:
    """Return the column with the rate, and whether that is sure: named, or called as rates are.

    >>> choose(Path("a.gpkg"), None, ("height", "mean_velocity"))
    ('mean_velocity', True)
    >>> choose(Path("a.gpkg"), None, ("height", "coherence", "VEL_V_mm"))
    ('VEL_V_mm', False)
    """
    lower = {n.strip().lower(): n for n in reversed(names)}
    column: str | None
    if isinstance(asked, str):
        column, sure = asked, True
    else:
        column, sure = first(lower, RATE), True
        if column is None:
            column, sure = _likely(lower), False
    if column is None or column not in names:
        what = f"no column '{column}'" if column else "no column that looks like a rate"
        raise SlideScopeError(
            f"'{path.name}' has {what}: it has {', '.join(names[:12]) or 'none'}; name it as "
            f"{path.name}:COLUMN."
        )
    return column, sure


def _likely(lower: dict[str, str]) -> str | None:
    """A column that speaks of a rate, or the only one that is no usual companion of one."""
    for text, name in lower.items():
        if _SPEAKS.search(text) and not _COMPANION.search(text):
            return name
    others = [name for text, name in lower.items() if not _COMPANION.search(text)]
    return others[0] if len(others) == 1 else None


def first(lower: dict[str, str], wanted: tuple[str, ...]) -> str | None:
    return next((lower[w] for w in wanted if w in lower), None)
