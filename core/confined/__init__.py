"""Work on files from anywhere in a process of its own, which can be ended."""

from core.confined.allowance import BLOCK_MEMORY, MEMORY, Allowance, for_files, of_bytes
from core.confined.call import call, prepare
from core.confined.sandbox import lacks_memory

__all__ = [
    "BLOCK_MEMORY",
    "MEMORY",
    "Allowance",
    "call",
    "for_files",
    "lacks_memory",
    "of_bytes",
    "prepare",
]
