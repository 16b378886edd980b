"""One file of interferometry that is given as a rate, and is none."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from core.errors import SlideScopeError
from core.scene.files import guard, sampling
from core.scene.files.raster import Raster, open_band
from core.scene.files.source import Source
from core.scene.interferograms import checks, products
from core.scene.interferograms.products import Named

_RADIANS = ("rad", "radian", "radians")
# PyRate's DATA_TYPE, by a word in it.
_TYPES = (("COH", products.COHERENCE), ("DEM", None), ("IFG", products.PHASE))
# A wrapped phase ends at pi on both sides, and is as frequent there as anywhere.
_EDGE, _ENDS_AT, _SHARE = 3.0, 3.13, 0.005
_MOST = 1000


def not_a_rate(path: str | Path, folders: Sequence[Path] | None = None) -> str | None:
    """Why a raster cannot be a deformation rate, in one sentence; None where nothing says so.

    Its name, its tags and its unit are looked at, then a sample of its values. A file that cannot
    be opened is left to whoever opens it.
    """
    path = Path(path).expanduser()
    if not products.is_candidate(path.name):
        return None
    try:
        raster = open_band(Source(str(path), 1), folders)
        role = _role(products.recognise(path), raster)
        if role == products.WRAPPED or (role in (None, products.PHASE) and _is_wrapped(raster)):
            return checks.WRAPPED
    except SlideScopeError:
        return None
    if role == products.PHASE:
        return _one_of_many(path, folders)
    if role in (products.COHERENCE, products.AMPLITUDE, products.DISPLACEMENT, products.COMPONENTS):
        return (
            f"'{path.name}' looks like the {products.WORDS[role]} of an interferogram: it is not a "
            "rate; give the rate in mm/yr, or the folder of all unwrapped phases as a stack."
        )
    return None


def _role(named: Named, raster: Raster) -> str | None:
    """What the file is by its tags, its name if that has the dates of a pair, its unit."""
    with guard.gdal_options(), raster.open() as dataset:
        tags = dataset.tags()
    kind = tags.get("DATA_TYPE", "").upper()
    for word, role in _TYPES:
        if word in kind:
            return role
    of_a_pair = named.dates is not None and (
        named.role != products.DISPLACEMENT or named.product != products.OTHER
    )
    if of_a_pair and named.role:
        return named.role
    says_radians = tags.get("DATA_UNITS", raster.unit).strip().lower() in _RADIANS
    return products.PHASE if says_radians else None


def _is_wrapped(raster: Raster) -> bool:
    """Whether values fill -pi..pi and end there."""
    if not raster.dtype.startswith("float"):
        return False
    found = np.abs(sampling.take(raster).values)
    found = found[found > 0]
    if not found.size or not _ENDS_AT <= found.max() <= math.pi + 1e-3:
        return False
    return bool((found > _EDGE).mean() > _SHARE)


def _one_of_many(path: Path, folders: Sequence[Path] | None) -> str:
    count = len(_siblings(path, folders))
    if count > 1:
        return (
            f"{count} files look like interferograms (radians): give the folder as a stack; one of "
            "them is not a rate."
        )
    return (
        f"'{path.name}' looks like an interferogram (radians): one of them is not a rate; give the "
        "rate in mm/yr, or the folder of all unwrapped phases as a stack."
    )


def _siblings(path: Path, folders: Sequence[Path] | None) -> list[Path]:
    """Unwrapped phases of pairs in the file's folder, or in those beside it: HyP3 and LiCSAR give
    each pair a folder."""
    places = [("*", path.parent)]
    if len(products.dates_in(path.parent.name)) > 1:
        places.append(("*/*", path.parent.parent))
    for pattern, start in places:
        try:
            guard.check_inside(start, folders)
        except SlideScopeError:
            continue
        found = []
        for number, other in enumerate(start.glob(pattern)):
            if number > _MOST:
                break
            named = products.recognise(other) if products.is_candidate(other.name) else None
            if named and named.dates and named.role == products.PHASE:
                found.append(other)
        if len(found) > 1:
            return found
    return [path]
