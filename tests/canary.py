"""Texts that call an address when somebody's browser takes them for more than text, in every place
of a workspace where a text of files or people may stand; and a listener at that address."""

import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core import atomic
from core.review import decisions
from core.scene.store import Scene

# Members of stored JSON that are free texts, or hold some.
FREE = ("notes", "source", "text", "reason", "stage", "title", "warnings")
NAMED = ("legend", "names")
# What a request or a configuration may say has rules of its own.
RULED = ("config.json", "format.json", "request.json")


@contextmanager
def listening() -> Iterator[tuple[str, list[bytes]]]:
    """An address of this machine, and the first bytes of all that called it."""
    calls: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))

    def listen() -> None:
        while True:
            try:
                line, _ = server.accept()
            except OSError:
                return
            with line:
                line.settimeout(1)
                calls.append(line.recv(200))

    threading.Thread(target=listen, daemon=True).start()
    yield f"127.0.0.1:{server.getsockname()[1]}", calls
    server.close()


def short(address: str) -> str:
    """In as few letters as a name may have."""
    return f"![m](http://{address}/m)<img src=http://{address}/t>"


def poison(address: str) -> str:
    """A picture and a link as markdown has them, a bare address, HTML with a script."""
    return (
        f"{short(address)} [go](http://{address}/link) http://{address}/bare "
        f"<img src=x onerror=\"fetch('http://{address}/e')\">"
        f"<script>fetch('http://{address}/s')</script>"
    )


def plant(workspace: Path, address: str) -> None:
    """Put them into every free text of the JSON files of a workspace."""
    for path in sorted(workspace.rglob("*.json")):
        if path.name not in RULED:
            value = json.loads(path.read_text(encoding="utf-8"))
            # Elsewhere a name has its own rule, which a copy that is restored passes by here alone.
            free = (*FREE, "name") if path.name == "notes.json" else FREE
            atomic.write_json(path, _planted(value, address, free))


def decide(scene: Scene, run_id: str, item: str, address: str) -> None:
    """Leave a decision about an object whose author and comment are such texts."""
    about = {"run": run_id, "threshold": 0.5, "item": item, "comment": poison(address)}
    for action in ("comment", "reject"):
        made = decisions.new(short(address), action, scene.name, scene.fingerprint, **about)
        with decisions.locked(scene.name):
            decisions.append(made)


def _planted(value: Any, address: str, free: tuple[str, ...], key: str = "") -> Any:
    if isinstance(value, dict):
        if key in NAMED:
            return {code: f"{name} {short(address)}" for code, name in value.items()}
        return {name: _planted(inner, address, free, name) for name, inner in value.items()}
    if isinstance(value, list):
        if key == "classes":  # of a map layer: [display value, name]
            return [[number, f"{name} {short(address)}"] for number, name in value]
        listed = [_planted(inner, address, free, key) for inner in value]
        texts = key in ("notes", "warnings") and not any(isinstance(v, dict) for v in value)
        return [*listed, poison(address)] if texts else listed
    return f"{value} {poison(address)}" if isinstance(value, str) and key in free else value


def without_escapes(text: str) -> str:
    """Markdown less what it was told to leave alone."""
    return re.sub(r"\\.", "", text)
