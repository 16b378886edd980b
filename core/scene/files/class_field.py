"""Which attribute of class polygons holds the class: the one named, else what its name says."""

import re
from pathlib import Path

import geopandas as gpd

from core.errors import SlideScopeError
from core.scene.files import outlines
from core.scene.files.source import Source

# Attribute names that hold a class, in the order of trust.
CLASS_FIELDS = ("code", "class", "class_id", "lith", "lithology", "unit", "rock")
# What is a class if nothing else is.
WEAK_FIELDS = ("type", "代码", "类型", "类别", "name", "名称")
NAME_FIELDS = ("name", "label", "title", "description", "legend", "名称", "说明", "描述")
# Words of attributes with what a lithology map shows, best first.
_ROCKS = (
    re.compile(r"lith|rock|petro|岩性|岩石|岩组", re.IGNORECASE),
    re.compile(r"strat|formation|geol|地层|地质", re.IGNORECASE),
)
_NO_CLASS = re.compile(
    r"(fid|id|gid|oid|objectid|ogc_fid|uuid|globalid|shape(_?area|_?len\w*)?|area\w*|perimeter|"
    r"len(gth)?|hectares|acres|编号|序号|面积|周长|长度|备注|remarks?|notes?)(_?\d+)?",
    re.IGNORECASE,
)


def class_field(frame: gpd.GeoDataFrame, source: Source, name: str = "") -> str:
    """Return the attribute that holds the classes of factor `name`."""
    return choice(frame, source, name)[0]


def choice(frame: gpd.GeoDataFrame, source: Source, name: str = "") -> tuple[str, str]:
    """The attribute, and a sentence where it was chosen among several.

    Fails where nothing tells which it is.
    """
    if isinstance(source.band, str):
        return outlines.attribute(frame, source), ""
    fields = [str(c) for c in frame.columns if c != frame.geometry.name]
    useful = useful_fields(frame)
    found = _likeliest(useful, name)
    file = label_of(source)
    if found is None:
        has = ", ".join(useful or fields) or "none"
        what = "several attributes that may be the class" if useful else "no attribute with a class"
        raise SlideScopeError(
            f"'{file}' has {what}: it has {has}; name one, as {file}:"
            f"{(useful or fields or ['ATTRIBUTE'])[0]}."
        )
    others = [f for f in useful if f != found]
    if not others:
        return found, ""
    return found, (
        f"classes by attribute '{found}' of '{file}', chosen by its name; it also has "
        f"{', '.join(others[:8])}: {file}:{others[0]} takes another."
    )


def useful_fields(frame: gpd.GeoDataFrame) -> list[str]:
    """The attributes that may be a class: whole numbers or text, and no mere number or size."""
    fields = [str(c) for c in frame.columns if c != frame.geometry.name]
    return [f for f in fields if not _NO_CLASS.fullmatch(f) and frame[f].dtype.kind in "iuO"]


def label_of(source: Source) -> str:
    """FILE[:PART][:LAYER], what an attribute's name is put behind."""
    return ":".join(filter(None, (Path(source.path).name, source.part, source.layer)))


def _likeliest(useful: list[str], name: str) -> str | None:
    lower = {f.lower(): f for f in reversed(useful)}
    for wanted in CLASS_FIELDS:
        if wanted in lower:
            return lower[wanted]
    patterns = list(_ROCKS) if name in ("lithology", "") else []
    if name:
        patterns.append(re.compile(re.escape(name), re.IGNORECASE))
    for pattern in patterns:
        hits = [f for f in useful if pattern.search(f)]
        if hits:
            return hits[0] if len(hits) == 1 else _of_pair(hits)
    for wanted in WEAK_FIELDS:
        if wanted in lower:
            return lower[wanted]
    return useful[0] if len(useful) == 1 else None


def _of_pair(hits: list[str]) -> str | None:
    """Of LITHO_CODE and LITHO_NAME, which say the same, the name."""
    names = [f for f in hits if re.search(r"name|名|desc|type", f, re.IGNORECASE)]
    return names[0] if len(names) == 1 and len(hits) == 2 else None


def names_field(frame: gpd.GeoDataFrame, field: str) -> str | None:
    """The attribute with the names of numeric classes, None without one."""
    others = [str(c) for c in frame.columns if c not in (field, frame.geometry.name)]
    lower = {c.lower(): c for c in others}
    named = next((lower[n] for n in NAME_FIELDS if n in lower), None)
    if named:
        return named
    texts = [c for c in others if frame[c].dtype.kind == "O"]
    hits = [c for pattern in _ROCKS for c in texts if pattern.search(c)]
    return hits[0] if hits else None
