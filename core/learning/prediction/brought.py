"""A map that was made elsewhere (by another tool, in a paper), kept as a run: `load-map`.

It has a probability or a mask and no network: it is put on the scene's grid, scored, compared,
reviewed and exported as any other. What it learned from is not known, and every figure says so.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import rasterio
from rasterio.transform import Affine
from rasterio.windows import Window

from core import atomic, disk, paths
from core.errors import SlideScopeError
from core.jobs.report import Report, part, silent
from core.learning.prediction import products
from core.learning.split import record
from core.learning.tiles import plots
from core.runs import measured, run_files
from core.runs import store as runs
from core.runs.config import Brought, RunConfig, check_called
from core.runs.request import LoadMapRequest
from core.runs.store import Run
from core.scene import store as scenes
from core.scene.align.align import scales
from core.scene.align.mosaic import AlignedMosaic
from core.scene.files import sampling, vectors, vetting
from core.scene.files.guard import CACHE_BYTES
from core.scene.files.raster import Raster
from core.scene.files.sampling import Sample
from core.scene.files.source import Source, parse_source
from core.scene.plan import inputs, masks, overrides, voids
from core.scene.plan.masks import Meaning
from core.scene.plan.overrides import Override
from core.scene.store import Scene

# What options and sentences call it.
MAP = "map"
STRIP = 256
# Numbers of a probability may stray from 0..1 by what a float rounds.
ROUNDING = 1e-4
PERCENT, BYTE = 100.0, 255.0
# More different whole numbers than these are no mask.
FEW = 8
# Of the scene: a map of less of it is no map of it.
LEAST_COVERED = 0.001


@dataclass(frozen=True)
class Reading:
    """How the numbers of a raster become probabilities: those of a mask by their `meaning`, others
    by the number that means 1, `scale`. `notes` say what was decided."""

    scale: float = 1.0
    meaning: Meaning | None = None
    notes: tuple[str, ...] = ()

    @property
    def kind(self) -> Literal["probability", "mask"]:
        return "probability" if self.meaning is None else "mask"

    def probability(self, values: np.ndarray) -> np.ndarray:
        """float32 0..1 of values, NaN = no data.

        >>> Reading(100.0).probability(np.float32([0, 25, np.nan])).tolist()
        [0.0, 0.25, nan]
        >>> Reading(meaning=Meaning((1.0,), (9.0,))).probability(np.float32([0, 1, 9])).tolist()
        [0.0, 1.0, nan]
        """
        if self.meaning is None:
            return np.clip(values / self.scale, 0, 1).astype(np.float32)
        known = np.isfinite(values) & ~np.isin(values, self.meaning.ignored)
        marked = self.meaning.is_landslide(values).astype(np.float32)
        return np.where(known, marked, np.float32(np.nan))


def load(request: LoadMapRequest, report: Report = silent) -> dict:
    """Keep the map as a run.

    Returns {run, scene, kind, scale, resampled, covered (share of the scene's pixels that it says
    something of), landslides, landslide_pixels, empty_mask, notes, warning}.
    """
    called = check_called(request.called)
    scene = measured_scene(request)
    report("Looking at the map", 0.0)
    vetting.check([parse_source(request.file)], lambda: report("Looking at the map", 0.0))
    raster = _opened(request, scene)
    reading = read_as(raster, sampling.take(raster), request)
    config = _config(request, called, scene, reading)
    run_id = runs.free_id(request.name, scene.name, called)
    # As a strip, then with what the map page needs beside.
    disk.check_room(paths.runs_folder(), 8 * scene.grid.width * scene.grid.height, "the map")
    kernel = _kernel(raster, scene, reading)
    with (
        rasterio.Env(GDAL_CACHEMAX=CACHE_BYTES),
        atomic.whole_folder(paths.runs_folder() / run_id, record=True) as folder,
    ):
        run = Run(run_id, folder, config, None)
        _keep_split(run, request, scene)
        made = run.prediction(scene.name)
        made.mkdir(parents=True)
        said = part(report, 0.05, 0.9)
        covered, resampled = _write(raster, reading, scene, kernel, made, said)
        found = products.finish(run, scene, made, ("probability",), {"flips": 1}, report)
        atomic.write_json(folder / run_files.CONFIG, config.to_json())
    report("Loaded", 1.0, run=run_id)
    about = {"kind": reading.kind, "scale": reading.scale, "covered": covered}
    notes = [*reading.notes, *_covered_words(covered)]
    told = {"resampled": kernel if resampled else None, "notes": notes, "warning": warning(config)}
    kept = ("run", "scene", "landslides", "landslide_pixels", "empty_mask")
    return {**{name: found[name] for name in kept}, **about, **told}


def warning(config: RunConfig) -> str:
    """What every figure of such a map must be read with."""
    if config.brought and config.brought.split_of:
        return (
            f"Scored on the tiles that run '{config.brought.split_of}' held out; whether the map's "
            "maker trained on them is not known."
        )
    return (
        "Scored on the whole scene: where the map's maker trained is not known, and scores on "
        "training areas are too good."
    )


def measured_scene(request: LoadMapRequest) -> Scene:
    """The scene at the inventory version that it will be scored against."""
    scene = scenes.load(request.scene)
    if scene.kind != "area":
        raise SlideScopeError(
            f"Scene '{scene.name}' is a folder of tiles that lie nowhere, so no map can be laid on "
            "it: choose a scene of an area."
        )
    if request.split_of is None:
        return scene
    run = runs.load(request.split_of)
    if scene.name not in run.config.learned_from or run.config.test_scene:
        raise SlideScopeError(
            f"Run '{run.id}' held out no tile of scene '{scene.name}': give a run that was trained "
            "and tested on it, or leave --split-of out for the whole scene."
        )
    if run.outdated(scene.name, scene.fingerprint):
        raise SlideScopeError(
            f"Run '{run.id}' is of an earlier import of scene '{scene.name}', whose tiles may lie "
            "elsewhere: give a newer run, or leave --split-of out."
        )
    return measured.scene_of(run, scene.name)


def _opened(request: LoadMapRequest, scene: Scene) -> Raster:
    source: Source = parse_source(request.file)
    if vectors.is_vector(source):
        raise SlideScopeError(
            f"'{source}' holds outlines and a map is a raster: burn them first, for example with "
            "gdal_rasterize -burn 1 -ot Byte -tr 12.5 12.5."
        )
    override = Override(
        crs=None if request.crs is None else overrides.read("crs", request.crs),
        nodata="keep" if request.nodata is None else overrides.read("nodata", request.nodata),
    )
    raster = inputs.overridden(inputs.located(MAP, source, override), override)
    return _placed(raster, scene)


def _placed(raster: Raster, scene: Scene) -> Raster:
    """The raster where it lies; one without a reference system lies on the scene's pixels if it has
    as many."""
    if (raster.crs is None) == (scene.grid.crs is None):
        return raster
    if (
        raster.shape == scene.grid.shape
        and raster.crs is None
        and raster.transform == Affine.identity()
    ):
        transform, crs = scene.grid.affine, rasterio.CRS.from_user_input(scene.grid.crs)
        return replace(raster, crs=crs, transform=transform)
    height, width = scene.grid.shape
    if raster.crs is None:
        raise SlideScopeError(
            f"'{raster.label}' has no reference system and {raster.width} x {raster.height} px, "
            f"scene '{scene.name}' has {width} x {height}: say where it lies with --crs EPSG:N."
        )
    raise SlideScopeError(
        f"Scene '{scene.name}' has no reference system and '{raster.label}' has one: nobody can "
        "tell where it lies on the scene; give a map without one, or import the scene with --crs."
    )


def read_as(raster: Raster, sample: Sample, request: LoadMapRequest) -> Reading:
    """Decide how the numbers are meant; refuse what may be meant in two ways."""
    values = np.unique(sample.values)
    if not values.size:
        raise SlideScopeError(
            f"'{raster.label}' holds no data: give a map with values, or --nodata none if every "
            "value counts."
        )
    if request.landslide_value is not None or request.values == "mask":
        return _as_mask(raster, sample, request)
    if request.scale is not None:
        return Reading(request.scale)
    few = len(values) <= FEW and (values == np.round(values)).all()
    if request.values is None and few and not _is_scale_of_few(values):
        return _as_mask(raster, sample, request)
    return Reading(*_scale_of(raster, float(values[0]), float(values[-1])))


def _is_scale_of_few(values: np.ndarray) -> bool:
    """Several whole numbers, none of which is a mask's: a few steps of a percentage, say."""
    return len([v for v in values if v != 0 and not voids.usual(v)]) > 1


