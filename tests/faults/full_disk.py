"""`python -m tests.faults.full_disk`: every action on a disk with little room or none.

Each ends well, or in one sentence with exit status 2; nothing half written stays, what was there is
unharmed. Prints a line for each; the last is one JSON object, the exit status 0 if all held.
"""

import argparse
import hashlib
import json
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from core import paths
from core.audit import FILE as LOG
from core.digests import RECORD
from tests.faults import checks, everything, forked, small_disk
from tests.faults.everything import QUICK, Everything

LEFT = (0, 600_000, 3_000_000)
# Of what an action writes where there is room: somewhere there lies every write.
SHARES = (0.1, 0.3, 0.5, 0.7, 0.9)
SENTENCE = ("disk is full", "the disk has", "disk full", "No space left")


@dataclass(frozen=True)
class Case:
    """`words` of the command, or `work` of what a page does. `own`: what of the workspace the
    action may change. `heavy`: a training, which takes its time before it writes anything large;
    there no shares are tried."""

    name: str
    words: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    work: Callable[[], int] | None = None
    heavy: bool = False

    def run(self) -> forked.Ended:
        return forked.call(self.work) if self.work else forked.command(*self.words)


def cases(e: Everything, out: Path) -> list[Case]:
    """Every action; `out` is a folder on the small disk."""
    return [*_scene_cases(e, out), *_map_cases(e, out), *_network_cases(e, out), *_page_cases()]


def _scene_cases(e: Everything, out: Path) -> list[Case]:
    slides = ("--inventory", str(e.files / "slides.gpkg"))
    tiles = ("--tile-folder", str(e.files / "tiles"), "--bands", "red,green,blue")
    sample = ("--out", str(out / "files"), "--size", "256", "--interferograms", str(out / "stack"))
    pixel = ("--pixel", "24,18", "--csv", str(out / "d.csv"))
    factors = ("--pixels", "500", "--significance", "--by", "lithology", "--without", "slope")
    factors += ("--report", str(out / "audit.html"), "--save-dataset", "kept")
    return [
        Case("import", ("import", "new", *e.factors, *slides)),
        Case("import --replace", ("import", "tiny", *e.factors, "--replace"), ("scenes/tiny",)),
        Case("import --tile-folder", ("import", "tiles", *tiles)),
        Case("sample", ("sample", *sample, "--import", "sample256")),
        Case("mask", ("mask", "moved", "--max-rate-error", "5"), ("scenes/moved",)),
        Case("displacement", ("displacement", "moved", *pixel)),
        Case("scenes", ("scenes",)),
        Case("factors", ("factors", "tiny", *factors), ("scenes/tiny",)),
        Case("prepare", ("prepare",), heavy=True),
    ]


def _map_cases(e: Everything, out: Path) -> list[Case]:
    review = ("review", "tiny", "--author", "R. Roe")
    accept = ("--run", e.made_up, "--accept", "FIRST")
    of = (f"runs/{e.unet}",)
    return [
        Case("evaluate", ("evaluate", e.unet, "--objects"), of),
        Case("export", ("export", e.made_up, "--out", str(out / "exported"))),
        Case("review", ("review", "tiny", "--run", e.made_up)),
        Case("review --accept", (*review, *accept), ("reviews",)),
        Case("review --version", (*review, "--version"), ("scenes/tiny", "reviews")),
        Case("review --export", ("review", "tiny", "--export", str(out / "review"))),
        Case("runs --note", ("runs", "--note", e.unet, "a note"), of),
        Case("runs --pin", ("runs", "--pin", e.unet), of),
    ]


def _network_cases(e: Everything, out: Path) -> list[Case]:
    train = ("tiny", "--model", "unet", *QUICK, "--epochs", "1", "--seed", "5")
    arms = ("--arms", "unet:rs,unet:rs-dr", "--preset", "quick", "--epochs", "1", "--seeds", "1")
    of, gated, broken = (f"runs/{e.unet}",), (f"runs/{e.gated}",), (f"runs/{e.broken}",)
    channels = ("channels", e.unet, "--repeats", "2", "--tiles", "2")
    return [
        Case("models", ("models",)),
        Case("pack", ("pack", e.unet, "--out", str(out / "network.zip"))),
        Case("load", ("load", str(e.files / "network.zip"), "--name", "loaded")),
        Case("predict", ("predict", e.unet), of, heavy=True),
        Case("predict of two", ("predict", f"{e.unet},{e.broken}"), broken, heavy=True),
        Case("channels", channels, of, heavy=True),
        Case("applicability", ("applicability", e.unet), of),
        Case("attention", ("attention", e.gated, "--tile", "1"), gated, heavy=True),
        Case("train", ("train", *train), heavy=True),
        Case("train --resume", ("train", "--resume", e.broken), broken, heavy=True),
        Case("kfold", ("kfold", *train, "--folds", "2"), heavy=True),
        Case("experiment", ("experiment", "tiny", *arms), heavy=True),
    ]


