"""The stored scene: factors aligned on one grid, in one folder.

scenes/<name>/scene.json                       what it is (this module's `Scene`)
scenes/<name>/stack.tif                        float32, one band a factor, NaN = no data,
                                               pixel-interleaved 128 x 128 blocks
scenes/<name>/inventory/<version>/outlines.gpkg, mask.tif      uint8, 1 = landslide; see
                                               `core.scene.inventory`
scenes/<name>/display/                         written by core.maps
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict

import numpy as np
import rasterio
from rasterio.crs import CRS
from rasterio.errors import RasterioIOError
from rasterio.windows import Window

from core import atomic, paths, quotas, stored
from core.errors import Damaged, NotFound, SlideScopeError
from core.factors import DEFORMATION, WITH_GAPS, Factor, factor
from core.scene.grid import Grid
from core.shapes import Count, Share
from core.stored import Broken, Listing

BLOCK = 128
LARGEST_SIDE = 10**6  # pixels
HEX = re.compile("#[0-9a-f]{6}")
IMPORTED = 1  # the version of the inventory that came with the import


class Inventory(TypedDict):
    """What scene.json, or version.json of a later version, says of the inventory."""

    version: Count
    polygons: Count
    landslide_share: Share
    source: NotRequired[str]
    polygons_without_pixel: NotRequired[Count]
    decisions: NotRequired[list[str]]


class Histogram(TypedDict):
    edges: list[float]
    counts: list[Count]


@dataclass(frozen=True)
class SceneFactor:
    """A factor as this scene holds it.

    `valid_share` 0..1; `minimum`, `maximum` and `quantiles` (2 %, 50 %, 98 %) in the factor's
    unit, for display only; `histogram` {"edges": [n + 1], "counts": [n]}; `legend` maps class
    code to name for categorical factors, `names` what was said later (`core.scene.class_looks`),
    `colours` ('#rrggbb') what a file beside it had or was said later; `source` says file and band,
    or how it was derived.
    """

    name: str
    kind: str
    unit: str
    source: str
    valid_share: float
    minimum: float | None = None
    maximum: float | None = None
    quantiles: tuple[float, ...] = ()
    histogram: dict | None = None
    legend: dict[str, str] | None = None
    names: dict[str, str] | None = None
    colours: dict[str, str] | None = None

    @property
    def called(self) -> dict[str, str]:
        """What its classes are called wherever they are shown, by code. Networks tell classes by
        the legend, which stays as it was imported."""
        return {**(self.legend or {}), **(self.names or {})}

    @property
    def known(self) -> Factor:
        return factor(self.name, categorical=self.kind == "categorical")


@dataclass(frozen=True)
class Scene:
    """Factors aligned on one grid. `kind`: `area` (one map) or `tiles` (independent tiles of
    `tile` pixels, one below the other: nothing may cross their borders)."""

    name: str
    path: Path
    kind: Literal["area", "tiles"]
    tile: int
    grid: Grid
    factors: tuple[SceneFactor, ...]
    synthetic: bool
    fingerprint: str
    created: str
    inventory: dict[str, Any] | None
    notes: tuple[str, ...] = ()

    @property
    def factor_names(self) -> tuple[str, ...]:
        return tuple(f.name for f in self.factors)

    @property
    def has_deformation(self) -> bool:
        return DEFORMATION in self.factor_names

    @property
    def landslide_share(self) -> float | None:
        """Landslide pixels / all pixels, None without an inventory."""
        return self.inventory["landslide_share"] if self.inventory else None

    @property
    def stack_path(self) -> Path:
        return self.path / "stack.tif"

    @property
    def mask_path(self) -> Path | None:
        return self.needed_mask if self.inventory else None

    @property
    def needed_inventory(self) -> dict[str, Any]:
        """The inventory of a scene that cannot do without one."""
        if self.inventory is None:
            raise SlideScopeError(
                f"Scene '{self.name}' has no landslide inventory: training, scores and importance "
                "need one; import the scene again with --inventory."
            )
        return self.inventory

    @property
    def marks_areas(self) -> bool:
        """Whether there is an inventory, and of areas: one of points is for statistics alone."""
        return bool(self.inventory) and not (self.inventory or {}).get("points")

    @property
    def needed_mask(self) -> Path:
        """The reference mask of a scene that cannot do without one."""
        return self.path / "inventory" / str(self.needed_inventory["version"]) / "mask.tif"

    def factor(self, name: str) -> SceneFactor:
        for item in self.factors:
            if item.name == name:
                return item
        raise SlideScopeError(
            f"Scene '{self.name}' has no factor '{name}': it has {', '.join(self.factor_names)}; "
            "choose one of these or import it again with that factor."
        )

    def read(self, names: Sequence[str] | None = None, window: Window | None = None) -> np.ndarray:
        """Return float32 (height, width, factors) of a window, NaN where there is no data."""
        with self.reading(names) as read:
            return np.moveaxis(read(window), 0, -1)

    @contextmanager
    def reading(self, names: Sequence[str] | None = None) -> Iterator[Callable]:
        """Open the stack once for many windows, read by one thread: float32 (factors, height,
        width) each."""
        names = self.factor_names if names is None else names
        bands = [self.factor_names.index(self.factor(n).name) + 1 for n in names]
        with _opened(self, self.stack_path) as source:
            if source.shape != self.grid.shape or source.count != len(self.factors):
                raise _unreadable(self, self.stack_path)
            yield lambda window=None: _read(self, source, bands, window)

    def read_mask(self, window: Window | None = None) -> np.ndarray:
        """Return the reference mask, uint8 (height, width), 1 = landslide."""
        with self.reading_mask() as read:
            return read(window)

    @contextmanager
    def reading_mask(self) -> Iterator[Callable]:
        """Open the reference mask once for many windows, read by one thread."""
        with _opened(self, self.needed_mask) as source:
            yield lambda window=None: _read(self, source, 1, window)

    def valid(self, values: np.ndarray, names: Sequence[str] | None = None) -> np.ndarray:
        """Return bool (height, width): every factor except deformation has data there.

        `values` as `read` returned them for `names`. RS and RS-DR share this mask.
        """
        names = self.factor_names if names is None else names
        keep = [i for i, n in enumerate(names) if n not in WITH_GAPS]
        return np.isfinite(values[..., keep]).all(axis=-1)

    def to_json(self) -> dict:
        value = {k: v for k, v in vars(self).items() if k not in ("path", "grid", "factors")}
        value["notes"] = list(self.notes)
        value["grid"] = self.grid.to_json()
        value["factors"] = [
            {**vars(f), "quantiles": list(f.quantiles), "histogram": f.histogram}
            for f in self.factors
        ]
        return value


def save(scene: Scene) -> None:
    """Write scene.json into the scene's folder."""
    atomic.write_json(scene.path / "scene.json", scene.to_json())


