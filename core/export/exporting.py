"""One export: rasters, polygons, styles, a QGIS project and a report, in a folder that appears
whole.

DIR/probability.tif, mask.tif, uncertainty.tif (where it was predicted)     COG, the scene's grid
DIR/landslides.gpkg, landslides.geojson     polygons at the threshold
DIR/*.qml, map.qgs                          how QGIS draws them
DIR/report.html                             for people, in one file
DIR/export.json                             provenance and the list of files
"""

import os
from pathlib import Path

import rasterio

from core import atomic, digests, disk, stored
from core.display.bins import BINS
from core.errors import SlideScopeError
from core.export import polygons, provenance, qgis, rasters, report, store, styles
from core.export.provenance import Origin
from core.jobs.report import Report, silent
from core.language import reader
from core.learning.scores.metrics import check_threshold
from core.runs import intact
from core.runs.store import Run
from core.scene.files.guard import CACHE_BYTES
from core.scene.store import Scene

LIST = store.LIST


def export(
    run: Run, scene: Scene, out: Path, threshold: float = 0.5, tell: Report = silent
) -> dict:
    """Write the run's prediction of `scene` at `threshold` into the folder `out`.

    Returns {run, scene, threshold, folder, files, landslides, landslide_pixels, notes}. Raises a
    SlideScopeError, with nothing written, where there is no prediction of this state of the scene
    or `out` holds anything but an earlier export.
    """
    check_threshold(threshold)
    _check_predicted(run, scene)
    intact.check_map(run, scene.name, full=True)
    out = Path(out).expanduser().absolute()
    check_folder(out)
    # Probabilities are kept apart in steps of 1 / 200 everywhere else too.
    origin = provenance.origin(run, scene, round(threshold * BINS) / BINS)
    try:
        with (
            rasterio.Env(GDAL_CACHEMAX=CACHE_BYTES),
            atomic.whole_folder(out) as folder,
            disk.scratch(".export.", folder.parent) as scratch,
        ):
            return _fill(origin, folder, scratch, out, tell)
    except PermissionError as error:
        raise _no_folder(out, "it cannot be written to") from error


def _fill(origin: Origin, folder: Path, scratch: Path, out: Path, tell: Report) -> dict:
    tell("Writing rasters", 0.0)
    pixels = rasters.write(origin, folder, scratch)
    tell("Outlining landslides", 0.4)
    found = polygons.write(origin, folder)
    names = (qgis.POLYGONS, *rasters.layers(origin)[::-1])
    for name in names:
        styles.write(name, folder)
    qgis.write(origin, names, folder)
    tell("Writing the report", 0.8)
    report.write(origin, found, folder)
    result = {
        "run": origin.run.id,
        "scene": origin.scene.name,
        "threshold": origin.threshold,
        "folder": str(out),
        "files": sorted([LIST, *(file.name for file in folder.iterdir())]),
        "landslides": found.count,
        "landslide_pixels": pixels,
        "notes": notes(origin, found),
    }
    about = {"tags": origin.tags(), "made": origin.when, "software": provenance.versions()}
    about["language"] = reader.current()
    # Here and not in a record of its own: whoever is given the files can check them.
    about["sha256"] = {f.name: digests.of(f) for f in sorted(folder.iterdir()) if f.name != LIST}
    atomic.write_json(folder / LIST, stored.sealed({**result, **about}))
    return result


def notes(origin: Origin, found: polygons.Summary) -> list[str]:
    """What a user of the files should know, in sentences."""
    said = []
    if origin.synthetic:
        said.append("The scene is synthetic: nothing in these files lies on real ground.")
    if not found.count:
        said.append(f"No pixel reaches the threshold {origin.threshold:g}: the mask is empty.")
    if not origin.scene.grid.crs:
        said.append(
            "The scene has no coordinate reference system: there is no GeoJSON, which is in "
            "longitude and latitude, and there are no areas in hectares."
        )
    if origin.weights is None:
        said.append(
            "Which weights made this map is not known, so the hash is left out: predict it again "
            "with `python -m core predict`."
        )
    return said


def _check_predicted(run: Run, scene: Scene) -> None:
    if not store.has_map(run, scene):
        raise SlideScopeError(
            f"Run '{run.id}' has no prediction for scene '{scene.name}': an export needs a "
            f"predicted map; run `python -m core predict {run.id} --scene {scene.name}` first."
        )
    if run.outdated(scene.name, scene.fingerprint):
        raise SlideScopeError(
            f"The map of run '{run.id}' is of an earlier import of scene '{scene.name}', whose "
            "pixels may lie elsewhere: predict it again first."
        )


def check_folder(out: Path) -> None:
    """Raise a SlideScopeError unless `out` can become an export: new, empty, or one already."""
    if out.exists() and not out.is_dir():
        raise _no_folder(out, "it is a file")
    above = next(folder for folder in out.parents if folder.exists())
    if not above.is_dir():
        raise _no_folder(out, f"'{above.name}' is a file")
    if not os.access(above, os.W_OK):
        raise _no_folder(out, f"'{above}' cannot be written to")
    if not out.exists():
        return
    ours = set((store.read(out) or {}).get("files", ()))
    # Side-car files that QGIS and GDAL leave beside a layer they have opened.
    foreign = [f.name for f in out.iterdir() if f.name not in ours and not _side_car(f, ours)]
    if foreign:
        raise _no_folder(out, f"it holds other files ('{min(foreign)}')")


def _side_car(file: Path, ours: set[str]) -> bool:
    endings = (".aux.xml", "-wal", "-shm", "~")
    return any(file.name == f"{name}{ending}" for name in ours for ending in endings)


def _no_folder(out: Path, why: str) -> SlideScopeError:
    return SlideScopeError(
        f"Cannot export to '{out}': {why}; --out must be a new or empty folder, or an earlier "
        "export, which is replaced."
    )
