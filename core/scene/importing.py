"""`import_scene`: factor rasters in, a stored scene out, in bounded memory."""

import hashlib
import json
import math
import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import numpy as np
import rasterio
from rasterio.windows import Window

from core.errors import SlideScopeError
from core.factors import ELEVATION, WATER, WITH_GAPS, factor
from core.jobs.report import Report, part
from core.numerals import percent
from core.scene import inventory, store
from core.scene.align.align import BLOCK_COLUMNS
from core.scene.align.readers import Readers
from core.scene.files import guard
from core.scene.files.raster import Raster
from core.scene.files.source import Source
from core.scene.grid import Grid
from core.scene.insar import visibility
from core.scene.plan import alignment, classes, seams
from core.scene.plan.planning import ImportPlan, plan
from core.scene.plan.request import ImportRequest
from core.scene.polygons import MAX_CLASSES, too_many

SAMPLE_PIXELS = 1_000_000
BINS = 40
QUANTILES = (0.02, 0.5, 0.98)


class Summary:
    """Takes the blocks of one factor, row by row from the top, and sums them up.

    Counts, minimum and maximum are exact; quantiles and histogram come from a regular sample of
    about a million pixels.
    """

    def __init__(self, name: str, shape: tuple[int, int], categorical: bool):
        self._name, self._categorical = name, categorical
        self._total = shape[0] * shape[1]
        self._step = max(1, int(np.ceil(np.sqrt(self._total / SAMPLE_PIXELS))))
        self._row, self._valid = 0, 0
        self._low, self._high = np.inf, -np.inf
        self._sample: list[np.ndarray] = []
        self.classes: dict[int, int] = {}

    def add(self, values: np.ndarray) -> None:
        """Take float32 (rows, width) of the next rows, NaN = no data."""
        valid = values[np.isfinite(values)]
        self._valid += valid.size
        if valid.size:
            self._low = min(self._low, float(valid.min()))
            self._high = max(self._high, float(valid.max()))
        if self._categorical:
            self._count_classes(valid)
        else:
            sample = values[-self._row % self._step :: self._step, :: self._step]
            self._sample.append(sample[np.isfinite(sample)])
        self._row += len(values)

    def _count_classes(self, valid: np.ndarray) -> None:
        codes, counts = np.unique(valid, return_counts=True)
        if codes.size and ((codes != np.round(codes)).any() or np.abs(codes).max() >= 2**24):
            odd = codes[(codes != np.round(codes)) | (np.abs(codes) >= 2**24)][0]
            raise classes.not_codes(self._name, float(odd))
        for code, count in zip(codes, counts):
            self.classes[int(code)] = self.classes.get(int(code), 0) + int(count)
        if len(self.classes) > MAX_CLASSES:
            raise too_many(self._name, self._name)

    @property
    def valid_share(self) -> float:
        return self._valid / self._total

    @property
    def negative_share(self) -> float:
        """Share of the known values that are below 0, from the sample."""
        return float((self._known() < 0).mean()) if self._valid else 0.0

    def figures(self) -> dict:
        """Valid share, range, quantiles and histogram, under the names SceneFactor gives them."""
        if not self._valid:
            return {"valid_share": 0.0}
        counts, edges = self._class_histogram() if self._categorical else self._histogram()
        sample = self._known()
        return {
            "valid_share": self.valid_share,
            "minimum": self._low,
            "maximum": self._high,
            "quantiles": tuple(float(q) for q in np.quantile(sample, QUANTILES)),
            "histogram": {"edges": [float(e) for e in edges], "counts": [int(c) for c in counts]},
        }

    def _known(self) -> np.ndarray:
        if self._categorical:
            return np.repeat(list(self.classes), _scaled(list(self.classes.values())))
        sample = np.concatenate(self._sample)
        # A handful of valid pixels may fall between those of the sample.
        return sample if sample.size else np.array([self._low, self._high])

    def _histogram(self) -> tuple[np.ndarray, np.ndarray]:
        sample = self._known()
        low, high = np.quantile(sample, (0.002, 0.998))
        if low == high:
            low, high = low - 0.5, high + 0.5
        return np.histogram(sample, BINS, (low, high))

    def _class_histogram(self) -> tuple[list[int], list[float]]:
        """One bin a class, in the order of codes."""
        codes = sorted(self.classes)
        return [self.classes[c] for c in codes], [*(c - 0.5 for c in codes), codes[-1] + 0.5]


def _scaled(counts: list[int]) -> np.ndarray:
    """Counts brought down to at most a sample's size, each at least 1."""
    factor = max(1.0, sum(counts) / SAMPLE_PIXELS)
    return np.maximum(1, (np.array(counts) / factor).astype(int))


