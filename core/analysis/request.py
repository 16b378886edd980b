"""The command lines that the Factors page starts in the background, and which were started before.

A command that finds a good stored analysis of the same sample adds to it; so sample size and seed
are passed on.
"""

from collections.abc import Sequence
from itertools import pairwise

from core.analysis import store
from core.analysis.areas import area_text
from core.errors import SlideScopeError
from core.jobs import store as jobs
from core.scene.store import Scene

KIND = "factors"
MOST_EARLIER = 8


def argv(
    scene: Scene, areas: Sequence[str] = (), result: dict | None = None, *switches: str
) -> list[str]:
    """The command that computes the statistics of `areas`, or adds to `result`.

    >>> from types import SimpleNamespace
    >>> argv(SimpleNamespace(name="sample"), ["outside"], None, "--significance")
    ['factors', 'sample', '--area', 'outside', '--significance']
    """
    words = [KIND, scene.name]
    for text in areas:
        words += ["--area", text]
    sampling = (result or {}).get("sampling")
    if sampling:
        words += ["--pixels", str(sampling["asked"]), "--seed", str(sampling["seed"])]
    return [*words, *switches]


def areas_of(words: Sequence[str]) -> tuple[str, ...]:
    """The areas of a command line.

    >>> areas_of(["factors", "sample", "--area", "outside", "--area", "box:1,2,3,4"])
    ('outside', 'box:1,2,3,4')
    """
    return tuple(text for flag, text in pairwise(words) if flag == "--area")


def newest(scene: Scene, areas: Sequence[str] = (), switch: str = "") -> jobs.Job | None:
    """The newest job on this scene and area; with `switch`, of those that have it."""
    for job in jobs.jobs(KIND):
        same = job.argv[:2] == (KIND, scene.name) and areas_of(job.argv) == tuple(areas)
        if same and (not switch or switch in job.argv):
            return job
    return None


def earlier(scene: Scene) -> dict[tuple[str, ...], str]:
    """Areas whose analysis is stored, the newest first, and what they are called."""
    found: dict[tuple[str, ...], str] = {}
    for job in jobs.jobs(KIND):
        texts = areas_of(job.argv)
        if job.argv[1:2] != (scene.name,) or not texts or texts in found:
            continue
        try:
            area = area_text.parse(scene, texts)
        except SlideScopeError:
            continue  # of a scene of that name before
        if store.path_of(scene, area).exists():
            found[texts] = area.words
        if len(found) == MOST_EARLIER:
            break
    return found
