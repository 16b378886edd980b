"""A coordinate reference system as a user writes it: EPSG:n, a definition, or a .prj file."""

import re
from pathlib import Path

import pyproj
import rasterio
from pyproj.exceptions import CRSError as PyprojError
from rasterio.crs import CRS
from rasterio.errors import CRSError

from core.errors import SlideScopeError
from core.scene.files import guard

FILES = (".prj", ".wkt", ".qpj")
MAX_BYTES = 65536
_CODE = re.compile(r"\s*(epsg|esri):\d+\s*", re.IGNORECASE)


def read(text: str) -> str:
    """Return a reference system's code, or its definition where it has none; the same to GDAL and
    to PROJ.

    >>> read("EPSG:32643"), read("+proj=utm +zone=43 +datum=WGS84")
    ('EPSG:32643', 'EPSG:32643')
    """
    definition = _of_file(guard.named(text)) if text.lower().endswith(FILES) else text
    try:
        with rasterio.Env():
            found = CRS.from_user_input(definition)
        known = pyproj.CRS.from_user_input(definition if _CODE.fullmatch(text) else found.to_wkt())
    except (CRSError, PyprojError, ValueError, TypeError) as error:
        raise SlideScopeError(
            f"--crs '{text}' is no coordinate reference system: write EPSG:n, for example "
            "EPSG:32643, or give a .prj file."
        ) from error
    if not (known.is_geographic or known.is_projected):
        raise SlideScopeError(
            f"--crs '{text}' is {_kind(known)}, which places nothing on a map: give a projected or "
            "geographic one, for example EPSG:32643."
        )
    if _CODE.fullmatch(text):
        return text.strip()
    code = found.to_epsg()
    return f"EPSG:{code}" if code else found.to_wkt()


def _kind(known: pyproj.CRS) -> str:
    kinds = {"is_vertical": "a system of heights", "is_engineering": "a local system"}
    kinds |= {"is_geocentric": "a geocentric system"}
    return next((words for name, words in kinds.items() if getattr(known, name)), "a system")


def _of_file(path: Path) -> str:
    if not path.is_file():
        raise SlideScopeError(
            f"--crs '{path}' is missing: give the path of a .prj file that is there, or EPSG:n."
        )
    if path.stat().st_size > MAX_BYTES:
        raise SlideScopeError(
            f"--crs '{path}' has {path.stat().st_size} bytes: a definition of a reference system "
            f"has at most {MAX_BYTES}; give another file, or EPSG:n."
        )
    return path.read_text("utf-8", "replace").strip().lstrip("\ufeff")
