"""`train`: from a scene to a measured map."""

import argparse
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core import atomic
from core.commands.evaluate import show_evaluate
from core.errors import SlideScopeError
from core.jobs.report import Report, part
from core.learning import (
    channels,
    classes,
    device,
    encoder,
    evaluation,
    flips,
    metrics,
    options,
    planned,
    plots,
    presets,
    split,
    start,
)
from core.learning.card import Card
from core.learning.options import Setting
from core.learning.plots import Plot
from core.runs import store as runs
from core.runs.config import MODEL_TITLES, RunConfig
from core.runs.request import TrainRequest, repeat, scene_names
from core.runs.summary import Best
from core.scene import store as scenes


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
    sub.add_argument(
        "scene",
        nargs="?",
        help="name of a scene; several, A,B,C, are learned from",
    )
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
        "--from",
        dest="start_from",
        metavar="RUN",
        help="go on from the network of this run: what fits keeps its weights",
    )
    sub.add_argument(
        "--zscore",
        choices=("fitted", "kept"),
        help="with --from: fit the z-score to the new scene (default) or keep the network's own",
    )
    add_flips(sub)
    sub.add_argument(
        "--encoder-weights",
        metavar="cache|fetch|random|FILE",
        help="what the encoder of unet_pretrained starts from: ImageNet weights in Keras's cache "
        "(default; random where it has none), fetched, random, or a file of them",
    )
    for setting in options.SETTINGS:
        _add_setting(sub, setting)


def add_flips(sub: argparse.ArgumentParser) -> None:
    """Add --flips, alike for every command that predicts."""
    words = "looks that the map is the mean of, flipped and turned; as many times the cost"
    sub.add_argument("--flips", type=int, choices=tuple(options.FLIPS), help=words)


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
    run, plots, notes = _resumed(args, report) if args.resume else _new(args)
    home = plots[0]
    report("Reading the scene", None, run=run.id)
    with device.wait_for_turn(report):
        trained = training.train(run, plots, part(report, 0.0, 0.85))
        result = {
            "run": run.id,
            "state": "done",
            "scene": ",".join(run.config.learned_from),
            "model": run.config.model,
            "dataset": run.config.dataset,
            "preset": run.config.preset,
            "command": repeat(run.config).command(),
            **({"encoder": encoder.told(run)} if run.config.model == encoder.MODEL else {}),
            **trained,
            "split": {
                "method": run.config.split,
                **split.summary(home.split, home.table, home.scene),
            },
            "notes": notes,
        }
        if not args.no_predict:
            result["metrics"] = _predict_and_measure(run, plots, part(report, 0.85, 1.0))
    return result


def _new(args: argparse.Namespace):
    asked = configure(args)

    def write(folder: Path) -> None:
        plots.save_splits(asked.plots, asked.config, folder)
        if asked.source:
            asked.source.copy_to(folder)

    run = runs.create(asked.config, _run_id(asked.config), args.job, write)
    return run, asked.plots, asked.notes


@dataclass(frozen=True)
class Configured:
    """A training that can start: its configuration, the scenes it learns from (its own first), the
    network it goes on from, and what is worth knowing."""

    config: RunConfig
    plots: tuple[Plot, ...]
    source: start.Source | None
    notes: list[str]

    @property
    def home(self) -> Plot:
        return self.plots[0]


def configure(
    args: argparse.Namespace | TrainRequest, table: split.TileTable | None = None
) -> Configured:
    """Check everything that can be wrong before anything is written.

    `table` of the (first) scene's tiles where it is known already.
    """
    source = start.source(args.start_from) if args.start_from else None
    _check_asked(args, source)
    model = args.model or source.card.model
    preset = args.preset if args.model else source.card.preset
    found = plots.load(args.scene, args.inventory_version)
    options.check(model, preset)
    encoder.check(model, args.encoder_weights)
    factors = channels.dataset_factors(found[0], args.dataset)
    plots.check_alike(found, factors)
    if source:
        start.check(source, model, preset, found[0], factors)
    test_scene = _test_scene(args.test_scene, found, factors)
    looks = args.flips or 1
    flips.check(scenes.load(test_scene) if test_scene else found[0], factors, looks)
    grounds = planned.plots_for(found, args, table)
    notes = plots.notes(found)
    if source or len(found) > 1:
        legends = start.legends(source, found[0]) if source else {}
        grounds = plots.fitted(grounds, factors, legends)
    if source:
        theirs = {n: grounds[0].scene.factor(n).legend for n in factors}
        said = start.match(source.card, factors, {n: v for n, v in theirs.items() if v})
        notes.append(f"Going on from {source.run}: {said.words}.")
    home, *others = grounds
    config = RunConfig(
        **vars(home.learned),
        model=model,
        preset=preset,
        dataset=args.dataset,
        factors=factors,
        seed=args.seed,
        coding=args.coding,
        tile=home.split.tiling.tile,
        split=args.split,
        buffer=home.split.buffer,
        more=tuple(plot.learned for plot in others),
        test_scene=test_scene,
        folds=args.folds,
        fold=args.fold,
        split_seed=args.split_seed,
        experiment=args.experiment,
        encoder_weights=args.encoder_weights,
        start_from=source and source.run,
        zscore=args.zscore or "fitted",
        flips=looks,
    )
    given = {name: getattr(args, name) for name in options.BY_NAME}
    tiles = sum(len(plot.split.tiles(metrics.TRAIN)) for plot in grounds)
    config = replace(config, **presets.settings(config, given, tiles))
    for plot in grounds:
        options.check_crop(config.crop, config.tile, *plot.scene.grid.shape)
    return Configured(config, grounds, source, notes)


