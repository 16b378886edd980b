"""What the software needs, looked at from Python to the shipped networks: `doctor`.

It works where little else does: what it imports at the top is Python's own or of this kind, and
libraries are loaded in a process of its own.
"""

import argparse
import json
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

from core.doctor import data, holdings, libraries, machine
from core.doctor.finding import Finding, guarded
from core.doctor.probing import ask
from core.installed import COMMAND, as_called

HELP = "what the software needs, whether it is there, and how what is not is mended"


def look() -> dict[str, Any]:
    """{ok, exit_status, findings, seconds}: `ok` where all that is needed is well."""
    started = time.monotonic()
    answers = ask([*libraries.steps(), "drivers", "proj", "gpu"])
    checks = (
        ("python", "Python", libraries.python),
        ("libraries", "libraries", partial(libraries.libraries, answers)),
        ("machine", "processor", machine.processor),
        ("machine", "GPU", partial(machine.gpu, answers)),
        ("machine", "memory", machine.memory),
        ("machine", "disks", machine.disks),
        ("machine", "port", machine.port),
        ("data", "GDAL drivers", partial(data.drivers, answers)),
        ("data", "PROJ data", partial(data.proj, answers)),
        ("data", "fonts", data.fonts),
        ("data", "browser", data.browser),
        ("workspace", "workspace", holdings.workspace),
        ("workspace", "shipped networks", holdings.networks),
    )
    found = [each for check in checks for each in guarded(*check)]
    failed = any(each.failed for each in found)
    return {
        "ok": not failed,
        "exit_status": int(failed),
        "findings": [each.to_json() for each in found],
        "seconds": round(time.monotonic() - started, 1),
    }


def show(result: dict[str, Any]) -> None:
    """A line a finding, and the sum of them."""
    found = [Finding(**each) for each in result["findings"]]
    for each in found:
        print(as_called(each.line()))
    failed = [each.what for each in found if each.failed]
    print(f"To mend: {', '.join(failed)}." if failed else "All that is needed is there.")


def main(argv: Sequence[str]) -> int:
    """The command where the command line itself cannot be loaded."""
    parser = argparse.ArgumentParser(prog=f"{COMMAND} doctor", description=HELP)
    parser.add_argument("--json", action="store_true", help="print one JSON object, last")
    args = parser.parse_args(argv)
    result = look()
    if args.json:
        print(json.dumps(result, allow_nan=False, ensure_ascii=False))
    else:
        show(result)
    return result["exit_status"]
