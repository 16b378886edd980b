"""A folder of separate tiles: images and masks in pairs, HDF5 (Landslide4Sense) or rasters.

They are written as strips, the tiles one below the other, and imported as a tile scene. Pictures
that are not square, not alike or too large are cut into tiles; what is left over at their right and
lower edges is filled up with no data.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import rasterio
from rasterio.windows import Window

from core.errors import SlideScopeError
from core.jobs.report import Report
from core.numerals import percent
from core.scene.files import guard, tile_layout, tile_mask
from core.scene.files.raster import AS_STORED
from core.scene.files.source import Source
from core.scene.files.tile_layout import (
    IMAGES,  # noqa: F401 - who looks for tiles asks here
    MASKS,  # noqa: F401
    SIZES,
)
from core.scene.files.tile_mask import MaskRule
from core.scene.files.tile_picture import Picture, opened

# Ghorbanzadeh et al. 2022, "Landslide4Sense": twelve Sentinel-2 bands, then slope and elevation.
LANDSLIDE4SENSE = (
    *("coastal", "blue", "green", "red", "red_edge_1", "red_edge_2", "red_edge_3", "nir"),
    *("water_vapour", "cirrus", "swir_1", "swir_2", "slope", "elevation"),
)
_USUAL = {1: ("gray",), 3: ("red", "green", "blue"), 4: ("red", "green", "blue", "nir")}
MAX_TILES = 200_000
# Tiles that pictures of several sizes are cut into, unless all are smaller; rounded up to STEP.
CUT, STEP = 256, 32
# So many pictures are looked at before any is read; of larger folders a sample.
LOOK_AT = 400


@dataclass(frozen=True)
class TileFolder:
    """`pairs` of image and mask (None where there are no landslides, or no masks at all), `bands`
    names, `tile` pixels a side; `cut` where pictures are cut into tiles, `opaque` where a fourth
    band is transparency that hides nothing, `measured` where one called so is a band; `rule` how
    masks are read, None without masks; `notes` sentences about what was decided."""

    pairs: tuple[tuple[Path, Path | None], ...]
    bands: tuple[str, ...]
    tile: int
    cut: bool = False
    opaque: bool = False
    measured: bool = False
    rule: MaskRule | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wishes:
    """What the user decides: names of `bands`, side of `tile`s, mask values that are `ignored`
    (not mapped) and those that are `landslide` ("any": all but 0)."""

    bands: Sequence[str] = ()
    tile: int | None = None
    ignored: Sequence[float] = ()
    landslide: Sequence[float] | str = ()


def find(folder: str, names: Sequence[str] = (), wishes: Wishes | None = None) -> TileFolder:
    """Look at a folder of tiles; `names` of the bands where the usual ones are not right."""
    wishes = wishes or Wishes(names)
    path = guard.check_inside(guard.named(folder), None)
    if path.suffix.lower() == ".zip" and path.is_file():
        raise SlideScopeError(f"'{folder}' is an archive: unpack it and give the folder.")
    if not path.is_dir():
        raise SlideScopeError(f"'{folder}' is no folder: give the one with images and masks in it.")
    layout = tile_layout.locate(path)
    if len(layout.pairs) > MAX_TILES:
        raise SlideScopeError(
            f"'{folder}' holds {len(layout.pairs)} tiles: at most {MAX_TILES} make a scene; split "
            "it."
        )
    images = [image for image, _ in layout.pairs]
    bands, opaque, measured, told = _bands(images, wishes.bands)
    tile, cut, sized = _size(images, wishes.tile)
    masks = [mask for _, mask in layout.pairs if mask]
    rule = tile_mask.decide(masks, wishes.ignored, wishes.landslide) if masks else None
    notes = (*layout.notes, *told, *sized, *(rule.notes if rule else ()))
    return TileFolder(layout.pairs, bands, tile, cut, opaque, measured, rule, notes)


def write(
    found: TileFolder, folder: Path, name: str, report: Report
) -> tuple[dict[str, tuple[Source, ...]], Source | None, tuple[str, ...]]:
    """Write the strips; return the factors' sources, the inventory's (None without landslides) and
    sentences about what the masks mark."""
    folder.mkdir(parents=True, exist_ok=True)
    images, masks = folder / f"{name}.tif", folder / f"{name}_mask.tif"
    count = _count(found)
    marked = pixels = 0
    with ExitStack() as stack:
        target = stack.enter_context(_strip(images, found.tile, count, len(found.bands)))
        target.units = [AS_STORED] * len(found.bands)
        drawn = (
            stack.enter_context(_strip(masks, found.tile, count, 1, "uint8"))
            if found.rule
            else None
        )
        for number, (image, mask, inside) in enumerate(_tiles(found, report)):
            window = Window(0, number * found.tile, found.tile, found.tile)
            target.write(image, window=window)
            if drawn:
                drawn.write(mask[None].astype(np.uint8), window=window)
            marked, pixels = marked + int(mask.sum()), pixels + inside
    factors: dict[str, tuple[Source, ...]] = {
        band: (Source(str(images), i + 1),) for i, band in enumerate(found.bands)
    }
    if not found.rule:
        return factors, None, ()
    notes = _marked(found, marked, pixels)
    return factors, Source(str(masks), 1) if marked else None, notes


def _marked(found: TileFolder, marked: int, pixels: int) -> tuple[str, ...]:
    """What is odd about the share that the masks mark."""
    if not marked:
        return ("The masks mark no landslide: the scene has images only, and no inventory.",)
    if marked == pixels:
        raise SlideScopeError(
            "The masks mark every pixel as landslide: a mask is 0 elsewhere and another number on "
            "landslides; check them, or name the value with --landslide-value."
        )
    if marked > 0.5 * pixels:
        return (
            f"The masks mark {percent(marked / pixels)} of the pixels as landslide: if they are "
            "the wrong way round, give --landslide-value 0.",
        )
    return ()


def _tiles(found: TileFolder, report: Report) -> Iterator[tuple[np.ndarray, np.ndarray, int]]:
    """(image (bands, side, side), mask (side, side), pixels inside the picture) a tile."""
    side = found.tile
    for number, (image, mask) in enumerate(found.pairs):
        if number % 64 == 0:
            report("gathering the tiles", number / len(found.pairs))
        with ExitStack() as stack:
            picture = _decided(stack.enter_context(opened(image)), found)
            drawn = stack.enter_context(opened(mask)) if mask else None
            _check(picture, drawn, found)
            for window in _windows(picture.size, side):
                values = picture.image(window)[: len(found.bands)]
                marked = np.zeros(values.shape[1:], bool)
                if drawn and found.rule:
                    marked, unmapped = found.rule.read(drawn, window)
                    values[:, unmapped] = np.nan
                yield _padded(values, side, np.nan), _padded(marked, side, False), marked.size


def _padded(values: np.ndarray, side: int, fill) -> np.ndarray:
    """
    >>> _padded(np.ones((1, 2)), 2, 0.0).tolist()
    [[1.0, 1.0], [0.0, 0.0]]
    """
    rows, columns = values.shape[-2:]
    if (rows, columns) == (side, side):
        return values
    whole = np.full((*values.shape[:-2], side, side), fill, values.dtype)
    whole[..., :rows, :columns] = values
    return whole


def _windows(size: tuple[int, int], side: int) -> Iterator[Window]:
    rows, columns = size
    for row in range(0, rows, side):
        for column in range(0, columns, side):
            yield Window(column, row, min(side, columns - column), min(side, rows - row))


def _count(found: TileFolder) -> int:
    """Tiles of all pictures, cut."""
    if not found.cut:
        return len(found.pairs)
    total = 0
    for image, _ in found.pairs:
        with opened(image) as picture:
            total += len(list(_windows(picture.size, found.tile)))
    if total > MAX_TILES:
        raise SlideScopeError(
            f"The pictures make {total} tiles of {found.tile} pixels: at most {MAX_TILES} make a "
            "scene; give a larger --tiles, or split the folder."
        )
    return total


def _decided(picture: Picture, found: TileFolder) -> Picture:
    """The picture with its fourth band read as it was settled for all."""
    return replace(picture, alpha=None) if found.measured else picture


def _check(picture: Picture, mask: Picture | None, found: TileFolder) -> None:
    bands, (rows, columns) = picture.bands - found.opaque, picture.size
    alike = found.cut or (rows, columns) == (found.tile, found.tile)
    if bands != len(found.bands) or not alike:
        raise SlideScopeError(
            f"'{picture.path.name}' has {bands} bands of {columns} x {rows} pixels, it should be "
            f"{len(found.bands)} of {found.tile} x {found.tile}: all tiles are alike; leave it "
            f"out{'' if alike else f', or cut all of them with --tiles {CUT}'}."
        )
    if mask and mask.size != picture.size:
        raise SlideScopeError(
            f"'{mask.path.name}' has {mask.size[1]} x {mask.size[0]} pixels and its image "
            f"'{picture.path.name}' {columns} x {rows}: a mask has the pixels of its image; write "
            "it again or leave both out."
        )


def _bands(
    images: Sequence[Path], names: Sequence[str]
) -> tuple[tuple[str, ...], bool, bool, list[str]]:
    """Names of the bands; whether a fourth one is left out, or taken though called transparency;
    and sentences about it."""
    first = images[0]
    with opened(first) as picture:
        stored, shown, named_alpha = picture.shape[0], picture.bands, picture.alpha is not None
    notes: list[str] = []
    opaque = measured = False
    if stored == 4 and len(names) != 4:
        kind = _fourth(images)
        if named_alpha and kind == "measured" and len(names) != 3:
            raise SlideScopeError(
                f"The fourth band of '{first.name}' is called transparency and holds many values, "
                "like a measurement: --bands red,green,blue,nir takes it as one, --bands "
                "red,green,blue leaves it out."
            )
        opaque = not named_alpha and (kind == "opaque" or len(names) == 3)
        if named_alpha or opaque:
            notes.append("The fourth band of the images is transparency and no factor.")
    elif stored == 4 and named_alpha:
        measured = True
    count = stored if measured else shown - opaque
    _check_names(names, count, first)
    usual = LANDSLIDE4SENSE if count == len(LANDSLIDE4SENSE) else _USUAL.get(count)
    found = tuple(names or usual or (f"band_{i + 1}" for i in range(count)))
    called = "as named" if names else "named by their number and order"
    notes.append(
        f"Bands {called}: {', '.join(found)}. Their files name no unit: values are kept as stored."
    )
    return found, opaque, measured, notes


def _check_names(names: Sequence[str], count: int, first: Path) -> None:
    if names and len(names) != count:
        raise SlideScopeError(
            f"--bands names {len(names)} bands, '{first.name}' has {count}: name each once, in "
            "their order."
        )
    twice = [name for name in names if list(names).count(name) > 1]
    if twice:
        raise SlideScopeError(f"--bands names '{twice[0]}' twice: a band has a name of its own.")


def _fourth(images: Sequence[Path]) -> str:
    """What a sample of fourth bands looks like: opaque, transparent (few values), measured."""
    held: set[float] = set()
    highest = None
    for path in images[:: max(1, len(images) // 16)]:
        with opened(path) as picture:
            if picture.shape[0] != 4:
                continue
            rows, columns = picture.size
            window = Window(0, 0, min(512, columns), min(512, rows))
            held.update(np.unique(picture.read(window)[3]).tolist())
            highest = picture.highest
    if held == {highest}:
        return "opaque"
    return "measured" if len(held) > 16 else "transparent"


def _size(images: Sequence[Path], asked: int | None) -> tuple[int, bool, list[str]]:
    """Pixels a side of a tile, whether pictures are cut into such, and sentences about it."""
    sizes = set()
    step = max(1, -(-len(images) // LOOK_AT))
    for path in images[::step]:
        with opened(path) as picture:
            sizes.add(picture.size)
    first = next(iter(sizes))
    alike = len(sizes) == 1 and first[0] == first[1]
    if asked is not None:
        return _asked_size(asked, first if alike and step == 1 else None)
    if alike and SIZES[0] <= first[0] <= SIZES[1]:
        return first[0], False, []
    largest = max(max(size) for size in sizes)
    tile = min(CUT, -(-largest // STEP) * STEP)
    low, high = min(sizes), max(sizes)
    span = (
        f"{high[1]} x {high[0]}" if low == high else f"{low[1]} x {low[0]} to {high[1]} x {high[0]}"
    )
    return tile, True, [_cut(tile, span)]


def _asked_size(asked: int, own: tuple[int, int] | None) -> tuple[int, bool, list[str]]:
    if not SIZES[0] <= asked <= SIZES[1]:
        raise SlideScopeError(
            f"Tile size {asked} is out of range: tiles have {SIZES[0]} to {SIZES[1]} pixels a side."
        )
    if own and own[0] == asked:
        raise SlideScopeError(
            f"--tiles {asked} would do nothing: --tile-folder brings its own tiles, and they have "
            f"{asked} pixels a side already; leave --tiles out."
        )
    return asked, True, [_cut(asked, "")]


def _cut(tile: int, span: str) -> str:
    what = f"Pictures of {span} pixels" if span else "The pictures"
    return (
        f"{what} are cut into tiles of {tile} x {tile}; what is left over at the right and lower "
        "edge is filled up with no data."
    )


def _strip(path: Path, side: int, count: int, bands: int, kind: str = "float32"):
    return rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=side,
        height=side * count,
        count=bands,
        dtype=kind,
        nodata=np.nan if kind == "float32" else None,
        interleave="pixel",
        compress="ZSTD",
        BIGTIFF="IF_SAFER",
    )
