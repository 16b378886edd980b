"""Every action: its request, and what carries it out, `(request, report) -> result`.

The result is the object that `--json` prints. The worker, the command line and the tests call `run`
of here; a module is loaded with its libraries when its action is asked for, as all of them together
take seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from core import access, atomic
from core.cluster import place
from core.errors import SlideScopeError
from core.jobs import store as jobs
from core.jobs.report import Report, working
from core.request import Request


@dataclass(frozen=True)
class Action:
    """Module and class of the request, module and function that carry it out, what it is for."""

    request: str
    function: str
    help: str


# In the order of the help, which loads none of them.
ACTIONS = {
    "sample": Action(
        "core.workflows.requests:SampleRequest",
        "sample.run",
        "write the synthetic watershed's rasters and polygons, and import them if asked to",
    ),
    "import": Action(
        "core.scene.plan.request:ImportRequest",
        "importing.run",
        "put factor rasters on one grid and store the scene",
    ),
    "mask": Action(
        "core.scene.sbas.request:MaskRequest",
        "masking.run",
        "keep other pixels of a rate that was made of interferograms",
    ),
    "displacement": Action(
        "core.workflows.requests:DisplacementRequest",
        "displacement.run",
        "what moved at a pixel or in a landslide, date by date, where interferograms say it",
    ),
    "profile": Action(
        "core.workflows.requests:ProfileRequest",
        "profile.run",
        "how long a line over a scene is, and elevation, rate and probabilities along it",
    ),
    "scenes": Action(
        "core.workflows.requests:ScenesRequest",
        "scenes.listed",
        "list the stored scenes",
    ),
    "factors": Action(
        "core.analysis.request:FactorsRequest",
        "factors.run",
        "correlation (PPMCC), collinearity (VIF, TOL), importance and evidence of a scene's "
        "factors",
    ),
    "models": Action(
        "core.workflows.requests:ModelsRequest",
        "networks.list_models",
        "presets, trainable parameters, GFLOP per tile",
    ),
    "train": Action(
        "core.runs.request:TrainRequest",
        "train.run",
        "train a network, predict its scene and measure it",
    ),
    "kfold": Action(
        "core.runs.request:KFoldRequest",
        "kfold.run",
        "train and measure every fold of a scene's blocks",
    ),
    "predict": Action(
        "core.runs.request:PredictRequest",
        "maps.predict",
        "probability.tif, mask.tif, landslides.gpkg",
    ),
    "pack": Action(
        "core.learning.request:PackRequest",
        "networks.pack",
        "a run's network as one zip",
    ),
    "load": Action(
        "core.learning.request:LoadRequest",
        "networks.load",
        "keep a network from a file as a run",
    ),
    "load-map": Action(
        "core.runs.request:LoadMapRequest",
        "maps.load_map",
        "keep a map that was made elsewhere as a run",
    ),
    "evaluate": Action(
        "core.learning.request:EvaluateRequest",
        "maps.evaluate",
        "Pre, Rec, F1, Kappa, MIoU of a prediction",
    ),
    "review": Action(
        "core.workflows.requests:ReviewRequest",
        "review.run",
        "false objects that may be unmapped landslides: list, accept, reject, undo, new version",
    ),
    "channels": Action(
        "core.learning.request:ChannelsRequest",
        "networks.channels",
        "permutation importance of a network's factors on held-out tiles, and CBAM's gates",
    ),
    "applicability": Action(
        "core.learning.request:ApplicabilityRequest",
        "networks.applicability",
        "where a network meets ground unlike that which it learned from: a layer of Compare",
    ),
    "attention": Action(
        "core.learning.request:AttentionRequest",
        "networks.attend",
        "CBAM's channel weights and spatial maps of one tile",
    ),
    "experiment": Action(
        "core.experiments.request:ExperimentRequest",
        "experiment.run",
        "train networks on RS and RS-DR alike, and say what one has over the other",
    ),
    "export": Action(
        "core.workflows.requests:ExportRequest",
        "maps.export",
        "COG, GeoPackage, QGIS project and report of a map",
    ),
    "figure": Action(
        "core.manuscript.request:FigureRequest",
        "manuscript.figure",
        "one to six maps of a scene as a figure to print: PNG, SVG, PDF",
    ),
    "tables": Action(
        "core.manuscript.request:TablesRequest",
        "manuscript.tables",
        "tables 2, 3, 4 and those of the factors for Word, Excel, LaTeX and as CSV",
    ),
    "methods": Action(
        "core.manuscript.request:MethodsRequest",
        "manuscript.methods",
        "how a run was made, as a paragraph of a paper",
    ),
    "runs": Action(
        "core.workflows.requests:RunsRequest",
        "runs.run",
        "every run and its state; --name, --pin, --unpin, --note, --delete change runs",
    ),
    "verify": Action(
        "core.upkeep.request:VerifyRequest",
        "upkeep.verify",
        "every file of scenes, runs and the rest against the hash noted when it was written",
    ),
    "clean": Action(
        "core.upkeep.request:CleanRequest",
        "upkeep.clean",
        "what a workspace can do without: caches, half-written files, old jobs and uploads",
    ),
    "backup": Action(
        "core.upkeep.request:BackupRequest",
        "upkeep.backup",
        "a scene or a run as one file with the hash of everything in it",
    ),
    "restore": Action(
        "core.upkeep.request:RestoreRequest",
        "upkeep.restore",
        "a scene or a run from a file of `backup`",
    ),
    "audit": Action(
        "core.workflows.requests:AuditRequest",
        "changes.listed",
        "who changed what, and how it ended",
    ),
    "prepare": Action(
        "core.workflows.requests:PrepareRequest",
        "prepare.run",
        "the synthetic sample scene, ready to look at",
    ),
    "serve": Action(
        "core.workflows.requests:ServeRequest",
        "serve.run",
        "serve the app at http://localhost:8501",
    ),
    "worker": Action(
        "core.workflows.requests:WorkerRequest",
        "worker.run",
        "carry out tasks of other machines' actions, for a dask scheduler",
    ),
    "doctor": Action(
        "core.workflows.requests:DoctorRequest",
        "doctor.run",
        "what the software needs, whether it is there, and how what is not is mended",
    ),
}


def request_class(action: str) -> type[Request]:
    """The class of an action's requests."""
    module, _, name = ACTIONS[action].request.partition(":")
    return getattr(import_module(module), name)


