"""`train`, `predict`, `evaluate`, `runs`: from a scene to a measured map."""

import argparse
import secrets
import time

from core.errors import SlideScopeError
from core.jobs.report import Report, part
from core.learning import channels, evaluation, metrics, options, split
from core.learning.tiling import tiling_of
from core.runs import store as runs
from core.runs.config import MODEL_TITLES, RunConfig
from core.scene import store as scenes

METRICS = ("precision", "recall", "f1", "kappa", "miou", "iou_landslide", "average_precision")


def add_train(commands) -> None:
    sub = commands.add_parser("train", help="train a network, predict its scene and measure it")
    sub.add_argument("scene", nargs="?", help="name of an imported scene")
    sub.add_argument("--resume", metavar="RUN", help="go on with an interrupted or stopped run")
    sub.add_argument("--model", help="fcn, unet, fc_densenet or fcadensenet")
    sub.add_argument("--dataset", default="rs-dr", help="rs, or rs-dr with deformation rate")
    sub.add_argument("--preset", default="paper", help="paper, quick or another size of the model")
    sub.add_argument("--split", choices=("block", "paper"), default="block")
    sub.add_argument("--coding", choices=("paper", "recommended"), default="paper")
    sub.add_argument("--augmentation", choices=("paper", "safe", "none"))
    sub.add_argument("--epochs", type=int)
    sub.add_argument("--batch", type=int)
    sub.add_argument("--learning-rate", type=float)
    sub.add_argument("--seed", type=int, default=0)
    sub.add_argument("--buffer", type=int, default=32, help="pixels between the parts (default 32)")
    sub.add_argument("--no-predict", action="store_true", help="stop after the training itself")
    sub.set_defaults(run=train, show=show_train, job_kind="train", job_title=_train_title)


def _train_title(args: argparse.Namespace) -> str:
    if args.resume:
        return f"Resume {args.resume}"
    title = MODEL_TITLES.get(args.model, args.model)
    return f"Train {title} {args.dataset.upper()} on {args.scene}"


def train(args: argparse.Namespace, report: Report) -> dict:
    """Train (or resume), then predict the scene and measure it beside the pixel baseline."""
    from core.learning import training

    report("Reading the scene", None)
    run, scene, parts, table = _resumed(args, report) if args.resume else _new(args)
    report("Reading the scene", None, run=run.id)
    with training.device_lock(report):
        trained = training.train(run, scene, parts, table, part(report, 0.0, 0.85))
        result = {
            "run": run.id,
            "state": "done",
            "scene": scene.name,
            "model": run.config.model,
            "dataset": run.config.dataset,
            "preset": run.config.preset,
            **trained,
            "split": {"method": run.config.split, **split.summary(parts, table, scene)},
        }
        if not args.no_predict:
            result["metrics"] = _predict_and_measure(run, scene, parts, part(report, 0.85, 1.0))
    return result


def _new(args: argparse.Namespace):
    """Check everything that can be wrong before anything is written."""
    if not args.scene or not args.model:
        raise SlideScopeError(
            "Nothing to train: a training needs a SCENE and --model, or --resume RUN; give these."
        )
    scene = scenes.load(args.scene)
    options.check(args.model, args.preset)
    factors = channels.dataset_factors(scene, args.dataset)
    tiling = tiling_of(scene)
    if not 0 <= args.buffer < tiling.tile:
        raise SlideScopeError(
            f"Invalid buffer {args.buffer}: it must be at least 0 and below the tile's "
            f"{tiling.tile} px; give such a one."
        )
    table = split.tile_table(scene, tiling)
    parts = split.split_tiles(scene, tiling, table, args.split, args.seed, args.buffer)
    names = ("epochs", "batch", "learning_rate", "augmentation")
    given = {name: getattr(args, name) for name in names}
    training_tiles = len(parts.tiles(metrics.TRAIN))
    config = RunConfig(
        scene=scene.name,
        fingerprint=scene.fingerprint,
        inventory_version=scene.inventory["version"],
        synthetic=scene.synthetic,
        model=args.model,
        preset=args.preset,
        dataset=args.dataset,
        factors=factors,
        seed=args.seed,
        coding=args.coding,
        tile=tiling.tile,
        split=args.split,
        buffer=parts.buffer,
        **options.settings(args.model, args.preset, given, training_tiles),
    )
    run = runs.create(config, _run_id(config), args.job)
    split.save(parts, run.path / "split.json")
    return run, scene, parts, table


def _run_id(config: RunConfig) -> str:
    when = time.strftime("%Y%m%d-%H%M%S")
    return f"{config.scene}-{config.model}-{config.dataset}-{when}-{secrets.token_hex(2)}"


