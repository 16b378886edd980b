"""Why an action failed, in one sentence: what a machine can run out of, and what can go missing.

The errors of Keras's backends, GDAL and HDF5 are told by their words: this package imports none
of them.
"""

import errno
import re

from core import paths
from core.errors import SlideScopeError
from core.libraries import chain, fault

DISK = (
    "The disk is full: nothing more can be written to the workspace; free some space, then go on "
    "with it."
)
READ_ONLY = (
    "'{what}' cannot be written to ({why}): an action that changes something needs a workspace "
    "that can be written to; choose another SLIDESCOPE_WORKSPACE or ask for the right."
)
MEMORY = "Out of memory: choose a coarser resolution or a smaller batch."
GONE = (
    "A file that was needed is gone ({what}): a scene or run was moved or deleted meanwhile; put "
    "it back or start anew."
)
DISK_CODES = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
READ_ONLY_CODES = (errno.EROFS, errno.EACCES, errno.EPERM)
# ResourceExhaustedError: TensorFlow; RESOURCE_EXHAUSTED: JAX; the others: PyTorch, CUDA, NumPy.
MEMORY_WORDS = ("resourceexhausted", "resource_exhausted", "out of memory", "outofmemory")
DISK_WORDS = ("no space left on device", "errno = 28", "disk quota exceeded", "disk is full")
# rasterio's and pyogrio's.
UNREADABLE = ("RasterioIOError", "DataSourceError", "DataLayerError")
UNREADABLE_WORDS = (
    "The workspace is damaged: '{what}' cannot be read; make it again (import a scene with "
    "--replace, predict a run anew) or put the file back from a copy."
)
GONE_WORDS = ("no such file or directory",)


def damaged(error: BaseException) -> str | None:
    """One sentence where a raster or layer of the workspace cannot be read; None for all else.

    What is looked for is the error of the library that reads it, and the path in its words.
    """
    errors = chain(error)
    unreadable = any(type(each).__name__ in UNREADABLE for each in errors)
    if not unreadable or any(_says(each, GONE_WORDS) for each in errors):
        return None
    root = str(paths.workspace())
    for each in errors:
        found = re.search(re.escape(root) + r"[/\\\\]([^'\",:\n]+)", str(each))
        if found:
            return UNREADABLE_WORDS.format(what=found[1].strip())
    # Of a block in the middle GDAL says the file's name alone, if anything.
    names = (re.search(r"([\w.-]+\.(tif|gpkg))\b", str(each)) for each in errors)
    named = next(filter(None, names), None)
    return UNREADABLE_WORDS.format(what=named[1] if named else "a raster")


def reason(error: BaseException) -> str:
    """Return one sentence on `error`, the causes behind it included.

    >>> reason(SlideScopeError("No overlap: choose other files."))
    'No overlap: choose other files.'
    >>> reason(OSError(errno.ENOSPC, "No space left on device")) == DISK
    True
    >>> reason(ZeroDivisionError())
    'Unexpected ZeroDivisionError; the log has the details.'
    """
    if isinstance(error, SlideScopeError):
        return str(error)
    told = known(error)
    if told:
        return told
    for e in chain(error):
        if isinstance(e, FileNotFoundError) or _says(e, GONE_WORDS):
            return GONE.format(what=getattr(e, "filename", None) or _first_line(e))
    return f"Unexpected {type(error).__name__}; the log has the details."


def known(error: BaseException) -> str | None:
    """One sentence where it is no defect: what ran out, is damaged, or which library is broken."""
    return exhausted(error) or damaged(error) or fault(error)


def exhausted(error: BaseException) -> str | None:
    """What the machine ran out of, or does not let us write, in one sentence; None where it is
    something else."""
    errors = chain(error)
    # A full disk shows as other errors too, but nothing else shows as a full disk.
    if any(getattr(e, "errno", None) in DISK_CODES or _says(e, DISK_WORDS) for e in errors):
        return DISK
    for e in errors:
        if isinstance(e, OSError) and e.errno in READ_ONLY_CODES and _in_workspace(e.filename):
            return READ_ONLY.format(what=e.filename, why=e.strerror)
    if any(isinstance(e, MemoryError) or _says(e, MEMORY_WORDS) for e in errors):
        return MEMORY
    return None


def _in_workspace(name: object) -> bool:
    return isinstance(name, str) and name.startswith(str(paths.workspace()))


def _says(error: BaseException, words: tuple[str, ...]) -> bool:
    said = f"{type(error).__name__} {error}".lower()
    return any(word in said for word in words)


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0].split(": No such file")[0].strip()
