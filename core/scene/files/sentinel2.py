"""Sentinel-2: how stored numbers become reflectance.

Since processing baseline 04.00 (25 January 2022) every band is shifted by BOA_ADD_OFFSET, which is
-1000, "to avoid the truncation of negative values" (ESA, Sentinel-2 Products Specification, 14.9;
the older products processed again as Collection 1 carry it too): reflectance = (number + offset) /
BOA_QUANTIFICATION_VALUE. 0 is no data.
"""

import re
from dataclasses import dataclass
from pathlib import Path, PurePath, PurePosixPath
from xml.etree import ElementTree

from core.errors import SlideScopeError
from core.scene.files import archives

_BAND = re.compile(r"(?:L[12][AC]_)?T\d{2}[A-Z]{3}_(\d{8})T\d{6}_(B\d\d|B8A)(?:_\d\dm)?$")
_PRODUCT = re.compile(r"_N(\d{2})(\d{2})_")
SINCE, OFFSET, QUANTITY = "20220125", -1000.0, 10000.0
MAX_METADATA_BYTES = 20 * 1024**2
# Order of band_id in the metadata.
_IDS = ("B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B10", "B11", "B12")


@dataclass(frozen=True)
class Scaling:
    """reflectance x 10,000 = number * scale + offset; `warning` where it is only guessed."""

    scale: float
    offset: float
    baseline: str | None
    warning: str | None = None


def is_band(path: PurePath) -> bool:
    """
    >>> is_band(Path("T48RUV_20200101T034129_B04_10m.jp2")), is_band(Path("S2_B4.tif"))
    (True, False)
    """
    return bool(_BAND.fullmatch(path.stem))


def band_of(path: PurePath) -> str | None:
    """The factor that a band file is by its name, None for other bands and files.

    >>> band_of(Path("T48RUV_20200101T034129_B03_10m.jp2"))
    'green'
    """
    found = _BAND.fullmatch(path.stem)
    names = {"B02": "blue", "B03": "green", "B04": "red", "B08": "nir", "B8A": "nir"}
    return names.get(found[2]) if found else None


def scaling(path: Path, part: str | None = None) -> Scaling:
    """Return the scaling of a band file: from its product's metadata, else guessed by its date.

    `part`: its name within the zip archive `path`.
    """
    if part is not None:
        return _packed(path, PurePosixPath(part))
    metadata = _metadata(path)
    if metadata is not None:
        return _read(_text(metadata), metadata.name, _band_id(path))
    return _by_name(path, [p.name for p in path.parents])


def _packed(path: Path, part: PurePosixPath) -> Scaling:
    """The scaling of a band within a zip archive, its product's metadata beside it or not."""
    inside = archives.small_texts(path, ("MTD_MSIL2A.xml", "MTD_MSIL1C.xml"), MAX_METADATA_BYTES)
    for folder in part.parents:
        for name, text in inside.items():
            if PurePosixPath(name).parent == folder:
                return _read(_harmless(text, name), PurePosixPath(name).name, _band_id(part))
    return _by_name(part, [*(p.name for p in part.parents), path.name])


def _by_name(path: PurePath, folders: list[str]) -> Scaling:
    baseline = next((m for name in folders if (m := _PRODUCT.search(name))), None)
    if baseline:
        number = f"{baseline[1]}.{baseline[2]}"
        return Scaling(1.0, OFFSET if number >= "04.00" else 0.0, number)
    shifted = _named(path)[1] >= SINCE
    date = "after" if shifted else "before"
    return Scaling(
        1.0,
        OFFSET if shifted else 0.0,
        None,
        f"'{path.name}' comes without its product's metadata (MTD_MSIL2A.xml): by its date, "
        f"{date} 25 January 2022, an offset of {OFFSET if shifted else 0:g} is assumed; keep the "
        ".SAFE folder together to be sure.",
    )


def _band_id(path: PurePath) -> int:
    return _IDS.index(_named(path)[2])


def _named(path: PurePath) -> re.Match[str]:
    found = _BAND.fullmatch(path.stem)
    if found is None:
        raise ValueError(f"'{path.name}' is not named as a band: ask is_band first.")
    return found


def _metadata(path: Path) -> Path | None:
    """The product's metadata: in the .SAFE folder above the band, or beside a lone file."""
    for folder in list(path.parents)[:6]:
        for name in ("MTD_MSIL2A.xml", "MTD_MSIL1C.xml"):
            if (folder / name).is_file():
                return folder / name
        if folder.suffix.upper() == ".SAFE":
            return None
    return None


def _read(text: bytes, metadata: str, band: int) -> Scaling:
    try:
        root = ElementTree.fromstring(text)
        found = {e.tag.rpartition("}")[2]: e for e in root.iter()}
        offsets = {
            int(e.get("band_id", -1)): float(e.text or "")
            for e in root.iter()
            if e.tag.rpartition("}")[2] in ("BOA_ADD_OFFSET", "RADIO_ADD_OFFSET")
        }
        tags = ("BOA_QUANTIFICATION_VALUE", "QUANTIFICATION_VALUE")
        quantity = next((float(found[t].text or "") for t in tags if t in found), QUANTITY)
        baseline = found["PROCESSING_BASELINE"].text if "PROCESSING_BASELINE" in found else None
    except (ElementTree.ParseError, ValueError, TypeError) as error:
        raise SlideScopeError(
            f"'{metadata}' cannot be read as Sentinel-2 metadata: it is damaged; unpack the "
            "product again."
        ) from error
    if quantity <= 0:
        raise SlideScopeError(
            f"'{metadata}' names a quantification value of {quantity:g}: it is above 0; "
            "unpack the product again."
        )
    times = QUANTITY / quantity
    return Scaling(times, offsets.get(band, 0.0) * times, baseline)


def _text(metadata: Path) -> bytes:
    """The file's text, refused where it defines entities: those can grow without end."""
    if metadata.stat().st_size > MAX_METADATA_BYTES:
        raise SlideScopeError(
            f"'{metadata.name}' has {metadata.stat().st_size / 1e6:.0f} MB: metadata is smaller; "
            "unpack the product again."
        )
    return _harmless(metadata.read_bytes(), metadata.name)


def _harmless(text: bytes, name: str) -> bytes:
    if b"<!ENTITY" in text or b"<!DOCTYPE" in text:
        raise SlideScopeError(
            f"'{name}' defines entities, which Sentinel-2 metadata does not: it is "
            "refused; unpack the product again."
        )
    return text
