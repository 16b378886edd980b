"""The tables of an analysis as CSV, in the numbers of the JSON."""

import csv
import io
from collections.abc import Iterable, Sequence

from core import paper


def correlation_csv(view: dict) -> str:
    """The correlation matrix with a factor a row; empty where a coefficient is undefined.

    >>> correlation_csv({"pearson": {"factors": ["a"], "matrix": [[1.0]]}}).split()
    ['factor,a', 'a,1.0']
    """
    names = view["pearson"]["factors"]
    rows = ([name, *row] for name, row in zip(names, view["pearson"]["matrix"]))
    return _text(["factor", *names], rows)


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
    return _text(["factor", "vif", "tol", "reason", "paper_vif", "paper_tol"], rows)


def importance_csv(view: dict) -> str:
    """Mean and standard deviation of both measures of importance."""
    measures = ("gini", "permutation")
    header = [f"{measure}_{figure}" for measure in measures for figure in ("mean", "sd")]
    rows = []
    for row in view["importance"] or []:
        pairs = [row[measure] or {"mean": None, "sd": None} for measure in measures]
        numbers = [pair[figure] for pair in pairs for figure in ("mean", "sd")]
        rows.append([row["factor"], *numbers, row["above_noise"], row["control"]])
    return _text(["factor", *header, "above_noise", "control"], rows)


def classes_csv(explored: dict) -> str:
    """Pixels and landslide share of each class of one factor.

    >>> row = {"label": "shale", "pixels": 4, "landslide_pixels": 1, "share": 0.25}
    >>> classes_csv({"classes": [row]}).split()
    ['class,pixels,landslide_pixels,landslide_share', 'shale,4,1,0.25']
    """
    keys = ("label", "pixels", "landslide_pixels", "share")
    rows = ([row[key] for key in keys] for row in explored["classes"])
    return _text(["class", "pixels", "landslide_pixels", "landslide_share"], rows)


def _text(header: Sequence[str], rows: Iterable[Sequence]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return file.getvalue()
