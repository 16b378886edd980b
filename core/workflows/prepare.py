"""The synthetic sample scene, the shipped networks' maps and the factor statistics: `prepare`."""

from contextlib import suppress
from dataclasses import dataclass

from core import access, leases
from core.analysis import analysis
from core.analysis import store as analyses
from core.jobs import store as jobs
from core.jobs.report import Report, part
from core.learning import shipped
from core.runs import store as runs
from core.scene import store as scenes
from core.workflows import sample
from core.workflows.requests import PrepareRequest

SCENE = "sample"
# Where in the whole each stage begins, 0..1, and what it gives.
IMPORTED, SHIPPED, MEASURED, PREDICTED = 0.6, 0.8, 0.85, 1.0
STAGES = (
    (0.0, "a watershed is generated: terrain, rock, images, landslides, ground that moves"),
    (sample.FILES_SHARE * IMPORTED, "its rasters are put on one grid"),
    (IMPORTED, "the maps of the networks that came with the software are laid on it"),
    (SHIPPED, "what the factors tell of the landslides is computed"),
)


@dataclass(frozen=True)
class Stage:
    """`state`: done, now or then."""

    words: str
    state: str


def stages(progress: float) -> tuple[Stage, ...]:
    """The stages of a preparation that has come so far, 0..1.

    >>> [stage.state for stage in stages(0.7)]
    ['done', 'done', 'now', 'then']
    """
    ends = [*(begin for begin, _ in STAGES[1:]), float("inf")]
    states = ("done" if progress >= end else "now" for end in ends)
    found = zip(STAGES, states)
    return tuple(
        Stage(words, "then" if progress < begin else state) for (begin, words), state in found
    )


def run(request: PrepareRequest, report: Report) -> dict:
    """Do what is not done yet: rasters, import, shipped maps, statistics; predict where no shipped
    map is of this very scene. What a visitor looks at first comes first."""
    if SCENE not in scenes.names():
        sample.make(SCENE, part(report, 0.0, IMPORTED))
    scene = scenes.load(SCENE)
    ids = shipped.install(scene, part(report, IMPORTED, SHIPPED))
    missing = shipped.unfinished(scene)
    if analyses.load(scene) is None:
        analysis.analyse(scene, report=part(report, SHIPPED, MEASURED if missing else PREDICTED))
    if missing:
        shipped.predict_missing(scene, part(report, MEASURED, PREDICTED))
    return {"scene": SCENE, "runs": ids}


def needed() -> bool:
    """Whether something of the sample is missing and nobody is making it."""
    if any(job.active for job in jobs.jobs(PrepareRequest.KIND)):
        return False
    if SCENE not in scenes.names():
        return True
    scene = scenes.load(SCENE)
    known = {run.id for run in runs.runs(SCENE)}
    return (
        analyses.load(scene) is None
        or any(folder.name not in known for folder in shipped.available(scene))
        or bool(shipped.unfinished(scene))
    )


def start_if_needed() -> jobs.Job | None:
    """Start `prepare` in the background, once, however many servers start on a workspace; None
    where there is nothing to do, or nothing may or can be
    changed."""
    if not access.may():
        return None
    with suppress(OSError, leases.Busy), leases.of("prepare"):
        return jobs.start(PrepareRequest(), counted=False) if needed() else None
    return None
