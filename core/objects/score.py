"""Landslide-level scores of a run: what share of landslides is detected, by size."""

from dataclasses import asdict, dataclass

import numpy as np

from core.errors import SlideScopeError
from core.learning.prediction import products
from core.learning.scores import evaluation, metrics
from core.objects import detection
from core.objects.boundary import TOLERANCE_PX
from core.objects.found import FoundObjects, find
from core.objects.object import Object, SizeClass, classes
from core.runs import intact, run_files
from core.runs.store import Run
from core.scene.store import Scene

LISTED = 50
RULE = (
    f"Detected: at least {100 * detection.DETECTED_SHARE:.0f} % of a landslide's pixels are "
    f"predicted. False: less than {100 * detection.FALSE_SHARE:.0f} % of a predicted object is "
    "landslide. Only what lies wholly in the area counts; pixels that touch at a corner belong "
    f"together. Boundary F1: outlines within {TOLERANCE_PX} pixels of each other."
)


@dataclass(frozen=True)
class Detected:
    """Landslides of one size class, and those of them that are detected."""

    size: SizeClass
    landslides: int
    detected: int

    @property
    def share(self) -> float | None:
        """None where there is no landslide of that size."""
        return self.detected / self.landslides if self.landslides else None


def by_size(found: FoundObjects, scene: Scene) -> tuple[Detected, ...]:
    """Detected landslides of every size class, small ones first."""
    rows = []
    for size in classes(scene.grid):
        those = [item for item in found.landslides if size.holds(item.size)]
        rows.append(Detected(size, len(those), sum(item.hit for item in those)))
    return tuple(rows)


def area_of(run: Run, scene: Scene, asked: str) -> metrics.Area:
    """The area whose objects are shown where `asked` is: another scene than the training's is
    unseen as a whole, and a part of the view would cut objects."""
    if scene.name not in run.config.learned_from or evaluation.usual_area(run, scene.name) == "all":
        return "all"
    return next((known for known in metrics.AREA_WORDS if known == asked), "test")


def tiles_of(run: Run, scene: Scene, area: metrics.Area) -> np.ndarray:
    """bool (tiles,): the tiles of an area of a predicted scene."""
    if not scene.inventory:
        raise SlideScopeError(
            f"Scene '{scene.name}' has no landslide inventory: nothing in it can be detected or "
            "missed; import it again with --inventory."
        )
    if not run.predicted(scene.name):
        raise SlideScopeError(
            f"Run '{run.id}' has no prediction for scene '{scene.name}': objects come from a "
            f"predicted map; run `python -m core predict {run.id}` first."
        )
    evaluation.check_area(run, scene.name, area)
    return metrics.in_area(products.load_counts(run.prediction(scene.name))[1], area)


def of_run(run: Run, scene: Scene, area: metrics.Area, threshold: float) -> FoundObjects:
    """The objects of a run's map of `scene`, whose inventory they are held against."""
    inside = tiles_of(run, scene, area)
    intact.check_map(run, scene.name)
    return find(scene, run.prediction(scene.name) / run_files.PROBABILITY, inside, threshold)


def score(found: FoundObjects, scene: Scene) -> dict:
    """Return plain values: rule, inventory_version, landslides, detected, detected_share,
    by_size, predicted, false, false_share, boundary, missed_objects and false_objects (the first
    50 of each by area x probability).
    """
    landslides, predicted = len(found.landslides), len(found.predicted)
    hits = sum(item.hit for item in found.landslides)
    edges = found.boundary
    return {
        "rule": RULE,
        "inventory_version": scene.needed_inventory["version"],
        "landslides": landslides,
        "detected": hits,
        "detected_share": hits / landslides if landslides else None,
        "by_size": [
            {**asdict(row.size), "landslides": row.landslides, "detected": row.detected}
            | {"share": row.share}
            for row in by_size(found, scene)
        ],
        "predicted": predicted,
        "false": len(found.false),
        "false_share": len(found.false) / predicted if predicted else None,
        "boundary": {
            "f1": edges.f1,
            "precision": edges.precision,
            "recall": edges.recall,
            "tolerance_px": TOLERANCE_PX,
        },
        "missed_objects": [to_json(item) for item in found.missed[:LISTED]],
        "false_objects": [to_json(item) for item in found.false[:LISTED]],
    }


def to_json(item: Object) -> dict:
    return {**asdict(item), "box": list(item.box), "weight": item.weight}
