"""Files of a network that a page received, kept until `load` has looked at them."""

import secrets
from collections.abc import Sequence
from pathlib import Path

from core import paths
from core.errors import SlideScopeError
from core.learning.networks import bundle

EXTENSIONS = (".zip", ".h5", ".json")


def keep(files: Sequence[tuple[str, bytes]]) -> Path:
    """Write uploaded files (name, content) under names of ours; return what `load` takes.

    Either one zip, or weights (.h5) and their card (.json).
    """
    by_kind = {Path(name).suffix.lower(): (name, data) for name, data in files}
    if len(files) == 1 and ".zip" in by_kind:
        name, data = by_kind[".zip"]
        return _write(_folder(), _harmless(name), data)
    if len(files) == 2 and set(by_kind) == {".h5", ".json"}:
        folder = _folder()
        _write(folder, bundle.MODEL, by_kind[".json"][1])
        return _write(folder, _harmless(by_kind[".h5"][0]), by_kind[".h5"][1])
    names = ", ".join(name for name, _ in files) or "nothing"
    raise SlideScopeError(
        f"Received {names}: a network is one zip, or its weights ({bundle.WEIGHTS}) with its card "
        f"({bundle.MODEL}); choose these together."
    )


def _folder() -> Path:
    folder = paths.uploads_folder() / f"network-{secrets.token_hex(6)}"
    folder.mkdir(parents=True)
    return folder


def _harmless(name: str) -> str:
    """
    >>> _harmless("../my net.weights.h5")
    'my-net.weights.h5'
    """
    last = Path(name.replace("\\", "/")).name
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in last)
    return kept.lstrip(".-")[-80:] or "network"


def _write(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path
