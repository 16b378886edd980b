"""The tables of an analysis as CSV, in the numbers of the JSON."""

from core import paper
from core.analysis.csv_text import text
from core.analysis.evidence.evidence_csv import evidence_csv, ranking_csv, roc_csv


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
