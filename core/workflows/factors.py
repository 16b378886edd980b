"""What the factors of a scene say, alone, together and about landslides: `factors`."""

from pathlib import Path

from core import atomic
from core.analysis import analysis, store
from core.analysis.areas import area_text
from core.analysis.areas.area import Area
from core.analysis.classing import Classing, parse_own
from core.analysis.evidence import tables
from core.analysis.relations import pairs, strata
from core.analysis.relations.whatif import remaining, what_if
from core.analysis.request import FactorsRequest
from core.cluster import pool
from core.errors import SlideScopeError
from core.jobs.report import Report, part
from core.language import reader
from core.scene import datasets
from core.scene import store as scenes


def run(request: FactorsRequest, report: Report) -> dict:
    """Return the stored analysis of this very scene, area, sample size and seed, or compute it;
    with what else was asked for."""
    scene = scenes.load(request.scene)
    area = area_text.parse(scene, request.area)
    _check(scene, request)
    stored = None if request.again else store.open_stored(scene, area)
    if stored is None or not _same(stored.result, request):
        share = part(report, 0, 0.8 if request.significance else 1)
        stored = _computed(scene, area, request, share)
    return _with_wishes(scene, area, stored, request, part(report, 0.8, 1))


def _computed(
    scene: scenes.Scene, area: Area, request: FactorsRequest, report: Report
) -> store.Stored:
    about = (area, request.drop_column, request.also)
    with pool.opened(request.on, report) as workers:
        analysis.analyse(scene, request.pixels, request.seed, report, *about, pool=workers)
    stored = store.open_stored(scene, area)
    if stored is None:
        raise SlideScopeError(
            f"The statistics of scene '{scene.name}' were replaced or removed the moment they were "
            "stored: somebody works on the scene too; compute them again."
        )
    return stored


def _check(scene: scenes.Scene, request: FactorsRequest) -> None:
    """Refuse what can be refused before minutes are spent."""
    analysis.check_pixels(request.pixels)
    _classing(scene, request)
    remaining(scene.factor_names, request.without)
    unknown = [name for name in request.also if name not in scene.factor_names]
    if unknown:
        raise SlideScopeError(
            f"--also names '{unknown[0]}', which scene '{scene.name}' does not have: it has "
            f"{', '.join(scene.factor_names)}; name one of them."
        )
    if request.by:
        strata.check(scene, request.by)
    if request.report and not Path(request.report).resolve().parent.is_dir():
        raise SlideScopeError(
            f"There is no folder for the report '{request.report}': it is written into one that "
            "exists; make it or give another path."
        )


def _same(stored: dict, request: FactorsRequest) -> bool:
    sampling = stored["sampling"]
    if set(stored.get("also", ())) != set(request.also):
        return False
    if not sampling:
        return True
    enough = sampling["drop_column_forests"] or not request.drop_column
    return bool(enough) and (sampling["asked"], sampling["seed"]) == (request.pixels, request.seed)


def _with_wishes(scene, area: Area, stored: store.Stored, request, report: Report) -> dict:
    result = {**stored.result, "coding": {"shown": request.coding, **stored.result["coding"]}}
    classing = _classing(scene, request)
    if result["evidence"] and classing != Classing():
        factors = [scene.factor(name) for name in stored.histograms]
        landslides = result["evidence"]["landslides"]
        result["evidence"] = tables(
            factors, stored.histograms, landslides, classing, stored.shifted
        )
    if request.significance:
        found = None if request.again else store.load_significance(scene, area)
        result["significance"] = found or pairs.compute(scene, result, area, report)
    if request.by:
        kept = None if request.again else store.load_strata(scene, request.by, area)
        result["strata"] = kept or strata.compute(scene, request.by, area, report)
    if request.without:
        result["what_if"] = what_if(stored, request.without, request.coding)
    if request.save_dataset:
        left = remaining(scene.factor_names, request.without)
        result["dataset"] = datasets.save(scene, request.save_dataset, left)
    if request.report:
        result["report"] = _write_report(scene, result, Path(request.report), request.language)
    return result


def _classing(scene: scenes.Scene, request: FactorsRequest) -> Classing:
    return Classing(
        request.breaks, request.classes, parse_own(request.breaks_of, scene.factor_names)
    )


def _write_report(scene: scenes.Scene, result: dict, path: Path, language: str) -> str:
    from core.export import audit  # here: it draws in what exports need

    path = path.resolve()
    with reader.speaking(language):
        atomic.write_text(path, audit.document(scene, result))
    return str(path)
