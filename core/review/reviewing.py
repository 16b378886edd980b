"""What a reviewer can do: accept, reject, comment, undo, make a version. Page and command alike."""

import shutil
from dataclasses import asdict
from pathlib import Path

import geopandas as gpd

from core import atomic
from core.errors import SlideScopeError
from core.review import decisions, outline
from core.review.decisions import Decision
from core.review.queue import Asked, false_object
from core.scene import inventory
from core.scene.files import vectors
from core.scene.store import Scene

GEOPACKAGE, LOG = "review.gpkg", "decisions.jsonl"


LONGEST_COMMENT = 2000


def accept(
    asked: Asked, key: str, author: str, comment: str = "", grow: int = 0, drawn: str = ""
) -> Decision:
    """Take a false object for a landslide: with its own outline, `grow` pixels wider, or as
    `drawn` (see `outline.parse`)."""
    item = false_object(asked, key)
    if drawn.strip():
        shape = outline.parse(drawn, asked.scene)
    else:
        shape = outline.of_object(asked.scene, asked.probability, item, asked.threshold, grow)
        outline.check(shape, asked.scene)
    edited = bool(drawn.strip() or grow)
    return _decide(asked, key, author, "accept", comment, item, shape, edited)


def reject(asked: Asked, key: str, author: str, comment: str = "") -> Decision:
    """Say that a false object is no landslide."""
    item = false_object(asked, key)
    shape = outline.of_object(asked.scene, asked.probability, item, asked.threshold)
    return _decide(asked, key, author, "reject", comment, item, shape)


def remark(asked: Asked, key: str, author: str, comment: str) -> Decision:
    """Note something about a false object, without a verdict."""
    if not comment.strip():
        raise SlideScopeError("The comment is empty: a comment needs words; write some.")
    return _decide(asked, key, author, "comment", comment, false_object(asked, key))


def _decide(asked: Asked, key, author, action, comment, item, shape=None, edited=False) -> Decision:
    if len(comment) > LONGEST_COMMENT:
        raise SlideScopeError(
            f"The comment has {len(comment)} letters: at most {LONGEST_COMMENT} are kept; shorten "
            "it."
        )
    made = decisions.new(
        author,
        action,
        asked.scene.name,
        asked.scene.fingerprint,
        run=asked.run.id,
        threshold=asked.threshold,
        item=key,
        comment=comment.strip(),
        outline=shape.wkt if shape is not None else None,
        crs=asked.scene.grid.crs,
        edited=edited,
        probability=item.probability,
        deformation=item.deformation,
        pixels=item.pixels,
    )
    with decisions.locked(asked.scene.name):
        return decisions.append(made)


def undo(scene: Scene, author: str, of: str | None = None) -> Decision:
    """Take back a decision, by default the author's last; the log keeps both."""
    author = decisions.check_author(author)
    with decisions.locked(scene.name):
        back = decisions.to_undo(decisions.read(scene.name), author, of)
        about = {"run": back.run, "threshold": back.threshold, "item": back.item}
        made = decisions.new(author, "undo", scene.name, scene.fingerprint, of=back.id, **about)
        return decisions.append(made)


def make_version(scene: Scene, author: str) -> dict:
    """Burn the imported inventory and every accepted outline into the next version; return its
    entry with `left_out`, the number of accepted outlines that do not lie in this scene (any
    more)."""
    author = decisions.check_author(author)
    check_inventory(scene)
    with decisions.locked(scene.name):
        taken, shapes, left_out = _accepted(scene)
        ids = [decision.id for decision in taken]
        _check_new(scene, ids)
        frame = gpd.GeoDataFrame(
            {
                "decision": ids,
                "author": [d.author for d in taken],
                "accepted": [d.time for d in taken],
                "comment": [d.comment for d in taken],
            },
            geometry=shapes,
            crs=scene.grid.crs,
        )
        said = decisions.new(author, "version", scene.name, scene.fingerprint)
        about = {"author": author, "made": said.time, "decisions": ids}
        entry = inventory.add(scene, frame, about)
        decisions.append(Decision(**{**vars(said), "version": entry["version"]}))
    return {**entry, "left_out": left_out}


def _accepted(scene: Scene) -> tuple[list[Decision], list, int]:
    """Accepted decisions whose outline is a landslide of this scene, outlines, how many are not."""
    found = decisions.accepted(decisions.read(scene.name))
    taken, shapes = [], []
    for decision, shape in zip(found, decisions.outlines(found, scene)):
        if shape is not None and _fits(shape, scene):
            taken.append(decision)
            shapes.append(shape)
    return taken, shapes, len(found) - len(taken)


def _fits(shape, scene: Scene) -> bool:
    try:
        return outline.check(shape, scene) is shape
    except SlideScopeError:
        return False


def _check_new(scene: Scene, ids: list[str]) -> None:
    """Refuse a version that would hold what the newest holds already."""
    newest = inventory.numbers(scene)[-1]
    before = set(inventory.at(scene, newest).needed_inventory.get("decisions", ()))
    if before == set(ids):
        what = f"version {newest}" if newest > 1 else "the imported inventory"
        raise SlideScopeError(
            f"Nothing was decided since {what} of scene '{scene.name}' that changes it: accept an "
            "object first."
        )


def check_inventory(scene: Scene) -> None:
    """Refuse a scene without an inventory: nothing in it can be false."""
    if not scene.inventory:
        raise SlideScopeError(
            f"Scene '{scene.name}' has no landslide inventory: nothing in it can be false or "
            "missed; import it again with --inventory."
        )


def write(scene: Scene, folder: Path, version: int | None = None) -> dict:
    """Write both files into `folder`; return {folder, files, version, landslides, decisions}.

    `version` of the inventory, by default the newest.
    """
    check_inventory(scene)
    at = inventory.at(scene, version or inventory.numbers(scene)[-1])
    log = decisions.read(scene.name)
    frame = inventory.outlines(at)
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
    shapes = decisions.outlines(log, scene)
    return gpd.GeoDataFrame(data, geometry=gpd.GeoSeries(shapes, crs=scene.grid.crs))