def run(request: Request, report: Report) -> dict[str, Any]:
    """Carry out what is asked for, if whoever asks may."""
    access.need(request.needs, f"'{request.action}'")
    module, _, function = ACTIONS[request.action].function.partition(".")
    return getattr(import_module(f"core.workflows.{module}"), function)(request, report)


def run_as_job(request: Request, echo: Report, job_id: str | None = None) -> dict[str, Any]:
    """Carry it out as a job, a new one unless there is one already."""
    with working(job_id or jobs.create(request).id, echo) as report:
        result = run(request, report)
        report.end("done", result=result)
    return result


def action_of(job_id: str) -> str | None:
    """The word of a job's action; None where that cannot be told."""
    try:
        return jobs.read(job_id).action
    except SlideScopeError:
        return None


def leaves(job_id: str) -> bool:
    """Whether a job's tasks run elsewhere, so that its process needs the network."""
    try:
        return jobs.read(job_id).request.get("on", place.LOCAL) != place.LOCAL
    except SlideScopeError:
        return False


def work(job_id: str, echo: Report) -> dict[str, Any]:
    """Carry out the job of that id, as the launcher's worker does, for whoever started it."""
    job = jobs.read(job_id)
    found: Mapping[str, Any] | None = atomic.read_json(job.folder / jobs.REQUEST)
    if not found or found.get("action") not in ACTIONS:
        raise SlideScopeError(
            f"Job '{job_id}' does not say what it is asked for: it was started by another version; "
            "start it anew."
        )
    request = request_class(found["action"]).from_json(found["request"])
    with access.asking(job.by or access.operator()):
        return run_as_job(request, echo, job_id)
