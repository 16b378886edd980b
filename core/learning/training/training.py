"""Train one network: the paper's recipe (section 3.4) or another, every choice in the config."""

import itertools
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.errors import SlideScopeError
from core.jobs.report import Report
from core.learning.networks import device, encoder, network, start
from core.learning.scores import metrics
from core.learning.tiles import drawing, feed
from core.learning.tiles.channels import channels_of
from core.learning.tiles.drawing import Draws
from core.learning.tiles.plots import Plot
from core.learning.training import checkpoint, recipe, validation
from core.runs.config import RunConfig
from core.runs.store import Run
from models.keras_inside import flat_layers


@dataclass(frozen=True)
class Task:
    """One training in progress: what stays the same from epoch to epoch."""

    run: Run
    plots: tuple[Plot, ...]
    draws: Draws
    validation: np.ndarray
    network: Any
    report: Report

    @property
    def config(self) -> RunConfig:
        return self.run.config


def train(run: Run, plots: Sequence[Plot], report: Report) -> dict:
    """Train `run` on `plots` (the scenes it learns from, its own first) to its last epoch, from its
    last checkpoint where there is one.

    Returns {epochs, best_epoch, monitor, best_value, stopped_early, seconds,
    trainable_parameters, device}. Leaves model/ (best epoch), last/ (to resume from), history.csv,
    validation.npz and tensorboard/ in the run's folder.
    """
    started = time.monotonic()
    where = device.detect().name
    epochs, patience = run.config.epochs, run.config.patience
    progress = checkpoint.begun(run.path)
    checkpoint.record(run.path, progress)
    report("Starting Keras", None, run=run.id, device=where, epochs=epochs)
    built = None  # nothing to build where only the map is missing
    if not progress.ended(epochs, patience):
        network.keras()
        report("Reading the training tiles, fitting the z-score", None)
        task = _prepare(run, tuple(plots), report)
        progress = checkpoint.load(task.network, run.path / "last")
        first = progress.epoch
        while not progress.ended(epochs, patience):
            progress = _epoch(task, progress.epoch, progress, building=progress.epoch == first)
        built = task.network
    _finish(run, plots, built, report)
    return {
        "epochs": progress.epoch,
        "best_epoch": progress.best_epoch,
        "monitor": run.config.monitor,
        "best_value": progress.best_value,
        "stopped_early": progress.epoch < epochs,
        "seconds": round(time.monotonic() - started, 1),
        "trainable_parameters": run.needed_card()["trainable_parameters"],
        "device": where,
    }


def _prepare(run: Run, plots: tuple[Plot, ...], report: Report) -> Task:
    config = run.config
    channels = channels_of([plots[0].scene.factor(n) for n in config.factors], config.coding)
    ground = feed.ground([(p.scene, p.split) for p in plots], config.factors, channels)
    mean, std, prevalence = feed.zscore(ground, ground.tiles(metrics.TRAIN))
    draws = drawing.draws(ground, config, [plot.table for plot in plots])
    recipe.set_precision(config)
    bias = recipe.output_bias(config, prevalence)
    built = network.build(config, len(channels), mean, std, bias)
    start.start_alike(built, channels, config.seed)
    encoder.start(built, channels, run, report)
    if config.start_from:
        theirs = network.legends(plots[0].scene, config.factors)
        keep = config.zscore == "kept"
        found = start.carry_over(built, channels, theirs, run.path / start.FOLDER, keep)
        report(f"Going on from {config.start_from}: {found.words}", None)
    recipe.compile(built, config, config.epochs * draws.steps, prevalence)
    return Task(run, plots, draws, ground.tiles(metrics.VALIDATION), built, report)


def _epoch(
    task: Task, epoch: int, before: checkpoint.Progress, building: bool
) -> checkpoint.Progress:
    """Train one epoch, measure it on the validation tiles, keep what is needed to go on."""
    started = time.monotonic()
    loss = _train_epoch(task, epoch, before, building)
    if not math.isfinite(loss):
        raise SlideScopeError(
            f"Training diverged in epoch {epoch + 1}: the loss became infinite or not a number at "
            f"a learning rate of {task.config.learning_rate:g}; train again with a smaller one."
        )
    if building:
        task.report("Building the prediction graph: once, about 10 s", None)
    recipe.exchange_average(task.network)
    measured, _ = _validate(task.network, task.draws.ground, task.validation, task.config)
    seconds = time.monotonic() - started
    rate = float(network.keras().ops.convert_to_numpy(task.network.optimizer.learning_rate))
    row = {"epoch": epoch + 1, "loss": loss, **measured, "learning_rate": rate}
    row |= {"seconds": seconds, "ended": time.time()}
    after = replace(before, epoch=epoch + 1, rows=(*before.rows, row))
    monitor = task.config.monitor
    value = measured.get(monitor, measured["val_loss"])
    if validation.better(monitor, value, before.best_value):
        after = replace(after, best_epoch=epoch + 1, best_value=value)
        network.save(task.network, _card(task, epoch + 1, value), task.run.path / "model")
    recipe.exchange_average(task.network)
    checkpoint.save(task.network, after, task.run.path / "last")
    checkpoint.record(task.run.path, after)
    return after


