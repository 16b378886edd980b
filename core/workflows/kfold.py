"""Train every fold of a scene, each an ordinary run, and pool what they held out: `kfold`."""

from core.cluster import place, pool
from core.cluster.pool import Pool
from core.errors import SlideScopeError
from core.jobs import store as jobs
from core.jobs.report import Report, part, working
from core.learning import split
from core.learning.prediction import joined
from core.learning.scores import evaluation, kfold
from core.learning.tiles import plots
from core.runs import elsewhere, run_files, summary
from core.runs import store as runs
from core.runs.config import RunConfig
from core.runs.elsewhere import Training
from core.runs.measured import scene_of
from core.runs.request import FOLDS, KFoldRequest, TrainRequest
from core.workflows import train


def run(request: KFoldRequest, report: Report) -> dict:
    """Train the folds that are not there yet, then pool. A fold broken off is gone on with."""
    report("Splitting the scene's blocks into folds", None)
    folds = FOLDS if request.folds is None else request.folds
    split.check_fold_count(folds)
    given = {name: value for name, value in vars(request).items() if name != "on"}
    asked = [TrainRequest(**{**given, "folds": folds, "fold": n + 1}) for n in range(folds)]
    # All folds are checked before the first one takes its hours.
    checked = [train.configure(each) for each in asked]
    with pool.opened(getattr(request, "on", place.LOCAL), report, gpus=True) as workers:
        if workers is not None:
            _together(asked, checked, workers, part(report, 0.0, 0.97))
    trained = []
    for number, (each, made) in enumerate(zip(asked, checked)):
        share = part(report, 0.97 * number / folds, 0.97 * (number + 1) / folds)
        plots.check_unchanged(made.config, "this k-fold")
        alike = _alike(made.config, made.home.split)
        run = _measured(alike) or _train(each, made.config, alike, share)
        trained.append(_looked_at(run, share))
    plots.check_unchanged(checked[-1].config, "this k-fold")
    found = kfold.pooled(trained)
    whole = _joined(trained, part(report, 0.97, 1.0))
    about = {name: getattr(request, name) for name in ("scene", "model", "dataset", "preset")}
    return {**about, **found, "runs": [run.id for run in trained], "run": whole["run"]}


def _together(
    asked: list[TrainRequest], checked: list[train.Configured], workers: Pool, report: Report
) -> None:
    """Let the workers of a pool train the folds that are not there yet."""
    wanted = {}
    for each, made in zip(asked, checked):
        alike = _alike(made.config, made.home.split)
        if not _measured(alike):
            request, title = _of_fold(each, made.config, alike)
            wanted[str(made.config.fold)] = Training(title, request)
    whose = f"{checked[0].config.scene}-folds"
    for key, ended in elsewhere.train(wanted, whose, workers, report, lambda *_: None):
        if not ended.run:
            raise SlideScopeError(ended.reason or f"The training of fold {key} ended early.")


def _looked_at(run: runs.Run, report: Report) -> runs.Run:
    """The run with a map of as many looks as were asked for: somebody may have asked for others
    since."""
    if run.flips() != run.config.flips:
        from core.learning.prediction import prediction

        prediction.predict(run, scene_of(run), report)
        evaluation.store(run)
    return run


def _joined(trained: list[runs.Run], report: Report) -> dict:
    """The map of the whole k-fold, a run that can be looked at, compared and exported."""
    run = joined.begin(joined.folds(trained))
    found = joined.predict(run, scene_of(run), report)
    evaluation.store(run)
    return found


def _alike(config: RunConfig, parts: split.Split) -> list[runs.Run]:
    """Runs of the same configuration that hold out the same tiles."""
    same = (run for run in runs.runs(config.scene) if run.config == config)
    return [run for run in same if split.same_test(run.path / run_files.SPLIT, parts)]


def _measured(alike: list[runs.Run]) -> runs.Run | None:
    """A run that is measured already: it would come out the same."""
    return next((run for run in alike if run.metrics()), None)


def _train(
    asked: TrainRequest, config: RunConfig, alike: list[runs.Run], report: Report
) -> runs.Run:
    """Train one fold as a job of its own, so that its run stands by itself."""
    from core.learning.networks import network

    request, title = _of_fold(asked, config, alike)
    with working(jobs.create(request, title).id, report) as inner:
        result = train.run(request, inner)
        inner.end("done", result=result)
    # The next fold has a graph of its own; this one's memory is given back.
    network.keras().utils.clear_session()
    return runs.load(result["run"])


def _of_fold(
    asked: TrainRequest, config: RunConfig, alike: list[runs.Run]
) -> tuple[TrainRequest, str]:
    """What is asked for to train a fold, a broken one gone on with, and what its job is called."""
    broken = next((run for run in alike if summary.resumable(run)), None)
    request = TrainRequest(resume=broken.id) if broken else asked
    return request, f"Fold {config.fold} of {config.folds}: {asked.title}"
