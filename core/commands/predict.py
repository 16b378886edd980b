"""`predict`: a trained network's map of a scene."""

import argparse

from core.commands.train import add_flips
from core.jobs.report import Report
from core.jobs.words import duration
from core.learning import evaluation
from core.runs import store as runs
from core.runs.truth import scene_of


def add_predict(commands) -> None:
    sub = commands.add_parser("predict", help="probability.tif, mask.tif, landslides.gpkg")
    sub.add_argument("run_id", metavar="RUN")
    sub.add_argument("--scene", help="another scene with the same factors (default: its own)")
    sub.add_argument(
        "--uncertainty", action="store_true", help="also uncertainty.tif (up to 8 x the time)"
    )
    add_flips(sub)
    title = {"job_title": lambda args: f"Predict with {args.run_id}"}
    sub.set_defaults(run=predict, show=show_predict, job_kind="predict", **title)


def predict(args: argparse.Namespace, report: Report) -> dict:
    from core.learning import prediction

    run = runs.load(args.run_id)
    scene = scene_of(run, args.scene)
    result = prediction.predict(run, scene, report, args.uncertainty, args.flips)
    if scene.inventory:
        evaluation.store(run, scene.name)
    return result


def show_predict(result: dict) -> None:
    if result["empty_mask"]:
        print("The predicted mask is empty: no pixel reaches a probability of 0.5.")
    print(f"{result['landslides']} landslides in {result['folder']}")
    print(cost_words(result["flips"], result["seconds"]))


def cost_words(looks: int, seconds: float | None) -> str:
    """What a map cost; `seconds` None where it was made in two goes.

    >>> cost_words(4, 125.0)
    'The mean of 4 looks at every window, 4 x the cost of one: predicted in 2 min.'
    >>> cost_words(1, None)
    'One look at every window: went on from the strips that were there.'
    """
    said = "One look at every window"
    if looks > 1:
        said = f"The mean of {looks} looks at every window, {looks} x the cost of one"
    if seconds is None:
        return f"{said}: went on from the strips that were there."
    return f"{said}: predicted in {duration(seconds)}."
