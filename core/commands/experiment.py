"""`experiment`: the paired experiment on RS and RS-DR."""

import argparse
from dataclasses import replace

from core.commands import train
from core.errors import SlideScopeError
from core.experiments import arms, conduct, cost, store
from core.experiments.request import ExperimentRequest, Member, request
from core.jobs.report import Report
from core.learning import options
from core.runs.config import RunConfig
from core.runs.tables import METRICS
from core.scene import store as scenes

HELP = "train networks on RS and RS-DR alike, and say what one has over the other"
SHARED = (
    *("preset", "split", "coding", "inventory_version", "test_scene", "buffer", "split_seed"),
    *("start_from", "zscore", "flips"),
    *options.BY_NAME,
)


def add_experiment(commands) -> None:
    sub = commands.add_parser("experiment", help=HELP, description=HELP)
    sub.add_argument("scene", nargs="?", help="name of an imported scene; A,B,C: of several")
    sub.add_argument("--resume", metavar="ID", help="go on with an experiment that ended early")
    sub.add_argument("--arms", help="such as fcadensenet:rs-dr,fcadensenet:rs (default: all five)")
    sub.add_argument("--seeds", type=int, default=3, help="how many: 0 .. N-1 (default 3)")
    sub.add_argument("--split-seed", type=int, default=0, help="draws the split of all (default 0)")
    sub.add_argument("--dry-run", action="store_true", help="say how long it takes, start nothing")
    train.add_shared(sub)
    sub.set_defaults(run=run, show=show, job_kind="experiment", job_title=_title)


def _title(args: argparse.Namespace) -> str:
    return f"Resume {args.resume}" if args.resume else f"Paired experiment on {args.scene}"


def run(args: argparse.Namespace, report: Report) -> dict:
    """Check everything, say how long it takes, train what is missing, compare."""
    report("Checking the experiment", None)
    begun = _resumed(args) if args.resume else None
    wanted = begun.request if begun else request_of(args)
    scene = scenes.load(wanted.training.home)
    configs = configurations(wanted)
    if args.dry_run:
        return _plan(wanted, cost.expected(wanted, scene))
    experiment = begun or store.create(wanted, scene, args.job)
    return conduct.conduct(experiment, configs, report)


def request_of(args: argparse.Namespace) -> ExperimentRequest:
    if not args.scene:
        raise SlideScopeError(
            "Nothing to compare: an experiment needs a SCENE, or --resume ID; give one of these."
        )
    named = arms.DEFAULT if args.arms is None else arms.parse(args.arms)
    given = {name: getattr(args, name) for name in SHARED}
    return request(args.scene, named, args.seeds, **given)


def _resumed(args: argparse.Namespace) -> store.Experiment:
    found = store.load(args.resume)
    if found.job and found.job.active and found.job.id != args.job:
        raise SlideScopeError(
            f"Experiment '{found.id}' is {found.state}: only one at rest can be resumed; stop it "
            "first."
        )
    if scenes.load(found.scene).fingerprint != found.fingerprint:
        raise SlideScopeError(
            f"Scene '{found.scene}' has changed since experiment '{found.id}' began: it goes on "
            "only with the same data; start it anew."
        )
    store.assign_job(found, args.job)
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


def show(result: dict) -> None:
    if "expected_words" in result:
        print(result["expected_words"])
        return
    kind = "synthetic scene" if result["synthetic"] else "scene"
    print(
        f"{kind} {result['test_scene']}: {result['test_tiles']} {result['area_words']} in "
        f"{result['test_blocks']} blocks, {result['split']} split, p >= {result['threshold']:g}"
    )
    print(f"{'mean (sd)':26}" + "".join(f"{title:>16}" for title in METRICS.values()))
    for row in result["table"]:
        print(f"{row['title']:26}" + "".join(f"{_spread(row[name]):>16}" for name in METRICS))
    for gain in result["gains"]:
        _show_gain(gain)
    for sentence in (*result["notes"], *result["warnings"]):
        print(sentence)
    for member, reason in result["failed"].items():
        print(f"Failed: {member}: {reason}")


def _spread(value: dict) -> str:
    sd = "" if value["sd"] is None else f" ({value['sd']:.3f})"
    return f"{value['mean']:.4f}{sd}"


def _show_gain(gain: dict) -> None:
    print(f"\n{gain['title']}")
    for name, value in gain["metrics"].items():
        percent = "" if value["percent"] is None else f" ({value['percent']:+.1f} %)"
        interval = ""
        if value["interval_points"]:
            low, high = value["interval_points"]
            interval = f"   95 % {low:+.2f} .. {high:+.2f}, p {value['p']:.4f}"
        print(f"  {METRICS[name]:14} {value['points']:+7.2f} points{percent}{interval}")
    if counts := gain["mcnemar"]:
        p = "" if counts["p"] is None else f", McNemar p {counts['p']:.4f}"
        print(
            f"  landslides     {counts['objects']}: found by both {counts['both']}, gained "
            f"{counts['gained']}, lost {counts['lost']}, missed by both {counts['neither']}{p}"
        )
