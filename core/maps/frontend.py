"""What the map is made of in the browser: our scripts, which are ES modules, and styles.

They are read once, when the server starts, and live under one name for all of them together: what
a module imports is of its own version, whatever is written to the folder meanwhile, and a browser
may keep each of them forever.
"""

import hashlib
from pathlib import Path

FOLDER = Path(__file__).parent / "assets"
# By us: a browser runs no module of another type, and what Python guesses is the machine's setting.
TYPES = {".js": "text/javascript", ".css": "text/css"}
FILES = {path.name: path.read_bytes() for path in sorted(FOLDER.iterdir()) if path.suffix in TYPES}
ENTRY = "compare.js"
SCRIPTS = tuple(name for name in FILES if name.endswith(".js"))
STYLES = ("compare.css", "swipe.css", "outline.css")


def version_of(files: dict[str, bytes]) -> str:
    """A name that no other set of files has.

    >>> version_of({"a.js": b"1"}) == version_of({"a.js": b"2"})
    False
    """
    found = hashlib.sha256()
    for name, content in files.items():
        found.update(f"{name} {len(content)} ".encode() + content)
    return found.hexdigest()[:16]


VERSION = version_of(FILES)


def path(name: str) -> str:
    """Where a file is served, below `core.maps.routes`."""
    return f"assets/{VERSION}/{name}"
