"""What keeps a workspace healthy: `verify`."""

from dataclasses import asdict

from core.jobs.report import Report
from core.upkeep import items, verifying
from core.upkeep.request import VerifyRequest


def verify(request: VerifyRequest, report: Report) -> dict:
    """Exit status 1 where a file is not as it was written."""
    found = verifying.verify(items.named(request.names), report)
    counts = {state: sum(each.state == state for each in found) for state in STATES}
    bad = any(each.state in verifying.BAD for each in found)
    return {**counts, "files": [asdict(each) for each in found], "exit_status": int(bad)}


STATES = ("whole", "changed", "missing", "unrecorded")
