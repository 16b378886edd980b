"""The workspace, and the networks that come with the software.

python -m core.doctor.holdings      writes models/pretrained/SHA256SUMS anew
"""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from core import paths
from core.doctor.finding import Finding

GROUP = "workspace"
SUMS = "SHA256SUMS"


def workspace() -> Iterator[Finding]:
    folder = paths.workspace()
    yield Finding(GROUP, "workspace", str(folder) + ("" if folder.exists() else " (not there yet)"))
    yield _format(folder)
    yield _readable(folder)
    yield _writable(folder)


def _format(folder: Path) -> Finding:
    what = "workspace format"
    try:
        from core.workspace import FORMAT, RECORD
    except Exception as error:
        told = f"not known ({type(error).__name__}: {error})"
        return Finding(GROUP, what, told, False, "Mend the libraries named above first.")
    file = folder / RECORD
    try:
        found = int(json.loads(file.read_text(encoding="utf-8"))["format"])
    except FileNotFoundError:
        return Finding(GROUP, what, "none yet")
    except (OSError, ValueError, KeyError, TypeError):
        cure = f"Nothing to do: {RECORD} is written anew."
        return Finding(GROUP, what, f"{file} cannot be read", False, cure, needed=False)
    newer = found > FORMAT
    cure = "Use the version that wrote it, or another SLIDESCOPE_WORKSPACE."
    value = f"{found} (this version reads up to {FORMAT})"
    return Finding(GROUP, what, value, not newer, cure)


def _readable(folder: Path) -> Finding:
    """Whether every folder of the first two levels can be listed."""
    try:
        for each in folder.iterdir() if folder.exists() else ():
            if each.is_dir():
                os.listdir(each)
        return Finding(GROUP, "workspace is read", "yes")
    except OSError as error:
        cure = "See whose folder it is, or choose another SLIDESCOPE_WORKSPACE."
        return Finding(GROUP, "workspace is read", f"no ({error})", False, cure)


def _writable(folder: Path) -> Finding:
    """Tried where it is, or where it would be made: permissions do not tell everything."""
    what = "workspace is written"
    there = next((each for each in (folder, *folder.parents) if each.exists()), folder)
    trial = there / f".{uuid4().hex[:8]}.doctor"
    try:
        trial.write_bytes(b"1")
        trial.unlink()
        return Finding(GROUP, what, "yes")
    except OSError as error:
        cure = (
            "See whose folder it is and whether its disk is full or read-only, or choose another "
            "SLIDESCOPE_WORKSPACE."
        )
        return Finding(GROUP, what, f"no ({error.strerror}: {there})", False, cure)


def networks() -> Iterator[Finding]:
    """Every file of the shipped networks against its sum."""
    folder, what = paths.PRETRAINED, "shipped networks"
    cure = "Bring them back: `git checkout -- models/pretrained`, or install the software anew."
    try:
        listed = _sums(folder / SUMS)
    except (OSError, ValueError) as error:
        yield Finding(GROUP, what, f"{SUMS} cannot be read ({error})", False, cure)
        return
    missing = [name for name in listed if not (folder / name).is_file()]
    changed = [n for n in listed if n not in missing and _sum(folder / n) != listed[n]]
    said = [
        f"{len(names)} files {word} ({names[0]})"
        for word, names in (("missing", missing), ("changed", changed))
        if names
    ]
    count = len({name.partition("/")[0] for name in listed if "/" in name})
    value = ", ".join(said) or f"{count}, {len(listed)} files, whole"
    yield Finding(GROUP, what, value, not said, cure)


def _sums(file: Path) -> dict[str, str]:
    lines = (line.partition("  ") for line in file.read_text(encoding="utf-8").splitlines())
    found = {name: digest for digest, _, name in lines if name}
    if not found:
        raise ValueError("it is empty")
    return found


def _sum(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def sums(folder: Path) -> str:
    """What SHA256SUMS says of a folder, as `sha256sum` writes it; of the networks alone."""
    files = sorted(each for each in folder.glob("*/**/*") if each.is_file())
    return "".join(f"{_sum(f)}  {f.relative_to(folder).as_posix()}\n" for f in files)


def write_sums(folder: Path) -> None:
    (folder / SUMS).write_text(sums(folder), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_sums(paths.PRETRAINED)
