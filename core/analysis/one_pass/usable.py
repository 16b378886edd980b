"""The pass over what can be used: factors with data in the area, enough pixels with all of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.analysis.areas.area import WHOLE, Area
from core.analysis.one_pass import statistics
from core.analysis.one_pass.statistics import Statistics
from core.errors import SlideScopeError
from core.jobs.report import Report, silent
from core.scene.store import Scene

SAMPLE_PIXELS = 20_000


@dataclass(frozen=True)
class Wish:
    """What is asked for: `pixels` of the balanced sample of importance, its `seed`, `area`."""

    pixels: int = SAMPLE_PIXELS
    seed: int = 0
    area: Area = WHOLE
    drop_column: bool = False


def check_pixels(pixels: int) -> None:
    if not 100 <= pixels <= 1_000_000:
        raise SlideScopeError(
            f"Invalid sample size {pixels}: importance is measured on 100 to 1000000 pixels; "
            "choose a number in between."
        )


def usable(
    scene: Scene, wish: Wish, report: Report = silent, names: Sequence[str] | None = None
) -> tuple[Statistics, list[dict]]:
    """Return the statistics of every factor (of `names`) that can be used, and {factor, reason} of
    the others.

    A factor without data in the area is left out, and deformation where it spoils the listwise set.
    """
    none = [{"factor": f.name, "reason": "no data"} for f in scene.factors if not f.valid_share]
    found = _pass(scene, wish, names, report)
    if not found.pixels:
        raise SlideScopeError(
            f"The area '{wish.area.words}' holds no pixel centre of scene '{scene.name}': "
            "statistics need more pixels than factors; choose a larger one."
        )
    empty = [name for name, fine in found.histograms.items() if not fine.counts.any()]
    none += [{"factor": name, "reason": "no data in the area"} for name in empty]
    names = tuple(name for name in found.names if name not in empty)
    if not names:
        raise SlideScopeError(
            f"No factor of scene '{scene.name}' has data in the area '{wish.area.words}': "
            "statistics need at least one; choose another area."
        )
    if empty:
        found = _pass(scene, wish, names)
    found, too_few = _with_enough_pixels(scene, found, wish)
    return found, none + too_few


def _pass(scene: Scene, wish: Wish, names, report: Report = silent) -> Statistics:
    return statistics.compute(scene, names, wish.pixels, wish.seed, report, area=wish.area)


def _with_enough_pixels(scene: Scene, found: Statistics, wish: Wish):
    """Leave deformation out where it spoils the listwise set; refuse a set without pixels."""
    least = len(found.names) + 1
    if found.complete.n >= least:
        return found, []
    if found.without_deformation.n < least or not found.others:
        names = found.others or found.names
        counts = {name: found.histograms[name].counts.sum() for name in names}
        emptiest = min(counts, key=lambda name: counts[name])
        where = "the area" if wish.area.parts else "the scene"
        raise SlideScopeError(
            f"Scene '{scene.name}' has {found.without_deformation.n} pixels with data in all "
            f"{len(names)} factors: statistics need more pixels than factors; import it "
            f"again without '{emptiest}', which has data on "
            f"{100 * counts[emptiest] / found.pixels:.1f} % of {where}"
            + (", or choose a larger area." if wish.area.parts else ".")
        )
    reason = f"only {found.complete.n} pixels where all other factors have data"
    without = [name for name in found.names if name not in found.others]
    return _pass(scene, wish, found.others), [{"factor": n, "reason": reason} for n in without]
