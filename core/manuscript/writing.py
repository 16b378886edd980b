"""Tables as files: Word, Excel, LaTeX and CSV, each from the same cells."""

import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from core import atomic, cells, stored
from core.language import reader
from core.manuscript import latex, store, tables
from core.manuscript.table import Table
from core.scene.store import Scene


def word(found: Sequence[Table]) -> bytes:
    from core.manuscript import word as writer  # here: who wants no Word needs no python-docx

    return writer.document(found)


def excel(found: Sequence[Table]) -> bytes:
    from core.manuscript import excel as writer

    return writer.workbook(found)


def tex(found: Sequence[Table]) -> bytes:
    return latex.text(found).encode()


def csv_zip(found: Sequence[Table]) -> bytes:
    """All tables as CSV in one zip."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as file:
        for table in found:
            file.writestr(f"{table.name}.csv", csv(table).encode(encoding()))
    return data.getvalue()


def csv(table: Table) -> str:
    """A table as CSV: every figure with all its digits, an empty cell where nothing is known."""
    return cells.text(table.head, table.rows)


def encoding() -> str:
    """Excel takes a CSV for Chinese only with a mark at its beginning, which other readers of
    figures do not expect."""
    return "utf-8" if reader.current() == reader.ENGLISH else "utf-8-sig"


WHOLE: dict[str, Callable[[Sequence[Table]], bytes]] = {"docx": word, "xlsx": excel, "tex": tex}


def write(scene: Scene, out: Path, formats: Sequence[str]) -> dict:
    """Write all tables of a scene into the folder `out`.

    Returns {scene, tables: [{name, title, rows}], folder, files, notes}.
    """
    found = tables.every(scene)
    store.check_folder(out, store.TABLES)
    with atomic.whole_folder(out) as folder:
        for kind in formats:
            if kind == "csv":
                for table in found:
                    (folder / f"{table.name}.csv").write_text(csv(table), encoding=encoding())
            else:
                (folder / f"tables.{kind}").write_bytes(WHOLE[kind](found))
        about = {
            "scene": scene.name,
            "tables": [{"name": t.name, "title": t.title, "rows": len(t.rows)} for t in found],
            "folder": str(out),
            "files": sorted(file.name for file in folder.iterdir()),
            "notes": notes(scene, found),
        }
        atomic.write_json(folder / store.list_of(store.TABLES), stored.sealed(about))
    return about


def notes(scene: Scene, found: Sequence[Table]) -> list[str]:
    """What is missing, and how it is had; in sentences."""
    said = []
    if not any(table.name.startswith("table-s") for table in found):
        said.append(
            f"The factors of scene '{scene.name}' are not analysed: run `python -m core factors "
            f"{scene.name}` first, and their tables are there too."
        )
    if scene.synthetic:
        said.append("The scene is synthetic: our figures say nothing of real ground.")
    return said
