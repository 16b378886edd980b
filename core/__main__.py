"""The command line, which is also the background worker: `python -m core --help`.

Exit status 0, or 2 with one sentence on standard error for input that the user can mend.
"""

import argparse
import json
import sys

import core.arithmetic  # noqa: F401 - before anything loads numpy
from core import __version__
from core.commands import FILES, HELP, adders
from core.errors import SlideScopeError
from core.installed import COMMAND, as_called
from core.jobs import store
from core.jobs.reasons import exhausted
from core.jobs.report import JobStopped, to_terminal, working


def parser(command: str | None = None) -> argparse.ArgumentParser:
    """Of every command, or of the one that will be run."""
    root, commands = _root()
    for add in adders(command):
        add(commands)
    for sub in commands.choices.values():
        sub.add_argument("--json", action="store_true", help="print one JSON object, last")
        sub.add_argument("--job", help=argparse.SUPPRESS)
    return root


def overview() -> argparse.ArgumentParser:
    """Names every command and loads none: for `--help`, `--version` and a command unknown."""
    root, commands = _root()
    for name, words in HELP.items():
        commands.add_parser(name, help=words)
    return root


def _root():
    root = argparse.ArgumentParser(prog=COMMAND, description=as_called(__doc__))
    root.add_argument("--version", action="version", version=f"slidescope {__version__}")
    return root, root.add_subparsers(dest="command", required=True, metavar="COMMAND")


def run(args: argparse.Namespace, argv: list[str]) -> dict:
    """Run the chosen command; a long one is a job, whoever started it."""
    echo = to_terminal
    if not getattr(args, "job_kind", None):
        return args.run(args, echo)
    args.job = args.job or store.create(args.job_kind, args.job_title(args), argv).id
    with working(args.job, echo) as report:
        result = args.run(args, report)
        report.end("done", result=result)
    return result


def main(argv: list[str] | None = None) -> int:
    argv = sys.argv[1:] if argv is None else argv
    known = bool(argv) and argv[0] in FILES
    args = (parser(argv[0]) if known else overview()).parse_args(argv)
    try:
        result = run(args, argv)
    except SlideScopeError as error:
        print(error, file=sys.stderr)
        return 2
    except (JobStopped, KeyboardInterrupt):
        print("Stopped on request.", file=sys.stderr)
        return 130
    except Exception as error:
        ran_out = exhausted(error)
        if not ran_out:
            raise
        print(ran_out, file=sys.stderr)
        return 2
    if args.json:
        print(json.dumps(result, allow_nan=False, ensure_ascii=False))
    else:
        args.show(result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
