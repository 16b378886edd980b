"""Workers of this machine for a dask scheduler: `worker`."""

from core import paths
from core.cluster import on_dask
from core.jobs.report import Report
from core.workflows.requests import WorkerRequest


def run(request: WorkerRequest, report: Report) -> dict:
    """Carry tasks out until the scheduler ends, or Ctrl-C."""
    report(f"Workers of {request.address}, in workspace '{paths.workspace()}'", None)
    on_dask.work(request.address, request.workers, request.gpus)
    return {"address": request.address, "state": "ended"}