def _as_mask(raster: Raster, sample: Sample, request: LoadMapRequest) -> Reading:
    asked = request.landslide_value
    read = None if asked is None else overrides.read("landslide_value", asked)
    meaning = masks.meaning(raster, sample, read)
    return Reading(meaning=meaning, notes=tuple(_of_map(note) for note in meaning.notes))


def _of_map(note: str) -> str:
    return re.sub(r"^inventory: ", "", note)


def _scale_of(raster: Raster, low: float, high: float) -> tuple[float, None, tuple[str, ...]]:
    if low < -ROUNDING:
        void = voids.usual(low)
        cure = f"--nodata {low:g} if that means no data" if void else "probabilities from 0 to 1"
        raise SlideScopeError(
            f"'{raster.label}' holds values from {low:g} to {high:g} and a probability lies within "
            f"0 and 1: give {cure} (of scores such as logits take the sigmoid first)."
        )
    if high <= 1 + ROUNDING:
        return 1.0, None, ()
    if high > BYTE or (high > PERCENT + ROUNDING and raster.dtype != "uint8"):
        raise SlideScopeError(
            f"'{raster.label}' holds values from {low:g} to {high:g}: say which number means a "
            "probability of 1 with --scale N, or which mean landslide with --landslide-value N."
        )
    scale = PERCENT if high <= PERCENT + ROUNDING else BYTE
    other = "--scale 255" if scale == PERCENT else "--scale N"
    said = f"Values up to {high:g} are taken as parts of {scale:g}; if not so, give {other}."
    return scale, None, (said,)


