"""Train one network: the paper's recipe (section 3.4) or another, every choice in the config."""

import math
import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.errors import SlideScopeError
from core.jobs.report import Report
from core.learning import (
    batch_statistics,
    checkpoint,
    device,
    encoder,
    feed,
    initial,
    metrics,
    network,
    recipe,
    validation,
)
from core.learning.channels import channels_of
from core.learning.feed import TileFeed
from core.learning.split import Split, TileTable
from core.runs.config import RunConfig
from core.runs.store import Run
from core.scene.store import Scene


@dataclass(frozen=True)
class Task:
    """One training in progress: what stays the same from epoch to epoch."""

    run: Run
    scene: Scene
    split: Split
    feed: TileFeed
    training: np.ndarray
    has_landslide: np.ndarray
    validation: np.ndarray
    network: Any
    report: Report

    @property
    def config(self) -> RunConfig:
        return self.run.config


def train(run: Run, scene: Scene, split: Split, table: TileTable, report: Report) -> dict:
    """Train `run` to its last epoch, from its last checkpoint where there is one.

    Returns {epochs, best_epoch, monitor, best_value, stopped_early, seconds,
    trainable_parameters, device}. Leaves model/ (best epoch), last/ (to resume from), history.csv
    and tensorboard/ in the run's folder.
    """
    started = time.monotonic()
    where = device.detect().name
    epochs, patience = run.config.epochs, run.config.patience
    progress = checkpoint.begun(run.path)
    checkpoint.record(run.path, progress)
    report("Starting Keras", None, run=run.id, device=where, epochs=epochs)
    # Nothing to build where only the map is missing.
    if not progress.ended(epochs, patience):
        network.keras()
        report("Reading the training tiles, fitting the z-score", None)
        task = _prepare(run, scene, split, table, report)
        progress = checkpoint.load(task.network, run.path / "last")
        first = progress.epoch
        while not progress.ended(epochs, patience):
            progress = _epoch(task, progress.epoch, progress, building=progress.epoch == first)
    if run.config.batch_statistics == "again":
        _measure_again(run, scene, split, report)
    return {
        "epochs": progress.epoch,
        "best_epoch": progress.best_epoch,
        "monitor": run.config.monitor,
        "best_value": progress.best_value,
        "stopped_early": progress.epoch < epochs,
        "seconds": round(time.monotonic() - started, 1),
        "trainable_parameters": run.model_card()["trainable_parameters"],
        "device": where,
    }


def _prepare(run: Run, scene: Scene, split: Split, table: TileTable, report: Report) -> Task:
    config = run.config
    channels = channels_of([scene.factor(n) for n in config.factors], config.coding)
    tiles = TileFeed(scene, split, config.factors, channels)
    training = split.tiles(metrics.TRAIN)
    mean, std, prevalence = feed.zscore(tiles, training)
    recipe.set_precision(config)
    bias = recipe.output_bias(config, prevalence)
    built = network.build(config, len(channels), mean, std, bias)
    initial.start_alike(built, channels, config.seed)
    encoder.start(built, channels, run, report)
    steps = config.epochs * feed.steps_per_epoch(len(training), config.batch)
    recipe.compile(built, config, steps, prevalence)
    return Task(
        run=run,
        scene=scene,
        split=split,
        feed=tiles,
        training=training,
        has_landslide=feed.has_landslide(tiles, training, table),
        validation=split.tiles(metrics.VALIDATION),
        network=built,
        report=report,
    )


def _epoch(
    task: Task, epoch: int, before: checkpoint.Progress, building: bool
) -> checkpoint.Progress:
    """Train one epoch, measure it on the validation tiles, keep what is needed to go on."""
    started = time.monotonic()
    loss = _train_epoch(task, epoch, before, building)
    if not math.isfinite(loss):
        raise SlideScopeError(
            f"Training went astray in epoch {epoch + 1}: the loss is no number any more at a "
            f"learning rate of {task.config.learning_rate:g}; train anew with a smaller one."
        )
    if building:
        task.report("Building the prediction graph: once, about 10 s", None)
    measured = validation.measure(task.network, task.feed, task.validation, task.config.batch)
    seconds = time.monotonic() - started
    rate = float(network.keras().ops.convert_to_numpy(task.network.optimizer.learning_rate))
    row = {"epoch": epoch + 1, "loss": loss, **measured, "learning_rate": rate}
    row |= {"seconds": seconds, "ended": time.time()}
    after = replace(before, epoch=epoch + 1, rows=(*before.rows, row))
    monitor = task.config.monitor
    value = measured.get(monitor, measured["val_loss"])
    if validation.better(monitor, value, before.best_value):
        after = replace(after, best_epoch=epoch + 1, best_value=value)
        network.save(task.network, _card(task, after), task.run.path / "model")
    checkpoint.save(task.network, after, task.run.path / "last")
    checkpoint.record(task.run.path, after)
    return after


