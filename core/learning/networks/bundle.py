"""A network as one file to carry away: a zip of weights, card, configuration and curves; and the
files of one that a page received.

Light to import: packing copies files, Keras is not needed.
"""

import io
import json
import secrets
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

from core import access, atomic, disk, paths, quotas
from core.errors import SlideScopeError
from core.jobs.reasons import DISK_CODES
from core.learning.networks.weights import MOST_BYTES
from core.runs.store import Run, check_network

EXTENSIONS = (".zip", ".h5", ".json")


MODEL, WEIGHTS, CONFIG = "model.json", "model.weights.h5", "config.json"
# Name in the zip -> where it lies in a run's folder, and the most bytes it may have.
PARTS = {
    MODEL: ("model/model.json", 2**20),
    WEIGHTS: ("model/model.weights.h5", MOST_BYTES),
    CONFIG: ("config.json", 2**16),
    "split.json": ("split.json", 2**23),
    "history.csv": ("history.csv", 2**22),
}
NEEDED = (MODEL, WEIGHTS)
MOST_MEMBERS = 100
CHUNK = 2**20


def pack(run: Run, out: Path) -> dict:
    """Write the network of a run as a zip; return {run, file, bytes}."""
    check_network(run)
    if not run.trained:
        raise SlideScopeError(
            f"Run '{run.id}' has no network yet: it has not finished an epoch; let it train or "
            "choose another run."
        )
    try:
        with (
            atomic.whole_file(out) as temporary,
            zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as file,
        ):
            write(run, file)
    except OSError as error:
        raise SlideScopeError(
            f"Cannot write '{out}': {error.strerror}; choose another --out."
        ) from error
    return {"run": run.id, "file": str(out), "bytes": out.stat().st_size}


def packed(run: Run) -> bytes:
    """The same zip in memory, for a download."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as file:
        write(run, file)
    return held.getvalue()


def write(run: Run, file: zipfile.ZipFile) -> None:
    for name, (place, _) in PARTS.items():
        if name == CONFIG:
            file.writestr(name, json.dumps(_told(run), indent=1, ensure_ascii=False))
        elif (run.path / place).exists():
            file.write(run.path / place, name)


def _told(run: Run) -> dict:
    """The configuration as others may read it: where a file lay on this machine is nobody's."""
    value = run.config.to_json()
    if value["encoder_weights"]:
        value["encoder_weights"] = Path(value["encoder_weights"]).name
    return value


def unpack(source: Path, folder: Path) -> None:
    """Lay out the files of a network from anywhere as a run's folder has them.

    `source`: a zip as `pack` writes it, weights (.h5) with model.json beside them, or a folder
    of both. Names inside a zip only choose among the known ones; nothing else is written.
    """
    if not source.exists():
        raise SlideScopeError(f"No file '{source}': give the zip or the weights file of a network.")
    found = _from_zip(source, folder) if zipfile.is_zipfile(source) else _from_disk(source, folder)
    missing = [name for name in NEEDED if name not in found]
    if missing:
        raise SlideScopeError(
            f"'{source.name}' lacks {' and '.join(missing)}: a network is its weights "
            f"({WEIGHTS}) and its card ({MODEL}); give both, or the zip that holds them."
        )


def _from_zip(source: Path, folder: Path) -> set[str]:
    found = set()
    with _readable(source), zipfile.ZipFile(source) as file:
        members = file.infolist()
        if len(members) > MOST_MEMBERS:
            raise _refused(source, f"it holds {len(members)} files, a network has {len(PARTS)}")
        for member in members:
            path = PurePosixPath(member.filename.replace("\\", "/"))
            if path.is_absolute() or ".." in path.parts or ":" in member.filename:
                raise _refused(source, f"'{member.filename}' points outside of it")
            name = path.name
            # What systems add to a zip (__MACOSX/._model.json) has another name.
            if member.is_dir() or name not in PARTS:
                continue
            if name in found:
                raise _refused(source, f"it holds '{name}' twice")
            with file.open(member) as stream:
                _copy(stream, folder, name, source)
            found.add(name)
    return found


def _from_disk(source: Path, folder: Path) -> set[str]:
    beside = source if source.is_dir() else source.parent
    places = {name: beside / name for name in PARTS}
    if source.is_file():
        if source.suffix != ".h5":
            raise _refused(source, "it is neither a zip nor a weights file (.h5)")
        places[WEIGHTS] = source
    else:
        weights = [*source.glob("*.weights.h5")]
        places[WEIGHTS] = weights[0] if len(weights) == 1 else places[WEIGHTS]
    found = {name for name, path in places.items() if path.is_file()}
    for name in found:
        with _readable(source), open(places[name], "rb") as stream:
            _copy(stream, folder, name, source)
    return found


def _copy(stream: IO[bytes], folder: Path, name: str, source: Path) -> None:
    """Copy at most as many bytes as such a file may have, whatever the zip's index claims."""
    place, most = PARTS[name]
    target, size = folder / place, 0
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(target, "wb") as file:
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            if size > most:
                raise _refused(source, f"'{name}' has more than {most / 1e6:.1f} MB")
            file.write(chunk)


@contextmanager
def _readable(source: Path) -> Iterator[None]:
    try:
        yield
    # A zip may be encrypted (RuntimeError) or packed in a way unknown here (NotImplementedError).
    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
        if getattr(error, "errno", None) in DISK_CODES:
            raise  # it is unpacked onto a full disk
        raise _refused(source, f"it cannot be read ({type(error).__name__})") from error
    except (ValueError, zlib.error) as error:
        raise _refused(source, f"it is damaged ({type(error).__name__})") from error


def _refused(source: Path, why: str) -> SlideScopeError:
    return SlideScopeError(
        f"'{source.name}' is refused: {why}; give a zip that `python -m core pack` or the "
        "download button wrote."
    )


def read_json(path: Path) -> Any | None:
    """The value in a file from anywhere; None where there is no such file."""
    if not path.exists():
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise SlideScopeError(
            f"'{path.name}' is no JSON: it is damaged or something else; give the file that came "
            "with the weights."
        ) from error


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
        _write(folder, MODEL, by_kind[".json"][1])
        return _write(folder, _harmless(by_kind[".h5"][0]), by_kind[".h5"][1])
    names = ", ".join(name for name, _ in files) or "nothing"
    raise SlideScopeError(
        f"Received {names}: a network is one zip, or its weights ({WEIGHTS}) with its card "
        f"({MODEL}); choose these together."
    )


def _folder() -> Path:
    access.need(access.EDITOR, "an upload")
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
    quotas.check_file(name, len(data))
    disk.check_room(folder, len(data), "the uploaded network")
    path.write_bytes(data)
    return path
