"""What `verify`, `clean`, `backup` and `restore` are asked for."""

from dataclasses import dataclass
from typing import ClassVar

from core.request import Request, option


@dataclass(frozen=True)
class VerifyRequest(Request):
    """Every file against the hash that was noted when it was written."""

    ACTION: ClassVar[str] = "verify"

    names: tuple[str, ...] = option(
        "scenes, runs, experiments, datasets, reviews, exports (default: all there is)",
        (),
        place=True,
        metavar="NAME",
    )
