"""How much looking at a file may take, by the size of the file."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil

# A small file is looked at in tenths of a second. Large ones are read at 20 MB a second or faster,
# on two slow cores too; these are bounds of what is sane, not of what is usual.
SECONDS, SECONDS_A_MB = 1.5, 0.2
# Beside what the process has with its libraries loaded. A frame of features takes up to ten times
# its file; a block of a raster at most 1 GB (`core.scene.files.formats`), twice while it is read.
MEMORY, MEMORY_A_BYTE = 1 << 30, 12
BLOCK_MEMORY = 2 << 30
# A clock on the wall: whoever is short of processors waits for them, who sleeps is ended.
PATIENCE, WAIT_S = 6.0, 20.0
OUTPUT = 32 << 20


@dataclass(frozen=True)
class Allowance:
    """`seconds` of processor time, `wall_s` by the clock, `memory` bytes beside what the libraries
    take, `output` bytes of the answer."""

    seconds: float = SECONDS
    wall_s: float = PATIENCE * SECONDS + WAIT_S
    memory: int = MEMORY
    output: int = OUTPUT


def of_bytes(size: int, floor: int = MEMORY) -> Allowance:
    """For so many bytes of files; `floor`: what the smallest may take in memory.

    >>> of_bytes(100 << 20).seconds
    21.5
    """
    seconds = SECONDS + SECONDS_A_MB * size / (1 << 20)
    most = int(0.6 * psutil.virtual_memory().total)
    memory = max(min(floor + MEMORY_A_BYTE * size, most), MEMORY // 2)
    return Allowance(seconds, PATIENCE * seconds + WAIT_S, memory)


def for_files(paths: Iterable[str | Path], floor: int = MEMORY) -> Allowance:
    """For all of these together; folders count with what lies in them."""
    return of_bytes(sum(map(_size, set(map(Path, paths)))), floor)


def _size(path: Path) -> int:
    try:
        if path.is_dir():
            return sum(p.stat().st_size for p in path.rglob("*") if p.is_file())
        return path.stat().st_size
    except (OSError, ValueError):
        return 0
