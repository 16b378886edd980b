"""What is made of a trained network: its map, its scores, files for a GIS (`predict`, `evaluate`,
`export`)."""

from pathlib import Path

from core.cluster import pool
from core.errors import SlideScopeError
from core.jobs.report import Report, current_job
from core.language import reader
from core.learning.prediction import joined, products
from core.learning.request import EvaluateRequest
from core.learning.scores import (
    evaluation,
    guarantee,
    inside,
    metrics,
    operating_point,
    outlines,
    ranking,
    scrutiny,
)
from core.learning.split import spacing
from core.learning.tiles import plots
from core.objects import score
from core.runs import intact
from core.runs import store as runs
from core.runs.config import RunConfig
from core.runs.measured import check_current, scene_of
from core.runs.request import LoadMapRequest, PredictRequest
from core.workflows.requests import ExportRequest


def predict(request: PredictRequest, report: Report) -> dict:
    ids = list(request.members)
    config = joined.average(ids, request.flips) if len(ids) > 1 else runs.load(ids[0]).config
    if config.brought:
        runs.check_network(runs.load(ids[0]))
    if config.joined:
        _check_joined(request, config)
    run = joined.begin(config, current_job()) if len(ids) > 1 else runs.load(ids[0])
    scene = scene_of(run, request.scene)
    with pool.opened(request.on, report) as workers:
        if config.joined:
            result = joined.predict(run, scene, report, workers)
        else:
            from core.learning.prediction import prediction

            asked = (request.uncertainty, request.flips)
            result = prediction.predict(run, scene, report, *asked, workers)
    if scene.inventory:
        evaluation.store(run, scene.name)
    return result


def _check_joined(request: PredictRequest, config: RunConfig) -> None:
    """Raise a SlideScopeError for what a run without a network of its own cannot do."""
    if request.uncertainty:
        raise SlideScopeError(
            "--uncertainty is the spread of one network's answers, and an average has none of its "
            "own: leave it out, or ask a member."
        )
    if request.flips not in (None, config.flips):
        raise SlideScopeError(
            f"--flips {request.flips} does not fit run '{request.run_id}', whose map is of "
            f"{config.flips}: another number is another run; name its members, separated by "
            "commas, with --flips."
        )


def load_map(request: LoadMapRequest, report: Report) -> dict:
    from core.learning.prediction import brought  # here: few ask for it, and it reads files

    result = brought.load(request, report)
    run = runs.load(result["run"])
    scored = bool(scene_of(run).inventory)
    if scored:
        result["metrics"] = evaluation.store(run)
    return result | {"inventory": scored}


def evaluate(request: EvaluateRequest, report: Report) -> dict:
    run = runs.load(request.run_id)
    check_current(run, request.scene or run.test_scene)
    asked = request.area
    area = metrics.area_named(asked) if asked else evaluation.usual_area(run, request.scene)
    intact.check_map(run, request.scene, full=True)
    promised = _promised(run, request)
    point = promised.point if promised else _chosen(run, request.at)
    if request.keep:
        if point is None:
            raise SlideScopeError(
                "--keep keeps what --at chooses: add --at best-f1, --at recall=0.8, "
                "--at guarantee=0.9 or --at half."
            )
        evaluation.keep(run, point)
    threshold = point.threshold if point else request.threshold
    found = evaluation.evaluate(run, request.scene, area, threshold, request.inventory_version)
    where = {"scene": found["scene"], "area": area, "threshold": found["threshold"]}
    if not request.inventory_version and (sides := inside.scores(run, **where)):
        found["applicability"] = sides
    if promised:
        found["guarantee"] = promised.to_json()
    if request.outlines:
        found["outlines"] = _outlines(run, found, request)
    if request.objects:
        scene = scene_of(run, found["scene"], request.inventory_version)
        objects = score.of_run(run, scene, area, found["threshold"])
        found["objects"] = score.score(objects, scene)
    if request.spacing:
        found["spacing"] = _spacing(run, found["scene"])
    if request.reviewers:
        _check_imported(request)
        breaks = ranking.breaks_named(request.breaks)
        found["reviewers"] = scrutiny.of_run(run, found["scene"], area, breaks, request.classes)
    return found


def _promised(run: runs.Run, request: EvaluateRequest) -> guarantee.Guarantee | None:
    """The threshold that guarantees a recall, where that is asked for."""
    if not request.at or request.at.partition("=")[0] != guarantee.WORDS:
        return None
    return guarantee.of_text(run, request.at, request.scene)


def _chosen(run: runs.Run, at: str | None) -> operating_point.OperatingPoint | None:
    return operating_point.named(run, at) if at else None


def _outlines(run: runs.Run, found: dict, request: EvaluateRequest) -> dict:
    scene = scene_of(run, found["scene"], request.inventory_version)
    _, part = products.load_counts(run.prediction(scene.name))
    area, threshold = found["area"], found["threshold"]
    return outlines.of_run(run, scene, area, part, threshold, request.outlines)


def _spacing(run: runs.Run, name: str) -> dict:
    if name not in run.config.learned_from:
        raise SlideScopeError(
            f"Run '{run.id}' learned nothing on scene '{name}': every pixel of it lies on other "
            "ground, and there is no distance to tell; leave --spacing out."
        )
    scene = scene_of(run, name)
    return spacing.check(scene, plots.split_on(run, scene), run.config.split)


def _check_imported(request: EvaluateRequest) -> None:
    """Raise a SlideScopeError where other outlines are asked for than those counted."""
    if request.inventory_version:
        raise SlideScopeError(
            f"--reviewers reads the stored counts, and --inventory-version "
            f"{request.inventory_version} asks for other outlines than they were taken with: "
            "leave one of the two out."
        )


def export(request: ExportRequest, report: Report) -> dict:
    from core.export import exporting

    run = runs.load(request.run_id)
    scene = scene_of(run, request.scene)
    kept = operating_point.kept_threshold(run)
    threshold = kept if request.threshold is None else request.threshold
    with reader.speaking(request.language):
        return exporting.export(run, scene, Path(request.out), threshold, report)
