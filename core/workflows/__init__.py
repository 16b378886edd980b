"""Every action: its request, and what carries it out, `(request, report) -> result`.

The result is the object that `--json` prints. The worker, the command line and the tests call `run`
of here; a module is loaded with its libraries when its action is asked for, as all of them together
take seconds.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from core import atomic
from core.errors import SlideScopeError
from core.jobs import store as jobs
from core.jobs.report import Report, working
from core.request import Request

# action: (module and class of its request, module and function that carry it out), in the order of
# the help
ACTIONS = {
    "sample": ("core.workflows.requests:SampleRequest", "sample.run"),
    "import": ("core.scene.plan.request:ImportRequest", "importing.run"),
    "scenes": ("core.workflows.requests:ScenesRequest", "importing.listed"),
    "factors": ("core.analysis.request:FactorsRequest", "factors.run"),
    "models": ("core.workflows.requests:ModelsRequest", "networks.list_models"),
    "train": ("core.runs.request:TrainRequest", "train.run"),
    "kfold": ("core.runs.request:KFoldRequest", "kfold.run"),
    "predict": ("core.runs.request:PredictRequest", "maps.predict"),
    "pack": ("core.workflows.requests:PackRequest", "networks.pack"),
    "load": ("core.workflows.requests:LoadRequest", "networks.load"),
    "evaluate": ("core.workflows.requests:EvaluateRequest", "maps.evaluate"),
    "review": ("core.workflows.requests:ReviewRequest", "review.run"),
    "channels": ("core.workflows.requests:ChannelsRequest", "networks.channels"),
    "attention": ("core.workflows.requests:AttentionRequest", "networks.attend"),
    "experiment": ("core.experiments.request:ExperimentRequest", "experiment.run"),
    "export": ("core.workflows.requests:ExportRequest", "maps.export"),
    "runs": ("core.workflows.requests:RunsRequest", "runs.run"),
    "prepare": ("core.workflows.requests:PrepareRequest", "prepare.run"),
    "serve": ("core.workflows.requests:ServeRequest", "serve.run"),
}


def request_class(action: str) -> type[Request]:
    """The class of an action's requests."""
    module, _, name = ACTIONS[action][0].partition(":")
    return getattr(import_module(module), name)


def run(request: Request, report: Report) -> dict[str, Any]:
    """Carry out what is asked for."""
    module, _, function = ACTIONS[request.action][1].partition(".")
    return getattr(import_module(f"core.workflows.{module}"), function)(request, report)


def run_as_job(request: Request, echo: Report, job_id: str | None = None) -> dict[str, Any]:
    """Carry it out as a job, a new one unless there is one already."""
    with working(job_id or jobs.create(request).id, echo) as report:
        result = run(request, report)
        report.end("done", result=result)
    return result


def work(job_id: str, echo: Report) -> dict[str, Any]:
    """Carry out the job of that id, as the launcher's worker does."""
    found: Mapping[str, Any] | None = atomic.read_json(jobs.read(job_id).folder / jobs.REQUEST)
    if not found or found.get("action") not in ACTIONS:
        raise SlideScopeError(
            f"Job '{job_id}' does not say what it is asked for: it was started by another version; "
            "start it anew."
        )
    request = request_class(found["action"]).from_json(found["request"])
    return run_as_job(request, echo, job_id)
