"""The queue: false objects of a map, the likeliest unmapped landslide first, and what was decided
about each."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import shapely

from core.errors import SlideScopeError
from core.language.translation import message
from core.learning.scores.metrics import Area
from core.objects import detection, score
from core.objects.object import Object, pixels_of
from core.review import decisions
from core.review.decisions import Decision
from core.runs import run_files
from core.runs.store import Run
from core.scene.polygons import burn
from core.scene.store import Scene

STATES = {"accept": message("accepted"), "reject": message("rejected")}
SAME_SHARE = 0.5  # of an object's pixels under a decided outline: it is the same thing


@dataclass(frozen=True)
class Candidate:
    """A false object and its verdict; `of` is the decision behind it, perhaps about the same place
    in another map. `comments` oldest first."""

    item: Object
    state: str = message("open")
    of: Decision | None = None
    comments: tuple[Decision, ...] = ()

    @property
    def rank(self) -> float:
        """Mean probability x |mean deformation|; probability alone where there is none."""
        moved = self.item.deformation
        return self.item.probability * (1.0 if moved is None else abs(moved))

    def to_json(self) -> dict:
        return {
            **score.to_json(self.item),
            "rank": self.rank,
            "state": self.state,
            "decision": self.of and asdict(self.of),
            "comments": [asdict(each) for each in self.comments],
        }


@dataclass(frozen=True)
class Asked:
    """A run's map of a scene at a threshold, and the area whose objects are reviewed."""

    run: Run
    scene: Scene
    threshold: float = 0.5
    area: Area = "all"

    @property
    def probability(self) -> Path:
        return self.run.prediction(self.scene.name) / run_files.PROBABILITY

    @property
    def objects(self):
        return score.of_run(self.run, self.scene, self.area, self.threshold)

    def subject(self, key: str) -> tuple:
        return self.run.id, self.threshold, key


def queue(asked: Asked) -> tuple[Candidate, ...]:
    """False objects by rank, those with deformation first, each with what was decided."""
    log = decisions.read(asked.scene.name)
    found = {item.key: Candidate(item) for item in asked.objects.false}
    _take_same_places(found, asked, decisions.verdicts(log))
    spoken = [d for d in decisions.effective(log) if d.action == "comment"]
    for key, candidate in found.items():
        mine = tuple(d for d in spoken if d.subject == asked.subject(key))
        found[key] = replace(candidate, comments=mine) if mine else candidate
    order = lambda c: (c.item.deformation is None, -c.rank, c.item.key)  # noqa: E731
    return tuple(sorted(found.values(), key=order))


def _take_same_places(found: dict, asked: Asked, verdicts: Sequence[Decision]) -> None:
    """Give every candidate the last verdict about it or about its place."""
    if not verdicts or not found:
        return
    keys = list(found)
    grid = asked.scene.grid
    boxes = shapely.box(*_corners([found[key].item.box for key in keys], grid.affine))
    tree = shapely.STRtree(boxes)
    for verdict, outline in zip(verdicts, decisions.outlines(verdicts, asked.scene)):
        near = [] if outline is None else [keys[i] for i in tree.query(outline)]
        own = [k for k in found if asked.subject(k) == verdict.subject]
        for key in dict.fromkeys(own + near):
            if key in own or _covers(outline, found[key].item, asked):
                found[key] = replace(found[key], state=STATES[verdict.action], of=verdict)


def _corners(boxes: list, affine) -> np.ndarray:
    """(left, bottom, right, top) arrays in the scene's coordinates."""
    top, left, bottom, right = np.array(boxes, float).T
    x0, y0 = affine * (left, top)
    x1, y1 = affine * (right, bottom)
    return np.stack(
        [np.minimum(x0, x1), np.minimum(y0, y1), np.maximum(x0, x1), np.maximum(y0, y1)]
    )


def _covers(outline, item: Object, asked: Asked) -> bool:
    window, inside = pixels_of(asked.scene, asked.probability, item, asked.threshold)
    under = burn([outline], [1], asked.scene.grid, window, 0, "uint8") == 1
    return (under & inside).sum() >= SAME_SHARE * inside.sum()


def false_object(asked: Asked, key: str) -> Object:
    """The false object of that key; a SlideScopeError where there is none."""
    found = next((item for item in asked.objects.predicted if item.key == key), None)
    if found is None:
        raise SlideScopeError(
            f"No predicted object '{key}' at threshold {asked.threshold:g} in the map of run "
            f"'{asked.run.id}': `python -m core review {asked.scene.name}` lists them; choose one."
        )
    if found.hit:
        raise SlideScopeError(
            f"Object '{key}' is no false object: {100 * found.share:.0f} % of it is mapped "
            f"landslide, and only those with less than {100 * detection.FALSE_SHARE:.0f} % are "
            "reviewed; choose another."
        )
    return found
