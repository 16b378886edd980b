"""Whether the files of a run are as they were written: asked before a map or a network is used."""

from core import digests
from core.errors import Damaged
from core.runs import run_files
from core.runs.store import Run

# What scores, exports and the map are made of.
OF_MAP = (
    run_files.PROBABILITY,
    run_files.MASK,
    run_files.LANDSLIDES,
    run_files.COUNTS,
    "uncertainty.tif",
)


def check_map(run: Run, scene: str | None = None, full: bool = False) -> None:
    """Raise Damaged where a file of the run's map of `scene` was changed after it was written.

    `full`: every file is hashed. Otherwise a large one only where its size or time of change is
    not that which was noted.
    """
    folder = run.prediction(scene)
    cure = (
        f"predict it again with `python -m core predict {run.id} --scene {folder.name}`, or "
        "restore it from a backup"
    )
    for name in OF_MAP:
        digests.check(folder / name, f"the map of run '{run.id}'", cure, full)


def wrong_with_map(run: Run, scene: str | None = None) -> str | None:
    """The sentence of `check_map`, without hashing large files; None where nothing is wrong, as
    with a run that has no map of the scene."""
    if not run.prediction(scene).is_dir():
        return None
    try:
        check_map(run, scene)
    except Damaged as error:
        return str(error)
    return None
