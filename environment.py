"""The environment that everything else runs in: what `make app` makes first.

    python3 environment.py .venv requirements.lock [--upgrade]

Nothing is installed yet when this runs, so it needs Python's own library alone, and is written in
the syntax of Python 3.7: an older Python than the product's should be able to say so. It says a
line a stage; what goes wrong ends in one sentence and exit status 2, and what pip said lies in a
log. pip is asked as it is configured: an index of one's own, a proxy or a folder of wheels count.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent
# As pyproject.toml has them; tests compare.
OLDEST, NEWEST = (3, 11), (3, 13)
# Of Python's own library, what a distribution leaves out or a build of one's own may lack.
PARTS = ("venv", "ensurepip", "ssl", "sqlite3", "ctypes", "zlib", "lzma", "bz2")
# Lock file: MB that pip downloads, MB on the disk. Linux x86-64, Python 3.11, 29 November 2026;
# tests compare the second with what is installed.
SIZES = {"requirements.lock": (1020, 3300), "requirements-test.lock": (1470, 4100)}
# What pip and the first start need beside.
SPARE_MB = 300
PIP = ("-m", "pip", "--disable-pip-version-check", "install", "--no-compile", "--progress-bar=off")
LOG = Path("build") / "install.log"

# Words of pip or of the system -> what is the matter, and the next step. The first that is found
# counts: a full disk shows as other errors too, and so does a network that is not there.
CAUSES = (
    (
        r"No space left on device|Disk quota exceeded|\[Errno 28\]",
        "the disk became full; free some space (TMPDIR moves what pip downloads)",
    ),
    (
        r"MemoryError|Cannot allocate memory",
        "the memory ran out; end other programs or add swap",
    ),
    (
        r"DO NOT MATCH THE HASHES|Hashes are required|Expected sha\d+",
        "a downloaded file is not the one that was announced; the download was cut or an index "
        "or proxy changed it: `python3 -m pip cache purge`, or use another index",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLError|SSLCertVerificationError",
        "the index's certificate is not trusted here; where a proxy stands between, name its "
        "certificate to pip (PIP_CERT)",
    ),
    (
        r"ProxyError|407 Proxy",
        "the proxy refused; check HTTPS_PROXY",
    ),
    (
        r"name resolution|Name or service not known|nodename nor servname|getaddrinfo failed"
        r"|NewConnectionError|Connection refused|Network is unreachable|ConnectTimeoutError"
        r"|ReadTimeoutError|Read timed out|Connection broken|IncompleteRead|RemoteDisconnected",
        "the package index cannot be reached; check the network or the proxy (HTTPS_PROXY), or "
        "give pip a folder of wheels (PIP_FIND_LINKS with PIP_NO_INDEX=1)",
    ),
    (
        r"\b(?:40[134]|429|5\d\d) (?:Client|Server) Error|HTTP error (?:4|5)\d\d",
        "the package index refused; check its address in pip's configuration "
        "(`python3 -m pip config list`), or try again later",
    ),
    (
        r"Permission denied|\[Errno 13\]|Read-only file system",
        "a folder cannot be written to; see whose the folder of the checkout is",
    ),
    (
        # An index that cannot be reached shows so, too, where pip is told not to try again.
        r"requirement (?P<what>\S+) \(from versions: none\)",
        "the package index cannot be reached or does not know {what}; check the network and the "
        "index's address (`python3 -m pip config list`)",
    ),
    (
        r"No matching distribution found for (?P<what>\S+)"
        r"|Could not find a version that satisfies the requirement (?P<other>\S+)",
        "the package index has no {what} for this system and Python; use Python 3.12 on 64-bit "
        "Linux (glibc), macOS or Windows, or an index that has it",
    ),
    (
        r"Failed building wheel for (?P<what>\S+)|subprocess-exited-with-error"
        r"|metadata-generation-failed",
        "a package has no ready-made wheel for this system and Python, and building it failed; use "
        "Python 3.12 on 64-bit Linux (glibc), macOS or Windows",
    ),
    (
        r"ResolutionImpossible|conflicting dependencies",
        "two packages ask for versions that exclude each other; a constraint of pip's own "
        "configuration (`python3 -m pip config list`) is the likely reason",
    ),
)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", default=".venv", type=Path)
    parser.add_argument("packages", nargs="?", default="requirements.lock", type=Path)
    parser.add_argument("--upgrade", action="store_true", help="the newest that is allowed")
    wish = parser.parse_args(argv)
    try:
        check_python(sys.version_info[:2])
        make(wish.folder, wish.packages)
        install(wish.folder, wish.packages, wish.upgrade)
    except KeyboardInterrupt:
        return _ended("Stopped on request.", 130)
    except OSError as error:
        return _ended(f"Cannot write to '{error.filename}': {error.strerror}; see whose it is.")
    except SystemExit as end:
        return _ended(str(end.code))
    return 0


def _ended(sentence: str, status: int = 2) -> int:
    print(sentence, file=sys.stderr)
    return status


def fail(sentence: str) -> NoReturn:
    sys.exit(sentence)


def say(line: str, end: str = "\n") -> None:
    print(line, end=end, flush=True)


def check_python(version: tuple[int, ...]) -> None:
    """End unless this Python is one that the product runs on and has what it needs."""
    if not OLDEST <= tuple(version[:2]) <= NEWEST:
        fail(
            f"Python {_dotted(OLDEST)} to {_dotted(NEWEST)} is needed, and {sys.executable} is "
            f"{_dotted(version)}: {_other_python()}."
        )
    if sys.maxsize < 2**32:
        fail(f"{sys.executable} is a 32-bit Python, for which there is no TensorFlow: use another.")


def _other_python() -> str:
    """The next step: a Python on the path that will do, or where one comes from."""
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        if shutil.which(f"python3.{minor}"):
            return f"python3.{minor} is here, so write `make app PYTHON=python3.{minor}`"
    return "install one and name it, as in `make app PYTHON=python3.12`"


def check_parts(missing: list[str]) -> None:
    """End where Python's own library lacks something.

    >>> check_parts([])
    """
    if not missing:
        return
    if {"venv", "ensurepip"} & set(missing):
        fail(
            f"Python's module '{missing[0]}' is missing, with which an environment is made: "
            "install it (Debian, Ubuntu: `apt install python3-venv`), then call this again."
        )
    fail(
        f"This Python was built without '{missing[0]}': use the one of the system's packages, or "
        "build it anew with that library's headers there."
    )


def lacking() -> list[str]:
    return [name for name in PARTS if importlib.util.find_spec(name) is None]


def python_of(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def make(folder: Path, packages: Path) -> None:
    """Make the environment where there is none; one that does not start is not touched."""
    python = python_of(folder)
    if folder.exists() and any(folder.iterdir()):
        if not python.exists() or _run(python, "-m", "pip", "--version").returncode:
            fail(
                f"The environment '{folder}' is broken (its Python was removed or it was never "
                "finished): `make clean` removes it, then call this again."
            )
        return
    check_parts(lacking())
    check_room(folder, packages)
    say(f"Environment: creating {folder} with Python {_dotted(sys.version_info[:3])}.")
    try:
        made = _run(sys.executable, "-m", "venv", str(folder))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if made.returncode:
        # Half an environment would pass for a whole one the next time.
        shutil.rmtree(folder, ignore_errors=True)
        cause = cause_of(made.stdout) or f"Python says: {_last_line(made.stdout)}"
        fail(f"The environment '{folder}' could not be created: {cause}.")


def check_room(folder: Path, packages: Path) -> None:
    """End unless download and installation fit; they may share a disk."""
    download, installed = SIZES.get(packages.name, (0, 0))
    needed = {}
    for place, size in ((folder, installed + SPARE_MB), (Path(tempfile.gettempdir()), download)):
        there = _there(place.absolute())
        device = os.stat(there).st_dev
        before = needed.get(device, (there, 0))
        needed[device] = (before[0], before[1] + size)
    for there, size in needed.values():
        free = shutil.disk_usage(there).free // 10**6
        if free < size:
            fail(
                f"The disk of '{there}' has {_size(free)} free, and installing needs "
                f"{_size(size)}: free some space, or move what pip downloads with TMPDIR, then "
                "call this again."
            )


def _there(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    return next(each for each in (folder, *folder.parents) if each.exists())


def install(folder: Path, packages: Path, upgrade: bool = False) -> None:
    """Install what `packages` names, unless all of it is there."""
    python = python_of(folder)
    names = wanted(packages)
    # A floor or an extra is pip's to judge.
    exact = all(names.values()) and not upgrade
    absent = missing(python, names) if exact else len(names)
    if not absent:
        say(f"Packages: all {len(names)} are there.")
        return
    say(f"Packages: downloading and installing {absent} of {len(names)}{_about(packages, absent)}.")
    started = time.monotonic()
    more = ("--upgrade", "--upgrade-strategy", "eager") if upgrade else ()
    status, text = _pip([str(python), *PIP, *more, "-r", str(packages)], absent)
    LOG.parent.mkdir(exist_ok=True)
    LOG.write_text(text, encoding="utf-8")
    if status:
        fail(f"The packages could not be installed: {why(status, text)}; what pip said: {LOG}.")
    say(f"Packages: installed in {time.monotonic() - started:.0f} s.")


def why(status: int, text: str) -> str:
    """What is the matter where pip ended with `status`, in words.

    >>> why(1, "ERROR: No matching distribution found for numpy==9")[:35]
    'the package index has no numpy==9 f'
    >>> why(-9, "Collecting numpy")[:31]
    'pip was ended from outside, as '
    """
    if status in (-9, 137):
        return (
            "pip was ended from outside, as a system does whose memory runs out; end other "
            "programs or add swap"
        )
    return cause_of(text) or f"pip says: {_last_line(text)}"


def cause_of(text: str) -> str | None:
    for pattern, words in CAUSES:
        found = re.search(pattern, text)
        if found:
            named = found.groupdict() if found.groups() else {}
            what = next((name for name in named.values() if name), "such package")
            return words.format(what=what)
    return None


def _last_line(text: str) -> str:
    """The last error, or the last line where none is called one."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line[len("ERROR: ") :] for line in lines if line.startswith("ERROR: ")]
    return ([*lines[-1:], *errors] or ["nothing"])[-1].rstrip(".")


