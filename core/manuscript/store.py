"""The figures and tables that were made for a paper, and where they lie.

figures/<scene>/figure/    figure.png, .svg, .pdf and figure.json, which says what they show
figures/<scene>/tables/    the tables, and tables.json with the list of files
figures/<scene>/figure-zh/, tables-zh/      the same in another language than English

Light to import: a page lists them without the libraries that write them.
"""

from pathlib import Path
from typing import NotRequired, TypedDict

from core import paths, stored
from core.errors import SlideScopeError
from core.language.reader import ENGLISH
from core.scene.store import Scene

FIGURE, TABLES = "figure", "tables"


class About(TypedDict):
    """figure.json or tables.json, as far as it is read again."""

    files: list[str]
    notes: list[str]
    caption: NotRequired[str]
    panels: NotRequired[list[str]]
    dpi: NotRequired[int]
    width_mm: NotRequired[int]
    height_mm: NotRequired[float]


def folder_for(scene: Scene, what: str, language: str = ENGLISH) -> Path:
    """Where a page, and a command without --out, writes figure or tables of a scene."""
    name = what if language == ENGLISH else f"{what}-{language}"
    return paths.figures_folder() / scene.name / name


def list_of(what: str) -> str:
    """The file that says what lies in a folder."""
    return f"{what}.json"


def read(folder: Path, what: str) -> About | None:
    """What lies in a folder, None where it is none of ours or not whole."""
    found = stored.usable(folder / list_of(what), About)
    if found is None or not all((folder / name).is_file() for name in found["files"]):
        return None
    return found


def check_folder(out: Path, what: str) -> None:
    """Raise a SlideScopeError unless `out` can be written as a whole: new, empty, or what the same
    action wrote earlier."""
    if out.is_dir():
        earlier = stored.usable(out / list_of(what), About) or {"files": []}
        ours = {list_of(what), *earlier["files"]}
        foreign = sorted(file.name for file in out.iterdir() if file.name not in ours)
        if foreign:
            raise _no_folder(out, f"it holds other files ('{foreign[0]}')")
    elif out.exists():
        raise _no_folder(out, "it is a file")


def _no_folder(out: Path, why: str) -> SlideScopeError:
    return SlideScopeError(
        f"Cannot write to '{out}': {why}; --out must be a new or empty folder, or an earlier one "
        "of the same kind, which is replaced."
    )