def _check_asked(args: argparse.Namespace | TrainRequest, source: start.Source | None) -> None:
    if not scene_names(args.scene) or not (args.model or source):
        raise SlideScopeError(
            "Nothing to train: a training needs a SCENE and --model, or --resume RUN; give these."
        )
    if args.fold and len(scene_names(args.scene)) > 1:
        raise SlideScopeError(
            f"Invalid fold {args.fold} of {args.scene}: folds are those of one scene's blocks; "
            "name one scene, or leave the folds out."
        )
    if args.zscore and not source:
        raise SlideScopeError(
            f"Invalid zscore {args.zscore}: there is one to keep only where a training goes on "
            "from a network; add --from RUN or leave --zscore out."
        )


def _test_scene(
    name: str | None, found: Sequence[scenes.Scene], factors: tuple[str, ...]
) -> str | None:
    """The name of a scene that a network trained on `factors` of `found` can be tested on."""
    if name is None:
        return None
    other = scenes.load(name)
    missing = [factor for factor in factors if factor not in other.factor_names]
    own = other.name in [scene.name for scene in found]
    if own or missing or not other.inventory:
        lacks = ", ".join(missing) if missing else "an inventory"
        why = "it is a training scene itself" if own else f"it lacks {lacks}"
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
    runs.check_network(run)
    if run.job and run.job.active and run.job.id != args.job:
        raise SlideScopeError(
            f"Run '{run.id}' is {run.state}: only a run at rest can be resumed; stop it first."
        )
    # From here on the run says why it could not go on.
    runs.assign_job(run, args.job)
    found = plots.of_run(run)
    if run.config.start_from or run.config.more:
        begun = atomic.read_json(run.path / start.FOLDER / "model.json")
        legends = {}
        if begun:
            kept = start.Source(run.config.start_from, run.path, Card.from_json(begun))
            legends = start.legends(kept, found[0].scene)
        found = plots.fitted(found, run.config.factors, legends)
    return run, found, []


def _predict_and_measure(run: runs.Run, found: Sequence[Plot], report: Report) -> dict:
    from core.learning import baseline, prediction

    home = found[0]
    tested = home.scene if run.test_scene == home.scene.name else scenes.load(run.test_scene)
    # A resumed run may lack its scores only.
    if not run.prediction_is_current(tested.name):
        prediction.predict(run, tested, part(report, 0.0, 0.6))
    learned = [(plot.scene, plot.split) for plot in found]
    other = None if tested is home.scene else _whole(run, tested)
    baseline.fit_and_count(run, learned, other, part(report, 0.6, 1.0))
    return evaluation.store(run, tested.name)


def _whole(run: runs.Run, tested: scenes.Scene) -> tuple[scenes.Scene, split.Split]:
    """A scene that no tile was learned from: all of it tests."""
    scene = classes.recoded(tested, Card.from_json(run.model_card()).legends)
    return scene, plots.unseen(scene)


def show_train(result: dict) -> None:
    best = Best(result["best_epoch"], result["monitor"], result["best_value"])
    print(f"{result['run']}: of {result['epochs']} epochs {best.words}")
    for note in result["notes"]:
        print(note)
    if result.get("encoder"):
        print(f"The encoder started from {result['encoder']}.")
    if "metrics" in result:
        show_evaluate(result["metrics"])
    print(f"The command that repeats this run:\n  {result['command']}")