def _page_cases() -> list[Case]:
    """What the server writes itself."""
    return [
        Case("upload", work=_upload),
        Case("uploaded network", work=_uploaded_network),
        Case("dataset keep", work=_keep_dataset),
        Case("job of a page", work=_start),
    ]


def _told(work: Callable[[], object]) -> int:
    """As a page does: what the user can put right is shown, anything else is a defect."""
    from core.errors import SlideScopeError
    from core.jobs.reasons import exhausted

    try:
        work()
    except SlideScopeError as error:
        print(error, file=sys.stderr)
        return 2
    except OSError as error:
        known = exhausted(error)
        if known is None:
            raise
        print(known, file=sys.stderr)
        return 2
    return 0


def _upload() -> int:
    from core.scene.files import uploads

    return _told(lambda: uploads.save_upload("one", "dem.tif", b"x" * 5_000_000))


def _uploaded_network() -> int:
    from core.learning.networks import bundle

    return _told(lambda: bundle.keep([("network.zip", b"x" * 5_000_000)]))


def _keep_dataset() -> int:
    from core.scene import datasets, store

    return _told(lambda: datasets.save(store.load("tiny"), "another", ["slope", "nir"]))


def _start() -> int:
    from core.jobs import store as jobs
    from core.learning.request import ChannelsRequest

    def start() -> None:
        job = jobs.start(ChannelsRequest("no such run"))
        while jobs.read(job.id).active:
            time.sleep(0.1)

    return _told(start)


def preload() -> None:
    """What the actions load, so that each fork has it; not Keras, whose threads no fork keeps."""
    import geopandas  # noqa: F401
    import sklearn.ensemble  # noqa: F401

    import core.export.exporting
    import core.learning.scores.evaluation
    import core.workflows.factors
    import core.workflows.importing
    import core.workflows.masking
    import core.workflows.review  # noqa: F401


class Peak:
    """The most room that is taken, watched from a thread."""

    def __init__(self, at: Path):
        self._at, self._ended = at, threading.Event()
        self.most = self._first = small_disk.used(at)

    @contextmanager
    def watched(self) -> Iterator[None]:
        watcher = threading.Thread(target=self._watch)
        watcher.start()
        try:
            yield
        finally:
            self._ended.set()
            watcher.join()

    @property
    def written(self) -> int:
        return self.most - self._first

    def _watch(self) -> None:
        while not self._ended.wait(0.005):
            self.most = max(self.most, small_disk.used(self._at))


