"""A file system of one's own, as large as one likes, or one that cannot be written to: in a
namespace of mounts that ends with its process."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

INSIDE = "SLIDESCOPE_OWN_MOUNTS"
ROOM = 1 << 30


def enter() -> None:
    """Start this very process anew in a namespace of its own, unless it is in one."""
    if os.environ.get(INSIDE):
        return
    words = ["unshare", "--map-root-user", "--mount"]
    if subprocess.run([*words, "true"], capture_output=True, check=False).returncode:
        print("Skipped: file systems of one's own need Linux's unshare, which is not allowed here.")
        sys.exit()
    os.environ[INSIDE] = "yes"
    os.execvp(words[0], [*words, sys.executable, *sys.orig_argv[1:]])


def fill(at: Path, full: Path, left: int | None) -> None:
    """Mount a file system at `at` with a copy of the folder `full` and `left` bytes of room (None:
    as much as it may take)."""
    at.mkdir(exist_ok=True)
    away(at)
    _mount("mount", "-t", "tmpfs", "-o", f"size={ROOM}", "none", str(at))
    shutil.copytree(full, at, dirs_exist_ok=True)
    if left is not None:
        _mount("mount", "-o", f"remount,size={_up(used(at) + left)}", str(at))


def away(at: Path) -> None:
    """Take the file system off again. A folder that is seen in a second place is on the same disk,
    so Python's `ismount` does not know it: asking costs nothing."""
    subprocess.run(["umount", "-l", str(at)], check=False, capture_output=True)


def read_only(at: Path, full: Path) -> None:
    """Mount the folder `full` at `at`, where nobody can write to it."""
    at.mkdir(exist_ok=True)
    _mount("mount", "--bind", str(full), str(at))
    _mount("mount", "-o", "remount,bind,ro", str(at))


def used(at: Path) -> int:
    told = os.statvfs(at)
    return (told.f_blocks - told.f_bfree) * told.f_frsize


def _up(size: int) -> int:
    """To whole pages."""
    return -(-size // 4096) * 4096


def _mount(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)
