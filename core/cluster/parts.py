"""Partial results of an action, as files in the workspace's cache that workers write and a last
step joins. What is there stays until it is joined, so that a broken action goes on."""

import shutil
from pathlib import Path

from core import paths

FOLDER = "parts"
# Stands for the workspace, which lies elsewhere on a worker.
WORKSPACE = "{workspace}"


class Parts:
    """The files of one action; `key` changes with whatever they depend on."""

    def __init__(self, what: str, key: str):
        self.folder = paths.cache_folder() / FOLDER / f"{what}-{key}"
        self.folder.mkdir(parents=True, exist_ok=True)

    def path(self, name: str) -> Path:
        return self.folder / name

    def has(self, name: str) -> bool:
        return self.path(name).exists()

    def place(self, name: str) -> str:
        """The file as a task names it: beneath the workspace, which lies elsewhere on a worker."""
        return beneath(self.path(name))

    @staticmethod
    def here(place: str) -> Path:
        """The file that a task names, on the machine that carries it out."""
        return paths.workspace() / place

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def beneath(path: Path) -> str:
    """A path of the workspace, without the workspace."""
    return path.relative_to(paths.workspace()).as_posix()


def everywhere(file: str) -> str:
    """A file as every machine names it: beneath the workspace, or absolute."""
    path = Path(file).expanduser().absolute()
    root = paths.workspace()
    return f"{WORKSPACE}/{path.relative_to(root)}" if path.is_relative_to(root) else str(path)


def from_everywhere(file: str) -> str:
    """That file on this machine."""
    return file.replace(WORKSPACE, str(paths.workspace()), 1)
