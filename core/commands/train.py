"""`train`: from a scene to a measured map."""

import argparse
import secrets
import time

from core.commands.evaluate import show_evaluate
from core.errors import SlideScopeError
from core.jobs.report import Report, part
from core.learning import (
    channels,
    device,
    encoder,
    evaluation,
    metrics,
    options,
    planned,
    presets,
    split,
)
from core.learning.options import Setting
from core.runs import store as runs
from core.runs.config import MODEL_TITLES, RunConfig
from core.runs.request import TrainRequest, repeat
from core.runs.summary import Best
from core.runs.truth import scene_of
from core.scene import store as scenes
from core.scene import versions


def add_train(commands) -> None:
    sub = commands.add_parser("train", help="train a network, predict its scene and measure it")
    add_settings(sub)
    sub.add_argument("--folds", type=int, help="deal the scene's blocks to so many folds")
    sub.add_argument("--fold", type=int, help="the fold that is held out, from 1")
    sub.add_argument("--resume", metavar="RUN", help="go on with an interrupted or stopped run")
    sub.add_argument("--no-predict", action="store_true", help="stop after the training itself")
    sub.set_defaults(run=train, show=show_train, job_kind="train", job_title=_train_title)


def add_settings(sub: argparse.ArgumentParser) -> None:
    """Add what every training is asked for."""
    sub.add_argument("scene", nargs="?", help="name of an imported scene")
    sub.add_argument("--model", help=f"one of {', '.join(MODEL_TITLES)}")
    sub.add_argument(
        "--dataset", default="rs-dr", help="rs, rs-dr with deformation rate, or a stored one"
    )
    sub.add_argument("--seed", type=int, default=0)
    sub.add_argument("--split-seed", type=int, help="draws the split (default: as --seed)")
    sub.add_argument("--experiment", help=argparse.SUPPRESS)
    add_shared(sub)


def add_shared(sub: argparse.ArgumentParser) -> None:
    """Add the options that every member of a paired experiment has alike."""
    sub.add_argument("--preset", default="paper", help="paper, quick or another size of the model")
    sub.add_argument("--split", choices=("block", "paper"), default="block")
    sub.add_argument("--coding", choices=("paper", "recommended"), default="paper")
    sub.add_argument(
        "--inventory-version", type=int, help="version of the inventory (default: as imported)"
    )
    sub.add_argument("--test-scene", help="test on this scene: no tile of SCENE is held out")
    sub.add_argument(
        "--buffer", type=int, default=planned.BUFFER_PX, help="pixels between the parts"
    )
    sub.add_argument(
        "--encoder-weights",
        metavar="cache|fetch|random|FILE",
        help="what the encoder of unet_pretrained starts from: ImageNet weights in Keras's cache "
        "(default; random where it has none), fetched, random, or a file of them",
    )
    for setting in options.SETTINGS:
        _add_setting(sub, setting)


def _add_setting(sub: argparse.ArgumentParser, setting: Setting) -> None:
    help = f"{setting.words} (paper: {setting.paper})"
    if setting.kind is bool:
        action = argparse.BooleanOptionalAction
        sub.add_argument(setting.flag, action=action, default=None, help=help)
    elif setting.choices:
        sub.add_argument(setting.flag, choices=tuple(setting.choices), help=help)
    else:
        sub.add_argument(setting.flag, type=setting.kind, help=help)


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
    with device.wait_for_turn(report):
        trained = training.train(run, scene, parts, table, part(report, 0.0, 0.85))
        result = {
            "run": run.id,
            "state": "done",
            "scene": scene.name,
            "model": run.config.model,
            "dataset": run.config.dataset,
            "preset": run.config.preset,
            "command": repeat(run.config).command(),
            **({"encoder": encoder.told(run)} if run.config.model == encoder.MODEL else {}),
            **trained,
            "split": {"method": run.config.split, **split.summary(parts, table, scene)},
        }
        if not args.no_predict:
            result["metrics"] = _predict_and_measure(run, scene, parts, part(report, 0.85, 1.0))
    return result


