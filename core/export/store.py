"""The exports that the Results page has made, and where the next one goes.

exports/<scene>/<run>-p<threshold>/     one export; the same run and threshold replace it
exports/<scene>/<run>-p<threshold>-zh/  the same in another language than English

Light to import: a page lists exports without the libraries that write them.
"""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import NotRequired, TypedDict

from core import paths, stored
from core.errors import NotFound
from core.language.reader import ENGLISH
from core.runs import run_files
from core.runs import store as runs
from core.runs.store import Run
from core.scene.store import Scene
from core.shapes import Count, Share
from core.stored import Listing

LIST = "export.json"
PREFERRED = ("fcadensenet", "rs-dr")
LARGEST_ZIP = 200 << 20  # bytes: a download is kept in memory


class About(TypedDict):
    """export.json, as far as it is read again."""

    run: str
    made: str
    threshold: Share
    landslides: Count
    notes: list[str]
    files: list[str]
    language: NotRequired[str]


@dataclass(frozen=True)
class Export:
    """A finished export: its folder and what its export.json says."""

    folder: Path
    about: dict

    @property
    def bytes(self) -> int:
        return sum((self.folder / name).stat().st_size for name in self.files)

    @property
    def files(self) -> list[str]:
        return [name for name in self.about["files"] if (self.folder / name).exists()]


def has_map(run: Run, scene: Scene) -> bool:
    """Whether there is a predicted map to export; one without an inventory has no scores."""
    return (run.prediction(scene.name) / run_files.PROBABILITY).exists()


def candidates(scene: Scene) -> list[Run]:
    """Runs with a map of this state of the scene, newest first, those of the paper's network on
    RS-DR before the others."""
    found = [
        run
        for run in runs.runs()
        if has_map(run, scene) and not run.outdated(scene.name, scene.fingerprint)
    ]
    return sorted(found, key=lambda run: (run.config.model, run.config.dataset) != PREFERRED)


def folder_for(run: Run, scene: Scene, threshold: float, language: str = ENGLISH) -> Path:
    """Where the page exports to."""
    more = "" if language == ENGLISH else f"-{language}"
    return paths.exports_folder() / scene.name / f"{run.id}-p{threshold:.3f}{more}"


def exports(scene: Scene) -> list[Export]:
    """Finished exports of the scene, newest first."""
    return sorted(listing(scene).items, key=lambda e: e.about["made"], reverse=True)


def listing(scene: Scene) -> Listing[Export]:
    """All exports of the scene, and what is damaged."""
    parent = paths.exports_folder() / scene.name

    def load(name: str) -> Export:
        about = stored.read(parent / name / LIST, About, f"export '{name}'", "export it again")
        if about is None:
            raise NotFound(f"Export '{name}' has no {LIST}: it is not whole; delete it.")
        return Export(parent / name, about)

    return stored.listing("export", stored.folders(parent), load)


def read(folder: Path) -> dict | None:
    """What export.json in `folder` says, None where it is none of ours."""
    return stored.usable(folder / LIST, About)


def zipped(export: Export) -> bytes:
    """The whole folder as one zip."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        for name in export.files:
            file.write(export.folder / name, f"{export.folder.name}/{name}")
    return data.getvalue()