ROWS = 2 * store.BLOCK


def import_scene(
    request: ImportRequest, folder: Path, report: Report, told: Sequence[str] = ()
) -> store.Scene:
    """Bring the files of `request` onto one grid and store them in `folder`; return the scene.

    `told`: sentences about the files from before this, which its notes begin with.

    The whole is read and written in strips of 256 rows. What the folder holds after an error is
    for the caller to throw away (`store.create` does).
    """
    report("looking at the files", 0.0)
    with guard.gdal_options():
        made = plan(request)
        suspicious = alignment.suspicions(made)
        _check_disk(made, folder)
        work = folder / ".work"
        work.mkdir()
        with ExitStack() as stack:
            opened = Readers(made, work, stack, part(report, 0.02, 0.3))
            readers, legends = opened.all(), opened.legends
            summaries, fingerprint, shared = _write_stack(
                made, readers, legends, folder / "stack.tif", part(report, 0.3, 0.85)
            )
        shutil.rmtree(work)
        notes = [*told, *made.notes, *suspicious, *seams_of(made), *about(made, summaries, shared)]
        entry = None
        if made.inventory and made.landslides:
            where = folder / "inventory" / str(store.IMPORTED)
            raster = made.inventory if isinstance(made.inventory, Raster) else None
            source = made.inventory if isinstance(made.inventory, Source) else made.landslides
            entry, sentences = inventory.write(
                source, made.layout, where, part(report, 0.85, 1.0), raster, made.mask
            )
            notes += sentences
    scene = store.Scene(
        name=made.name,
        path=folder,
        kind=made.layout.kind,
        tile=made.layout.tile,
        grid=made.layout.grid,
        factors=tuple(_scene_factor(made, n, summaries[n], legends.get(n)) for n in made.names),
        synthetic=made.synthetic,
        fingerprint=fingerprint,
        created=datetime.now().isoformat(timespec="seconds"),
        inventory=entry,
        notes=tuple(notes),
    )
    store.save(scene)
    return scene


def _check_disk(made: ImportPlan, folder: Path) -> None:
    grid = made.layout.grid
    needed = grid.width * grid.height * 4 * (len(made.names) + 4 * bool(made.derived))
    free = shutil.disk_usage(folder).free
    # Compression saves a third at the least.
    if needed * 0.7 > free:
        raise SlideScopeError(
            f"The scene needs up to {needed / 1e9:.1f} GB and the disk has {free / 1e9:.1f} GB "
            "free: free some, or give a coarser --resolution."
        )


def _write_stack(
    made: ImportPlan, readers: dict, legends: dict, path: Path, report: Report
) -> tuple[dict[str, Summary], str, float]:
    """Write the aligned stack; return what each factor holds, the fingerprint of the whole and
    the share of pixels with data in all factors, deformation aside."""
    grid, names = made.layout.grid, made.names
    summaries = {n: Summary(n, grid.shape, made.kind(n) == "categorical") for n in names}
    head = json.dumps([grid.to_json(), names, legends, made.layout.kind, made.layout.tile])
    digest = hashlib.blake2b(head.encode(), digest_size=8)
    needed = [i for i, n in enumerate(names) if n not in WITH_GAPS] or [0]
    complete = 0
    with (
        rasterio.open(path, "w", **_profile(grid, len(names))) as target,
        ThreadPoolExecutor(min(4, os.cpu_count() or 1)) as pool,
    ):
        target.descriptions = names
        for row in range(0, grid.height, ROWS):
            report(f"aligning {len(names)} factors", row / grid.height)
            window = Window(0, row, grid.width, min(ROWS, grid.height - row))
            strips = _read_strips(readers, names, window, pool)
            for name, strip in zip(names, strips):
                summaries[name].add(strip)
            values = np.stack(strips)
            complete += int(np.isfinite(values[needed]).all(axis=0).sum())
            digest.update(values.tobytes())
            target.write(values, window=window)
    _check_data(made, summaries, complete)
    return summaries, digest.hexdigest(), complete / (grid.width * grid.height)


def _read_strips(
    readers: dict, names: tuple[str, ...], window: Window, pool: ThreadPoolExecutor
) -> list[np.ndarray]:
    """Read the window of all factors, in pieces that keep every processor busy."""
    width = int(window.width)
    pieces = [
        (name, Window(column, window.row_off, min(BLOCK_COLUMNS, width - column), window.height))
        for name in names
        for column in range(0, width, BLOCK_COLUMNS)
    ]
    found = iter(pool.map(lambda piece: readers[piece[0]].read(piece[1]), pieces))
    count = math.ceil(width / BLOCK_COLUMNS)
    return [np.concatenate([next(found) for _ in range(count)], axis=1) for _ in names]


