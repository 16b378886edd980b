"""From a scene to a measured map: `train`."""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core import atomic, paths
from core.errors import SlideScopeError
from core.jobs.report import Report, current_job, part
from core.learning import split
from core.learning.networks import encoder, start, turn
from core.learning.networks.card import ModelCard
from core.learning.prediction import looks
from core.learning.scores import evaluation, metrics
from core.learning.tiles import channels, plots
from core.learning.tiles.plots import Plot
from core.learning.training import presets
from core.runs import run_files, settings
from core.runs import store as runs
from core.runs.config import RunConfig
from core.runs.request import TrainRequest, repeat, scene_names
from core.scene import intact
from core.scene import store as scenes


def run(request: TrainRequest, report: Report) -> dict:
    """Train (or resume), then predict the scene and measure it beside the pixel baseline."""
    from core.learning.training import training

    report("Reading the scene", None)
    run, plots, notes = _resumed(request.resume, report) if request.resume else _new(request)
    home = plots[0]
    report("Reading the scene", None, run=run.id)
    for plot in plots:
        intact.check_scene(plot.scene)
    with turn.wait(report):
        # The wait may have been long.
        scenes.check_same(*(plot.scene for plot in plots))
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
        if not request.no_predict:
            result["metrics"] = _predict_and_measure(run, plots, part(report, 0.85, 1.0))
    return result


def _new(request: TrainRequest):
    asked = configure(request)

    def write(folder: Path) -> None:
        plots.save_splits(asked.plots, asked.config, folder)
        if asked.source:
            asked.source.copy_to(folder)

    run = runs.create(asked.config, _run_id(asked.config), current_job(), write)
    return run, asked.plots, asked.notes


@dataclass(frozen=True)
class Configured:
    """A training that can start: its configuration, the scenes it learns from (its own first), the
    network it goes on from, and what is worth knowing."""

    config: RunConfig
    plots: tuple[Plot, ...]
    source: start.StartNetwork | None
    notes: list[str]

    @property
    def home(self) -> Plot:
        return self.plots[0]


def configure(request: TrainRequest, table: split.TileTable | None = None) -> Configured:
    """Check everything that can be wrong before anything is written.

    `table` of the (first) scene's tiles where it is known already.
    """
    source = start.source(request.start_from) if request.start_from else None
    model, preset = _network(request, source)
    _check_asked(request, source)
    found = plots.load(request.scene, request.inventory_version)
    presets.check(model, preset)
    encoder.check(model, request.encoder_weights)
    factors = channels.dataset_factors(found[0], request.dataset)
    plots.check_alike(found, factors)
    if source:
        start.check(source, model, preset, found[0], factors)
    test_scene = _test_scene(request.test_scene, found, factors)
    flips = request.flips or 1
    looks.check(scenes.load(test_scene) if test_scene else found[0], factors, flips)
    grounds = plots.plots_for(found, request, table)
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
        dataset=request.dataset,
        factors=factors,
        seed=request.seed,
        coding=request.coding,
        tile=home.split.tiling.tile,
        split=request.split,
        buffer=home.split.buffer,
        more=tuple(plot.learned for plot in others),
        test_scene=test_scene,
        folds=request.folds,
        fold=request.fold,
        split_seed=request.split_seed,
        experiment=request.experiment,
        encoder_weights=request.encoder_weights,
        start_from=source.run if source else None,
        zscore=request.zscore or "fitted",
        flips=flips,
    )
    tiles = sum(len(plot.split.tiles(metrics.TRAIN)) for plot in grounds)
    config = replace(config, **presets.settings(config, request.given(), tiles))
    for plot in grounds:
        settings.check_crop(config.crop, config.tile, *plot.scene.grid.shape)
    return Configured(config, grounds, source, notes)


def _network(request: TrainRequest, source: start.StartNetwork | None) -> tuple[str, str]:
    """Model and preset: what is asked for, else those of the network that is gone on from."""
    if scene_names(request.scene) and request.model:
        return request.model, request.preset
    if scene_names(request.scene) and source:
        return source.card.model, source.card.preset
    raise SlideScopeError(
        "Nothing to train: a training needs a SCENE and --model, or --resume RUN; give these."
    )


def _check_asked(request: TrainRequest, source: start.StartNetwork | None) -> None:
    if request.fold and len(scene_names(request.scene)) > 1:
        raise SlideScopeError(
            f"Invalid fold {request.fold} of {request.scene}: folds are those of one scene's "
            "blocks; name one scene, or leave the folds out."
        )
    if request.zscore and not source:
        raise SlideScopeError(
            f"Invalid zscore {request.zscore}: there is one to keep only where a training goes on "
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
    if own or missing or not other.marks_areas:
        lacks = ", ".join(missing) if missing else "an inventory of areas"
        why = "it is a training scene itself" if own else f"it lacks {lacks}"
        raise SlideScopeError(
            f"Scene '{name}' cannot test this network: {why}; a test scene is another one with the "
            "same factors and an inventory of areas: choose such a one."
        )
    return name


def _run_id(config: RunConfig) -> str:
    when = time.strftime("%Y%m%d-%H%M%S")
    return paths.derived_name(
        config.scene, config.model, config.dataset, end=f"{when}-{secrets.token_hex(2)}"
    )


def _resumed(run_id: str, report: Report):
    with runs.claim(run_id):
        run = runs.load(run_id)
        runs.check_network(run)
        runs.check_at_rest(run, current_job())
        # From here on the run says why it could not go on.
        runs.assign_job(run, current_job())
    found = plots.of_run(run)
    if run.config.start_from or run.config.more:
        begun = atomic.read_json(run.path / start.FOLDER / run_files.MODEL_CARD)
        legends = {}
        if begun and run.config.start_from:
            kept = start.StartNetwork(run.config.start_from, run.path, ModelCard.from_json(begun))
            legends = start.legends(kept, found[0].scene)
        found = plots.fitted(found, run.config.factors, legends)
    return run, found, []


def _predict_and_measure(run: runs.Run, found: Sequence[Plot], report: Report) -> dict:
    from core.learning.prediction import prediction
    from core.learning.scores import baseline

    home = found[0]
    tested = home.scene if run.test_scene == home.scene.name else scenes.load(run.test_scene)
    scenes.check_same(home.scene, tested)
    # A resumed run may lack its scores only.
    if not run.prediction_is_current(tested.name):
        prediction.predict(run, tested, part(report, 0.0, 0.6))
    learned = [(plot.scene, plot.split) for plot in found]
    other = None if tested is home.scene else _whole(run, tested)
    baseline.fit_and_count(run, learned, other, part(report, 0.6, 1.0))
    return evaluation.store(run, tested.name)


def _whole(run: runs.Run, tested: scenes.Scene) -> tuple[scenes.Scene, split.Split]:
    """A scene that no tile was learned from: all of it tests."""
    scene = channels.recoded(tested, ModelCard.from_json(run.needed_card()).legends)
    return scene, plots.unseen(scene)
