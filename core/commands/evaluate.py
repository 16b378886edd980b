"""`evaluate`: the metrics of a predicted map."""

import argparse

from core.jobs.report import Report
from core.learning import evaluation
from core.runs import store as runs

METRICS = (
    "precision",
    "recall",
    "f1",
    "kappa",
    "miou",
    "iou_landslide",
    "average_precision",
    "ece",
)


def add_evaluate(commands) -> None:
    sub = commands.add_parser("evaluate", help="Pre, Rec, F1, Kappa, MIoU of a prediction")
    sub.add_argument("run_id", metavar="RUN")
    sub.add_argument("--scene", help="a predicted scene (default: the one it is tested on)")
    sub.add_argument("--area", default=None, help="test (default), validation, train or all")
    sub.add_argument("--threshold", type=float, default=0.5)
    sub.set_defaults(run=evaluate, show=show_evaluate)


def evaluate(args: argparse.Namespace, report: Report) -> dict:
    run = runs.load(args.run_id)
    area = args.area or evaluation.usual_area(run, args.scene)
    return evaluation.evaluate(run, args.scene, area, args.threshold)


def show_evaluate(result: dict) -> None:
    kind = "synthetic scene, " if result["synthetic"] else ""
    config = runs.load(result["run"]).config
    where = f"{result['area_words']} ({result['tiles']} tiles), {config.split_words}"
    print(f"{kind}{where}, p >= {result['threshold']:g}")
    for name in METRICS:
        beside = result["baseline_rf"]
        extra = f"   pixel random forest {beside[name]:.4f}" if beside else ""
        print(f"  {name:18} {result[name]:.4f}{extra}")
    if result["empty_mask"]:
        print("The predicted mask is empty: no pixel reaches the threshold.")
