"""The tables of an analysis as CSV, in the numbers of the JSON."""

from collections.abc import Sequence

from core import paper
from core.analysis import store
from core.cells import text
from core.factors import factor

FIGURES = ("vif", "tol", "information_gain", "auc")


CLASS_KEYS = (
    "label", "pixels", "landslide_pixels", "share", "frequency_ratio", "w_plus", "w_minus",
    "contrast", "studentised", "landslides", "chance_p",
)  # fmt: skip


def correlation_csv(view: dict) -> str:
    """The correlation matrix with a factor a row; empty where a coefficient is undefined.

    >>> correlation_csv({"pearson": {"factors": ["a"], "matrix": [[1.0]]}}).split()
    ['factor,a', 'a,1.0']
    """
    names = view["pearson"]["factors"]
    rows = ([name, *row] for name, row in zip(names, view["pearson"]["matrix"]))
    return text(["factor", *names], rows)


def collinearity_csv(view: dict) -> str:
    """VIF and TOL, the paper's Table 2 beside them.

    >>> row = {"factor": "slope", "vif": 2.0, "tol": 0.5}
    >>> collinearity_csv({"collinearity": [row]}).split()
    ['factor,vif,tol,reason,paper_vif,paper_tol', 'slope,2.0,0.5,,1.031,0.97']
    """
    rows = (
        [
            r["factor"],
            r["vif"],
            r["tol"],
            r.get("reason"),
            *paper.TABLE_2.get(r["factor"], ("", "")),
        ]
        for r in view["collinearity"]
    )
    return text(["factor", "vif", "tol", "reason", "paper_vif", "paper_tol"], rows)


def importance_csv(view: dict) -> str:
    """Mean and standard deviation of every measure of importance; controls are rows too."""
    measures = ("gini", "permutation", "drop_column")
    header = [f"{measure}_{figure}" for measure in measures for figure in ("mean", "sd")]
    rows = []
    for row in view["importance"] or []:
        pairs = [row[measure] or {"mean": None, "sd": None} for measure in measures]
        numbers = [pair[figure] for pair in pairs for figure in ("mean", "sd")]
        rows.append([row["factor"], *numbers, row["above_noise"], row["control"]])
    return text(["factor", *header, "above_noise", "control"], rows)


def summary_csv(analysis: dict) -> str:
    """What each factor is by itself."""
    rows = analysis["factors"]
    shares = list(rows[0]["quantiles"]) if rows else []
    keys = ("factor", "n", "no_data_share", "mean", "sd", "quantile_error")
    body = ([*(r[key] for key in keys), *(r["quantiles"][q] for q in shares)] for r in rows)
    return text([*keys, *(f"quantile_{q}" for q in shares)], body)


def significance_csv(significance: dict) -> str:
    """Every pair of factors of the grid sample."""
    keys = (
        "a", "b", "r", "effective_n", "p", "p_holm", "p_pixels", "spearman", "measure", "value",
    )  # fmt: skip
    return text(keys, ([row[key] for key in keys] for row in significance["pairs"]))


def coding_csv(coding: dict) -> str:
    """Both codings, a pair of factors a row: the coefficient as plain numbers, and the suiting
    measure."""
    plain, suiting = (coding[name]["correlation"] for name in ("paper", "recommended"))
    names = plain["factors"]
    rows = (
        [
            names[j],
            names[i],
            plain["matrix"][i][j],
            suiting["matrix"][i][j],
            suiting["measures"][i][j],
        ]
        for i in range(len(names))
        for j in range(i)
    )
    return text(["a", "b", "paper", "recommended", "measure"], rows)


def vif_csv(coding: dict) -> str:
    """VIF of every factor in both codings; `gvif` and `df` of a factor of several columns."""
    pairs = zip(coding["paper"]["collinearity"], coding["recommended"]["collinearity"])
    rows = (
        [
            one["factor"],
            one["vif"],
            one["tol"],
            two["vif"],
            two["tol"],
            two.get("gvif"),
            two.get("df", 1),
        ]
        for one, two in pairs
    )
    head = ["paper_vif", "paper_tol", "recommended_vif", "recommended_tol", "gvif", "df"]
    return text(["factor", *head], rows)


def warnings_csv(relations: dict) -> str:
    """Collinear factors and what explains them, an explaining factor a row."""
    rows = (
        [row["factor"], row["level"], row["vif"], by["factor"], by["beta"], by["vif_without"]]
        for row in relations["warnings"]
        for by in row["explained_by"]
    )
    return text(["factor", "level", "vif", "explained_by", "beta", "vif_without"], rows)


def every_csv(result: dict) -> dict[str, str]:
    """All tables of an analysis: name without extension -> CSV."""
    found = {
        "summary": summary_csv(result),
        "correlation": correlation_csv(result),
        "collinearity": collinearity_csv(result),
        "warnings": warnings_csv(result),
        "coding": coding_csv(result["coding"]),
        "vif-by-coding": vif_csv(result["coding"]),
        "importance": importance_csv(result),
    }
    if result["evidence"]:
        evidence = result["evidence"]
        found |= {"evidence": evidence_csv(evidence), "ranking": ranking_csv(evidence)}
        found |= {"roc": roc_csv(evidence)}
    if result.get("significance"):
        found["significance"] = significance_csv(result["significance"])
    return found


