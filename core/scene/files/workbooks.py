"""Tables in Excel's .xlsx, read by the library that reads vector files, as lines of text."""

import csv
import io
import zipfile
from functools import lru_cache
from pathlib import Path

import pyogrio

from core.errors import SlideScopeError
from core.scene.files import layers

# A workbook is a zip archive; what grows beyond this is made to fill a memory.
MAX_BYTES = 512 * 1024**2


def as_text(path: Path) -> bytes:
    """The one sheet with cells in it as CSV in UTF-8, the header as its first line.

    Raises SlideScopeError for a workbook that is damaged, too large or has several such sheets.
    """
    about = path.stat()
    return _read(str(path), about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=4)
def _read(path: str, changed: int, size: int) -> bytes:
    name = Path(path).name
    _check_size(path, name)
    # GDAL's options: each cell as text, no row taken for a header.
    how = {"HEADERS": "DISABLE", "FIELD_TYPES": "STRING"}
    try:
        sheets = [str(n) for n, _ in pyogrio.list_layers(path)]
        filled = {s: pyogrio.read_dataframe(path, layer=s, **how) for s in sheets}
    except layers.ERRORS as error:
        raise _damaged(name) from error
    filled = {sheet: frame for sheet, frame in filled.items() if len(frame)}
    if len(filled) != 1:
        listed = ", ".join(filled) or "none"
        raise SlideScopeError(
            f"'{name}' has {len(filled)} sheets with cells in them ({listed}): save the one with "
            "the points as a workbook of its own, or as CSV."
        )
    (frame,) = filled.values()
    text = io.StringIO(newline="")
    rows = frame.drop(columns="geometry", errors="ignore").fillna("").astype(str)
    csv.writer(text).writerows(rows.itertuples(index=False, name=None))
    return text.getvalue().encode("utf-8")


def _check_size(path: str, name: str) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            total = sum(info.file_size for info in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise _damaged(name) from error
    if total > MAX_BYTES:
        raise SlideScopeError(
            f"'{name}' unpacks to {total / 1e6:.0f} MB: workbooks over {MAX_BYTES / 1e6:.0f} MB "
            "are refused; save its sheet as CSV."
        )


def _damaged(name: str) -> SlideScopeError:
    return SlideScopeError(
        f"'{name}' cannot be read as a workbook (.xlsx): it is damaged, protected by a password or "
        "another format; save its sheet as CSV."
    )
