"""Stratified by a categorical factor: what each of its classes says by itself, side by side."""

from typing import Any

from core.analysis import store
from core.analysis.areas.area import WHOLE, Area, OneClass
from core.analysis.classing import Classing
from core.analysis.evidence import table
from core.analysis.one_pass.coding import class_codes
from core.analysis.one_pass.statistics import Statistics, Wish, usable
from core.analysis.relations.collinearity import collinearity, pearson
from core.errors import SlideScopeError
from core.jobs.report import Report, part, silent
from core.scene.store import Scene


def compute(scene: Scene, by: str, area: Area = WHOLE, report: Report = silent) -> dict:
    """Pass over every class of the factor `by` in `area`, store and return {factor, strata}.

    A stratum: {label, code, pixels, n, landslide_share, condition_number, factors: [{factor, vif,
    tol, information_gain, auc}], pearson: {factors, matrix}, reason}; `reason` says why a class has
    no figures. The factor itself, constant in each, is left out.
    """
    codes = check(scene, by)
    legend = scene.factor(by).called
    found = []
    for number, code in enumerate(codes):
        label = legend.get(f"{code:g}", f"{code:g}")
        one = Area((*area.parts, OneClass(by, code, f"{by} {label}")))
        share = part(report, number / len(codes), (number + 1) / len(codes))
        found.append({"label": label, "code": code, **_stratum(scene, by, one, share)})
    result = {"factor": by, "strata": found}
    store.save_strata(scene, by, result, area)
    return result


def check(scene: Scene, by: str) -> list[float]:
    """The class codes of `by`; refuse a factor that has none."""
    factor = scene.factor(by)
    codes = class_codes(factor) if factor.kind == "categorical" else []
    if not codes:
        known = [item.name for item in scene.factors if item.kind == "categorical"]
        raise SlideScopeError(
            f"Factor '{by}' cannot stratify: it has no classes, or too many; "
            + (f"choose one of {', '.join(known)}." if known else "import one with --categorical.")
        )
    return codes


def _stratum(scene: Scene, by: str, area: Area, report: Report) -> dict:
    none: dict[str, Any] = {"pixels": 0, "n": 0}
    none |= {"landslide_share": None, "condition_number": None}
    none |= {"factors": [], "pearson": None}
    names = tuple(f.name for f in scene.factors if f.name != by and f.valid_share)
    try:
        found, _ = usable(scene, Wish(0, area=area), report, names)
    except SlideScopeError as error:
        return {**none, "reason": str(error)}
    return {**_figures(scene, found), "reason": ""}


def _figures(scene: Scene, found: Statistics) -> dict:
    matrix = pearson(found.complete)
    related = collinearity(list(found.names), matrix)
    inside, counted = 0, 0
    rows = []
    for row in related.rows:
        fine = found.histograms[row.factor]
        if fine.counts.sum() > counted:
            inside, counted = int(fine.counts[1].sum()), int(fine.counts.sum())
        # Information gain and AUC need no number of landslides.
        told = table(scene.factor(row.factor), fine, 0, Classing()) if scene.mask_path else {}
        gain = {key: told.get(key) for key in ("information_gain", "auc")}
        rows.append({**row.to_json(), **gain})
    return {
        "pixels": found.pixels,
        "n": found.complete.n,
        "landslide_share": inside / counted if scene.mask_path and counted else None,
        "condition_number": related.condition_number,
        "factors": rows,
        "pearson": {"factors": list(found.names), "matrix": store.plain(matrix)},
    }
