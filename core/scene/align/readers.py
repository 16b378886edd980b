"""What reads each factor on the grid, strip by strip.

Pieces of different factors are read by different threads at once: a reader is safe to be read by
several threads, each of which has its files open for itself.
"""

from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

import numpy as np
from rasterio.windows import Window

from core.factors import (
    DEFORMATION,
    EARLIER,
    ELEVATION,
    FROM_BANDS,
    FROM_ORBIT,
    FROM_TWO_ORBITS,
    MORE_TERRAIN,
    WIDE_TERRAIN,
)
from core.jobs.report import Report
from core.scene.align.derive import (
    Derive,
    Terrain,
    bearing_rasters,
    derive_here,
    only_bearings,
    turn_of_north,
)
from core.scene.align.distance import DistanceReader
from core.scene.align.mosaic import AlignedBearings, AlignedMosaic
from core.scene.align.point_reader import PointReader
from core.scene.align.wide import wide_rasters
from core.scene.files.points import Points
from core.scene.files.raster import Raster
from core.scene.grid import Grid
from core.scene.insar import geometry, visibility
from core.scene.plan.distances import geometries
from core.scene.plan.planning import ImportPlan
from core.scene.polygons import class_burner

SECOND = "second"
Value = TypeVar("Value")


class Readers:
    """Makes the readers of a plan's factors; they are closed with `stack`.

    What has to be written first lies in `work`, where what is there is not written again; `derive`
    writes the terrain, in place of this process.
    """

    def __init__(
        self,
        made: ImportPlan,
        work: Path,
        stack: ExitStack,
        report: Report,
        derive: Derive | None = None,
    ):
        self._made, self._work, self._stack = made, work, stack
        self.legends: dict[str, dict[str, str]] = {}
        self._ground: dict[str, Raster] = {}
        if made.on_elevation:
            terrain = self.terrain_of(made)
            path = work / "terrain.tif"
            if not path.exists():
                (derive or derive_here)(terrain, path, report)
            self._ground = terrain.bands(path)
        if wide := tuple(name for name in WIDE_TERRAIN if name in made.derived):
            files = made.rasters[ELEVATION]
            self._ground |= wide_rasters(files, made.layout.grid, wide, work, report)

    @staticmethod
    def terrain_of(made: ImportPlan) -> Terrain:
        """The terrain factors of a plan's elevation."""
        more = any(name in MORE_TERRAIN for name in made.derived)
        return Terrain(made.rasters[ELEVATION], made.layout.grid, more)

    def all(self) -> dict:
        return {name: self.reader(name) for name in self._made.names}

    def reader(self, name: str):
        """A new reader of a factor; its `read(window)` is float32, NaN = no data."""
        reader = self._stack.enter_context(self._make(name))
        if name == DEFORMATION and "visibility" in self._made.derived:
            return self._where_seen(reader)
        fill = self._made.fill(name)
        return (
            reader if fill is None else Computed(lambda v: np.where(np.isnan(v), fill, v), [reader])
        )

    def _make(self, name: str):
        made, grid = self._made, self._made.layout.grid
        if name in FROM_ORBIT and name in made.derived:
            return self._from_orbit(name)
        if name in FROM_TWO_ORBITS and name in made.derived:
            return self._from_two_orbits(name)
        if name in FROM_BANDS and name in made.derived:
            return self._from_bands(name)
        if name in made.distances:
            return DistanceReader(geometries(name, made.distances[name], grid), grid)
        if name in made.vectors:
            reader, self.legends[name], _ = class_burner(name, made.vectors[name], grid)
            return reader
        if name in made.points:
            return PointReader(made.points[name], grid)
        if name == "aspect" and name in made.derived:
            sine, cosine = self._ground["sine"], self._ground["cosine"]
            return AlignedBearings(AlignedMosaic((sine,), grid), AlignedMosaic((cosine,), grid))
        if name in made.derived:
            return AlignedMosaic((self._ground[name],), grid)
        if made.kind(name) == "circular":
            return _bearings(made.rasters[name], grid, self._work)
        return AlignedMosaic(made.rasters[name], grid, kernel=made.kernel(name))

    def _from_bands(self, name: str):
        bands = [self.reader(band) for band in ("red", "nir")]
        if name == "ndvi":
            return Computed(vegetation, bands)
        before = [self.reader(band) for band in EARLIER]
        return Computed(lambda r, n, *old: vegetation(r, n) - vegetation(*old), bands + before)

    def _from_orbit(self, name: str):
        look, inputs = _given(self._made.orbits[0]).look, self._seen_by_orbit()
        if name == "visibility":
            self.legends[name] = visibility.LEGEND
            return Computed(lambda s, a, i, h: visibility.classes(s, a, i, h, look), inputs)

        def down(rate, slope, aspect, incidence, heading):
            codes = visibility.classes(slope, aspect, incidence, heading, look)
            found = geometry.slope_rate(rate, slope, aspect, incidence, heading, look)
            return np.where(visibility.seen(codes), found, np.nan)

        if name == "uphill":
            self.legends[name] = geometry.FLAGS
            return Computed(
                lambda *values: geometry.flags(down(*values), values[1]),
                [self.reader(DEFORMATION), *inputs],
            )
        return Computed(down, [self.reader(DEFORMATION), *inputs])

    def _seen_by_orbit(self) -> list:
        """Readers of slope, aspect, incidence and heading."""
        return [*(self.reader(n) for n in ("slope", "aspect")), *self._angles(self._made.angles)]

    def _where_seen(self, rate):
        """A rate without what stands where the radar sees nothing."""
        look = _given(self._made.orbits[0]).look

        def seen(values, slope, aspect, incidence, heading):
            codes = visibility.classes(slope, aspect, incidence, heading, look)
            return np.where(np.isin(codes, visibility.HIDDEN), np.nan, values)

        return Computed(seen, [rate, *self._seen_by_orbit()])

    def _from_two_orbits(self, name: str):
        made = self._made
        looks = _given(made.orbits[0]).look, _given(made.orbits[1]).look
        second = self._stack.enter_context(_rate_reader(made.second, made.layout.grid))
        inputs = [self.reader(DEFORMATION), second]
        inputs += [*self._angles(made.angles), *self._angles(made.second_angles)]
        which = FROM_TWO_ORBITS.index(name)

        def component(first, second, incidence, heading, *others):
            orbits = (incidence, heading), others, looks
            return geometry.east_and_up(first, second, *orbits)[which]

        return Computed(component, inputs)

    def _angles(self, angles) -> list:
        """Readers of incidence and heading: constants, or rasters on the grid."""
        grid = self._made.layout.grid
        return [
            Constant(angle)
            if isinstance(angle, float)
            else self._stack.enter_context(AlignedMosaic((angle,), grid))
            for angle in angles
        ]


