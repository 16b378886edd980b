"""The libraries that the software needs, and whether an error is the fault of one of them.

Python's own library alone: whoever asks may be in an environment where nothing else works.
"""

import re
import sysconfig
import traceback
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from core.installed import CHECKOUT_COMMAND, INSTALLED, PROJECT, as_called

DOCTOR = f"`{CHECKOUT_COMMAND} doctor` says what to mend."
OURS = ("core", "models", "pages", "sample_data", "app", "tests", "bench", "slidescope")
# What is imported, where that is not the name with underscores.
MODULES = {
    "scikit-learn": "sklearn",
    "python-docx": "docx",
    "pillow": "PIL",
    "xstatic-leaflet": "xstatic.pkg.leaflet",
    "tensorboardx": "tensorboardX",
}
# Of a library that is there and was built for another system or another NumPy; or whose files are
# not found.
BROKEN_WORDS = (
    "cannot open shared object file",
    "undefined symbol",
    "invalid elf header",
    "file too short",
    "dll load failed",
    "library not loaded",
    "image not found",
    "dtype size changed",
    "compiled against abi version",
    "compiled against api version",
    "_array_api not found",
)
PROJ_WORDS = ("proj.db", "proj data", "proj_data", "pyproj.datadir")


@dataclass(frozen=True)
class Required:
    """A library by its name on the package index, the oldest version that will do, and the one that
    was tested (empty in an installed copy, which has no lock)."""

    name: str
    floor: str
    locked: str = ""

    @property
    def module(self) -> str:
        """
        >>> Required("scikit-learn", "1.5").module, Required("streamlit-folium", "").module
        ('sklearn', 'streamlit_folium')
        """
        return MODULES.get(self.name.lower(), self.name.replace("-", "_"))

    @property
    def pinned(self) -> str:
        """As pip is asked for it."""
        if self.locked:
            return f"{self.name}=={self.locked}"
        return f"'{self.name}>={self.floor}'" if self.floor else self.name

    def old(self, version: str) -> bool:
        """Whether `version` is below the floor.

        >>> required = Required("numpy", "2.0")
        >>> [required.old(version) for version in ("1.26.4", "2.0.0", "2.10")]
        [True, False, False]
        """
        return _number(version) < _number(self.floor)


def _number(version: str) -> tuple[int, ...]:
    """
    >>> _number("2.0.0") == _number("2.0"), _number("2.10.1rc1")
    (True, (2, 10, 1))
    """
    found = [int(part) for part in re.findall(r"\d+", re.split(r"[a-z+]", version.lower())[0])]
    while found and not found[-1]:
        found.pop()
    return tuple(found)


def required() -> list[Required]:
    """What the product needs: of a checkout from its files, of an installed copy as built."""
    if INSTALLED:
        lines = [line for line in metadata.requires("slidescope") or () if "extra ==" not in line]
    else:
        lines = _lines(PROJECT / "requirements.txt")
    locked = dict(_pair(line) for line in _lines(PROJECT / "requirements.lock"))
    return [Required(name, floor, locked.get(name.lower(), "")) for name, floor in _pairs(lines)]


def _pairs(lines: list[str]) -> list[tuple[str, str]]:
    return [_pair(line, lower=False) for line in lines]


def _pair(line: str, lower: bool = True) -> tuple[str, str]:
    """
    >>> _pair("watchdog==7.1.0 ; sys_platform != 'darwin'"), _pair("XStatic>=1.9", lower=False)
    (('watchdog', '7.1.0'), ('XStatic', '1.9'))
    """
    words = [*re.split(r"==|>=", line.partition(";")[0], maxsplit=1), ""]
    name, version = words[0].partition("[")[0].strip(), words[1]
    return name.lower() if lower else name, version.split(",")[0].strip()


def _lines(file: Path) -> list[str]:
    if not file.exists():
        return []
    lines = (line.partition("#")[0].strip() for line in file.read_text("utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("-")]


def fault(error: BaseException) -> str | None:
    """One sentence where a library is missing or broken; None for all else."""
    what = _missing_or_broken(error)
    return as_called(f"{what}: {DOCTOR}") if what else None


def _missing_or_broken(error: BaseException) -> str | None:
    """
    >>> _missing_or_broken(ModuleNotFoundError("No module named 'x'", name="x.y"))
    "The library 'x' is missing"
    >>> _missing_or_broken(ModuleNotFoundError("No module named 'core.z'", name="core.z"))
    >>> _missing_or_broken(ValueError("numpy.dtype size changed, may be binary incompatible"))
    'A library is broken (numpy.dtype size changed, may be binary incompatible)'
    """
    for each in chain(error):
        words = str(each).lower()
        if any(word in words for word in PROJ_WORDS):
            return "PROJ does not find its data, without which no map has a place"
        if isinstance(each, ImportError):
            name = (each.name or "").partition(".")[0]
            if name in OURS:
                return None
            if isinstance(each, ModuleNotFoundError):
                return f"The library '{name}' is missing"
            return f"The library '{name or _culprit(each)}' cannot be loaded ({first_line(each)})"
        if any(word in words for word in BROKEN_WORDS):
            return f"A library is broken ({first_line(each)})"
    return None


def while_loading(error: BaseException) -> str | None:
    """As `fault`, for an error while modules were imported: whatever a library raises then is its
    own fault, too."""
    said = fault(error)
    if said:
        return said
    culprit = _culprit(error)
    if not culprit:
        return None
    return as_called(f"The library '{culprit}' cannot be loaded ({first_line(error)}): {DOCTOR}")


def _culprit(error: BaseException) -> str:
    """The library whose file raised the error; empty where that is ours, or not known."""
    own = sysconfig.get_path("stdlib")
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        file = Path(frame.filename)
        if "site-packages" in file.parts[:-1]:
            return file.parts[file.parts.index("site-packages") + 1].removesuffix(".py")
        if PROJECT in file.parents:
            return ""
        if not frame.filename.startswith(("<", own)):
            return file.parent.name if file.stem == "__init__" else file.stem
    return ""


def chain(error: BaseException) -> list[BaseException]:
    """The error and what it was raised from, or while handling."""
    found: list[BaseException] = []
    step: BaseException | None = error
    while step is not None and step not in found:
        found.append(step)
        step = step.__cause__ or step.__context__
    return found


def first_line(error: BaseException) -> str:
    text = (str(error).strip().splitlines() or [""])[0].strip().rstrip(".:")
    return text or type(error).__name__
