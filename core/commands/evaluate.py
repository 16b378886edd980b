"""`evaluate`: the metrics of a predicted map."""

import argparse

from core.jobs.report import Report
from core.learning import evaluation
from core.objects import score
from core.runs import store as runs
from core.runs.measured import looks
from core.runs.tables import BASELINES
from core.runs.truth import scene_of

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
    sub.add_argument("--objects", action="store_true", help="also landslides detected or missed")
    sub.add_argument(
        "--inventory-version", type=int, help="score against it (default: as the run was trained)"
    )
    sub.set_defaults(run=evaluate, show=show_evaluate)


def evaluate(args: argparse.Namespace, report: Report) -> dict:
    run = runs.load(args.run_id)
    area = args.area or evaluation.usual_area(run, args.scene)
    found = evaluation.evaluate(run, args.scene, area, args.threshold, args.inventory_version)
    if args.objects:
        scene = scene_of(run, found["scene"], args.inventory_version)
        objects = score.of_run(run, scene, area, args.threshold)
        found["objects"] = score.score(objects, scene)
    return found


def show_evaluate(result: dict) -> None:
    kind = "synthetic scene, " if result["synthetic"] else ""
    config = runs.load(result["run"]).config
    where = f"{result['area_words']} ({result['tiles']} tiles), {config.split_words}"
    where += looks(result["flips"])
    print(f"{kind}{where}, p >= {result['threshold']:g}")
    for name in METRICS:
        extra = "".join(
            f"   {title.lower()} {result[key][name]:.4f}"
            for key, title in BASELINES.items()
            if result[key]
        )
        print(f"  {name:18} {result[name]:.4f}{extra}")
    if result["empty_mask"]:
        print("The predicted mask is empty: no pixel reaches the threshold.")
    if "objects" in result:
        show_objects(result["objects"])


def show_objects(found: dict) -> None:
    print(f"landslides detected: {found['detected']} of {found['landslides']}")
    for row in found["by_size"]:
        limits = f"{row['least']:g} to {row['most']:g}" if row["most"] else f"{row['least']:g} up"
        share = "" if row["share"] is None else f"   {100 * row['share']:.0f} %"
        print(
            f"  {row['name']:8} {limits:>8} {row['unit']}   {row['detected']:4} of "
            f"{row['landslides']:4}{share}"
        )
    edges = found["boundary"]
    print(f"predicted objects that are false: {found['false']} of {found['predicted']}")
    print(f"boundary F1 {edges['f1']:.4f} (within {edges['tolerance_px']} pixels)")
    print(found["rule"])
