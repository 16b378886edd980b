"""What people add to a run: a note and a pin, in a file of their own that no training touches.

runs/<id>/notes.json    {pinned, notes: [{at, text}]}, the newest note last; earlier ones stay
"""

import time
from dataclasses import dataclass, replace

from core import atomic
from core.errors import SlideScopeError
from core.runs.store import Run

FILE = "notes.json"
LONGEST = 4000


@dataclass(frozen=True)
class Notes:
    """`earlier` holds (when, text) of the notes that stood here before, oldest first."""

    text: str = ""
    pinned: bool = False
    earlier: tuple[tuple[str, str], ...] = ()


def read(run: Run) -> Notes:
    """The notes of a run; empty ones where nobody has written any."""
    value = atomic.read_json(run.path / FILE) or {"pinned": False, "notes": []}
    written = [(note["at"], note["text"]) for note in value["notes"]]
    text = written[-1][1] if written else ""
    return Notes(text, value["pinned"], tuple(written[:-1]))


def write(run: Run, text: str) -> Notes:
    """Make `text` the note of the run; the one before it is kept in the file."""
    text = text.strip()
    if len(text) > LONGEST:
        raise SlideScopeError(
            f"The note has {len(text)} characters: at most {LONGEST} are kept; shorten it."
        )
    before = read(run)
    if text == before.text:
        return before
    value = atomic.read_json(run.path / FILE) or {"pinned": False, "notes": []}
    value["notes"].append({"at": time.strftime("%Y-%m-%dT%H:%M:%S"), "text": text})
    atomic.write_json(run.path / FILE, value)
    return read(run)


def pin(run: Run, pinned: bool) -> Notes:
    """Pinned runs stand first in every list."""
    value = atomic.read_json(run.path / FILE) or {"notes": []}
    atomic.write_json(run.path / FILE, {**value, "pinned": pinned})
    return replace(read(run), pinned=pinned)
