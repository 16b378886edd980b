"""Carry an experiment out: one training after the other, then the table.

Every member is a `train` command in a process of its own: a crash costs one member, memory is
given back, and a member goes on when the experiment is killed.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core import atomic
from core.cluster.pool import Pool
from core.errors import SlideScopeError
from core.experiments import cost, store
from core.experiments.arms import Arm, pairs
from core.experiments.request import Member
from core.experiments.store import Experiment
from core.experiments.table import THRESHOLD, common, part_of, paths_of, table
from core.jobs import store as jobs
from core.jobs.report import JobStopped, Report
from core.learning import split
from core.learning.tiles import plots
from core.maps import changes
from core.objects import detection
from core.runs import elsewhere, run_files
from core.runs import store as runs
from core.runs.config import RunConfig
from core.runs.elsewhere import Training
from core.runs.measured import scene_of
from core.runs.request import TrainRequest
from core.runs.store import Run
from core.scene import inventory
from core.scene import store as scenes

POLL_S = 1.0
TRAINED_SHARE = 0.97


@dataclass
class Progress:
    """What came of the members so far; `seconds` expected of each that has to be trained."""

    seconds: dict[Member, float]
    runs: dict[Member, Run] = field(default_factory=dict)
    failed: dict[Member, str] = field(default_factory=dict)

    def share(self, member: Member, part: float) -> float:
        """How much of the whole is done, 0..1, when `part` of a member is."""
        ended = sum(s for m, s in self.seconds.items() if m in self.runs or m in self.failed)
        return (ended + part * self.seconds[member]) / sum(self.seconds.values())

    def share_of(self, parts: Mapping[Member, float]) -> float:
        """The same when several members are partly done."""
        ended = sum(s for m, s in self.seconds.items() if m in self.runs or m in self.failed)
        begun = sum(part * self.seconds[member] for member, part in parts.items())
        return (ended + begun) / (sum(self.seconds.values()) or 1.0)

    def left(self, member: Member, part: float) -> float:
        """Seconds that are expected to remain."""
        return sum(self.seconds.values()) * (1 - self.share(member, part))


def conduct(
    experiment: Experiment,
    configs: Mapping[Member, RunConfig],
    report: Report,
    pool: Pool | None = None,
) -> dict:
    """Train every member that is not measured yet, write the table and return it.

    `configs`: the configuration that each member's run has; `pool`: who trains them, several at
    once, in place of this machine.
    """
    found = _there(experiment, configs)
    done = {m: run for m, run in found.items() if run and run.metrics()}
    for member, run in done.items():
        experiment.note_run(member, run.id)
    missing = [m for m in configs if m not in done]
    expected = _tell_expected(experiment, missing, len(done), report)
    progress = Progress(dict(zip(missing, expected.seconds)), dict(done))
    asked = {member: found[member] for member in missing}
    if pool is None:
        _one_by_one(experiment, asked, configs, progress, report)
    else:
        _together(experiment, asked, progress, pool, report)
    plots.check_unchanged(next(iter(configs.values())), f"experiment '{experiment.id}'")
    return _finish(experiment, progress, expected, report)


def _one_by_one(
    experiment: Experiment,
    asked: Mapping[Member, Run | None],
    configs: Mapping[Member, RunConfig],
    progress: Progress,
    report: Report,
) -> None:
    """Train the members here, one after the other."""
    for number, (member, run) in enumerate(asked.items(), start=1):
        plots.check_unchanged(configs[member], f"experiment '{experiment.id}'")
        words = f"{number} of {len(asked)}: {member.title}"
        try:
            progress.runs[member] = _train(experiment, member, run, words, progress, report)
        except SlideScopeError as error:
            progress.failed[member] = str(error)


def _together(
    experiment: Experiment,
    asked: Mapping[Member, Run | None],
    progress: Progress,
    pool: Pool,
    report: Report,
) -> None:
    """Let the workers of a pool train the members."""
    named = {member.key: member for member in asked}
    parts: dict[Member, float] = {}

    def tell(key: str, job: jobs.Job) -> None:
        if "run" in job.figures:
            _note(experiment, named[key], job.figures["run"])
        parts[named[key]] = job.progress or 0.0

    def told(stage: str, fraction: float | None = None, **figures: Any) -> None:
        share = progress.share_of(parts)
        report(stage, TRAINED_SHARE * share, **{**figures, "eta_s": figures.get("eta_s")})

    trainings = {
        member.key: Training(
            member.title,
            TrainRequest(resume=run.id)
            if run
            else experiment.request.of_member(member, experiment.id),
        )
        for member, run in asked.items()
    }
    for key, ended in elsewhere.train(trainings, experiment.id, pool, told, tell):
        member = named[key]
        parts.pop(member, None)
        if ended.run:
            _note(experiment, member, ended.run)
            progress.runs[member] = runs.load(ended.run)
        else:
            early = f"The training of {member.title} ended early."
            progress.failed[member] = ended.reason or early


def _there(experiment: Experiment, configs: Mapping[Member, RunConfig]) -> dict:
    """The run of each member, None where there is none to use.

    A run that holds out other tiles than a new one would (an earlier version of the software drew
    them) cannot stand beside new ones.
    """
    found = {m: store.run_of(experiment, m, config) for m, config in configs.items()}
    if all(run and run.metrics() for run in found.values()):
        return found
    config = next(iter(configs.values()))
    scene = inventory.at(scenes.load(config.scene), config.inventory_version)
    parts, _ = plots.split_for(scene, config)
    return {
        m: run if run and split.same_test(run.path / run_files.SPLIT, parts) else None
        for m, run in found.items()
    }


def _tell_expected(experiment: Experiment, missing: list[Member], done: int, report: Report):
    scene = scenes.load(experiment.scene)
    expected = cost.expected(experiment.request, scene, missing)
    reused = f" {done} are there already and are used." if done else ""
    words = expected.words if missing else "Nothing is left to train."
    report(words + reused, 0.0, experiment=experiment.id, expected_s=round(expected.total))
    return expected


def _train(
    experiment: Experiment,
    member: Member,
    run: Run | None,
    words: str,
    progress: Progress,
    report: Report,
) -> Run:
    """Start or resume the member's training, follow it to its end, return its measured run."""

    def tell(job: jobs.Job) -> None:
        if "run" in job.figures:
            _note(experiment, member, job.figures["run"])
        part = job.progress or 0.0
        share, left = progress.share(member, part), progress.left(member, part)
        report(f"{words}: {job.stage}", TRAINED_SHARE * share, eta_s=round(left))

    job = run.job if run and run.job and run.job.active else _start(experiment, member, run)
    ended = _follow(job.id, tell)
    if ended.state == "stopped":
        # Who stops one member does not want the next to begin.
        raise JobStopped
    if ended.state != "done" or ended.result is None:
        raise SlideScopeError(ended.reason or f"The training of {member.title} ended early.")
    return runs.load(ended.result["run"])


