"""What `verify`, `clean`, `backup` and `restore` are asked for."""

from dataclasses import MISSING, dataclass
from typing import ClassVar

from core.access import ADMIN, EDITOR, VIEWER
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

    @property
    def needs(self) -> str:
        return VIEWER


@dataclass(frozen=True)
class CleanRequest(Request):
    """What a workspace can do without."""

    ACTION: ClassVar[str] = "clean"

    yes: bool = option("delete it; without it, it is only listed", False)

    @property
    def needs(self) -> str:
        return ADMIN if self.yes else VIEWER


@dataclass(frozen=True)
class BackupRequest(Request):
    """A scene or a run as one file."""

    ACTION: ClassVar[str] = "backup"

    name: str = option("a scene or a run", MISSING, place=True, metavar="NAME")
    file: str = option("the zip to write", MISSING, place=True, metavar="FILE")
    of_kind: str | None = option(
        "where a scene and a run have this name",
        flag="--kind",
        choices={"scene": "the scene", "run": "the run"},
    )
    replace: bool = option("write over an earlier file", False)

    @property
    def needs(self) -> str:
        return VIEWER


@dataclass(frozen=True)
class RestoreRequest(Request):
    """A scene or a run from such a file."""

    ACTION: ClassVar[str] = "restore"

    file: str = option("a file of `backup`", MISSING, place=True, metavar="FILE")
    replace: bool = option("put it in the place of one of its name", False)

    @property
    def needs(self) -> str:
        return ADMIN if self.replace else EDITOR
