"""Strata as one table: a class a row."""

from collections.abc import Sequence

from core.analysis import store
from core.analysis.csv_text import text
from core.factors import factor


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


FIGURES = ("vif", "tol", "information_gain", "auc")