def digests(folder: Path) -> dict[str, str]:
    """Of all that an action must leave alone; what happened is written down behind what did."""
    return {
        str(p.relative_to(folder)): hashlib.blake2b(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
        and not p.name.endswith(".lease")
        and p.parent.name != "logs"
        and p.name != LOG
    }


def problems(case: Case, ended: forked.Ended, before: dict, names: set[str]) -> list[str]:
    """What does not hold after the action."""
    found = []
    if ended.status not in (0, 2):
        found.append(f"exit status {ended.status}: {ended.last[:300]}")
    if "Traceback" in ended.err or "HDF5-DIAG" in ended.err:
        found.append(f"a traceback: {ended.last[:300]}")
    if ended.status == 2 and not (
        ended.last.endswith(".") and any(words in ended.last for words in SENTENCE)
    ):
        found.append(f"no sentence about the disk: {ended.last[:300]}")
    at = paths.workspace()
    half = [p for p in at.rglob(".*") if str(p) not in names and not _goes_on_with(p)]
    half += [p for p in (at / "jobs").glob("*") if not (p / "job.json").exists()]
    if half:
        found.append(f"half written: {[str(p.relative_to(at)) for p in half][:4]}")
    after = digests(at)
    other = [n for n, d in before.items() if after.get(n) != d and not n.startswith(case.own)]
    if other:
        found.append(f"changed or gone: {other[:4]}")
    try:
        checks.every_file_can_be_read()
    except Exception as error:
        found.append(f"cannot be read: {type(error).__name__} {error}")
    return found + _listed()


def _goes_on_with(path: Path) -> bool:
    """Finished strips of a prediction are kept on purpose, the next one goes on with them; and a
    record of hashes is whole line by line."""
    return path.name == RECORD or ".members" in path.parts or path.name.endswith(".partial")


def _listed() -> list[str]:
    found = []
    for action in ("runs", "scenes"):
        ended = forked.command(action)
        damaged = json.loads(ended.out)["damaged"] if ended.status == 0 else ended.last
        if damaged:
            found.append(f"{action} says {damaged}")
    active = forked.call(_some_active)
    return found + ([f"still active: {active.out}"] if active.status else [])


def _some_active() -> int:
    from core.jobs import store as jobs

    for job in jobs.active():
        print(job.id, job.state, job.stage)
    return len(jobs.active())


def accepted(case: Case, e: Everything) -> Case:
    """The case with the name of a false object in place of FIRST."""
    if "FIRST" not in case.words:
        return case
    told = json.loads(forked.command("review", "tiny", "--run", e.made_up).out)
    first = str(told["queue"][0]["key"])
    return replace(case, words=tuple(first if w == "FIRST" else w for w in case.words))


def lefts(case: Case, written: int, asked: tuple[int, ...]) -> list[int]:
    """How much room is tried: fixed ones, and shares of what the action takes."""
    shares = [] if case.heavy else [int(share * written) for share in SHARES]
    return [*asked, *(s for s in shares if written > 20_000)]


def sweep(e: Everything, at: Path, only: list[str], skip: list[str], shares: bool) -> dict:
    failures, ends, tried, took = [], Counter(), 0, time.monotonic()
    for case in cases(e, at / "exports"):
        if (only and case.name not in only) or case.name in skip:
            continue
        written = 0
        if shares and not case.heavy:
            small_disk.fill(at, e.workspace, None)
            (at / "exports").mkdir()
            case, peak = accepted(case, e), Peak(at)
            with peak.watched():
                ended = case.run()
            written = peak.written
            if ended.status:
                failures.append({"case": case.name, "left": None, "wrong": ended.err[-2000:]})
                print(f"WRONG {case.name}, with room: {ended.err[-2000:]}", flush=True)
                continue
        for left in lefts(case, written, LEFT):
            small_disk.fill(at, e.workspace, left)
            (at / "exports").mkdir()
            before, names = digests(at), {str(p) for p in at.rglob(".*")}
            case = accepted(case, e)
            ended = case.run()
            wrong = problems(case, ended, before, names)
            tried += 1
            ends["failed in a sentence" if ended.status == 2 else "went through"] += 1
            failures += [{"case": case.name, "left": left, "wrong": w} for w in wrong]
            said = "; ".join(wrong) or ended.last[:160]
            mark = "WRONG" if wrong else "ok"
            print(f"{mark} {case.name}, {left:,} left, {ended.seconds} s: {said}", flush=True)
    took = round(time.monotonic() - took)
    return {"tried": tried, "ends": dict(ends), "failures": failures, "seconds": took}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="names of actions, separated by commas")
    parser.add_argument("--skip", default="", help="the same, left out")
    parser.add_argument("--no-shares", action="store_true", help="only 0, 600 kB and 3 MB left")
    parser.add_argument("--keep", type=Path, help="a folder to keep the workspace in, or with one")
    args = parser.parse_args()
    small_disk.enter()
    with tempfile.TemporaryDirectory(prefix="slidescope-full-") as folder:
        e = everything.kept(args.keep) if args.keep else everything.build(Path(folder))
        at = Path(folder) / "small"
        at.mkdir()
        os.environ |= {"SLIDESCOPE_WORKSPACE": str(at), "SLIDESCOPE_PRECISION": "f32"}
        # What an action puts aside for a moment meets the same disk.
        os.environ["TMPDIR"] = str(at)
        preload()
        only, skip = (list(filter(None, t.split(","))) for t in (args.only, args.skip))
        try:
            told = sweep(e, at, only, skip, not args.no_shares)
        finally:
            small_disk.away(at)
    print(json.dumps(told))
    return 1 if told["failures"] else 0


if __name__ == "__main__":
    sys.exit(main())
