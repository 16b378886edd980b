"""`predict`: a trained network's map of a scene, or the mean of several."""

import argparse

from core.commands.train import add_flips
from core.errors import SlideScopeError
from core.jobs.report import Report
from core.jobs.words import duration
from core.learning import evaluation, joined
from core.runs import store as runs
from core.runs.config import RunConfig
from core.runs.truth import scene_of


def add_predict(commands) -> None:
    sub = commands.add_parser("predict", help="probability.tif, mask.tif, landslides.gpkg")
    sub.add_argument(
        "run_id", metavar="RUN[,RUN...]", help="several runs: their average, a run of its own"
    )
    sub.add_argument("--scene", help="another scene with the same factors (default: its own)")
    sub.add_argument(
        "--uncertainty", action="store_true", help="also uncertainty.tif (up to 8 x the time)"
    )
    add_flips(sub)
    title = {"job_title": _title}
    sub.set_defaults(run=predict, show=show_predict, job_kind="predict", **title)


def _title(args: argparse.Namespace) -> str:
    count = len(args.run_id.split(","))
    return f"Average {count} runs" if count > 1 else f"Predict with {args.run_id}"


def predict(args: argparse.Namespace, report: Report) -> dict:
    ids = args.run_id.split(",")
    config = joined.average(ids, args.flips) if len(ids) > 1 else runs.load(ids[0]).config
    if config.joined:
        _check_joined(args, config)
    run = joined.begin(config, args.job) if len(ids) > 1 else runs.load(ids[0])
    scene = scene_of(run, args.scene)
    if config.joined:
        result = joined.predict(run, scene, report)
    else:
        from core.learning import prediction

        result = prediction.predict(run, scene, report, args.uncertainty, args.flips)
    if scene.inventory:
        evaluation.store(run, scene.name)
    return result


def _check_joined(args: argparse.Namespace, config: RunConfig) -> None:
    """Raise a SlideScopeError for what a run without a network of its own cannot do."""
    if args.uncertainty:
        raise SlideScopeError(
            "--uncertainty is the spread of one network's answers, and an average has none of its "
            "own: leave it out, or ask a member."
        )
    if args.flips not in (None, config.flips):
        raise SlideScopeError(
            f"--flips {args.flips} does not fit run '{args.run_id}', whose map is of "
            f"{config.flips}: another number is another run; name its members, separated by "
            "commas, with --flips."
        )


def show_predict(result: dict) -> None:
    if result["empty_mask"]:
        print("The predicted mask is empty: no pixel reaches a probability of 0.5.")
    print(f"{result['landslides']} landslides in {result['folder']}")
    if "members" in result:
        print(f"Run {result['run']}: the mean of {len(result['members'])} runs' maps.")
    print(cost_words(result["flips"], result["seconds"]))


def cost_words(looks: int, seconds: float | None) -> str:
    """What a map cost; `seconds` None where it was made in two goes.

    >>> cost_words(4, 125.0)
    'The mean of 4 looks at every window, 4 x the cost of one: predicted in 2 min 5 s.'
    >>> cost_words(1, None)
    'One look at every window: went on from the strips that were there.'
    """
    said = "One look at every window"
    if looks > 1:
        said = f"The mean of {looks} looks at every window, {looks} x the cost of one"
    if seconds is None:
        return f"{said}: went on from the strips that were there."
    return f"{said}: predicted in {duration(seconds)}."
