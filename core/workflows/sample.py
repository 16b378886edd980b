"""The synthetic watershed's files, as a user would have them: `sample`."""

import os
import shutil
from pathlib import Path

from core import atomic, disk, paths
from core.errors import SlideScopeError
from core.factors import DEFORMATION, ELEVATION, LITHOLOGY
from core.jobs.report import Report, part, silent
from core.scene import store
from core.scene.files.source import Source
from core.scene.plan.request import ImportRequest
from core.workflows.importing import store_scene
from core.workflows.requests import SAMPLE_SEED as SEED
from core.workflows.requests import SAMPLE_SIZE as SIZE
from core.workflows.requests import SampleRequest
from sample_data import interferograms, watershed
from sample_data.grid import CELL

# Written last by the generator: where it stands, the files are whole.
RECORD = "scene.json"


INVENTORY = "inventory.gpkg"
# Of the way from nothing to a scene; with a stack, whose files take longer, less.
FILES_SHARE = 0.7
# The watershed of a page's stack, px.
STACK_SIZE = 1024


FILES = {
    "blue": "S2_B2.tif",
    "green": "S2_B3.tif",
    "red": "S2_B4.tif",
    "nir": "S2_B8.tif",
    ELEVATION: "DEM.tif",
    LITHOLOGY: "lithology.gpkg",
    DEFORMATION: "deformation.tif",
}


def run(request: SampleRequest, report: Report) -> dict:
    out = Path(request.out) if request.out else None
    stack = Path(request.interferograms) if request.interferograms else None
    told = part(report, 0.3, 1.0) if stack else report
    written = {}
    if stack and not _is_scene(request.name):
        made = interferograms_in(stack, request.size, request.seed, part(report, 0.0, 0.3))
        written = {"interferograms": made}
    if request.name is None:
        return files(request.size, request.seed, out, told) | written
    return make(request.name, told, request.size, request.seed, out, stack) | written


def make(
    name: str,
    report: Report = silent,
    size: int = SIZE,
    seed: int = SEED,
    out: Path | None = None,
    stack: Path | None = None,
) -> dict:
    """Write the files and import them as scene `name`, its rate made of the interferograms in
    `stack` where there is one; a scene of that name is left as it is."""
    if _is_scene(name):
        return {**_scene(name), "exists": True, "out": None}
    made = files(size, seed, out, part(report, 0, 0.5 if stack else FILES_SHARE))
    folder = Path(made["out"])
    rasters = {factor: (Source(str(folder / file)),) for factor, file in FILES.items()}
    factors: dict[str, tuple[Source, ...]] = {**rasters}
    if stack:
        factors[DEFORMATION] = (Source(str(stack)),)
    request = ImportRequest(
        name=name,
        factors=factors,
        categorical=frozenset({LITHOLOGY}),
        inventory=Source(str(folder / INVENTORY)),
    )
    store_scene(request, part(report, 0.5 if stack else FILES_SHARE, 1))
    return {**made, **_scene(name), "exists": False}


def _is_scene(name: str | None) -> bool:
    return name is not None and paths.check_name(name) in store.names()


def interferograms_in(
    out: Path, size: int = SIZE, seed: int = SEED, report: Report = silent
) -> dict:
    """Return what the stack of the watershed in the folder `out` is, writing it where it is missing
    or another; the folder appears whole. `truth` names the rate without any error."""
    check_size(size)
    record = atomic.read_json(out / interferograms.RECORD) if out.is_dir() else None
    if not _is_stack_of(record, size, seed):
        if record is None and out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise SlideScopeError(
                f"'{out}' is there already and holds something else: give a new or empty folder "
                "for the interferograms."
            )
        try:
            with atomic.whole_folder(out.absolute()) as folder:
                record = interferograms.generate(folder, size, seed, report)
        except OSError as error:
            raise SlideScopeError(
                f"Cannot write to '{out}': {error.strerror}; choose another --interferograms."
            ) from error
    assert record is not None  # just written
    return {"folder": str(out), **record, "truth": str(out / record["truth"])}


def stack_request(size: int = STACK_SIZE, seed: int = SEED) -> SampleRequest:
    """What a page asks for where the user has no interferograms: small, so that it is quick."""
    place = paths.samples_folder() / f"interferograms-{size}-{seed}"
    return SampleRequest(size=size, seed=seed, interferograms=str(place))


def stack_files(size: int = STACK_SIZE, seed: int = SEED) -> list[str]:
    """What a scene is imported from whose rate is made of the sample's interferograms: the files
    of the watershed, and the stack in place of its rate."""
    folder = paths.samples_folder() / f"watershed-{size}-{seed}"
    names = [name for factor, name in FILES.items() if factor != DEFORMATION]
    made = [str(folder / name) for name in (*names, INVENTORY)]
    return [*made, str(stack_request(size, seed).interferograms)]


def _is_stack_of(record: dict | None, size: int, seed: int) -> bool:
    if not record or (record.get("generator"), record.get("seed")) != (
        interferograms.VERSION,
        seed,
    ):
        return False
    side = int(size * CELL // interferograms.PIXEL)
    return record.get("shape") == [side, side]


def files(size: int, seed: int, out: Path | None = None, report: Report = silent) -> dict:
    """Return the generator's record of the files in `out`, writing them where they are missing."""
    check_size(size)
    out = out or paths.samples_folder() / f"watershed-{size}-{seed}"
    record = atomic.read_json(out / RECORD) if (out / RECORD).is_file() else None
    if not record or not _whole(record, out, size, seed):
        record = _generate(size, seed, out, report)
    return {"out": str(out), **record}


def check_size(size: int) -> None:
    low, high = watershed.SMALLEST, watershed.LARGEST
    if not low <= size <= high:
        raise SlideScopeError(
            f"Invalid sample size {size}: the watershed can be {low} to {high} pixels wide; "
            "choose a number in between."
        )


def _whole(record: dict, out: Path, size: int, seed: int) -> bool:
    wanted = {"generator": watershed.VERSION, "size": size, "seed": seed}
    same = all(record.get(key) == value for key, value in wanted.items())
    return same and all((out / name).exists() for name in record["files"])


def _generate(size: int, seed: int, out: Path, report: Report) -> dict:
    """Generate beside the files already in `out`, then move each into place, the record last."""
    work = out / ".writing"
    shutil.rmtree(work, ignore_errors=True)
    _make_folder(work)
    try:
        with disk.kept_whole(work):
            record = watershed.generate(work, size, seed, report)
        (out / RECORD).unlink(missing_ok=True)
        for name in sorted(record["files"], key=lambda n: n == RECORD):
            os.replace(work / name, out / name)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return record


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise SlideScopeError(
            f"Cannot write to '{folder.parent}': {error.strerror}; choose another --out."
        ) from error


def _scene(name: str) -> dict:
    scene = store.load(name)
    return {
        "scene": scene.name,
        "width": scene.grid.width,
        "height": scene.grid.height,
        "factors": list(scene.factor_names),
        "landslide_share": scene.landslide_share,
        "synthetic": scene.synthetic,
    }