def classes_csv(explored: dict) -> str:
    """Pixels and landslide share of each class of one factor.

    >>> row = {"label": "shale", "pixels": 4, "landslide_pixels": 1, "share": 0.25}
    >>> classes_csv({"classes": [row]}).split()
    ['class,pixels,landslide_pixels,landslide_share', 'shale,4,1,0.25']
    """
    keys = ("label", "pixels", "landslide_pixels", "share")
    rows = ([row[key] for key in keys] for row in explored["classes"])
    return text(["class", "pixels", "landslide_pixels", "landslide_share"], rows)


def explored_csv(explored: dict) -> str:
    """Pixels inside and outside landslides by interval of one factor, by class where it has some.

    >>> explored_csv({"edges": [0.0, 1.0], "outside": [4], "inside": [1]}).split()
    ['low,high,outside,inside', '0.0,1.0,4,1']
    """
    edges = explored["edges"]
    if not edges:
        return classes_csv(explored)
    rows = zip(edges[:-1], edges[1:], explored["outside"], explored["inside"])
    return text(["low", "high", "outside", "inside"], rows)


def evidence_csv(evidence: dict) -> str:
    """The evidence of every class of every factor, a class a row.

    >>> numbers = dict.fromkeys(CLASS_KEYS, 1) | {"label": "shale"}
    >>> table = {"factor": "lithology", "breaks": "classes", "classes": [numbers]}
    >>> evidence_csv({"factors": [table]}).splitlines()[1]
    'lithology,classes,shale,,,1,1,1,1,1,1,1,1,1,1'
    """
    rows = (
        [
            table["factor"],
            table["breaks"],
            row["label"],
            row.get("low"),
            row.get("high"),
            *(row[key] for key in CLASS_KEYS[1:]),
        ]
        for table in evidence["factors"]
        for row in table["classes"]
    )
    return text(["factor", "breaks", "class", "low", "high", *CLASS_KEYS[1:]], rows)


def ranking_csv(evidence: dict) -> str:
    """Factors by information gain, with the area under each one's ROC curve, and what the moved
    inventory has: the control."""
    keys = ("rank", "factor", "information_gain", "auc", "breaks")
    head = [f"{key}_{figure}" for key in ("information_gain", "auc") for figure in ("moved", "p")]
    rows = ([*(t[key] for key in keys), *_control(t["control"])] for t in evidence["factors"])
    return text([*keys, *head, "above_chance", "shifts"], rows)


def _control(about: dict | None) -> list:
    about = about or {"information_gain": None, "auc": None, "above_chance": None, "shifts": 0}
    pairs = [about[key] or {"mean": None, "p": None} for key in ("information_gain", "auc")]
    figures = [pair[figure] for pair in pairs for figure in ("mean", "p")]
    return [*figures, about["above_chance"], about["shifts"]]


def roc_csv(evidence: dict) -> str:
    """The points of every factor's ROC curve.

    >>> table = {"factor": "slope", "roc": {"fpr": [0.0, 1.0], "tpr": [0.0, 1.0]}}
    >>> roc_csv({"factors": [table]}).split()
    ['factor,false_positive_rate,true_positive_rate', 'slope,0.0,0.0', 'slope,1.0,1.0']
    """
    rows = (
        [table["factor"], *point]
        for table in evidence["factors"]
        if table["roc"]
        for point in zip(table["roc"]["fpr"], table["roc"]["tpr"])
    )
    return text(["factor", "false_positive_rate", "true_positive_rate"], rows)


def rows_of(found: dict, names: Sequence[str], measure: str) -> list[dict]:
    """A row a class: its pixels, landslide share, which of `names` tells most, `measure` of each;
    VIF of these factors alone."""
    return [_row(stratum, names, measure) for stratum in found["strata"]]


def _row(stratum: dict, names: Sequence[str], measure: str) -> dict:
    figures = {row["factor"]: row for row in stratum["factors"] if row["factor"] in names}
    if figures:
        related = store.subset(stratum, list(figures))["collinearity"]
        figures = {row["factor"]: {**figures[row["factor"]], **row} for row in related}
    return {
        "Class": stratum["label"],
        "Pixels": stratum["n"],
        "Landslide share": stratum["landslide_share"],
        "Tells most": best(list(figures.values())),
        **{factor(n).title: figures[n][measure] if n in figures else None for n in names},
        "Note": stratum["reason"],
    }


def best(rows: Sequence[dict]) -> str:
    """The factor with most information gain; empty where there is nothing to tell.

    >>> best([{"factor": "slope", "information_gain": 0.2}, {"factor": "nir"}])
    'Slope'
    """
    top = max(rows, key=lambda row: row.get("information_gain") or 0, default={})
    return factor(top["factor"]).title if top.get("information_gain") else ""


def strata_csv(found: dict) -> str:
    """A factor of a class a row.

    >>> figures = {"factor": "slope", "vif": 1.5, "tol": 0.67, "information_gain": 0.2, "auc": 0.7}
    >>> one = {"label": "shale", "code": 1.0, "n": 9, "landslide_share": 0.1, "factors": [figures]}
    >>> strata_csv({"factor": "lithology", "strata": [one]}).splitlines()[1]
    'lithology,shale,1.0,9,0.1,slope,1.5,0.67,0.2,0.7'
    """
    about, each = ("label", "code", "n", "landslide_share"), ("factor", *FIGURES)
    rows = (
        [found["factor"], *(stratum[key] for key in about), *(row[key] for key in each)]
        for stratum in found["strata"]
        for row in stratum["factors"]
    )
    header = ["by", "class", "code", "n", "landslide_share", *each]
    return text(header, rows)
