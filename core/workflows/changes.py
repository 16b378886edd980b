"""Who changed what: `audit`."""

from dataclasses import asdict

from core import audit
from core.jobs.report import Report
from core.workflows.requests import AuditRequest


def listed(request: AuditRequest, report: Report) -> dict:
    found, unreadable = audit.changes()
    words = request.text.lower()
    wanted = [
        asdict(each)
        for each in found
        if request.who in (None, each.who)
        and words in f"{each.action} {each.item} {each.result}".lower()
    ]
    return {"changes": wanted[-request.last :], "unreadable": unreadable}
