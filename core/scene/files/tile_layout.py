"""Where the images and masks of a folder of tiles lie, and which belong together.

Layouts as published: `img` beside `mask` (Landslide4Sense; CAS Landslide Dataset, with `label`
besides), `images/train` beside `annotations/train`, `TrainData/img`, `train_images` beside
`train_masks`, pairs in one folder, and Bijie's `landslide` and `non-landslide`. Parts that somebody
has set apart (training, validation, test) stay apart: each is a scene of its own.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import SlideScopeError
from core.scene.files import formats

# Least and largest side of a tile, in pixels.
SIZES = (16, 1024)
IMAGES = (
    *("img", "image", "images", "imgs", "tiles", "jpegimages", "rgb", "patch", "patches"),
    *("input", "inputs", "sat", "satellite", "影像", "图像"),
)
MASKS = (
    *("mask", "masks", "label", "labels", "annotation", "annotations", "gt", "msk", "lbl"),
    *("groundtruth", "segmentationclass", "target", "targets", "标签", "掩膜"),
)
FILES = (".h5", ".hdf5", ".tif", ".tiff", ".png", ".jpg", ".jpeg")
PARTS = {"train": "train", "training": "train", "val": "val", "valid": "val"}
PARTS |= {"validation": "val", "test": "test", "testing": "test", "eval": "val"}
_FILLERS = ("data", "set", "dataset", "a")
_SLIDES, _NONE = ("landslide", "landslides"), ("nonlandslide", "nonlandslides", "nolandslide")
# What lies beside tiles without being one.
_IGNORED = (".txt", ".csv", ".json", ".xml", ".md", ".db", ".ini", ".aux", ".tfw", ".pgw", ".jgw")
DEPTH = 3


@dataclass(frozen=True)
class Layout:
    """`pairs` of image and mask, None for a tile without landslides or where there are no masks at
    all; `notes` sentences about what was taken and what lies there unread."""

    pairs: tuple[tuple[Path, Path | None], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Role:
    """What a folder's name says: its `side` (image, mask or ""), its `part` (train ... or "")."""

    side: str
    part: str