def _start(experiment: Experiment, member: Member, run: Run | None) -> jobs.Job:
    if run:
        return jobs.start(TrainRequest(resume=run.id), f"Resume {member.title}", False)
    return jobs.start(experiment.request.of_member(member, experiment.id), None, False)


def _follow(job_id: str, tell) -> jobs.Job:
    """Wait for a job's end; whoever stops the experiment stops the job."""
    while True:
        job = jobs.read(job_id)
        if not job.active:
            return job
        try:
            tell(job)
            time.sleep(POLL_S)
        except (JobStopped, KeyboardInterrupt):
            jobs.request_stop(job_id)
            while jobs.read(job_id).active:
                time.sleep(POLL_S / 4)
            raise


def _note(experiment: Experiment, member: Member, run_id: str) -> None:
    if experiment.runs().get(member.key) != run_id:
        experiment.note_run(member, run_id)


def _finish(
    experiment: Experiment, progress: Progress, expected: cost.Expected, report: Report
) -> dict:
    if not progress.runs:
        reason = next(iter(progress.failed.values()))
        raise SlideScopeError(f"None of the trainings came to its end, the first because: {reason}")
    report("Comparing the arms", TRAINED_SHARE)
    measured: dict[Arm, dict[int, Run]] = {arm: {} for arm in experiment.request.arms}
    for member, run in sorted(progress.runs.items(), key=lambda item: item[0].seed):
        measured[member.arm][member.seed] = run
    found = {
        "experiment": experiment.id,
        "state": "done",
        **table(experiment.request, measured),
        "failed": {member.title: reason for member, reason in progress.failed.items()},
        "expected_hours": round(expected.total / 3600, 3),
    }
    report("Drawing gained and lost pixels", TRAINED_SHARE)
    draw_changes(experiment, measured)
    atomic.write_json(experiment.path / "table.json", found)
    return found


def draw_changes(experiment: Experiment, measured: Mapping[Arm, Mapping[int, Run]]) -> None:
    """Write the layer of gained and lost pixels of every pair."""
    for pair in pairs(experiment.request.arms):
        seeds = common(pair, measured)
        if not seeds:
            continue
        before, after = (
            paths_of([measured[arm][s] for s in seeds]) for arm in (pair.before, pair.after)
        )
        first = measured[pair.after][seeds[0]]
        scene = scene_of(first)
        part = part_of(first, scene)
        seeds_words = "1 seed" if len(seeds) == 1 else f"{len(seeds)} seeds"
        title = f"{pair.title} ({seeds_words}, held-out tiles)"
        datasets = tuple(dict.fromkeys((pair.before.dataset, pair.after.dataset)))
        shown = changes.Shown(pair.id, title, datasets, before, after)
        strips = detection.strips(part.tiling, part.inside)
        changes.write(experiment.path / "changes", scene, shown, strips, THRESHOLD)
