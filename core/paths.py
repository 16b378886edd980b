"""Where things live: the only place that knows folder names."""

import os
import re
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from core.errors import InvalidName
from core.installed import INSTALLED, PROJECT

SAMPLE_EXAMPLE = PROJECT / "sample_data" / "example"
PRETRAINED = PROJECT / "models" / "pretrained"

CACHE = "cache"
# Names the server has for others; set by the server itself where others come in another way.
HOSTS, OTHERS = "SLIDESCOPE_HOSTS", "SLIDESCOPE_OTHERS"
LONGEST_NAME = 64
# A file system counts bytes, 255 of them; names of temporary files and locks need some more.
MOST_BYTES = 200
_NAME = re.compile(r"[^\W_][\w.-]*")
# Devices to Windows, with whatever suffix.
_RESERVED = re.compile(r"(con|prn|aux|nul|(com|lpt)[0-9¹²³])(\..*)?", re.IGNORECASE)


def workspace() -> Path:
    """Folder of everything the software writes; `SLIDESCOPE_WORKSPACE` moves it.

    A checkout has it beside app.py; an installed copy in the home folder, the same whatever
    folder a command is called from.
    """
    named = os.environ.get("SLIDESCOPE_WORKSPACE")
    if named:
        return _resolved(named, "" if os.path.isabs(named) else os.getcwd())
    home = Path.home() / "slidescope" if INSTALLED else PROJECT / "workspace"
    return home.resolve()


@lru_cache(maxsize=64)
def _resolved(named: str, here: str) -> Path:
    """A list of runs asks for the workspace once a run."""
    return Path(here, named).resolve()


def environment() -> dict[str, str]:
    """What a process of ours is started with; it runs in PROJECT, so no folder is relative."""
    named = [str(Path(folder).resolve()) for folder in _named_folders()]
    folders = {"SLIDESCOPE_WORKSPACE": str(workspace()), "SLIDESCOPE_DATA": os.pathsep.join(named)}
    return {**os.environ, **folders}


def scenes_folder() -> Path:
    return workspace() / "scenes"


def runs_folder() -> Path:
    return workspace() / "runs"


def experiments_folder() -> Path:
    return workspace() / "experiments"


def exports_folder() -> Path:
    """What the Results page exports; the command line writes where it is told."""
    return workspace() / "exports"


def figures_folder() -> Path:
    """Figures and tables for a paper, a folder a scene; they can be made again."""
    return workspace() / "figures"


def jobs_folder() -> Path:
    return workspace() / "jobs"


def uploads_folder() -> Path:
    return workspace() / "uploads"


def samples_folder() -> Path:
    """The rasters of the generated synthetic watershed, before import."""
    return workspace() / "samples"


def reviews_folder() -> Path:
    """Decisions about predicted objects, a folder a scene."""
    return workspace() / "reviews"


def datasets_folder() -> Path:
    """Named lists of factors to train on."""
    return workspace() / "datasets"


def cache_folder() -> Path:
    """What saves work and may be deleted; it is made where it is missing."""
    folder = workspace() / CACHE
    with suppress(OSError):  # who cannot write does without
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def locks_folder() -> Path:
    return workspace() / "locks"


def data_folders() -> tuple[Path, ...]:
    """Folders that a page may open files from; the command line may open any.

    The operator adds folders through `SLIDESCOPE_DATA` (separated as PATH is). Whose home this is
    opens files of it as well.
    """
    own = (uploads_folder(), samples_folder(), PROJECT / "sample_data")
    home = () if serves_others() else (Path.home(),)
    return (*own, *home, *map(Path, _named_folders()))


def shown_folders() -> tuple[Path, ...]:
    """Folders that a page may look through and take typed paths of: what others uploaded is not
    for everybody."""
    return tuple(map(Path, _named_folders())) if serves_others() else data_folders()


def serves_others() -> bool:
    """Whether the server is asked by others than whoever has this machine."""
    return any(os.environ.get(name, "").strip() for name in (HOSTS, OTHERS))


def _named_folders() -> list[str]:
    return [name for name in os.environ.get("SLIDESCOPE_DATA", "").split(os.pathsep) if name]


def check_name(name: str) -> str:
    """Return `name` if a new folder can be called so on every system.

    >>> check_name("kashmir_2005")
    'kashmir_2005'
    >>> check_name("a/b")
    Traceback (most recent call last):
    ...
    core.errors.InvalidName: Invalid name 'a/b': a name has letters, digits, '-', '_' and \
'.', starts with a letter or digit and has at most 64 characters; choose another.
    """
    if is_reserved(name):
        raise InvalidName(
            f"Invalid name '{name[:LONGEST_NAME]}': Windows keeps it for a device, and a workspace "
            "must open on every system; choose another."
        )
    if not _NAME.fullmatch(name) or name.endswith(".") or not _fits(name):
        raise InvalidName(
            f"Invalid name '{name[: LONGEST_NAME + 1]}': a name has letters, digits, '-', '_' and "
            f"'.', starts with a letter or digit and has at most {LONGEST_NAME} characters; choose "
            "another."
        )
    return name


def check_new_name(name: str, folder: Path, what: str) -> str:
    """`check_name`, unless `folder` holds another whose name differs in small and capital letters
    alone: to Windows and macOS the two are one, and a workspace must open on every system."""
    check_name(name)
    folded = name.casefold()
    there = (each.name for each in folder.iterdir()) if folder.is_dir() else ()
    other = next((each for each in there if each != name and each.casefold() == folded), None)
    if other:
        raise InvalidName(
            f"Invalid name '{name}': there is {what} named '{other}', and Windows and macOS do not "
            "tell the two apart; choose another."
        )
    return name


def known_name(name: str) -> str:
    """Return `name` if something stored may be called so: what earlier versions wrote can be longer
    than a new name, and stays within its folder all the same."""
    if not _NAME.fullmatch(name) or len(name.encode()) > 255:
        return check_name(name)
    return name


def is_reserved(name: str) -> bool:
    """
    >>> is_reserved("con"), is_reserved("COM1.old"), is_reserved("console")
    (True, True, False)
    """
    return bool(_RESERVED.fullmatch(name))


def derived_name(*parts: str, end: str = "") -> str:
    """A name made of parts and an end that tells it from others; the longest parts are cut as far
    as it takes to be a name.

    >>> derived_name("kashmir", "unet", "rs", end="20260101-120000-ab12")
    'kashmir-unet-rs-20260101-120000-ab12'
    >>> derived_name("a-watershed-with-a-very-long-name", "fcadensenet", "rs-dr", end="x" * 20)
    'a-watershed-with-a-very-l-fcadensenet-rs-dr-xxxxxxxxxxxxxxxxxxxx'
    """
    kept = [*parts]
    while not _fits("-".join([*kept, end])):
        longest = max(range(len(kept)), key=lambda n: len(kept[n].encode()))
        kept[longest] = kept[longest][:-1]
    # What was cut may end with a dot or a dash.
    return "-".join(filter(None, (*(part.rstrip("-.") for part in kept), end)))


def _fits(name: str) -> bool:
    return len(name) <= LONGEST_NAME and len(name.encode()) <= MOST_BYTES
