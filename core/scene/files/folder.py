"""What a folder or a pattern stands for: files of one quantity, which can be put together."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from core.errors import SlideScopeError
from core.scene.files import archives, formats, guard, guess

RASTERS = (*formats.RASTER_DRIVERS, *formats.CONTAINERS, *formats.ARCHIVES)
# Words of file names that say what the numbers are, not where or when.
_QUANTITIES = re.compile(
    r"corr|coh|coherence|cc|unw|unwrapped|wrapped|wrap|ifg|phase|pha|amp|amplitude|intensity|los|"
    r"disp|displacement|vert|vertical|up|horizontal|hor|dem|dsm|dtm|hgt|height|elev|elevation|inc|"
    r"incidence|theta|phi|azimuth|heading|mask|water|slope|aspect|curvature|hillshade|std|stdev|"
    r"sigma|rmse|error|uncertainty|vel|velocity|rate|deformation|temporal|conncomp|conn|qa|scl|tci|"
    r"aot|wvp|ndvi|ndwi|evi|lithology|geology|soil|landcover|landuse|lulc|red|green|blue|nir|swir|"
    r"pan|thermal|count|number|rgb|browse|color|colour|tpi|tri|twi|rain|rainfall|precipitation|"
    r"temperature|distance|density|probability|prob|shadow|layover|"
    r"asc|ascending|dsc|desc|descending|vstd|stc|mli|slc|resid|rms|bperp|tropo|iono|set"
)
_BAND = re.compile(r"(?:^|[^a-z0-9])(?:b|band_?)(\d{1,2}a?)(?![a-z0-9])")
_PLACES = re.compile(
    r"tile|part|block|north|south|east|west|left|right|upper|lower|n|s|e|w|ne|nw|se|sw"
)
_EXAMPLES = 4


def inside(name: str, folder: Path) -> list[Path]:
    """The files of a folder that something called `name` is made of: rasters; of an inventory and
    where there is no raster vector files."""
    every = sorted(p for p in folder.iterdir() if p.is_file() and not p.name.startswith("."))
    vectors = [p for p in every if _is_vector(p)]
    rasters = [p for p in every if formats.suffix(p) in RASTERS and p not in vectors]
    if name == guess.INVENTORY and vectors and rasters:
        raise SlideScopeError(
            f"Folder '{folder}' holds vector files and rasters ('{vectors[0].name}', "
            f"'{rasters[0].name}'): say which are the inventory, as {folder / vectors[0].name}."
        )
    return rasters or vectors


def readable(files: Iterable[Path]) -> list[Path]:
    """The files that are read, in order; text beside rasters or vector files is about these."""
    found = sorted(p for p in files if formats.suffix(p) in formats.KNOWN)
    maps = [p for p in found if formats.suffix(p) not in formats.PLAIN_TEXT]
    return maps or found


def _is_vector(path: Path) -> bool:
    if formats.suffix(path) in formats.ARCHIVES:
        return archives.holds_polygons(path)
    return formats.is_vector(path)


def check_landslides(label: str, files: Sequence[Path]) -> None:
    """Refuse files beside landslides that are none by their names, such as a boundary or roads."""
    named = [p for p in files if guess.guess(str(p)).name == guess.INVENTORY]
    if named and len(named) < len(files):
        other = next(p for p in files if p not in named)
        raise SlideScopeError(
            f"'{label}' stands for '{other.name}' beside '{named[0].name}', and not both "
            "are landslides by their names: name those that are, as --inventory "
            f"{','.join(str(p) for p in named[:_EXAMPLES])}."
        )


def check_one_quantity(name: str, label: str, files: Sequence[Path]) -> None:
    """Refuse to put files together whose names say that they hold different quantities."""
    kinds: dict[tuple[frozenset, str], list[Path]] = {}
    for path in files:
        kinds.setdefault(quantity(path.stem), []).append(path)
    if len(kinds) < 2:
        _check_grounds(name, label, files)
        return
    firsts = [found[0] for found in kinds.values()]
    fitting = [p for p in firsts if guess.guess(str(p)).name == name] or firsts
    raise SlideScopeError(
        f"'{label}' stands for {len(files)} files that are not one quantity by their names "
        f"({', '.join(p.name for p in firsts[:_EXAMPLES])}{', ...' * (len(firsts) > _EXAMPLES)}): "
        f"{name} is put together from files of one; name them, as {_example(fitting[0], kinds)}."
    )


def _check_grounds(name: str, label: str, files: Sequence[Path]) -> None:
    """Refuse files of different words for the same ground: tiles lie side by side."""
    words = {path: _words(path.stem) for path in files}
    if len(set(words.values())) < 2:
        return
    seen: dict[tuple, Path] = {}
    for path in files:
        ground = _ground(path)
        first = seen.setdefault(ground, path) if ground else path
        if words[first] != words[path]:
            raise SlideScopeError(
                f"'{label}' stands for '{first.name}' and '{path.name}', which cover the same "
                f"ground under different names: {name} is put together from tiles of one quantity; "
                f"name its files, as {first}."
            )


def _ground(path: Path) -> tuple | None:
    """Where a plain raster lies; None for another file and one that cannot be read."""
    if formats.suffix(path) not in formats.RASTER_DRIVERS:
        return None
    try:
        with guard.gdal_options(), guard.open_raster(path) as dataset:
            return (*dataset.bounds, dataset.crs.to_wkt() if dataset.crs else "")
    # What is damaged is told when it is read.
    except SlideScopeError:
        return None


def _words(stem: str) -> frozenset[str]:
    """Words of a file's name that are not about its place or its number.

    >>> sorted(_words("vel_N27E102_tile_3")), sorted(_words("west_vstd"))
    (['vel'], ['vstd'])
    """
    found = re.split(r"[^a-z\u4e00-\u9fff]+", stem.lower())
    return frozenset(w for w in found if len(w) > 1 and not _PLACES.fullmatch(w))


def _example(path: Path, kinds: dict) -> str:
    same = kinds[quantity(path.stem)]
    return ",".join(map(str, same)) if len(same) <= _EXAMPLES else f"{path},..."


def quantity(stem: str) -> tuple[frozenset, str]:
    """Words of a file's name that say what its numbers are, and its band.

    >>> sorted(quantity("S1AA_20190610_INT80_unw_phase")[0]), quantity("T48RTR_2023_B04_10m")[1]
    (['phase', 'unw'], '4')
    >>> quantity("N27E102_dem") == quantity("N28E102_dem")
    True
    >>> quantity("velocityStd") == quantity("velocity")
    False
    """
    split = re.sub(r"([a-z])([A-Z])", r"\1_\2", stem)
    words = set(re.split(r"[^a-z]+", split.lower()))
    found = {w for w in words if _QUANTITIES.fullmatch(w)} | {w for w in guess.CHINESE if w in stem}
    letter = re.search(r"(?:^|[._])geo[._]([eun])$", stem.lower())
    letter = letter or re.search(r"^([eun])[._]geo$", stem.lower())
    band = _BAND.search(stem.lower())
    found |= {letter[1]} if letter else set()
    return frozenset(found), band[1].lstrip("0") if band else ""
