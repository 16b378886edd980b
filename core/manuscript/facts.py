"""What a paragraph on methods says of a run, as values: the same for every language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import core
from core.errors import SlideScopeError
from core.factors import DEFORMATION, factor
from core.learning import split
from core.learning.scores import operating_point
from core.learning.scores.operating_point import OperatingPoint
from core.manuscript.caption import system
from core.runs import run_files, summary
from core.runs.config import RunConfig
from core.runs.store import Run
from core.runs.summary import Best
from core.scene.store import Scene


@dataclass(frozen=True)
class Facts:
    """`pixel_m` side of a pixel and `km2` area of the scene, None where pixels have no metres;
    `parts` tiles by part of the split, None where it is not known (a network that was brought);
    `epochs_run` 0 where the history is not kept; `parameters` trainable ones; `measured` as of
    `Run.metrics`, None before it is measured."""

    config: RunConfig
    scene: Scene
    system: str
    pixel_m: float | None
    km2: float | None
    parts: Mapping[str, int] | None
    parameters: int | None
    epochs_run: int
    best: Best | None
    threshold: float
    point: OperatingPoint | None
    flips: int
    measured: dict[str, Any] | None
    software: str

    @property
    def elsewhere(self) -> bool:
        """It learned from other scenes than that which it maps."""
        return self.scene.name not in self.config.learned_from

    @property
    def others(self) -> tuple[str, ...]:
        """The scenes besides this one whose tiles it learned from too."""
        return tuple(name for name in self.config.learned_from if name != self.scene.name)

    @property
    def coded(self) -> tuple[str, ...]:
        """Its factors that are classes or bearings, which a coding turns into numbers."""
        kinds = {each.name: each.kind for each in self.scene.factors}
        known = {name: kinds.get(name, factor(name).kind) for name in self.config.factors}
        return tuple(name for name, kind in known.items() if kind != "continuous")

    @property
    def moves(self) -> bool:
        """The deformation rate is among its factors."""
        return DEFORMATION in self.config.factors


def facts(run: Run, scene: Scene) -> Facts:
    """All that is known of a run and its map of a scene; raise a SlideScopeError for a run without
    a network of its own."""
    _check(run)
    point = operating_point.load(run)
    card = run.model_card() or {}
    pixel = scene.grid.pixel_metres
    size = scene.grid.pixel_km2
    return Facts(
        config=run.config,
        scene=scene,
        system=system(scene) if scene.grid.crs else "",
        pixel_m=None if pixel is None else round(pixel[0], 2),
        km2=None if size is None else size * scene.grid.width * scene.grid.height,
        parts=_parts(run),
        parameters=card.get("trainable_parameters"),
        epochs_run=run.course["epochs"],
        best=summary.best(run),
        threshold=operating_point.kept_threshold(run),
        point=point,
        flips=run.flips(scene.name),
        measured=run.metrics(scene.name),
        software=f"SlideScope {core.__version__}",
    )


def _parts(run: Run) -> dict[str, int] | None:
    """Tiles in each part of the split of the first scene that it learned from."""
    path = run.path / run_files.SPLIT
    if not path.exists():
        return None
    kept = split.load(path)
    return {word: len(kept.tiles(part)) for word, part in split.PARTS.items()}


def _check(run: Run) -> None:
    if run.config.brought:
        raise SlideScopeError(
            f"Run '{run.id}' is a map that was made elsewhere: how is not known here; take the "
            "methods from where it was made."
        )
    if run.config.joined:
        raise SlideScopeError(
            f"Run '{run.id}' is joined from {', '.join(run.config.members)} and has no network of "
            f"its own: ask for one of them, as `python -m core methods {run.config.members[0]}`."
        )
