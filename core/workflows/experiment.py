"""The paired experiment on RS and RS-DR: `experiment`."""

from dataclasses import replace

from core import leases, paths
from core.cluster import pool
from core.errors import SlideScopeError
from core.experiments import conduct, cost, store
from core.experiments.request import ExperimentRequest, Member
from core.jobs import words
from core.jobs.report import Report, current_job
from core.runs.config import RunConfig
from core.scene import store as scenes
from core.workflows import train


def run(request: ExperimentRequest, report: Report) -> dict:
    """Check everything, say how long it takes, train what is missing, compare."""
    report("Checking the experiment", None)
    begun = _resumed(request.resume) if request.resume else None
    wanted = begun.request if begun else _checked(request)
    scene = scenes.load(wanted.home)
    configs = configurations(wanted)
    if request.dry_run:
        return _plan(wanted, cost.expected(wanted, scene))
    experiment = begun or store.create(wanted, scene, current_job())
    with pool.opened(request.on, report, gpus=True) as workers:
        return conduct.conduct(experiment, configs, report, workers)


def _resumed(experiment_id: str) -> store.Experiment:
    with leases.of("experiment", paths.known_name(experiment_id)):
        found = _at_rest(store.load(experiment_id))
        store.assign_job(found, current_job())
    return found


def _at_rest(found: store.Experiment) -> store.Experiment:
    if found.job and found.job.active and found.job.id != current_job():
        raise SlideScopeError(
            f"Experiment '{found.id}' is {words.state(found.job)}: only one at rest can be "
            f"resumed; {words.way_out(found.job)}."
        )
    if scenes.load(found.scene).fingerprint != found.fingerprint:
        raise SlideScopeError(
            f"Scene '{found.scene}' has changed since experiment '{found.id}' began: it goes on "
            "only with the same data; start it anew."
        )
    return found


def configurations(wanted: ExperimentRequest) -> dict[Member, RunConfig]:
    """The configuration of every member; what is wrong with one is found before any is trained."""
    table, first = None, {}
    for arm in wanted.arms:
        asked = train.configure(wanted.of_member(Member(arm, 0)), table)
        first[arm], table = asked.config, asked.home.table
    return {m: replace(first[m.arm], seed=m.seed) for m in wanted.members()}


def _plan(wanted: ExperimentRequest, expected: cost.Expected) -> dict:
    """What `--dry-run` prints."""
    members = zip(wanted.members(), expected.seconds, expected.sources)
    return {
        **wanted.to_json(),
        "expected_hours": round(expected.total / 3600, 3),
        "expected_words": expected.words,
        "members": [
            {"arm": m.arm.key, "seed": m.seed, "seconds": round(s), "known_from": source}
            for m, s, source in members
        ],
        "command": wanted.command(),
    }


def _checked(request: ExperimentRequest) -> ExperimentRequest:
    if not request.scene:
        raise SlideScopeError(
            "Nothing to compare: an experiment needs a SCENE, or --resume ID; give one of these."
        )
    return request
