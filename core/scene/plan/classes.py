"""Whether a factor holds classes or measurements: by its name, its values and what lies beside it.

What both name and values say to be classes is taken as such; what only one of them says is asked
about. Classes are never averaged without a word.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from core.errors import SlideScopeError
from core.factors import DEFORMATION, FACTORS, OPTICAL, QUALITY
from core.scene.files import class_names, class_table, sampling
from core.scene.files.class_names import ClassNames
from core.scene.files.class_table import ClassTable
from core.scene.files.raster import Raster
from core.scene.plan import quantity
from core.scene.plan.inputs import kind_of_files, located, terrain_of
from core.scene.plan.override import Override
from core.scene.plan.overrides import of_file
from core.scene.plan.request import ImportRequest
from core.scene.polygons import MAX_CLASSES, too_many

# So many values at most, all whole, look like codes; of a known factor so few, and so small.
CODES, FEW, SMALL, LEAST = 24, 10, 20, 64
_WORDS = re.compile(
    r"landcover|lulc|lucc|landuse|worldcover|corine|clc|globeland(30)?|nlcd|esri10|geolog(y|ic|ical)"
    r"|lith(o|ology)?|rocks?|soils?|soiltype|landforms?|geomorphology|geomorphons?|class(es)?"
    r"|classified|classification|cls|types?|zones?|zonation|category|categories|codes?|strat(a|um)"
    r"|formations?|reclass(ified)?|wrb|biomes?|ecoregions?"
)
_PAIRS = ("land_cover", "land_use", "soil_type", "rock_type", "forest_type", "vegetation_type")
_MEASURES = re.compile(
    r"dist|distance|density|prob|probability|index|fraction|percent|pct|moisture|depth|thickness|ph"
    r"|temperature|carbon|content|mean|elevation|height|slope|rate|vel|ndvi"
)
_CHINESE = re.compile(
    "土地利用|土地覆|地类|岩性|地层|岩组|土壤|植被类型|地貌|分类|分级|类型|类别|分区"
)
_SMOOTH = ("bilinear", "cubic", "average")


def settled(request: ImportRequest) -> tuple[ImportRequest, tuple[str, ...]]:
    """The request with those factors among its categorical ones whose name and values say so, and
    sentences about these; refuse what might be either."""
    found, notes, terrain = set(), [], terrain_of(request)
    for name, sources in request.factors.items():
        override = of_file(request.overrides, name)
        kind = kind_of_files(request.categorical, name, sources)
        said = name in request.categorical or name in request.continuous
        if kind != "raster" or said or _is_plain(name, override):
            continue
        raster = located(name, sources[0], override, terrain)
        if raster.unscale != (1.0, 0.0):
            continue
        if _are_classes(name, raster, override):
            found.add(name)
            notes.append(
                f"{name}: by its name and values '{raster.label}' holds classes: they are taken as "
                f"such, never averaged; if they are measurements, give --continuous {name}."
            )
    return replace(request, categorical=request.categorical | found), tuple(notes)


def _is_plain(name: str, override: Override) -> bool:
    """Whether what is decided about it tells what it is, or its name leaves no doubt."""
    measured = override.scale or override.unit or override.kernel in _SMOOTH
    known = name in QUALITY or (name in FACTORS and FACTORS[name].categorical)
    return bool(measured or known)


def _are_classes(name: str, raster: Raster, override: Override) -> bool:
    sample = sampling.take(raster)
    values = sample.values
    if isinstance(override.nodata, float):
        values = values[values != override.nodata]
    if name in FACTORS:
        _check_known(name, raster, values, sample.palette)
        return False
    if values.size < LEAST or (values != np.round(values)).any() or values.min() < 0:
        return False
    count = len(np.unique(values))
    called = speaks(f"{name} {raster.stem} {raster.part or ''} {raster.described}")
    names = class_names.find(raster)
    if count <= MAX_CLASSES and ((called and count > 1) or names):
        return True
    if called or sample.palette or _look_like_codes(np.unique(values)):
        raise _either(name, raster, values, sample.palette)
    return False


def _look_like_codes(found: np.ndarray) -> bool:
    """Whether few whole values start low or leave gaps, as codes do and a narrow range does not.

    >>> [_look_like_codes(np.array(v)) for v in ([1, 2, 3, 4], [10, 20, 50], [173, 174, 175, 176])]
    [True, True, False]
    """
    count = len(found)
    if not 2 <= count <= CODES:
        return False
    low, span = found[0], found[-1] - found[0] + 1
    return bool(count <= 3 or low <= 2 * count or span > 1.5 * count)


def speaks(text: str) -> bool:
    """Whether a name speaks of classes.

    >>> speaks("landcover x"), speaks("Soil_Type"), speaks("distance_to_geology"), speaks("岩性图")
    (True, True, False, True)
    """
    plain = quantity.words(text)
    # "WorldCover" is one word to some, two to others.
    found = [*plain.split("_"), *quantity.words(text.lower()).split("_")]
    if any(_MEASURES.fullmatch(word) for word in found):
        return False
    pairs = any(pair in plain for pair in _PAIRS)
    return pairs or any(_WORDS.fullmatch(word) for word in found) or bool(_CHINESE.search(text))


def _check_known(name: str, raster: Raster, values: np.ndarray, palette: bool) -> None:
    """A known factor is a number a pixel: refuse colours and class codes."""
    if palette or raster.palette:
        raise _other(name, raster, "has a colour table, so that its values are codes or colours")
    if name in (*OPTICAL, DEFORMATION) or values.size < LEAST:
        return
    found = np.unique(values)
    whole = (found == np.round(found)).all() and 0 <= found[0] <= 1 and found[-1] <= SMALL
    if whole and 2 <= len(found) <= FEW:
        listed = ", ".join(f"{v:g}" for v in found)
        raise _other(name, raster, f"holds only {listed}, as if it were cut into classes")


def _other(name: str, raster: Raster, what: str) -> SlideScopeError:
    return SlideScopeError(
        f"'{raster.label}' {what}, and {name} is measured: give the raster of the measurements; as "
        f"classes, call it otherwise: --factor {name}_class={raster.label} --categorical "
        f"{name}_class; if they are measurements all the same: --continuous {name}."
    )


def _either(name: str, raster: Raster, values: np.ndarray, palette: bool) -> SlideScopeError:
    found = np.unique(values)
    listed = ", ".join(f"{v:g}" for v in found[:8]) + (", ..." if len(found) > 8 else "")
    table = " and a colour table" if palette else ""
    return SlideScopeError(
        f"Factor '{name}' ('{raster.label}') might be classes or measurements: it holds "
        f"{len(found)} whole numbers ({listed}){table}; say which with --categorical {name} or "
        f"--continuous {name}."
    )


def check_codes(name: str, raster: Raster) -> None:
    """Refuse a categorical raster whose values are no codes, or too many, by a look at some."""
    values = sampling.take(raster).values
    odd = values[(values != np.round(values)) | (np.abs(values) >= 2**24)]
    if odd.size:
        raise not_codes(name, float(odd[0]))
    if len(np.unique(values)) > MAX_CLASSES:
        raise too_many(name, raster.label)


def not_codes(name: str, odd: float) -> SlideScopeError:
    return SlideScopeError(
        f"Factor '{name}' is categorical but holds {odd:g}: class codes are whole numbers below 16 "
        f"million; choose another band, or {_instead(name)}."
    )


def _instead(name: str) -> str:
    if name in FACTORS:
        return f"give a number per pixel another name, as --factor {name}_index=FILE"
    return "leave --categorical out"


@dataclass(frozen=True)
class Legends:
    """Names and colours of classes by factor and code, from beside its files; sentences about
    them."""

    names: dict[str, dict[int, str]]
    colours: dict[str, dict[int, str]]
    notes: tuple[str, ...]


def legends(rasters: Mapping[str, tuple[Raster, ...]], kinds: Mapping[str, str]) -> Legends:
    """What the files beside categorical rasters say of their classes.

    SlideScopeError: two files of one factor mean different classes by a code.
    """
    names: dict[str, dict[int, str]] = {}
    colours: dict[str, dict[int, str]] = {}
    notes: list[str] = []
    for name, files in rasters.items():
        if kinds[name] != "categorical":
            continue
        for raster in files:
            told = class_names.find(raster)
            if told is not None:
                notes.append(_named(name, told))
            tables = class_table.beside(raster)
            shown = [(file, each) for file, each in tables if each.colours]
            if told is None:
                file, table = next((t for t in tables if t[1].names), ("", ClassTable()))
                told = ClassNames(table.names, file)
                notes += [_from(name, "names", file)] if file else []
            known = names.setdefault(name, {})
            _check_same(name, known, told, files)
            names[name] = told.names | known
            if shown:
                colours[name] = shown[0][1].colours | colours.get(name, {})
                notes.append(_from(name, "colours", shown[0][0]))
    return Legends(names, colours, tuple(dict.fromkeys(notes)))


def _from(name: str, what: str, file: str) -> str:
    return f"{name}: {what} of classes are read from '{file}'."


def _check_same(
    name: str, known: dict[int, str], told: ClassNames, files: tuple[Raster, ...]
) -> None:
    """The files of a mosaic must mean the same by a code."""
    other = next((c for c, text in told.names.items() if known.get(c, text) != text), None)
    if other is not None:
        raise SlideScopeError(
            f"The files of '{name}' ({files[0].label}, ...) mean different classes by {other}: "
            f"'{known[other]}' and, in '{told.file}', '{told.names[other]}'; give files with one "
            "legend."
        )


def _named(name: str, told: ClassNames) -> str:
    column = f", column '{told.column}'" if told.column else ""
    others = f" (there are {', '.join(told.others)} too)" if told.others else ""
    return f"{name}: names of classes are read from '{told.file}'{column}{others}."
