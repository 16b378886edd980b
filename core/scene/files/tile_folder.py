"""A folder of separate tiles: images and masks in pairs, HDF5 (Landslide4Sense) or rasters.

They are written as strips, the tiles one below the other, and imported as a tile scene.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
from rasterio.windows import Window

from core.errors import SlideScopeError
from core.jobs.report import Report
from core.scene.files import containers, formats, guard
from core.scene.files.source import Source

IMAGES = ("img", "image", "images", "imgs", "tiles")
MASKS = ("mask", "masks", "label", "labels", "annotation", "annotations")
# Ghorbanzadeh et al. 2022, "Landslide4Sense": twelve Sentinel-2 bands, then slope and elevation.
LANDSLIDE4SENSE = (
    *("coastal", "blue", "green", "red", "red_edge_1", "red_edge_2", "red_edge_3", "nir"),
    *("water_vapour", "cirrus", "swir_1", "swir_2", "slope", "elevation"),
)
_USUAL = {1: ("gray",), 3: ("red", "green", "blue"), 4: ("red", "green", "blue", "nir")}
_FILES = (".h5", ".hdf5", ".tif", ".tiff", ".png")
MAX_TILES, SIZES = 200_000, (16, 1024)


@dataclass(frozen=True)
class TileFolder:
    """`pairs` of image and mask (None where there are no masks), `bands` names, `tile` pixels."""

    pairs: tuple[tuple[Path, Path | None], ...]
    bands: tuple[str, ...]
    tile: int


def find(folder: str, names: Sequence[str] = ()) -> TileFolder:
    """Look at a folder of tiles; `names` of the bands where the usual ones are not right."""
    path = guard.check_inside(Path(folder).expanduser(), None)
    if not path.is_dir():
        raise SlideScopeError(f"'{folder}' is no folder: give the one with images and masks in it.")
    images, masks = _files(path, IMAGES), _files(path, MASKS)
    if not images:
        raise SlideScopeError(
            f"'{folder}' holds no tiles: they belong into a folder called {', '.join(IMAGES)} "
            f"beside one called {', '.join(MASKS)}, as {', '.join(_FILES)}."
        )
    if len(images) > MAX_TILES:
        raise SlideScopeError(
            f"'{folder}' holds {len(images)} tiles: at most {MAX_TILES} make a scene; split it."
        )
    lonely = sorted(set(images) ^ set(masks)) if masks else []
    if lonely:
        raise SlideScopeError(
            f"'{folder}' has {len(images)} images and {len(masks)} masks, and '{lonely[0]}' has no "
            "partner: every image needs one mask with the same number or name."
        )
    first = read(next(iter(images.values())))
    return TileFolder(
        pairs=tuple((images[key], masks.get(key)) for key in sorted(images, key=_order)),
        bands=_bands(len(first), names, next(iter(images.values()))),
        tile=_size(first, next(iter(images.values()))),
    )


def write(found: TileFolder, folder: Path, name: str, report: Report) -> tuple[dict, Source | None]:
    """Write the strips; return the factors' sources and the inventory's."""
    folder.mkdir(parents=True, exist_ok=True)
    images, masks = folder / f"{name}.tif", folder / f"{name}_mask.tif"
    count = len(found.bands)
    _strip(images, found, count, lambda pair: _image(pair[0], found), report)
    factors = {band: (Source(str(images), i + 1),) for i, band in enumerate(found.bands)}
    if found.pairs[0][1] is None:
        return factors, None
    _strip(masks, found, 1, lambda pair: _mask(pair[1], found), report)
    return factors, Source(str(masks), 1)


def read(path: Path) -> np.ndarray:
    """float32 (bands, height, width) of a tile, NaN where it declares no data."""
    if formats.suffix(path) in formats.CONTAINERS:
        return _read_hdf5(path)
    with guard.gdal_options(), guard.open_raster(path) as dataset, guard.reading(path):
        return dataset.read(masked=True).astype(np.float32).filled(np.nan)


def _read_hdf5(path: Path) -> np.ndarray:
    containers.check_links(path)
    known = containers.arrays(path)
    if len(known) != 1:
        raise SlideScopeError(
            f"'{path.name}' holds {len(known)} arrays ({', '.join(known[:5])}): a tile's file has "
            "one, as in Landslide4Sense; give one array a file."
        )
    with containers.opened(path) as file, guard.reading(path):
        item = file[known[0]]
        if item.ndim > 3 or item.dtype.kind not in "iuf" or item.nbytes > 256 * 1024**2:
            raise SlideScopeError(
                f"'{path.name}' holds an array of shape {item.shape} and type {item.dtype}: a tile "
                "is rows x columns x bands of numbers; convert it first."
            )
        values = np.asarray(item[()], np.float32)
    values = values[None] if values.ndim == 2 else values
    # Bands last, as in Landslide4Sense, unless the first axis is plainly the bands.
    return values if values.shape[1] == values.shape[2] else np.moveaxis(values, -1, 0)


def _files(folder: Path, names: Sequence[str]) -> dict[str, Path]:
    """Key -> file of the first folder so called; a key is a name without words such as "mask"."""
    inside = {p.name.lower(): p for p in folder.iterdir() if p.is_dir()}
    chosen = next((inside[n] for n in names if n in inside), None)
    if chosen is None:
        return {}
    found = sorted(p for p in chosen.iterdir() if formats.suffix(p) in _FILES and p.is_file())
    return {_key(p.stem): p for p in found}


def _key(stem: str) -> str:
    """
    >>> _key("image_12"), _key("mask_12"), _key("valley-3_mask")
    ('12', '12', 'valley-3')
    """
    words = "|".join((*IMAGES, *MASKS))
    return re.sub(rf"(?:^(?:{words})[_-]?|[_-](?:{words})$)", "", stem, flags=re.IGNORECASE) or stem


def _order(key: str) -> tuple:
    """Numbers by value: 2 before 10."""
    return tuple(int(w) if w.isdigit() else w for w in re.split(r"(\d+)", f"a{key}"))


def _bands(count: int, names: Sequence[str], path: Path) -> tuple[str, ...]:
    if names and len(names) != count:
        raise SlideScopeError(
            f"--bands names {len(names)} bands, '{path.name}' has {count}: name each once, in "
            "their order."
        )
    usual = LANDSLIDE4SENSE if count == len(LANDSLIDE4SENSE) else _USUAL.get(count)
    return tuple(names or usual or (f"band_{i + 1}" for i in range(count)))


def _size(image: np.ndarray, path: Path) -> int:
    _, height, width = image.shape
    if height != width or not SIZES[0] <= width <= SIZES[1]:
        raise SlideScopeError(
            f"'{path.name}' has {width} x {height} pixels: tiles are square, {SIZES[0]} to "
            f"{SIZES[1]} pixels a side; cut them first."
        )
    return width


def _image(path: Path, found: TileFolder) -> np.ndarray:
    return _checked(read(path), (len(found.bands), found.tile, found.tile), path)


def _mask(path: Path, found: TileFolder) -> np.ndarray:
    values = _checked(read(path), (1, found.tile, found.tile), path)
    return (np.nan_to_num(values) > 0).astype(np.float32)


def _checked(values: np.ndarray, shape: tuple[int, int, int], path: Path) -> np.ndarray:
    if values.shape != shape:
        raise SlideScopeError(
            f"'{path.name}' has {values.shape[0]} bands of {values.shape[2]} x {values.shape[1]} "
            f"pixels, it should be {shape[0]} of {shape[2]} x {shape[1]}: all tiles are alike; "
            "leave it out."
        )
    return values


def _strip(path: Path, found: TileFolder, bands: int, tile_of: Callable, report: Report) -> None:
    side, count = found.tile, len(found.pairs)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=side,
        height=side * count,
        count=bands,
        dtype="float32",
        nodata=np.nan,
        interleave="pixel",
        compress="ZSTD",
        BIGTIFF="IF_SAFER",
    ) as target:
        for number, pair in enumerate(found.pairs):
            if number % 64 == 0:
                report("gathering the tiles", number / count)
            target.write(tile_of(pair), window=Window(0, number * side, side, side))