def load_folder(folder: Path) -> Scene:
    """Read the scene in `folder`, whatever the folder is called (an import in progress too)."""
    file = folder / "scene.json"
    try:
        status = file.stat()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound(
            f"No scene named '{folder.name}': `python -m core scenes` lists them; import it first."
        ) from error
    stamp = (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)
    found = _loaded(folder, stamp)
    if isinstance(found, str):
        raise Damaged(found)
    return found


@lru_cache(maxsize=1000)
def _loaded(folder: Path, stamp: tuple) -> Scene | str:
    """The scene, or the sentence on what is wrong with it."""
    delete = f"`python -m core scenes --delete {folder.name}`"
    cure = f"import it again with --replace, or delete it: {delete}"
    try:
        with stored.guarded(folder / "scene.json", f"scene '{folder.name}'", cure):
            scene = _from_json(folder, atomic.needed_json(folder / "scene.json"))
            stored.check(scene, Scene)
            _check(scene)
            return scene
    except Damaged as error:
        return str(error)


def _from_json(folder: Path, value: dict) -> Scene:
    """What a newer version keeps beside is no damage."""
    parts = {each.name for each in fields(SceneFactor)}
    factors = tuple(
        SceneFactor(
            **{k: v for k, v in f.items() if k in parts} | {"quantiles": tuple(f["quantiles"])}
        )
        for f in value["factors"]
    )
    own = {each.name for each in fields(Scene)}
    made = {"grid": Grid.from_json(value["grid"]), "factors": factors, "path": folder}
    made["notes"] = tuple(value["notes"])
    return Scene(**{k: v for k, v in value.items() if k in own} | made)


