"""`predict`: a trained network's map of a scene."""

import argparse

from core.jobs.report import Report
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
    title = {"job_title": lambda args: f"Predict with {args.run_id}"}
    sub.set_defaults(run=predict, show=show_predict, job_kind="predict", **title)


def predict(args: argparse.Namespace, report: Report) -> dict:
    from core.learning import prediction

    run = runs.load(args.run_id)
    scene = scene_of(run, args.scene)
    result = prediction.predict(run, scene, report, with_uncertainty=args.uncertainty)
    if scene.inventory:
        evaluation.store(run, scene.name)
    return result


def show_predict(result: dict) -> None:
    if result["empty_mask"]:
        print("The predicted mask is empty: no pixel reaches a probability of 0.5.")
    print(f"{result['landslides']} landslides in {result['folder']}")
