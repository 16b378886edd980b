"""Export of a review: the inventory and the decisions as one GeoPackage, and the log itself.

review.gpkg      layer `landslides` (a version's outlines), layer `decisions` (a row a decision,
                 with its outline where it has one)
decisions.jsonl  the log as it is
"""

import shutil
from dataclasses import asdict
from pathlib import Path

import geopandas as gpd

from core import atomic
from core.errors import SlideScopeError
from core.review import decisions, standing
from core.review.reviewing import check_inventory
from core.scene import versions
from core.scene.files import vectors
from core.scene.store import Scene

GEOPACKAGE, LOG = "review.gpkg", "decisions.jsonl"


def write(scene: Scene, folder: Path, version: int | None = None) -> dict:
    """Write both files into `folder`; return {folder, files, version, landslides, decisions}.

    `version` of the inventory, by default the newest.
    """
    check_inventory(scene)
    at = versions.at(scene, version or versions.numbers(scene)[-1])
    log = decisions.read(scene.name)
    frame = versions.outlines(at)
    try:
        with atomic.whole_file(folder / GEOPACKAGE) as target:
            vectors.write(target, frame, "landslides", "w")
            vectors.write(target, _table(log, scene), "decisions", "a")
        files = [GEOPACKAGE]
        if decisions.log_file(scene.name).exists():
            with atomic.whole_file(folder / LOG) as target:
                shutil.copyfile(decisions.log_file(scene.name), target)
            files.append(LOG)
    except OSError as error:
        raise SlideScopeError(
            f"Folder '{folder}' cannot be written to ({error.strerror or error}): an export needs "
            "one that can; choose another."
        ) from error
    version = at.needed_inventory["version"]
    about = {"version": version, "landslides": len(frame), "decisions": len(log)}
    return {"folder": str(folder), "files": files, **about}


def _table(log: list, scene: Scene) -> gpd.GeoDataFrame:
    columns = list(decisions.Decision.__dataclass_fields__)
    rows = [asdict(decision) for decision in log]
    data = {name: [row[name] for row in rows] for name in columns if name != "outline"}
    # GeoPackage has a column of its own called so.
    data["decision"] = data.pop("id")
    shapes = standing.outlines(log, scene)
    return gpd.GeoDataFrame(data, geometry=gpd.GeoSeries(shapes, crs=scene.grid.crs))
