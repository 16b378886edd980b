"""`python -m tests.faults.read_only`: a workspace that nobody can write to.

Every page opens, and every action ends well or in one sentence. The last line is one JSON object,
the exit status 0 if all held.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from tests import page
from tests.faults import everything, forked, full_disk, small_disk

SENTENCE = "cannot be written to"


def open_page(name: str) -> int:
    """Open a page as a visitor does; 0 where it says nothing of a defect."""
    app = page.visit(name, scene="tiny")
    said = [str(each.value) for each in (*app.error, *app.warning)]
    print("\n".join(said))
    return int(bool(app.exception) or page.problem.DEFECT in said)


def wrong_with(case: full_disk.Case, ended: forked.Ended) -> str:
    """What does not hold; empty where all does."""
    told = ended.last
    if "Traceback" in ended.err or ended.status not in (0, 2):
        return f"exit status {ended.status}: {told[:300]}"
    if ended.status == 2 and (SENTENCE not in told or not told.endswith(".")):
        return f"no sentence about the workspace: {told[:300]}"
    return ""


def sweep(e: everything.Everything, out: Path, only: list[str]) -> dict:
    tried, failures = 0, []
    for name in page.PAGES:
        if only and name not in only:
            continue
        ended, tried = forked.call(lambda name=name: open_page(name)), tried + 1
        wrong = f"{ended.out[-300:]} {ended.err[-600:]}" if ended.status else ""
        failures += [{"page": name, "wrong": wrong}] if wrong else []
        print(f"{'WRONG' if wrong else 'ok'} page {name}, {ended.seconds} s: {wrong}", flush=True)
    for case in full_disk.cases(e, out):
        if (only and case.name not in only) or (not only and case.heavy):
            continue
        ended, tried = full_disk.accepted(case, e).run(), tried + 1
        wrong = wrong_with(case, ended)
        failures += [{"case": case.name, "wrong": wrong}] if wrong else []
        said = wrong or ended.last[:160]
        print(f"{'WRONG' if wrong else 'ok'} {case.name}, {ended.seconds} s: {said}", flush=True)
    return {"tried": tried, "failures": failures}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="names of pages and actions")
    parser.add_argument("--keep", type=Path, help="a folder to keep the workspace in, or with one")
    args = parser.parse_args()
    small_disk.enter()
    with tempfile.TemporaryDirectory(prefix="slidescope-read-only-") as folder:
        e = everything.kept(args.keep) if args.keep else everything.build(Path(folder))
        at = Path(folder) / "workspace-read-only"
        small_disk.read_only(at, e.workspace)
        os.environ |= {"SLIDESCOPE_WORKSPACE": str(at), "SLIDESCOPE_PRECISION": "f32"}
        full_disk.preload()
        out = Path(folder) / "out"
        out.mkdir()
        try:
            told = sweep(e, out, list(filter(None, args.only.split(","))))
        finally:
            small_disk.away(at)
    print(json.dumps(told))
    return 1 if told["failures"] else 0


if __name__ == "__main__":
    sys.exit(main())
