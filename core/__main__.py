"""The command line, which is also the background worker: `python -m core --help`."""

import json
import sys
from collections.abc import Callable
from typing import Any

import core.arithmetic  # noqa: F401 - before anything loads numpy
from core import workflows, workspace
from core.commands import arguments as command_line
from core.commands import parser, show
from core.errors import SlideScopeError
from core.jobs.reasons import exhausted
from core.jobs.report import JobStopped, to_terminal


def main(argv: list[str] | None = None) -> int:
    argv = sys.argv[1:] if argv is None else argv
    if argv[:1] == ["work"] and len(argv) == 2:
        return _ended(lambda: workflows.work(argv[1], to_terminal))[0]
    args = parser(argv[0] if argv else None).parse_args(argv)
    status, result = _ended(lambda: _asked(args))
    if result is not None:
        for each in result.get("damaged", ()):
            print(each["reason"], file=sys.stderr)
        if args.json:
            print(json.dumps(result, allow_nan=False, ensure_ascii=False))
        else:
            show(args.command, result)
    return status


def _asked(args) -> dict[str, Any]:
    """Do what the arguments ask for; a long action is a job, whoever started it."""
    request = command_line.read(args)
    if request.kind:
        return workflows.run_as_job(request, to_terminal)
    return workflows.run(request, to_terminal)


def _ended(action: Callable[[], dict[str, Any]]) -> tuple[int, dict[str, Any] | None]:
    """The exit status of an action, and its result where it has come to its end."""
    try:
        workspace.check()
        return 0, action()
    except SlideScopeError as error:
        print(error, file=sys.stderr)
        return 2, None
    except (JobStopped, KeyboardInterrupt):
        print("Stopped on request.", file=sys.stderr)
        return 130, None
    except Exception as error:
        ran_out = exhausted(error)
        if not ran_out:
            raise
        print(ran_out, file=sys.stderr)
        return 2, None


if __name__ == "__main__":
    sys.exit(main())
