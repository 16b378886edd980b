"""What lies beside a raster and tells about it: .aux.xml, .prj, world files.

GDAL's own reading of side-cars is off (it follows what they name); here they are read as plain
text, and as XML without a document type.
"""

import math
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree

from rasterio.crs import CRS
from rasterio.transform import Affine

from core.scene.files import systems

MAX_BYTES = 16 * 1024**2
# Endings of world files, by that of their raster.
WORLDS = {
    ".tif": (".tfw", ".tifw", ".wld"),
    ".tiff": (".tfw", ".tiffw", ".wld"),
    ".png": (".pgw", ".pngw", ".wld"),
    ".jpg": (".jgw", ".jpgw", ".wld"),
    ".jpeg": (".jgw", ".jpegw", ".wld"),
    ".jp2": (".j2w", ".jp2w", ".wld"),
}


@dataclass(frozen=True)
class Pam:
    """What an .aux.xml says of a raster's place, and of one band: None where it says nothing.

    `unread` names what it holds that is not read here (ground control points).
    """

    name: str
    crs: CRS | None = None
    transform: Affine | None = None
    nodata: float | None = None
    unscale: tuple[float, float] | None = None
    unit: str = ""
    unread: str = ""


def beside(path: Path, part: str | None, endings: tuple[str, ...]) -> tuple[str, bytes] | None:
    """(name, content) of the first side-car with one of the endings, letters large or small;
    `part` is a member of an archive, whose side-cars are in the archive."""
    own = PurePosixPath(part) if part else PurePosixPath(path.name)
    wanted = [own.name + e for e in endings] + [own.stem + e for e in endings]
    names = [w.lower() for w in wanted]
    found = _in_archive(path, own, names) if part else _in_folder(path, names)
    return found if found and len(found[1]) <= MAX_BYTES else None


def _in_folder(path: Path, names: list[str]) -> tuple[str, bytes] | None:
    for name in names:
        for candidate in (path.with_name(name), *_same_letters(path, name)):
            if candidate.is_file() and candidate != path:
                with open(candidate, "rb") as file:
                    return candidate.name, file.read(MAX_BYTES + 1)
    return None


def _same_letters(path: Path, name: str) -> list[Path]:
    """The candidates with the raster's own spelling, as file systems tell letters apart."""
    tail = name[len(path.stem) :] if name.startswith(path.stem.lower()) else ""
    return [path.with_name(path.stem + t) for t in (tail, tail.upper(), tail.title()) if tail]


def _in_archive(path: Path, own: PurePosixPath, names: list[str]) -> tuple[str, bytes] | None:
    try:
        with zipfile.ZipFile(path) as archive:
            inside = {
                PurePosixPath(i.filename).name.lower(): i
                for i in archive.infolist()
                if PurePosixPath(i.filename).parent == own.parent and i.file_size <= MAX_BYTES
            }
            for name in names:
                if name in inside:
                    return PurePosixPath(inside[name].filename).name, archive.read(inside[name])
    # A member that does not unpack is no side-car.
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, EOFError):
        return None
    return None


def system(path: Path, part: str | None) -> tuple[str, CRS | None] | None:
    """(name, system) of the .prj beside a raster; the system is None where it cannot be read."""
    found = beside(path, part, (".prj", ".qpj"))
    return (found[0], systems.parse(systems.words_of(found[1]))) if found else None


def world(path: Path, part: str | None) -> tuple[str, Affine] | None:
    """(name, transform) of a world file beside a raster, whose numbers are of pixel centres."""
    own = PurePosixPath(part or path.name).suffix.lower()
    found = beside(path, part, WORLDS.get(own, ()))
    if found is None:
        return None
    try:
        a, d, b, e, c, f = (float(w.replace(b",", b".")) for w in found[1].split()[:6])
    except ValueError:
        return None
    corner = _usable(Affine(a, b, c, d, e, f) * Affine.translation(-0.5, -0.5))
    return (found[0], corner) if corner else None


def pam(path: Path, part: str | None, band: int) -> Pam | None:
    """What the .aux.xml beside a raster says; None without one or where it is no such file."""
    found = beside(path, part, (".aux.xml",))
    root = xml(found[1]) if found else None
    if found is None or root is None or root.tag != "PAMDataset":
        return None
    nodata = _of_band(root, band, "NoDataValue")
    scale, offset = _of_band(root, band, "Scale"), _of_band(root, band, "Offset")
    own = (_number(scale, 1.0), _number(offset, 0.0)) if scale or offset else None
    usable = own is not None and all(map(math.isfinite, own)) and own[0] != 0
    return Pam(
        name=found[0],
        crs=_system(root),
        transform=_transform(root.findtext("GeoTransform") or ""),
        nodata=_number(nodata, None),
        unscale=own if usable else None,
        unit=(_of_band(root, band, "UnitType") or "").strip(),
        unread="ground control points" if root.find(".//GCPList") is not None else "",
    )


def xml(data: bytes) -> ElementTree.Element | None:
    """The root of a small XML text; None for one that declares types or entities, or is broken."""
    if b"<!" in data.replace(b"<!--", b"").replace(b"<![CDATA[", b"") or b"\x00" in data[:64]:
        return None
    try:
        return ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError, LookupError):
        return None


def _system(root: ElementTree.Element) -> CRS | None:
    """GDAL's SRS, or what ArcGIS writes when a projection is defined."""
    text = root.findtext("SRS") or ""
    if not text.strip():
        for metadata in root.iter("Metadata"):
            if metadata.get("domain") == "xml:ESRI":
                text = metadata.findtext(".//SpatialReference/WKT") or ""
    return systems.parse(text.strip()) if text.strip() else None


def _transform(text: str) -> Affine | None:
    numbers = [_number(word, None) for word in text.split(",")]
    if len(numbers) != 6 or any(n is None for n in numbers):
        return None
    return _usable(Affine.from_gdal(*numbers))


def _usable(transform: Affine) -> Affine | None:
    """A transform that has pixels of some size."""
    known = all(map(math.isfinite, transform[:6]))
    return transform if known and transform.determinant else None


def _of_band(root: ElementTree.Element, band: int, what: str) -> str | None:
    for item in root.iter("PAMRasterBand"):
        if item.get("band", "1") == str(band):
            return item.findtext(what)
    return None


def _number(text: str | None, otherwise):
    try:
        return otherwise if text is None else float(text.strip())
    except ValueError:
        return otherwise