def _new(args: argparse.Namespace):
    config, scene, parts, table = configure(args)
    run = runs.create(
        config, _run_id(config), args.job, lambda folder: split.save(parts, folder / "split.json")
    )
    return run, scene, parts, table


def configure(args: argparse.Namespace | TrainRequest, table: split.TileTable | None = None):
    """Check everything that can be wrong before anything is written.

    Returns (configuration, scene, split, tile table) of the run that `args` asks for; `table` of
    the scene where it is known already.
    """
    if not args.scene or not args.model:
        raise SlideScopeError(
            "Nothing to train: a training needs a SCENE and --model, or --resume RUN; give these."
        )
    scene = versions.at(scenes.load(args.scene), args.inventory_version)
    options.check(args.model, args.preset)
    encoder.check(args.model, args.encoder_weights)
    factors = channels.dataset_factors(scene, args.dataset)
    test_scene = _test_scene(args.test_scene, scene, factors)
    parts, table = planned.split_for(scene, args, table)
    given = {name: getattr(args, name) for name in options.BY_NAME}
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
        tile=parts.tiling.tile,
        split=args.split,
        buffer=parts.buffer,
        test_scene=test_scene,
        folds=args.folds,
        fold=args.fold,
        split_seed=args.split_seed,
        experiment=args.experiment,
        encoder_weights=args.encoder_weights,
        **presets.settings(args.model, args.preset, given, training_tiles),
    )
    return config, scene, parts, table


def _test_scene(name: str | None, scene: scenes.Scene, factors: tuple[str, ...]) -> str | None:
    """The name of a scene that a network trained on `factors` of `scene` can be tested on."""
    if name is None:
        return None
    other = scenes.load(name)
    missing = [factor for factor in factors if factor not in other.factor_names]
    if other.name == scene.name or missing or not other.inventory:
        lacks = ", ".join(missing) if missing else "an inventory"
        why = "it is the training scene itself" if other.name == scene.name else f"it lacks {lacks}"
        raise SlideScopeError(
            f"Scene '{name}' cannot test this network: {why}; a test scene is another one with the "
            "same factors and an inventory: choose such a one."
        )
    return name


def _run_id(config: RunConfig) -> str:
    when = time.strftime("%Y%m%d-%H%M%S")
    return f"{config.scene}-{config.model}-{config.dataset}-{when}-{secrets.token_hex(2)}"


def _resumed(args: argparse.Namespace, report: Report):
    run = runs.load(args.resume)
    if run.job and run.job.active and run.job.id != args.job:
        raise SlideScopeError(
            f"Run '{run.id}' is {run.state}: only a run at rest can be resumed; stop it first."
        )
    # From here on the run says why it could not go on.
    runs.assign_job(run, args.job)
    scene = scenes.load(run.config.scene)
    if scene.fingerprint != run.config.fingerprint:
        raise SlideScopeError(
            f"Scene '{scene.name}' has changed since run '{run.id}' began: a run goes on only with "
            "the same data; train anew."
        )
    scene = scene_of(run, scene.name)
    parts = split.load(run.path / "split.json")
    return run, scene, parts, split.tile_table(scene, parts.tiling)


def _predict_and_measure(run: runs.Run, scene: scenes.Scene, parts, report: Report) -> dict:
    from core.learning import baseline, prediction

    tested = scene if run.test_scene == scene.name else scenes.load(run.test_scene)
    # A resumed run may lack its scores only.
    if not run.prediction_is_current(tested.name):
        prediction.predict(run, tested, part(report, 0.0, 0.6))
    if tested is scene:
        baseline.fit_and_count(run, scene, parts, part(report, 0.6, 1.0))
    return evaluation.store(run, tested.name)


def show_train(result: dict) -> None:
    best = Best(result["best_epoch"], result["monitor"], result["best_value"])
    print(f"{result['run']}: of {result['epochs']} epochs {best.words}")
    if result.get("encoder"):
        print(f"The encoder started from {result['encoder']}.")
    if "metrics" in result:
        show_evaluate(result["metrics"])
    print(f"The command that repeats this run:\n  {result['command']}")