def _pip(command: list[str], count: int) -> tuple[int, str]:
    """Run pip, counting on a terminal what it has come to; its exit status and all it said."""
    shown = sys.stdout.isatty()
    lines, seen = [], 0
    pip = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    assert pip.stdout is not None
    try:
        for line in pip.stdout:
            lines.append(line)
            seen += line.startswith("Collecting ")
            if shown and line.startswith(("Collecting ", "Installing ")):
                at = f"{min(seen, count)} of {count}"
                word = "writing to the disk" if line.startswith("Installing") else at
                say(f"\r  {word:<24}", end="")
        return pip.wait(), "".join(lines)
    except BaseException:
        pip.kill()
        raise
    finally:
        pip.wait()
        if shown:
            say("\r" + " " * 28, end="\r")


def wanted(packages: Path) -> dict[str, str]:
    """Name -> version (empty where any from a floor on will do) of what a file asks for here."""
    found = {}
    for line in packages.read_text(encoding="utf-8").splitlines():
        line = line.partition("#")[0].strip()
        if line.startswith("-r "):
            found.update(wanted(packages.parent / line[3:].strip()))
        elif line and _is_for_us(line.partition(";")[2]):
            name, _, version = line.partition(";")[0].partition("==")
            found[re.split(r"[\[<>=~! ]", name)[0].lower()] = version.strip()
    return found