def _check(scene: Scene) -> None:
    """Raise, inside `guarded`, for what no scene can be."""
    grid = scene.grid
    if scene.inventory is not None:
        stored.check(scene.inventory, Inventory)
    if min(grid.width, grid.height, scene.tile) < 1 or max(grid.shape) > LARGEST_SIDE:
        raise stored.Wrong(f"it is {grid.width} x {grid.height} pixels with tiles of {scene.tile}")
    if not (grid.transform[0] and grid.transform[4] and scene.factors):
        raise stored.Wrong("it has no factor, or pixels without a size")
    if grid.crs is not None:
        CRS.from_user_input(grid.crs)
    for item in scene.factors:
        stored.check(item.histogram, Histogram | None)
        if not all(map(HEX.fullmatch, (item.colours or {}).values())):
            raise stored.Wrong(f"a class of '{item.name}' has a colour that is none")
        if item.known.name != item.name:
            raise stored.Wrong(f"it has an unknown factor '{item.name}'")
    if scene.name != scene.path.name and not scene.path.name.startswith("."):
        raise stored.Wrong(f"it says that it is scene '{scene.name}'")


@contextmanager
def _opened(scene: Scene, path: Path) -> Iterator:
    """A raster of the scene, open; Damaged where it cannot be read."""
    try:
        source = rasterio.open(path, driver="GTiff")
    except RasterioIOError as error:
        raise (_unreadable(scene, path) if path.exists() else error) from error
    with source:
        yield source


def _read(scene: Scene, source, bands, window: Window | None) -> np.ndarray:
    try:
        return source.read(bands, window=window)
    except RasterioIOError as error:
        raise _unreadable(scene, Path(source.name)) from error


def _unreadable(scene: Scene, path: Path) -> Damaged:
    return Damaged(
        f"Scene '{scene.name}' is damaged: '{path.name}' cannot be read; import it again with "
        "--replace."
    )


def load(name: str) -> Scene:
    """Return the stored scene `name`."""
    return load_folder(paths.scenes_folder() / paths.known_name(name))


def names() -> list[str]:
    """Names of the stored scenes that can be read, newest last."""
    return [scene.path.name for scene in listing().items]


def listing() -> Listing[Scene]:
    """All scenes, newest last, and what is damaged."""
    return stored.once("scene", _list)


def _list() -> Listing[Scene]:
    folder = paths.scenes_folder()
    if folder.exists():
        atomic.recover(folder)
    return stored.listing("scene", stored.folders(folder, "scene.json")[::-1], load)


@contextmanager
def create(name: str, replace_old: bool = False) -> Iterator[Path]:
    """Yield a temporary folder that becomes the scene `name` when the block succeeds."""
    folder = paths.scenes_folder()
    folder = folder / paths.check_new_name(name, folder, "a scene")
    taken = SlideScopeError(
        f"A scene named '{name}' exists already: it is only written over when asked to; "
        "choose another name or add --replace."
    )
    if (folder / "scene.json").exists() and not replace_old:
        raise taken
    if not folder.exists():
        quotas.check_scenes(len(names()))
    # What is there without being a scene may go.
    replace_old = replace_old or folder.exists()
    try:
        with atomic.whole_folder(folder, replace_old, record=True) as temporary:
            yield temporary
    except FileExistsError as error:
        if error.filename != str(folder):
            raise
        raise taken from error  # another import of that name came first


def check_same(*found: Scene) -> None:
    """Raise a SlideScopeError where another import has taken a scene's place since it was loaded:
    what was begun with its pixels does not go on with others."""
    for scene in found:
        load_as(scene.name, scene.fingerprint)


def load_as(name: str, fingerprint: str) -> Scene:
    """Return the stored scene `name` in the state of that fingerprint; raises where it has
    another."""
    found = load(name)
    if found.fingerprint != fingerprint:
        raise SlideScopeError(
            f"Scene '{name}' was replaced while this was at work on it: its pixels are others now; "
            "start it anew."
        )
    return found


def delete(name: str) -> None:
    """Remove the scene and all that hangs on it, runs excepted; a damaged one too."""
    broken = stored.named(listing().damaged, name)
    (broken or Broken("scene", name, "", load(name).path)).delete()


def with_folder(scene: Scene, folder: Path) -> Scene:
    """Return the same scene, found in another folder."""
    return replace(scene, path=folder)