def _profile(grid: Grid, bands: int) -> dict:
    return {
        "driver": "GTiff",
        "width": grid.width,
        "height": grid.height,
        "count": bands,
        "dtype": "float32",
        "crs": grid.crs,
        "transform": grid.affine,
        "nodata": math.nan,
        "tiled": True,
        "blockxsize": store.BLOCK,
        "blockysize": store.BLOCK,
        # One tile of all factors is one read.
        "interleave": "pixel",
        "compress": "ZSTD",
        "zstd_level": 3,
        "predictor": 3,
        "num_threads": "ALL_CPUS",
        "BIGTIFF": "IF_SAFER",
    }


def _check_data(made: ImportPlan, summaries: dict[str, Summary], complete: int) -> None:
    for name, summary in summaries.items():
        if not summary.valid_share:
            if name == "aspect" and name in made.derived:
                reason = "elevation is flat everywhere"
            else:
                reason = "every pixel of it in the scene is no data"
            raise SlideScopeError(
                f"Factor '{name}' ({made.source(name)}) holds nothing: {reason}; check the file's "
                "no-data value and place."
            )
    if not complete:
        shares = ", ".join(f"{n} {s.valid_share:.0%}" for n, s in summaries.items())
        raise SlideScopeError(
            f"No pixel has data in all factors (valid shares: {shares}): leave out the factor with "
            "the least, or cut the files to the same area."
        )


def _scene_factor(
    made: ImportPlan, name: str, summary: Summary, legend: dict[str, str] | None
) -> store.SceneFactor:
    kind = made.kind(name)
    if kind == "categorical" and legend is None:
        names = made.class_names.get(name, {})
        legend = {str(code): names.get(code, str(code)) for code in sorted(summary.classes)}
    said = made.class_colours.get(name, {})
    colours = {str(code): colour for code, colour in said.items() if str(code) in (legend or {})}
    return store.SceneFactor(
        name=name,
        kind=kind,
        unit=_unit_of(made, name, kind),
        source=made.source(name),
        legend=legend,
        colours=colours or None,
        **summary.figures(),
    )


def _unit_of(made: ImportPlan, name: str, kind: str) -> str:
    """The factor's unit; none where its files are pictures that name none."""
    known = made.units.get(name, ())
    if any(unit.how == "not named" for unit in known):
        return ""
    return factor(name, categorical=kind == "categorical").unit


def seams_of(made: ImportPlan) -> list[str]:
    """Where the files of a mosaic meet."""
    return [
        seams.sentence(name, seam)
        for name, files in made.rasters.items()
        for seam in seams.between(files, made.layout.grid, made.kernel(name))
    ]


def about(made: ImportPlan, summaries: dict[str, Summary], shared: float) -> list[str]:
    """What the values tell; `shared`: share of pixels with data in all factors but deformation."""
    notes = _from_orbit(made, summaries)
    if "aspect" in made.derived:
        flat = summaries["slope"].valid_share - summaries["aspect"].valid_share
        if flat > 0.001:
            notes.append(
                f"{percent(flat)} of the scene is flat: it has no aspect and is left out of "
                "training and scores."
            )
    gaps = 1 - summaries[ELEVATION].valid_share if ELEVATION in summaries else 0.0
    if gaps > 0 and set(made.derived) & set(WATER):
        notes.append(
            f"{percent(gaps)} of the elevation is no data: water ends there, and what lies below "
            "has too small a contributing area; fill the gaps first where it matters."
        )
    if shared < 1:
        notes.append(
            f"{percent(shared)} of the pixels have data in all factors, deformation aside; only "
            "these are trained on and scored."
        )
    return notes


def _from_orbit(made: ImportPlan, summaries: dict[str, Summary]) -> list[str]:
    """A slide does not run uphill, and what the radar cannot see is not known to be stable."""
    notes = []
    if "v_slope" in made.derived:
        uphill = summaries["v_slope"].negative_share
        notes.append(
            f"{percent(uphill)} of the rates down the slope run uphill: noise, uplift or another "
            "motion, not a slide."
        )
    if "visibility" in made.derived:
        counts = summaries["visibility"].classes
        hidden = sum(counts.get(code, 0) for code in (visibility.LAYOVER, visibility.SHADOW))
        notes.append(
            f"{percent(hidden / max(1, sum(counts.values())))} of the scene is in active layover "
            "or shadow: rates there are left out, and no rate there does not mean stable ground."
        )
    return notes