def _given(value: Value | None) -> Value:
    """What `core.scene.plan.planning` refuses to derive without."""
    if value is None:
        raise ValueError("Something is derived from an orbit that was not given.")
    return value


def _rate_reader(rate: Raster | Points | None, grid: Grid) -> PointReader | AlignedMosaic:
    if isinstance(rate, Points):
        return PointReader(rate, grid)
    return AlignedMosaic((_given(rate),), grid)


def vegetation(red: np.ndarray, nir: np.ndarray) -> np.ndarray:
    """The normalised difference vegetation index (Rouse et al. 1974), -1 to 1; NaN where both bands
    are 0 or one is below it.

    >>> vegetation(np.float32([1000, 0, -5]), np.float32([3000, 0, 9])).tolist()
    [0.5, nan, nan]
    """
    total = red + nir
    seen = (total > 0) & (red >= 0) & (nir >= 0)
    return np.divide(nir - red, total, out=np.full(total.shape, np.nan, np.float32), where=seen)


class Constant:
    """A number everywhere."""

    def __init__(self, value: float):
        self._value = np.float32(value)

    def read(self, window: Window) -> np.float32:
        return self._value


class Computed:
    """A function of what other readers give."""

    def __init__(self, function, inputs: list):
        self._function, self._inputs = function, inputs

    def __enter__(self):
        return self

    def __exit__(self, *error) -> None:
        pass

    def read(self, window: Window) -> np.ndarray:
        values = [reader.read(window) for reader in self._inputs]
        with np.errstate(invalid="ignore"):
            return np.asarray(self._function(*values), np.float32)


def _bearings(files, grid: Grid, work: Path):
    with AlignedMosaic(files, grid) as direct:
        copied = direct.copied
    if copied:
        return _CopiedBearings(files, grid)
    pairs = [
        bearing_rasters(raster, work / f"aspect{i}.tif", turn_of_north(raster.crs, grid))
        for i, raster in enumerate(files)
    ]
    sines, cosines = zip(*pairs)
    return AlignedBearings(AlignedMosaic(sines, grid), AlignedMosaic(cosines, grid))


class _CopiedBearings(AlignedMosaic):
    """Bearings whose pixels are the grid's: only checked, not resampled."""

    def read(self, window: Window) -> np.ndarray:
        return only_bearings(super().read(window))