def _validate(built: Any, ground: feed.Ground, tiles: np.ndarray, config: RunConfig):
    return validation.measure(built, ground, tiles, config.batch, config.crop)


def _finish(run: Run, plots: Sequence[Plot], built: Any, report: Report) -> None:
    """Measure the kept network once more: its batch statistics as it predicts where that is asked
    for, and its validation counts. Also where a kill came between; `built` is the network that was
    trained, None where it has to be built."""
    again = run.config.batch_statistics == "again"
    again = again and run.needed_card().get("batch_statistics") != "again"
    if not again and validation.kept(run.path) is not None:
        return
    report("Measuring the kept network", None)
    built, card = network.load(run.path / "model", into=built)
    ground = feed.ground([(p.scene, p.split) for p in plots], card.factors, card.channels)
    if again:
        draws = drawing.draws(ground, run.config, [plot.table for plot in plots])
        # As another epoch would draw them: no batch of the training comes again.
        epochs = (draws.epoch(run.config.epochs + k) for k in itertools.count())
        batches = (x for x, _, _ in itertools.chain.from_iterable(epochs))
        enough = min(recipe.BATCHES, run.config.epochs * draws.steps)
        recipe.measure_again(built, itertools.islice(batches, enough))
        network.save(built, replace(card, batch_statistics="again"), run.path / "model")
    _, counts = _validate(built, ground, ground.tiles(metrics.VALIDATION), run.config)
    validation.keep(run.path, counts)


def _train_epoch(task: Task, epoch: int, before: checkpoint.Progress, building: bool) -> float:
    _seed_dropout(task.network, task.config.seed, epoch)
    steps = task.draws.steps
    started, done, untimed, total = time.monotonic(), 0, 0, 0.0
    for step, (x, y, weight) in enumerate(task.draws.epoch(epoch)):
        first = building and step == 0
        if first:
            task.report("Building the network's graph: the first step takes up to a minute", None)
        else:
            speed = (done - untimed) / (time.monotonic() - started)
            _tell(task, epoch, step / steps, before, speed)
        # Keras goes on averaging from batch to batch unless told to forget.
        task.network.reset_metrics()
        loss = float(task.network.train_on_batch(x, recipe.target(y, weight)))
        total += loss * len(x)
        done += len(x)
        if first:
            started, untimed = time.monotonic(), done
    return total / done


def _tell(task: Task, epoch: int, part: float, before: checkpoint.Progress, speed: float) -> None:
    epochs = task.config.epochs
    # The first epoch is no measure: building the graph is most of it.
    seconds = [row["seconds"] for row in before.rows[1:]]
    if speed and not seconds:
        seconds = [task.draws.steps * task.config.batch / speed]
    left = epochs - epoch - part
    task.report(
        f"Training: epoch {epoch + 1} of {epochs}",
        (epoch + part) / epochs,
        epoch=epoch + 1,
        best_epoch=before.best_epoch or None,
        eta_s=round(float(np.median(seconds)) * left) if seconds else None,
        tiles_per_s=round(speed * (task.config.side / task.config.tile) ** 2, 1) or None,
    )


def _seed_dropout(built: Any, seed: int, epoch: int) -> None:
    """Make dropout depend on (seed, epoch) alone, so that a resumed run equals an unbroken one."""
    keras = network.keras()
    for number, layer in enumerate(flat_layers(built)):
        generator = getattr(layer, "seed_generator", None)
        if generator is not None:
            start = np.random.default_rng([seed, epoch, number]).integers(2**31, size=2)
            generator.state.assign(keras.ops.cast(start, generator.state.dtype))


def _card(task: Task, best_epoch: int, best_value: float) -> network.ModelCard:
    config = task.config
    return network.ModelCard(
        model=config.model,
        preset=config.preset,
        tile=config.side,
        dataset=config.dataset,
        coding=config.coding,
        factors=config.factors,
        channels=task.draws.ground.channels,
        legends=network.legends(task.plots[0].scene, config.factors),
        trainable_parameters=network.parameters(task.network),
        best_epoch=best_epoch,
        best_value=best_value,
        monitor=config.monitor,
        dropout=config.dropout,
        encoder=encoder.told(task.run),
    )
