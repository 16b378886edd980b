"""What a process can give up for good: the network, and memory beyond a bound.

On Linux the kernel keeps it to that; elsewhere what GDAL is told (`core.offline`) must do.
"""

import contextlib
import ctypes
import platform
import struct
import sys

# The kernel's numbers: socket, and io_uring_setup, which makes sockets as well.
_CALLS = {"x86_64": (0xC000003E, 41, 425), "aarch64": (0xC00000B7, 198, 425)}
_AF_UNIX, _AF_NETLINK = 1, 16
_PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _FILTER = 22, 38, 2
_ALLOW, _ERRNO, _EACCES = 0x7FFF0000, 0x00050000, 13
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
# Where struct seccomp_data has number, architecture and the first argument.
_NUMBER, _ARCHITECTURE, _ARGUMENT = 0, 4, 16


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))


def no_network() -> bool:
    """Give up opening sockets but those of this machine alone (Unix), for good; whether it worked.

    Sockets that are open already stay so.
    """
    known = _CALLS.get(platform.machine())
    if not sys.platform.startswith("linux") or known is None:
        return False
    steps = b"".join(struct.pack("=HBBI", *step) for step in _steps(*known))
    kept = ctypes.create_string_buffer(steps, len(steps))
    program = _Program(len(steps) // 8, ctypes.addressof(kept))
    try:
        prctl = ctypes.CDLL(None, use_errno=True).prctl
    except (OSError, AttributeError):
        return False
    if prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return False
    return prctl(_PR_SET_SECCOMP, _FILTER, ctypes.byref(program), 0, 0) == 0


def _steps(architecture: int, socket: int, ring: int) -> list[tuple[int, int, int, int]]:
    """(operation, steps to jump if true, if false, value): a filter of system calls."""
    refuse = (_RETURN, 0, 0, _ERRNO | _EACCES)
    return [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, architecture),
        refuse,
        (_LOAD, 0, 0, _NUMBER),
        (_EQUAL, 5, 0, ring),
        (_EQUAL, 0, 3, socket),
        (_LOAD, 0, 0, _ARGUMENT),
        (_EQUAL, 1, 0, _AF_UNIX),
        (_EQUAL, 0, 1, _AF_NETLINK),
        (_RETURN, 0, 0, _ALLOW),
        refuse,
    ]


def bound(memory: int, seconds: float) -> None:
    """Let this process have so much memory and processor time beside what it has taken; what goes
    beyond fails, or ends it. A second call sets both anew."""
    # What is taken at once is refused here, what grows is seen from outside before.
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource  # here: Windows has none

        with open("/proc/self/statm", encoding="ascii") as file:
            taken = int(file.read().split()[0]) * resource.getpagesize()
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (taken + 3 * memory, hard))
        used = resource.getrusage(resource.RUSAGE_SELF)
        # Whoever started it ends it before; this is for one whose starter was killed.
        most = int(used.ru_utime + used.ru_stime + 2 * seconds + 10)
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (most, hard))


def lacks_memory(error: BaseException | None) -> bool:
    """Whether it, or what it was raised from, is for want of memory; GDAL has words alone."""
    while error is not None:
        words = str(error).lower()
        known = ("out of memory", "bad_alloc", "cannot allocate", "not enough memory")
        if isinstance(error, MemoryError) or any(word in words for word in known):
            return True
        error = error.__cause__ or error.__context__
    return False
