"""`prepare`: the synthetic sample scene, the shipped networks' maps and the factor statistics."""

import argparse

from core.analysis import analysis
from core.analysis import store as analyses
from core.commands import sample
from core.jobs import launcher
from core.jobs import store as jobs
from core.jobs.report import Report, part
from core.learning import shipped
from core.runs import store as runs
from core.scene import store as scenes

SCENE = "sample"
KIND = "sample"


def add_prepare(commands) -> None:
    sub = commands.add_parser("prepare", help="the synthetic sample scene, ready to look at")
    sub.set_defaults(run=prepare, show=show, job_kind=KIND, job_title=lambda args: TITLE)


TITLE = "Prepare the synthetic sample scene"


def prepare(args: argparse.Namespace, report: Report) -> dict:
    """Do what is not done yet: rasters, import, shipped maps, statistics; predict where no shipped
    map is of this very scene. What a visitor looks at first comes first."""
    if SCENE not in scenes.names():
        sample.make(SCENE, part(report, 0.0, 0.6))
    scene = scenes.load(SCENE)
    ids = shipped.install(scene, part(report, 0.6, 0.8))
    missing = shipped.unfinished(scene)
    if analyses.load(scene) is None:
        analysis.analyse(scene, report=part(report, 0.8, 0.85 if missing else 1.0))
    if missing:
        shipped.predict_missing(scene, part(report, 0.85, 1.0))
    return {"scene": SCENE, "runs": ids}


def show(result: dict) -> None:
    networks = len(result["runs"])
    print(f"Scene '{result['scene']}' (synthetic) is ready, {networks} networks with it.")


def needed() -> bool:
    """Whether something of the sample is missing and nobody is making it."""
    if any(job.kind == KIND and job.active for job in jobs.jobs(KIND)):
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


def start_if_needed() -> None:
    """Start `prepare` in the background, once."""
    if needed():
        launcher.start(KIND, TITLE, ["prepare"])
