"""The command line, which is also the background worker: `python -m core --help`."""

# First: the rest takes a while.
from core.interrupted import SAID, STOPPED  # noqa: I001
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from core.doctor.broken import loading

with loading():  # where libraries are broken, this says so, and `doctor` works all the same
    import core.arithmetic  # noqa: F401 - before anything loads numpy
    from core import access, confined, logs, workflows, workspace
    from core.cluster import place
    from core.commands import VERBOSE, parser, show
    from core.commands import arguments as command_line
    from core.confined import sandbox
    from core.errors import SlideScopeError
    from core.jobs.reasons import known
    from core.jobs.report import JobStopped, to_terminal

DEFECT = 70
# As a shell says of a command that ended because nobody reads what it prints.
NOBODY_READS = 141


def main(argv: list[str] | None = None) -> int:
    argv = sys.argv[1:] if argv is None else argv
    verbose = VERBOSE in argv
    try:
        status = _main([word for word in argv if word != VERBOSE], verbose)
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        return _stopped()
    except BrokenPipeError:
        # Python would try once more as it ends, and complain.
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOBODY_READS


def _main(argv: list[str], verbose: bool) -> int:
    if argv[:1] == ["work"] and len(argv) == 2:
        return _ended(lambda: workflows.work(argv[1], to_terminal), "jobs", argv[1], True)[0]
    if argv[:1] in (["import"], ["load-map"]):
        # It loads its libraries while this process loads its own.
        confined.prepare("core.scene.files.vetting")
    args = parser(argv[0] if argv else None).parse_args(argv)
    status, result = _ended(lambda: _asked(args), "commands", args.command, verbose)
    if result is not None:
        status = result.get("exit_status", status)
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
    # Who may only look leaves no job behind.
    if request.kind and (access.may() or request.needs != access.VIEWER):
        access.need(request.needs, f"'{request.action}'")
        return workflows.run_as_job(request, to_terminal)
    return workflows.run(request, to_terminal)


def _ended(
    action: Callable[[], dict[str, Any]], role: str, what: str, verbose: bool
) -> tuple[int, dict[str, Any] | None]:
    """The exit status of an action, and its result where it has come to its end. A defect is told
    in full where `verbose`, and always by a worker, whose words a page shows as the job's log."""
    started = time.monotonic()
    try:
        if what != "doctor":  # it looks at the workspace itself, and writes nothing
            workspace.check()
            logs.begin(role, verbose and role != "jobs")
        logs.log.debug("%s begins", what)
        found = action()
        logs.log.debug("%s ends after %.1f s", what, time.monotonic() - started)
        return 0, found
    except SlideScopeError as error:
        logs.log.debug("%s is refused", what, exc_info=True)
        print(error, file=sys.stderr)
        return 2, None
    except (JobStopped, KeyboardInterrupt):
        return _stopped(), None
    except BrokenPipeError:
        raise
    except Exception as error:
        told = known(error)
        if told:
            logs.log.debug("%s: %s", what, told, exc_info=True)
            print(told, file=sys.stderr)
            return 2, None
        said = logs.defect(error, what)
        if verbose:
            traceback.print_exception(error)
        print(said, file=sys.stderr)
        return DEFECT, None
    finally:
        logs.end()


def _stopped() -> int:
    print(SAID, file=sys.stderr)
    return STOPPED


def _reads_files_alone(argv: list[str]) -> bool:
    """Whether the action opens files from anywhere, and needs no network for anything."""
    action, leaves = argv[0], place.leaves(argv)
    if argv[:1] == ["work"] and len(argv) == 2:
        action, leaves = workflows.action_of(argv[1]) or "", workflows.leaves(argv[1])
    return action in ("import", "factors", "load", "load-map") and not leaves


if __name__ == "__main__":
    if sys.argv[1:] and _reads_files_alone(sys.argv[1:]):
        sandbox.no_network()
    sys.exit(main())