def _kernel(raster: Raster, scene: Scene, reading: Reading) -> str:
    """Of pixels smaller than the scene's the mean is taken, of a mask the most frequent value; else
    what lies between, of a mask the nearest."""
    finer = raster.crs is not None and min(scales(raster, scene.grid)) < 1
    if reading.meaning is None:
        return "average" if finer else "bilinear"
    return "mode" if finer else "nearest"


def _write(
    raster: Raster, reading: Reading, scene: Scene, kernel: str, folder: Path, report: Report
) -> tuple[float, bool]:
    """Write probability.tif; return the share of the scene's pixels that have a value, and whether
    they had to be resampled."""
    grid, known, total = scene.grid, 0, 0
    target = folder / run_files.PROBABILITY
    with (
        AlignedMosaic((raster,), grid, kernel=kernel) as band,
        scene.reading() as factors,
        rasterio.open(target, "w", **products.profile(grid, "float32", np.nan)) as sink,
    ):
        for top in range(0, grid.height, STRIP):
            report("Laying it on the scene", top / grid.height)
            window = Window(0, top, grid.width, min(STRIP, grid.height - top))
            values = band.read(window)
            _check(raster, reading, values)
            found = reading.probability(values)
            sink.write(found, 1, window=window)
            inside = scene.valid(np.moveaxis(factors(window), 0, -1))
            known += int((np.isfinite(found) & inside).sum())
            total += int(inside.sum())
        resampled = not band.copied
    covered = known / total if total else 0.0
    if covered < LEAST_COVERED:
        raise SlideScopeError(
            f"'{raster.label}' covers {100 * covered:.2g} % of scene '{scene.name}': it lies "
            "elsewhere or holds no data there; check its place and --crs, or choose another scene."
        )
    return covered, resampled


def _check(raster: Raster, reading: Reading, values: np.ndarray) -> None:
    """Raise a SlideScopeError for numbers that were not among those that were looked at first."""
    if reading.meaning is not None:
        if surprises := reading.meaning.surprises(values):
            marked = reading.meaning.landslide or ()
            raise masks.several(raster.label, sorted({0.0, *marked, *surprises}))
        return
    known = values[np.isfinite(values)]
    if not known.size:
        return
    low, high = float(known.min()) / reading.scale, float(known.max()) / reading.scale
    if low < -ROUNDING or high > 1 + ROUNDING:
        raise SlideScopeError(
            f"'{raster.label}' holds values from {low * reading.scale:g} to "
            f"{high * reading.scale:g}, and {reading.scale:g} was to mean a probability of 1: give "
            "another --scale, or --nodata for what means no data."
        )


def _covered_words(covered: float) -> list[str]:
    if covered >= 0.9995:
        return []
    return [
        f"It says something of {100 * covered:.1f} % of the scene's pixels: the others count "
        "neither for it nor against it."
    ]


def _config(request: LoadMapRequest, called: str, scene: Scene, reading: Reading) -> RunConfig:
    held_out = runs.load(request.split_of).config if request.split_of else None
    names = ("split", "buffer", "tile", "seed", "split_seed")
    drawn = {name: getattr(held_out, name) for name in names} if held_out else {}
    inventory = scene.inventory or {}
    return RunConfig(
        scene=scene.name,
        fingerprint=scene.fingerprint,
        inventory_version=inventory.get("version", 0),
        synthetic=scene.synthetic,
        model=called,
        preset="brought",
        dataset=request.dataset,
        factors=(),
        epochs=1,
        **{"tile": scene.tile, **drawn},
        brought=Brought(
            request.file,
            reading.kind,
            request.dataset,
            reading.scale,
            request.landslide_value,
            request.nodata,
            request.crs,
            request.split_of,
        ),
    )


def _keep_split(run: Run, request: LoadMapRequest, scene: Scene) -> None:
    if request.split_of is None:
        return
    record.save(plots.split_on(runs.load(request.split_of), scene), run.path / run_files.SPLIT)
