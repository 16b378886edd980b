"""Factor statistics to compute, and which were asked for before.

A request that finds a good stored analysis of the same sample adds to it; so sample size and seed
are passed on.
"""

from collections.abc import Callable, Sequence
from dataclasses import MISSING, dataclass, replace
from typing import Any, ClassVar

from core.access import EDITOR, VIEWER
from core.analysis import store
from core.analysis.areas import area_text
from core.analysis.classing import METHODS, MOST
from core.analysis.one_pass.coding import CODINGS
from core.analysis.one_pass.statistics import SAMPLE_PIXELS
from core.cluster import place
from core.errors import SlideScopeError
from core.factors import QUALITY
from core.jobs import store as jobs
from core.language.reader import Language
from core.request import Request, language, names, option
from core.scene.store import Scene

KIND = "factors"
MOST_EARLIER = 8


@dataclass(frozen=True)
class FactorsRequest(Request):
    """What the factors of a scene say, alone, together and about landslides."""

    ACTION: ClassVar[str] = KIND
    KIND: ClassVar[str] = KIND

    scene: str = option("name of the scene", MISSING, place=True, metavar="SCENE")
    pixels: int = option(
        f"size of the balanced sample for importance (default {SAMPLE_PIXELS})", SAMPLE_PIXELS
    )
    seed: int = option("of the sample and the forests", 0)
    again: bool = option("compute even if there is a result", False)
    area: tuple[str, ...] = option(
        f"only these pixels, several at once: all have to hold; {area_text.KINDS}",
        (),
        metavar="AREA",
    )
    drop_column: bool = option(
        "forests without each factor too",
        False,
        page="Measure it: forests are grown again without each factor, in the background, in a few "
        "minutes on two cores.",
    )
    significance: bool = option(
        "p-values on a grid of pixels", False, page="In the background, in about a minute."
    )
    also: tuple[str, ...] = names(
        f"take these for factors too: {', '.join(QUALITY)}", title="Also as factors", metavar="A,B"
    )
    by: str | None = option(
        "each class of this factor by itself, as one table",
        title="Stratified by",
        page="In the background, one pass over the pixels a class.",
        metavar="FACTOR",
    )
    coding: str = option("what is shown first", "paper", choices=dict.fromkeys(CODINGS, ""))
    breaks: str = option(
        "of numeric factors",
        "quantile",
        title="Class breaks of numeric factors",
        page="Classes of about equal area, of equal width, or natural breaks (Jenks).",
        choices=METHODS,
    )
    classes: int = option(
        "of numeric factors (default 10)", 10, title="Classes", least=2, most=MOST
    )
    breaks_of: tuple[str, ...] = option(
        "your own class breaks of a factor, in its unit",
        (),
        title="Own breaks of",
        page="Numbers in rising order; the outermost classes are open. Empty: the method above.",
        hint="10, 20, 30",
        metavar="FACTOR=A,B,...",
    )
    without: tuple[str, ...] = names("what if these were left out?", metavar="A,B")
    save_dataset: str | None = option(
        "store the factors left, for `train --dataset NAME`",
        title="Name of the dataset",
        page="Training offers it beside the usual ones. The same name again replaces one.",
        hint="terrain",
        metavar="NAME",
    )
    report: str | None = option("write the whole audit as one page", metavar="FILE.html")
    language: Language = language("the page of --report")
    on: str = place.on()

    @property
    def title(self) -> str:
        if self.area:
            return f"Factor statistics of {self.scene}, {' and '.join(self.area)}"
        return f"Factor statistics of {self.scene}"

    @property
    def needs(self) -> str:
        return EDITOR if self.save_dataset else VIEWER

    def adding(self, result: dict | None, **more: Any) -> "FactorsRequest":
        """The same with `more`, of the sample that a stored `result` was computed on."""
        sampling = (result or {}).get("sampling")
        same = {"pixels": sampling["asked"], "seed": sampling["seed"]} if sampling else {}
        return replace(self, **same, **more)


def newest(
    scene: Scene,
    areas: Sequence[str] = (),
    wanted: Callable[[FactorsRequest], bool] = lambda request: True,
) -> jobs.Job | None:
    """The newest job on this scene and area of those whose request is `wanted`."""
    for job in jobs.jobs(KIND):
        asked = job.asked(FactorsRequest)
        if asked is None or (asked.scene, asked.area) != (scene.name, tuple(areas)):
            continue
        if wanted(asked):
            return job
    return None


def earlier(scene: Scene) -> dict[tuple[str, ...], str]:
    """Areas whose analysis is stored, the newest first, and what they are called."""
    found: dict[tuple[str, ...], str] = {}
    for job in jobs.jobs(KIND):
        asked = job.asked(FactorsRequest)
        if not asked or asked.scene != scene.name or not asked.area or asked.area in found:
            continue
        try:
            area = area_text.parse(scene, asked.area)
        except SlideScopeError:
            continue  # of a scene of that name before
        if store.path_of(scene, area).exists():
            found[asked.area] = area.words
        if len(found) == MOST_EARLIER:
            break
    return found
