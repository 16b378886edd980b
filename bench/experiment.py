"""Train the members of paired experiments several at once on one GPU, then make their tables.

    python bench/experiment.py "SCENE --arms ... --seeds 3" ["SCENE ..."] [--at-once 10]

Each text is what `python -m core experiment` takes. A workspace lets one training run at a time;
here every member trains in a workspace of its own, with the same scene and by its own `train`
command, and its run is moved into the workspace when it has ended. Last come the `experiment`
commands themselves, which find their members done: the tables are theirs. After `--seconds` no
more is trained; the tables are then of the seeds that every arm has, and what was begun goes on
the next time.
"""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core import commands, paths
from core.experiments import store
from core.experiments.request import ExperimentRequest, Member
from core.runs import store as runs
from core.runs.config import RunConfig
from core.workflows import experiment


@dataclass
class Training:
    """A member, its own workspace and its process while it runs."""

    member: Member
    config: RunConfig
    argv: list[str]
    folder: Path
    process: subprocess.Popen | None = None
    tries: int = 0
    started: float = field(default_factory=time.monotonic)

    @property
    def done(self) -> bool:
        found = runs.runs(self.config.scene)
        return any(store.alike(run.config, self.config) and run.metrics() for run in found)

    def start(self) -> None:
        """Begin, or go on where it was."""
        self._share_scenes()
        begun = [f.parent.name for f in self.folder.glob("runs/*/config.json")]
        argv = ["train", "--resume", begun[0]] if begun else self.argv
        self.tries, self.started = self.tries + 1, time.monotonic()
        with open(self.folder / "log.txt", "ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "core", *argv],
                env={**os.environ, "SLIDESCOPE_WORKSPACE": str(self.folder)},
                cwd=paths.PROJECT,
                stdout=log,
                stderr=log,
            )

    def _share_scenes(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (paths.workspace() / "cache").mkdir(exist_ok=True)
        if not (self.folder / "scenes").exists():
            # Links, not copies: a scene is only read here.
            shutil.copytree(paths.scenes_folder(), self.folder / "scenes", copy_function=os.link)
            os.symlink(paths.workspace() / "cache", self.folder / "cache")

    def ended(self) -> None:
        """Move the run to the others, or say why there is none."""
        title, seconds = f"{self.config.preset} {self.member.title}", self._seconds()
        if self.process.returncode:
            tail = (self.folder / "log.txt").read_text(errors="replace")[-800:]
            print(f"FAILED {title} after {seconds} s: {tail}", flush=True)
            return
        for kind in ("jobs", "runs"):
            (paths.workspace() / kind).mkdir(exist_ok=True)
            for item in (self.folder / kind).iterdir():
                os.replace(item, paths.workspace() / kind / item.name)
        run = next(r for r in runs.runs() if store.alike(r.config, self.config) and r.metrics())
        print(f"{title}: F1 {run.metrics()['f1']:.4f}, {seconds} s", flush=True)
        shutil.rmtree(self.folder)

    def _seconds(self) -> int:
        return round(time.monotonic() - self.started)


def requests(texts: list[str]) -> list[ExperimentRequest]:
    return [commands.parse(["experiment", *shlex.split(text)]) for text in texts]


def trainings(wanted: list[ExperimentRequest]) -> list[Training]:
    """Every training once, a seed after the other."""
    found: dict[RunConfig, Training] = {}
    for request in wanted:
        for member, config in experiment.configurations(request).items():
            name = f"{config.preset}-{member.key}".replace(":", "-")
            folder = paths.workspace() / "members" / name
            argv = request.of_member(member).argv()
            found.setdefault(config, Training(member, config, argv, folder))
    return sorted(found.values(), key=lambda item: item.member.seed)


def train(waiting: list[Training], at_once: int, until: float) -> None:
    """Keep `at_once` of them going until all have ended or the time is up."""
    waiting = [item for item in waiting if not item.done]
    print(f"{len(waiting)} trainings, {at_once} at once", flush=True)
    going: list[Training] = []
    while (waiting or going) and time.monotonic() < until:
        while waiting and len(going) < at_once:
            going.append(waiting.pop(0))
            going[-1].start()
        for item in [i for i in going if i.process.poll() is not None]:
            going.remove(item)
            item.ended()
            if item.process.returncode and item.tries < 2:
                waiting.append(item)
        time.sleep(0.5)
    for item in going:
        item.process.terminate()
        item.process.wait()
    if going or waiting:
        print(f"Time is up: {len(going)} stopped, {len(waiting)} not begun", flush=True)


def tables(texts: list[str]) -> None:
    """The `experiment` command of each text, with the seeds that all its arms have."""
    for text, request in zip(texts, requests(texts)):
        having = {config.seed: [] for config in experiment.configurations(request).values()}
        for item in trainings([request]):
            having[item.config.seed].append(item.done)
        seeds = 0
        while all(having.get(seeds, [False])):
            seeds += 1
        print(f"\n{text}: {seeds} seeds of every arm", flush=True)
        if seeds:
            argv = ["experiment", *shlex.split(text), "--seeds", str(seeds)]
            subprocess.run([sys.executable, "-m", "core", *argv], cwd=paths.PROJECT, check=False)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("experiments", nargs="+", metavar="'SCENE --arms ...'")
    parser.add_argument("--at-once", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="train no longer")
    parser.add_argument("--no-tables", action="store_true")
    wish = parser.parse_args()
    train(trainings(requests(wish.experiments)), wish.at_once, time.monotonic() + wish.seconds)
    if not wish.no_tables:
        tables(wish.experiments)


if __name__ == "__main__":
    main()