def _resumed(args: argparse.Namespace, report: Report):
    run = runs.load(args.resume)
    if run.job and run.job.active and run.job.id != args.job:
        raise SlideScopeError(
            f"Run '{run.id}' is {run.state}: only a run at rest can be resumed; stop it first."
        )
    scene = scenes.load(run.config.scene)
    if scene.fingerprint != run.config.fingerprint:
        raise SlideScopeError(
            f"Scene '{scene.name}' has changed since run '{run.id}' began: a run goes on only with "
            "the same data; train anew."
        )
    parts = split.load(run.path / "split.json")
    runs.assign_job(run, args.job)
    return run, scene, parts, split.tile_table(scene, parts.tiling)


def _predict_and_measure(run: runs.Run, scene: scenes.Scene, parts, report: Report) -> dict:
    from core.learning import baseline, prediction

    prediction.predict(run, scene, part(report, 0.0, 0.6))
    if parts is not None:
        baseline.fit_and_count(run, scene, parts, part(report, 0.6, 1.0))
    return evaluation.store(run, scene.name)


def show_train(result: dict) -> None:
    print(f"{result['run']}: best epoch {result['best_epoch']} of {result['epochs']}")
    if "metrics" in result:
        show_evaluate(result["metrics"])


def add_predict(commands) -> None:
    sub = commands.add_parser("predict", help="probability.tif, mask.tif, landslides.gpkg")
    sub.add_argument("run_id", metavar="RUN")
    sub.add_argument("--scene", help="another scene with the same factors (default: its own)")
    title = {"job_title": lambda args: f"Predict with {args.run_id}"}
    sub.set_defaults(run=predict, show=show_predict, job_kind="predict", **title)


def predict(args: argparse.Namespace, report: Report) -> dict:
    from core.learning import prediction

    run = runs.load(args.run_id)
    scene = scenes.load(args.scene or run.config.scene)
    result = prediction.predict(run, scene, report)
    if scene.inventory:
        evaluation.store(run, scene.name)
    return result


def show_predict(result: dict) -> None:
    if result["empty_mask"]:
        print("The predicted mask is empty: no pixel reaches a probability of 0.5.")
    print(f"{result['landslides']} landslides in {result['folder']}")


def add_evaluate(commands) -> None:
    sub = commands.add_parser("evaluate", help="Pre, Rec, F1, Kappa, MIoU of a prediction")
    sub.add_argument("run_id", metavar="RUN")
    sub.add_argument("--scene", help="a predicted scene (default: the one it was trained on)")
    sub.add_argument("--area", default=None, help="test (default), validation, train or all")
    sub.add_argument("--threshold", type=float, default=0.5)
    sub.set_defaults(run=evaluate, show=show_evaluate)


def evaluate(args: argparse.Namespace, report: Report) -> dict:
    run = runs.load(args.run_id)
    own = args.scene in (None, run.config.scene)
    area = args.area or ("test" if own else "all")
    return evaluation.evaluate(run, args.scene, area, args.threshold)


def show_evaluate(result: dict) -> None:
    kind = "synthetic scene, " if result["synthetic"] else ""
    print(f"{kind}{result['area_words']}, {result['split']} split, p >= {result['threshold']:g}")
    for name in METRICS:
        beside = result["baseline_rf"]
        extra = f"   pixel random forest {beside[name]:.4f}" if beside else ""
        print(f"  {name:18} {result[name]:.4f}{extra}")
    if result["empty_mask"]:
        print("The predicted mask is empty: no pixel reaches the threshold.")


def add_runs(commands) -> None:
    sub = commands.add_parser("runs", help="every run and its state")
    sub.add_argument("--scene", help="only those trained on this scene")
    sub.set_defaults(run=list_runs, show=show_runs)


def list_runs(args: argparse.Namespace, report: Report) -> dict:
    return {"runs": [_row(run) for run in runs.runs(args.scene)]}


def _row(run: runs.Run) -> dict:
    measured = run.metrics() or {}
    row = {"run": run.id, "state": run.state, "reason": run.job.reason if run.job else ""}
    names = ("scene", "model", "dataset", "preset", "split", "seed", "epochs")
    row |= {name: getattr(run.config, name) for name in names}
    return row | {"f1": measured.get("f1"), "average_precision": measured.get("average_precision")}


def show_runs(result: dict) -> None:
    for row in result["runs"]:
        score = "" if row["f1"] is None else f"F1 {row['f1']:.3f} (held-out tiles)"
        print(f"{row['run']:64} {row['state']:12} {score}")


PARSERS = (add_train, add_predict, add_evaluate, add_runs)