def _is_for_us(marker: str) -> bool:
    """Whether a line is for this system; of markers we know what our lock has.

    >>> _is_for_us(""), _is_for_us(f" sys_platform == '{sys.platform}'")
    (True, True)
    """
    found = re.fullmatch(r"\s*sys_platform (==|!=) '(\w+)'\s*", marker)
    return not found or (found[1] == "==") == (sys.platform == found[2])


# Asked of the environment's own Python, whose packages they are.
ASK = """
import sys
from importlib import metadata
for line in sys.stdin.read().split():
    name, _, version = line.partition("==")
    try:
        found = metadata.version(name)
    except metadata.PackageNotFoundError:
        found = None
    if found is None or (version and found != version):
        print(name)
"""


def missing(python: Path, names: dict[str, str]) -> int:
    """How many of them are not there in their version."""
    asked = "\n".join(f"{name}=={version}" for name, version in names.items())
    told = subprocess.run(
        [str(python), "-c", ASK],
        input=asked,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        check=False,
    )
    return len(names) if told.returncode else len(told.stdout.split())


def _run(*command: object) -> subprocess.CompletedProcess:
    return subprocess.run(
        [str(word) for word in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )


def _about(packages: Path, absent: int) -> str:
    """How large that is, where it is known: of the whole, not of a few that were missing."""
    sizes = SIZES.get(packages.name)
    if not sizes or absent < 50:
        return ""
    return f" (about {_size(sizes[0])} to download, {_size(sizes[1])} on the disk)"


def _size(megabytes: int) -> str:
    """
    >>> _size(40), _size(3300)
    ('40 MB', '3.3 GB')
    """
    return f"{megabytes} MB" if megabytes < 1000 else f"{megabytes / 1000:.1f} GB"


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


if __name__ == "__main__":
    sys.exit(main())