def _measure_again(run: Run, scene: Scene, split: Split, report: Report) -> None:
    """Batch statistics of the kept network as it predicts, once; also where a kill came between."""
    if run.model_card().get("batch_statistics") == "again":
        return
    report("Measuring the batch statistics again", None)
    built, card = network.load(run.path / "model")
    tiles = TileFeed(scene, split, card.factors, card.channels)
    numbers = split.tiles(metrics.TRAIN)
    batches = batch_statistics.batches(tiles, numbers, run.config.batch)
    batch_statistics.measure_again(built, batches)
    network.save(built, replace(card, batch_statistics="again"), run.path / "model")


def _train_epoch(task: Task, epoch: int, before: checkpoint.Progress, building: bool) -> float:
    config = task.config
    _seed_dropout(task.network, config.seed, epoch)
    batches = feed.epoch_order(task.training, task.has_landslide, config, epoch)
    turns = feed.epoch_turns(sum(len(b) for b in batches), config, epoch)
    started, done, untimed, total = time.monotonic(), 0, 0, 0.0
    for step, numbers in enumerate(batches):
        first = building and step == 0
        if first:
            task.report("Building the network's graph: the first step takes up to a minute", None)
        else:
            speed = (done - untimed) / (time.monotonic() - started)
            _tell(task, epoch, step / len(batches), before, speed)
        x, y, weight = task.feed.batch(numbers, turns[done : done + len(numbers)])
        # Keras goes on averaging from batch to batch unless told to forget.
        task.network.reset_metrics()
        loss = float(task.network.train_on_batch(x, recipe.target(y, weight)))
        total += loss * len(numbers)
        done += len(numbers)
        if first:
            started, untimed = time.monotonic(), done
    return total / done


def _tell(task: Task, epoch: int, part: float, before: checkpoint.Progress, speed: float) -> None:
    epochs = task.config.epochs
    # The first epoch is no measure: building the graph is most of it.
    seconds = [row["seconds"] for row in before.rows[1:]]
    if speed and not seconds:
        seconds = [len(task.training) / speed]
    left = epochs - epoch - part
    task.report(
        f"Training: epoch {epoch + 1} of {epochs}",
        (epoch + part) / epochs,
        epoch=epoch + 1,
        best_epoch=before.best_epoch or None,
        eta_s=round(float(np.median(seconds)) * left) if seconds else None,
        tiles_per_s=round(speed, 1) or None,
    )


def _seed_dropout(built: Any, seed: int, epoch: int) -> None:
    """Make dropout depend on (seed, epoch) alone, so that a resumed run equals an unbroken one."""
    keras = network.keras()
    for number, layer in enumerate(built._flatten_layers()):
        generator = getattr(layer, "seed_generator", None)
        if generator is not None:
            start = np.random.default_rng([seed, epoch, number]).integers(2**31, size=2)
            generator.state.assign(keras.ops.cast(start, generator.state.dtype))


def _card(task: Task, progress: checkpoint.Progress) -> network.Card:
    config = task.config
    return network.Card(
        model=config.model,
        preset=config.preset,
        tile=config.tile,
        dataset=config.dataset,
        coding=config.coding,
        factors=config.factors,
        channels=task.feed.channels,
        legends=network.legends(task.scene, config.factors),
        trainable_parameters=network.parameters(task.network),
        best_epoch=progress.best_epoch,
        best_value=progress.best_value,
        monitor=config.monitor,
        encoder=encoder.told(task.run),
    )
