"""What is asked of a network that has learned, and of its map: scores, the channels it uses, where
it applies, its attention, its file."""

from dataclasses import MISSING, dataclass
from pathlib import Path
from typing import ClassVar

from core.access import VIEWER
from core.request import Request, option

RUN = {"place": True, "metavar": "RUN"}
# Of the scores and the views: here, so that a parser need not load them.
REPEATS, TILES = 5, 96
CLASSES, MOST_CLASSES = 5, 10
OUTLINES_PX = 8
POINTS, LEAST_POINTS, MOST_POINTS = 2000, 100, 10_000
BREAKS = {"equal": "equal steps", "quantile": "equal area", "natural": "natural breaks"}
KEPT_THRESHOLD = "default: the one kept with the run, else 0.5"


@dataclass(frozen=True)
class EvaluateRequest(Request):
    """The metrics of a predicted map."""

    ACTION: ClassVar[str] = "evaluate"

    run_id: str = option("a run with a map", MISSING, title="Map of", **RUN)
    scene: str | None = option("a predicted scene (default: the one it is tested on)")
    area: str | None = option(
        "test (default), validation, train or all",
        title="Area of the scores",
        page="Only the test part tells how good a network is. Map extent sums the tiles that touch "
        "the view.",
    )
    threshold: float | None = option(f"of the mask, {KEPT_THRESHOLD}", alone="at")
    at: str | None = option(
        "a threshold chosen on the validation tiles instead: best-f1, recall=SHARE, or half; "
        "guarantee=SHARE: one with a guaranteed mean recall, chosen on half of the held-out blocks",
        alone="at",
        metavar="best-f1|recall=R|guarantee=R|half",
    )
    keep: bool = option("with --at: keep it, for map, tables, export and report", False)
    objects: bool = option("also landslides detected or missed", False)
    reviewers: bool = option(
        "also what reviewers ask: rate curves, classes of probability, Boyce index, Brier score, "
        "recalibration (docs/reviewers.md)",
        False,
    )
    outlines: int = option(
        "also the scores against outlines shifted, eroded and grown by up to so many pixels "
        f"(at most {OUTLINES_PX})",
        0,
        title="Outlines off by",
        page="Pixels by which the outlines may lie off; 0: not asked.",
        unit="px",
        least=0,
        most=OUTLINES_PX,
        step=1,
    )
    spacing: bool = option(
        "also how far held-out ground lies from training ground, beside the range over which the "
        "factors are alike, and a block size",
        False,
    )
    classes: int = option(
        f"classes of probability in the table for reviewers (default {CLASSES})",
        CLASSES,
        title="Classes",
        page="How many classes of probability the table has.",
        least=2,
        most=MOST_CLASSES,
        step=1,
    )
    breaks: str = option(
        "where these begin and end: equal (default), quantile or natural",
        "equal",
        title="Class breaks",
        page="Equal steps are alike for all maps; equal area and natural breaks are of this map.",
        choices=BREAKS,
    )
    inventory_version: int | None = option("score against it (default: as the run was trained)")

    @property
    def needs(self) -> str:
        return VIEWER


@dataclass(frozen=True)
class ChannelsRequest(Request):
    """What a trained network uses."""

    ACTION: ClassVar[str] = "channels"
    KIND: ClassVar[str] = "channels"

    run_id: str = option("a trained run", MISSING, title="Network", **RUN)
    repeats: int = option(f"default {REPEATS}", REPEATS)
    tiles: int = option(f"held-out tiles at most (default {TILES})", TILES)
    seed: int = option("of the sample and the exchanges", 0)
    conditional: bool = option(
        "exchange each factor also between tiles alike in all others alone: what only it says",
        False,
        title="Also between like tiles",
        page="A factor is exchanged once more, between tiles that are alike in all others: what is "
        "lost then only this factor says. Takes about twice as long.",
    )
    effects: bool = option(
        "also a curve for each factor: how the probability follows it (accumulated local effects)",
        False,
        title="Effect curves",
        page="How the probability follows each factor (accumulated local effects).",
    )

    @property
    def title(self) -> str:
        return f"Channel view of {self.run_id}"


@dataclass(frozen=True)
class ApplicabilityRequest(Request):
    """Where a network meets ground like that which it learned from."""

    ACTION: ClassVar[str] = "applicability"
    KIND: ClassVar[str] = "applicability"

    run_id: str = option("a trained run with a map", MISSING, title="Map of", **RUN)
    scene: str | None = option("a predicted scene (default: the one it is tested on)")
    points: int = option(
        f"training points that it is measured from (default {POINTS})",
        POINTS,
        least=LEAST_POINTS,
        most=MOST_POINTS,
    )
    seed: int = option("of the points that are drawn", 0)

    @property
    def title(self) -> str:
        return f"Applicability of {self.run_id}"


@dataclass(frozen=True)
class AttentionRequest(Request):
    """CBAM's gates of one tile."""

    ACTION: ClassVar[str] = "attention"
    KIND: ClassVar[str] = "attention"

    run_id: str = option("a trained run", MISSING, **RUN)
    scene: str | None = option("another scene with the same factors (default: its own)")
    tile: int | None = option("number of the tile, row by row from 0", title="Tile")
    x: int | None = option("with --y, a pixel of the tile instead: its column", unit="px")
    y: int | None = option("its row", unit="px")

    @property
    def title(self) -> str:
        return f"Attention of {self.run_id}"


@dataclass(frozen=True)
class PackRequest(Request):
    """A run's network as a file."""

    ACTION: ClassVar[str] = "pack"

    run_id: str = option("a trained run", MISSING, **RUN)
    out: str | None = option("default: RUN.zip in this folder", metavar="FILE")

    @property
    def needs(self) -> str:
        return VIEWER


@dataclass(frozen=True)
class LoadRequest(Request):
    """A network from a file, kept as a run."""

    ACTION: ClassVar[str] = "load"
    KIND: ClassVar[str] = "load"

    file: str = option(
        "a zip of `pack`, or weights (.h5) with model.json beside",
        MISSING,
        title="A zip that “Download network” wrote, or weights (.weights.h5) with their model.json",
        page="Weights are plain numbers: the network is rebuilt from this software's own code, and "
        "nothing in the file is run. At most 200 MB.",
        place=True,
        metavar="FILE",
    )
    name: str | None = option("name of the run (default: after the file)")

    @property
    def title(self) -> str:
        return f"Load {Path(self.file).name}"