def role(name: str) -> Role | None:
    """Read a folder's name; None where it says something else besides.

    >>> role("TrainData"), role("val_images"), role("Moxi")
    (Role(side='', part='train'), Role(side='image', part='val'), None)
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    words = [w for w in re.split(r"[\W_]+", spaced.lower()) if w]
    whole = "".join(words)
    side = "image" if whole in IMAGES else "mask" if whole in MASKS else ""
    if side:
        return Role(side, "")
    part = ""
    for word in words:
        short = re.sub(r"(data|set|dataset)+\d*$", "", word)
        if word in IMAGES or word in MASKS:
            side = "image" if word in IMAGES else "mask"
        elif short in PARTS:
            part = PARTS[short]
        elif word not in _FILLERS and short:
            return None
    return Role(side, part) if side or part else None


def looks_like(names: Iterable[str]) -> bool:
    """Whether folders of these names hold images and masks, or Bijie's two kinds.

    >>> looks_like(["img", "mask"]), looks_like(["landslide", "non-landslide"]), looks_like(["img"])
    (True, True, False)
    """
    names = list(names)
    plain = {_squeezed(name) for name in names}
    sides = {found.side for name in names if (found := role(name))}
    return {"image", "mask"} <= sides or bool(plain & {*_SLIDES} and plain & {*_NONE})


def _squeezed(name: str) -> str:
    return re.sub(r"[\W_]", "", name.lower())


def locate(folder: Path) -> Layout:
    """Find the pairs of a folder; refuse, naming the folders to give, where it holds several."""
    found = _search(folder, 0)
    if found is None:
        raise SlideScopeError(
            f"'{folder}' holds no tiles: they belong into a folder called {', '.join(IMAGES[:4])} "
            f"beside one called {', '.join(MASKS[:4])}, as {', '.join(FILES)}{_unread(folder)}."
        )
    return found


def _search(folder: Path, depth: int) -> Layout | None:
    children = _folders(folder)
    for way in (_bijie, _sides, _one_side, _mixed):
        found = way(folder, children)
        if found:
            return found
    if depth == DEPTH:
        return None
    return _nested(folder, children, depth)


def _sides(folder: Path, children: Sequence[Path]) -> Layout | None:
    """`img` beside `mask`, with the parts in their names or one level below them."""
    roles = {child: found for child in children if (found := role(child.name))}
    every = [c for c, r in roles.items() if r.side == "image"]
    images = [c for c in every if _holds_tiles(c)]
    if not images:
        below = [c for image in every for c in _folders(image) if _holds_tiles(c)]
        if len(below) > 1:
            _refuse_several(folder, below)
        return _one_side(below[0], ()) if below else None
    if len({roles[c].part for c in images}) > 1:
        _refuse_several(folder, images)
    image = min(images, key=lambda c: _rank(c, IMAGES))
    part = roles[image].part
    masks = [c for c, r in roles.items() if r.side == "mask" and r.part == part]
    return _paired(image, masks, [c for c in children if c != image])


def _one_side(folder: Path, children: Sequence[Path]) -> Layout | None:
    """The folder of the images itself: `images/train`, `train_images` or `img`."""
    if not _holds_tiles(folder):
        return None
    own, above = role(folder.name), role(folder.parent.name)
    if own and own.side == "image":
        beside = [(c, role(c.name)) for c in _folders(folder.parent)]
        masks = [c for c, r in beside if r and r.side == "mask" and r.part == own.part]
        return _paired(folder, masks, masks)
    if above and above.side == "image":
        twins = [c / folder.name for c in _folders(folder.parent.parent) if _is_mask(c)]
        return _paired(folder, [c for c in twins if c.is_dir()], [])
    return None


def _mixed(folder: Path, children: Sequence[Path]) -> Layout | None:
    """Images and masks in one folder, told apart by a word in their names."""
    files = _tiles_of(folder)
    masks = [f for f in files if _words(f.stem) & {*MASKS, "seg"}]
    images = [f for f in files if f not in masks]
    if not masks or not images:
        return None
    note = f"Images and masks of '{folder.name}' lie in one folder and are told apart by name."
    return Layout(_partners(folder, _keyed(images), _keyed(masks)), (note,))


def _bijie(folder: Path, children: Sequence[Path]) -> Layout | None:
    """`landslide/image`, `landslide/mask` and `non-landslide/image`: the latter hold none."""
    plain = {_squeezed(c.name): c for c in children}
    slides = next((plain[n] for n in _SLIDES if n in plain), None)
    others = next((plain[n] for n in _NONE if n in plain), None)
    if slides is None or others is None:
        return None
    first = _sides(slides, _folders(slides))
    image = next((c for c in _folders(others) if _is_image(c)), others)
    empty = _tiles_of(image)
    if first is None or not empty:
        raise SlideScopeError(
            f"'{folder.name}' sorts whole pictures into '{slides.name}' and '{others.name}' and "
            "has no masks: networks here learn pixels, so that each picture of a landslide needs "
            f"a mask; put them into {slides.name}/image and {slides.name}/mask."
        )
    note = (
        f"{len(empty)} tiles of '{others.name}' have no mask and are taken as free of landslides, "
        "as the folder's name says."
    )
    return Layout((*first.pairs, *((f, None) for f in empty)), (*first.notes, note))


def _nested(folder: Path, children: Sequence[Path], depth: int) -> Layout | None:
    """Folders of tiles further down: one is taken, several are asked about."""
    below = []
    for child in children:
        try:
            found = _search(child, depth + 1)
        except SlideScopeError:
            if len(children) == 1:
                raise
            found = Layout(())
        below += [(child, found)] if found else []
    if len(below) > 1:
        _refuse_several(folder, [c for c, _ in below])
    if not below:
        return None
    child, found = below[0]
    if not found.pairs:
        return _search(child, depth + 1)
    note = f"The tiles of '{folder.name}' lie in its folder '{child.name}'."
    return Layout(found.pairs, (note, *found.notes))


def _refuse_several(folder: Path, below: Sequence[Path]) -> None:
    names = ", ".join(sorted(c.name for c in below)[:5])
    parts = {r.part for c in below if (r := role(c.name))} - {""}
    why = "parts that are kept apart" if parts else f"{len(below)} folders of tiles"
    then = "; train on one and test on another with --test-scene" if parts else ""
    first = sorted(below)[0]
    raise SlideScopeError(
        f"'{folder.name}' holds {why} ({names}): import each as a scene of its own, the first "
        f"with --tile-folder {_typed(first)}{then}."
    )


def _typed(path: Path) -> str:
    return f"'{path}'" if " " in str(path) else str(path)


def _paired(image: Path, masks: Sequence[Path], beside: Sequence[Path]) -> Layout:
    notes: list[str] = []
    images = _keyed(_tiles_of(image))
    ranked = sorted((m for m in masks if _holds_tiles(m)), key=lambda c: _rank(c, MASKS))
    if masks and not ranked:
        raise SlideScopeError(
            f"'{masks[0].name}' holds no mask that SlideScope reads ({', '.join(FILES)})"
            f"{_unread(masks[0])}: write the masks as PNG or TIFF, or take the folder away to "
            "import the images without masks."
        )
    left = [c.name for c in beside if c not in ranked[:1] and any(c.iterdir())]
    if left:
        notes.append(f"Beside '{image.name}' lie unread: {', '.join(left)}.")
    for folder in (image, *ranked[:1]):
        other = _unread(folder)
        notes += [f"'{folder.name}'{other.replace(' (', ': ', 1).rstrip(')')}."] if other else []
    if not ranked:
        return Layout(tuple((f, None) for f in images.values()), tuple(notes))
    return Layout(_partners(image.parent, images, _keyed(_tiles_of(ranked[0]))), tuple(notes))


def _partners(folder: Path, images: dict, masks: dict) -> tuple[tuple[Path, Path | None], ...]:
    """Pairs by the same number or name; 007 is 7 where that leaves nobody alone."""
    if set(images) != set(masks):
        loose = [{_loose(key): path for key, path in side.items()} for side in (images, masks)]
        if set(loose[0]) == set(loose[1]) and len(loose[0]) == len(images) == len(masks):
            images, masks = loose
    lonely = sorted(set(images) ^ set(masks))
    if lonely:
        raise SlideScopeError(
            f"'{folder}' has {len(images)} images and {len(masks)} masks, and '{lonely[0]}' has no "
            "partner: every image needs one mask with the same number or name."
        )
    return tuple((images[key], masks[key]) for key in images)


def _keyed(files: Iterable[Path]) -> dict[str, Path]:
    """Key -> file, by number; a key is a name without words such as "mask"."""
    found: dict[str, Path] = {}
    for file in files:
        other = found.setdefault(_key(file.stem), file)
        if other is not file:
            raise SlideScopeError(
                f"'{other.name}' and '{file.name}' in '{file.parent.name}' have the same number or "
                "name: which of them is meant cannot be told; leave one of them out."
            )
    return {key: found[key] for key in sorted(found, key=_order)}


def _key(stem: str) -> str:
    """
    >>> _key("image_12"), _key("mask_12"), _key("valley-3_mask")
    ('12', '12', 'valley-3')
    """
    words = "|".join((*IMAGES, *MASKS, "seg"))
    return re.sub(rf"(?:^(?:{words})[_-]?|[_-](?:{words})$)", "", stem, flags=re.IGNORECASE) or stem


def _loose(key: str) -> str:
    """
    >>> _loose("A_007")
    'a_7'
    """
    return re.sub(r"0+(?=\d)", "", key.lower())


def _order(key: str) -> tuple:
    """Numbers by value: 2 before 10."""
    return tuple(int(w) if w.isdecimal() else w for w in re.split(r"(\d+)", f"a{key}"))


def _words(stem: str) -> set[str]:
    return {w for w in re.split(r"[\W_\d]+", stem.lower()) if w}


def _rank(folder: Path, names: Sequence[str]) -> int:
    words = [*re.split(r"[\W_]+", folder.name.lower()), folder.name.lower()]
    return min((names.index(w) for w in words if w in names), default=len(names))


def _is_image(folder: Path) -> bool:
    found = role(folder.name)
    return found is not None and found.side == "image" and _holds_tiles(folder)


def _is_mask(folder: Path) -> bool:
    found = role(folder.name)
    return found is not None and found.side == "mask"


def _folders(folder: Path) -> list[Path]:
    hidden = (".", "__MACOSX")
    return sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith(hidden))


def _tiles_of(folder: Path) -> list[Path]:
    return sorted(
        p
        for p in folder.iterdir()
        if formats.suffix(p) in FILES and not p.name.startswith(".") and p.is_file()
    )


def _holds_tiles(folder: Path) -> bool:
    return any(
        formats.suffix(p) in FILES and not p.name.startswith(".") and p.is_file()
        for p in folder.iterdir()
    )


def _unread(folder: Path) -> str:
    """What else lies in a folder, in brackets; empty where nothing does."""
    others = [
        p
        for p in folder.iterdir()
        if p.is_file() and formats.suffix(p) not in (*FILES, *_IGNORED) and p.name[0] != "."
    ]
    if not others:
        return ""
    kinds = ", ".join(sorted({formats.suffix(p) or p.name for p in others})[:4])
    return f" ({len(others)} files of other kinds, {kinds}, are not read)"
