"""`import_scene`: factor rasters in, a stored scene out, in bounded memory."""

import hashlib
import json
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import rasterio
from rasterio.windows import Window

from core.cluster.pool import Pool
from core.errors import SlideScopeError
from core.factors import ELEVATION, WATER, factor
from core.jobs.report import Report, part
from core.numerals import percent
from core.scene import inventory, store, strips, tasks
from core.scene.align.readers import Readers
from core.scene.files import guard
from core.scene.files.raster import Raster
from core.scene.files.source import Source
from core.scene.insar import visibility
from core.scene.plan import alignment, seams
from core.scene.plan.planning import ImportPlan, plan
from core.scene.plan.request import ImportRequest
from core.scene.strips import ROWS, Gathered, Summary


def import_scene(
    request: ImportRequest,
    folder: Path,
    report: Report,
    told: Sequence[str] = (),
    pool: Pool | None = None,
) -> store.Scene:
    """Bring the files of `request` onto one grid and store them in `folder`; return the scene.

    `told`: sentences about the files from before this, which its notes begin with; `pool`: who
    reads and writes, in place of this process.

    The whole is read and written in strips of 256 rows. What the folder holds after an error is
    for the caller to throw away (`store.create` does).
    """
    report("looking at the files", 0.0)
    with guard.gdal_options():
        made = plan(request)
        suspicious = alignment.suspicions(made)
        _check_disk(made, folder, in_parts=pool is not None)
        summaries, fingerprint, complete, legends = _aligned(request, made, folder, report, pool)
        about_all = about(made, summaries, complete)
        notes = [*told, *made.notes, *suspicious, *seams_of(made), *about_all]
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


def _check_disk(made: ImportPlan, folder: Path, in_parts: bool) -> None:
    """Refuse what the disk has no room for; the parts that workers write lie beside the whole until
    it is joined."""
    grid = made.layout.grid
    needed = grid.width * grid.height * 4 * (len(made.names) + 4 * bool(made.derived))
    needed *= 1 + in_parts
    free = shutil.disk_usage(folder).free
    # Compression saves a third at the least.
    if needed * 0.7 > free:
        parts = ", half of it for the parts of the workers," if in_parts else ""
        raise SlideScopeError(
            f"The scene needs up to {needed / 1e9:.1f} GB{parts} and the disk has {free / 1e9:.1f} "
            "GB free: free some, or give a coarser --resolution."
        )


def _aligned(
    request: ImportRequest, made: ImportPlan, folder: Path, report: Report, pool: Pool | None
) -> tuple[dict[str, Summary], str, float, dict[str, dict[str, str]]]:
    """Write the aligned stack; return what each factor holds, the fingerprint of the whole, the
    share of pixels with data in all factors, deformation aside, and the legends."""
    crew = tasks.Crew(pool, request, made) if pool else None
    work = crew.work if crew else folder / ".work"
    work.mkdir(exist_ok=True)
    path, told = folder / "stack.tif", part(report, 0.3, 0.85)
    with ExitStack() as stack:
        derive = crew.derive if crew else None
        opened = Readers(made, work, stack, part(report, 0.02, 0.3), derive)
        readers, legends = opened.all(), opened.legends
        digest = _digest(made, legends)
        if crew:
            found = crew.write_stack(path, digest, told)
        else:
            found = _write_stack(made, readers, path, digest, told)
    _check_data(made, found.summaries, found.complete)
    if crew:
        crew.parts.remove()
    shutil.rmtree(work, ignore_errors=True)
    share = found.complete / (made.layout.grid.width * made.layout.grid.height)
    return found.summaries, digest.hexdigest(), share, legends


def _digest(made: ImportPlan, legends: dict) -> Any:
    """The hash that all values are added to, strip by strip from the top."""
    grid, kind, tile = made.layout.grid, made.layout.kind, made.layout.tile
    head = json.dumps([grid.to_json(), made.names, legends, kind, tile])
    return hashlib.blake2b(head.encode(), digest_size=8)


def _write_stack(
    made: ImportPlan, readers: dict, path: Path, digest: Any, report: Report
) -> Gathered:
    grid, names, found = made.layout.grid, made.names, Gathered(made)
    with (
        rasterio.open(path, "w", **strips.profile_of(grid, len(names))) as target,
        strips.threads() as pool,
    ):
        target.descriptions = names
        for row in range(0, grid.height, ROWS):
            report(f"aligning {len(names)} factors", row / grid.height)
            window = Window(0, row, grid.width, min(ROWS, grid.height - row))
            values = found.add(strips.read_strips(readers, names, window, pool))
            digest.update(values.tobytes())
            target.write(values, window=window)
    return found


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
