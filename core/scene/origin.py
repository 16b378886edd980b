"""What a scene with a rate of interferograms was made of, kept with it.

From it a pixel's pairs are read again while their files are there, and the scene is made anew with
another mask without a second inversion.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import atomic
from core.errors import NotFound
from core.scene.files.source import Source
from core.scene.interferograms.found import LeftOut
from core.scene.plan.request import ImportRequest

FOLDER, FILE = "sbas", "origin.json"
# Stands for the scene's own folder, which has another place while it is written.
_HERE = "{scene}"
_PLACES = ("path", "like")


@dataclass(frozen=True)
class Origin:
    """`stack`: paths of the interferograms as they were given; `request` the import with rasters in
    place of stacks, `notes` what was said of these; `left_out` name and reason of what was not even
    opened."""

    stack: tuple[str, ...]
    request: ImportRequest
    notes: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]


def keep(
    folder: Path,
    stack: Sequence[Source],
    request: ImportRequest,
    notes: Sequence[str],
    left_out: Sequence[LeftOut] = (),
) -> None:
    """Write down the origin of the scene that is being written in `folder`."""
    value = {
        "stack": [str(Path(source.path).expanduser().absolute()) for source in stack],
        "request": moved(request.to_json(), str(folder), _HERE),
        "notes": list(notes),
        "left_out": [[each.name, each.reason] for each in left_out],
    }
    atomic.write_json(folder / FOLDER / FILE, value)


def read(folder: Path) -> Origin:
    """The origin of the scene in `folder`, paths of its own files beneath that folder."""
    value = atomic.read_json(folder / FOLDER / FILE)
    if value is None:
        raise NotFound(
            f"Scene '{folder.name}' does not say what its rate was made of: an older version "
            "imported it; import it again."
        )
    request = ImportRequest.from_json(moved(value["request"], _HERE, str(folder)))
    left_out = tuple((name, reason) for name, reason in value.get("left_out", ()))
    return Origin(tuple(value["stack"]), request, tuple(value["notes"]), left_out)


def moved(value: Any, old: str, new: str, place: bool = False) -> Any:
    """JSON whose paths below `old` lie below `new`; other paths of files are made absolute.

    >>> moved({"path": "/tmp/x/sbas/rate.tif", "band": None}, "/tmp/x", "{scene}")
    {'path': '{scene}/sbas/rate.tif', 'band': None}
    """
    if isinstance(value, Mapping):
        return {k: moved(v, old, new, k in _PLACES) for k, v in value.items()}
    if isinstance(value, list):
        return [moved(each, old, new) for each in value]
    if not (place and isinstance(value, str)):
        return value
    if value.startswith(old) and value[len(old) : len(old) + 1] in ("", "/", "\\"):
        return new + value[len(old) :]
    return str(Path(value).expanduser().absolute())
