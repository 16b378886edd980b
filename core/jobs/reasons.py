"""Why an action failed, in one sentence: what a machine can run out of, and what can go missing.

The errors of Keras's backends, GDAL and HDF5 are told by their words: this package imports none
of them.
"""

import errno

from core.errors import SlideScopeError

DISK = (
    "The disk is full: nothing more can be written to the workspace; free some space, then go on "
    "with it."
)
MEMORY = "Out of memory: choose a coarser resolution or a smaller batch."
GONE = (
    "A file that was needed is gone ({what}): a scene or run was moved or deleted meanwhile; put "
    "it back or start anew."
)
DISK_CODES = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))
# ResourceExhaustedError: TensorFlow; RESOURCE_EXHAUSTED: JAX; the others: PyTorch, CUDA, NumPy.
MEMORY_WORDS = ("resourceexhausted", "resource_exhausted", "out of memory", "outofmemory")
DISK_WORDS = ("no space left on device", "errno = 28", "disk quota exceeded")
GONE_WORDS = ("no such file or directory",)


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
    ran_out = exhausted(error)
    if ran_out:
        return ran_out
    for e in _chain(error):
        if isinstance(e, FileNotFoundError) or _says(e, GONE_WORDS):
            return GONE.format(what=getattr(e, "filename", None) or _first_line(e))
    return f"Unexpected {type(error).__name__}; the log has the details."


def exhausted(error: BaseException) -> str | None:
    """What the machine ran out of, in one sentence; None where it did not."""
    chain = _chain(error)
    # A full disk shows as other errors too, but nothing else shows as a full disk.
    if any(getattr(e, "errno", None) in DISK_CODES or _says(e, DISK_WORDS) for e in chain):
        return DISK
    if any(isinstance(e, MemoryError) or _says(e, MEMORY_WORDS) for e in chain):
        return MEMORY
    return None


def _chain(error: BaseException) -> list[BaseException]:
    """The error and what it was raised from, or while handling."""
    found: list[BaseException] = []
    step: BaseException | None = error
    while step is not None and step not in found:
        found.append(step)
        step = step.__cause__ or step.__context__
    return found


def _says(error: BaseException, words: tuple[str, ...]) -> bool:
    said = f"{type(error).__name__} {error}".lower()
    return any(word in said for word in words)


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0].split(": No such file")[0].strip()
