"""What moved at a place of a scene whose rate is made of interferograms: `displacement`."""

from pathlib import Path
from typing import Any

from core import atomic
from core.errors import SlideScopeError
from core.jobs.report import Report
from core.objects import motion
from core.scene import origin, store
from core.scene.sbas import displacement, misfit, outcome
from core.scene.sbas.displacement import Displacement
from core.workflows.requests import DisplacementRequest


def run(request: DisplacementRequest, report: Report) -> dict:
    scene = store.load(request.scene)
    outcome.read(scene.path / origin.FOLDER)
    if not motion.possible(scene):
        raise SlideScopeError(
            f"Scene '{scene.name}' keeps no displacements: import it again with --series."
        )
    if request.pixel is None and request.landslide is None:
        return {"scene": scene.name, "landslides": [_line(s) for s in motion.slides(scene)]}
    found = _found(scene, request)
    told: dict[str, Any] = {"scene": scene.name, "displacement": found.to_json()}
    told["bars"] = displacement.DEVIATION
    if request.residuals:
        told["residuals"] = _residuals(scene, found)
    if request.csv:
        told["csv"] = written(Path(request.csv), displacement.csv([found]))
    return told


def written(path: Path, table: str) -> str:
    """Write a table where `--csv` says."""
    try:
        atomic.write_text(path, table)
    except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
        raise SlideScopeError(
            f"'{path}' cannot be written to ({error.strerror}): --csv needs a folder that is there "
            "and can be written to; choose another."
        ) from error
    return str(path)


def _found(scene: store.Scene, request: DisplacementRequest) -> Displacement:
    if request.pixel is not None:
        found = motion.of_pixel(scene, *request.pixel)
        words = f"Pixel {request.pixel[0]},{request.pixel[1]} has no series: no pair has data there"
    else:
        found = motion.of_slide(scene, request.landslide or 0)
        words = f"The mask keeps no pixel of landslide {request.landslide}"
    if found is None:
        raise SlideScopeError(f"{words}; choose another place.")
    return found


def _residuals(scene: store.Scene, found: Displacement) -> list[dict]:
    if found.row is None or found.column is None:
        raise SlideScopeError("--residuals are those of a pixel's pairs: give --pixel.")
    return [each.to_json() for each in misfit.of_pixel(scene.path, found.row, found.column)]


def _line(slide: motion.Slide) -> dict:
    return {
        "landslide": slide.number,
        "area_ha": slide.area_ha,
        "pixels_kept": slide.kept,
        "rate_mm_yr": slide.rate,
    }
