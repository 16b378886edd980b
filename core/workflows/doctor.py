"""What the software needs of this machine, and what is not there: `doctor`."""

from typing import Any

from core.doctor import doctor
from core.jobs.report import Report
from core.workflows.requests import DoctorRequest


def run(request: DoctorRequest, report: Report) -> dict[str, Any]:
    return doctor.look()
