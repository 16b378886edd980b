"""Python and the libraries: versions against floor and lock, and whether each can be loaded."""

import platform
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path

from core import __version__
from core.doctor.finding import Finding
from core.doctor.probing import LATE, Answer
from core.installed import INSTALLED, PROJECT
from core.libraries import Required, required

# As pyproject.toml has them; tests compare.
OLDEST, NEWEST = (3, 11), (3, 13)


def python() -> Iterator[Finding]:
    version = sys.version_info[:2]
    yield Finding(
        "python",
        "Python",
        f"{platform.python_version()}, {sys.executable}",
        OLDEST <= version <= NEWEST and sys.maxsize > 2**32,
        "Use a 64-bit Python {}.{} to {}.{}: `make app PYTHON=python3.12`.".format(
            *OLDEST, *NEWEST
        ),
    )
    kind = "installed copy" if INSTALLED else "checkout"
    yield Finding("python", "slidescope", f"{__version__}, {kind} in {PROJECT}")


def steps() -> list[str]:
    """What the probe is asked about libraries."""
    return [f"load:{each.module}" for each in required()]


def libraries(answers: Mapping[str, Answer]) -> Iterator[Finding]:
    """A finding a library."""
    failed: list[str] = []
    # NumPy first: many others fail because it does.
    for each in sorted(required(), key=lambda one: one.name != "numpy"):
        found = _library(each, answers.get(f"load:{each.module}", Answer()), failed)
        if not found.ok:
            failed.append(each.module)
        yield found


def _library(each: Required, loaded: Answer, failed: Sequence[str]) -> Finding:
    """What there is of a library; `failed` are those that were found wanting before."""
    try:
        found = metadata.distribution(each.name)
    except metadata.PackageNotFoundError:
        return _wanting(each, "missing", f"Install it: `python -m pip install {each.pinned}`.")
    version = found.version or "unknown"
    again = f"`python -m pip install --force-reinstall --no-deps {each.pinned}`"
    if each.old(version):
        return _wanting(each, f"{version} ({_wanted(each, version)})", f"It is too old: {again}.")
    if loaded.error:
        blamed = next((name for name in failed if re.search(rf"\b{name}\b", loaded.error)), None)
        cure = f"Mend {blamed} first." if blamed else _cure(loaded.error, again)
        return _wanting(each, f"{version}, cannot be loaded ({loaded.error})", cure)
    if _shadows(found, loaded.value):
        value = f"{version}, but {loaded.value} is loaded in its place"
        cure = "Remove that, or the folder it is in from PYTHONPATH."
        return _wanting(each, value, cure)
    return Finding("libraries", each.name, f"{version} ({_wanted(each, version)})")


def _wanting(each: Required, value: str, cure: str) -> Finding:
    return Finding("libraries", each.name, value, False, cure)


def _cure(error: str, again: str) -> str:
    """What it needs itself is missing, it is not whole, or the machine is slow."""
    if error.startswith(LATE):
        return f"Ask again when the machine has less to do; if it stays so: {again}."
    if not error.startswith("ModuleNotFoundError"):
        return f"Install it anew: {again}."
    every = "slidescope" if INSTALLED else "-r requirements.lock"
    return f"Something that it needs is missing: `python -m pip install {every}`."


def _wanted(each: Required, version: str) -> str:
    floor = f"at least {each.floor}" if each.floor else "any"
    if not each.locked:
        return floor
    return f"{floor}, as tested" if version == each.locked else f"{floor}, tested {each.locked}"


def _shadows(found: metadata.Distribution, file: str | None) -> bool:
    """Whether a module was loaded from elsewhere than its distribution lies; where that has no list
    of files (an editable install), nobody knows."""
    if not file or not found.files:
        return False
    home = Path(str(found.locate_file(""))).resolve()
    return home not in Path(file).resolve().parents
