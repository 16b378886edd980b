"""The tables of a scene's factors: each by itself, how they hang together, what they tell."""

from core.analysis import store as analyses
from core.factors import factor
from core.language.joining import spread
from core.language.translation import Own
from core.manuscript.table import Cell, Column, Table
from core.numerals import whole
from core.scene.store import Scene

MEASURES = {"gini": "Gini", "permutation": "Permutation", "drop_column": "Left out"}
EVIDENCE = {
    "pixels": ("Pixels", None),
    "landslide_pixels": ("Landslide pixels", None),
    "frequency_ratio": ("FR", 3),
    "w_plus": ("W+", 3),
    "w_minus": ("W−", 3),
    "contrast": ("Contrast", 3),
    "studentised": ("Studentised", 2),
}


def every(scene: Scene, analysis: dict) -> list[Table]:
    """Statistics, correlation, collinearity and, where there is an inventory, importance and
    evidence of all factors."""
    kind = ", a synthetic scene" if scene.synthetic else ""
    basis = f"{whole(analysis['n'])} pixels of {scene.name}{kind}, with data in all factors."
    view = analyses.view(analysis, causative=False)
    found = [_statistics(analysis, basis), _correlation(view, basis), _collinearity(view, basis)]
    if view.get("importance"):
        found.append(_importance(view))
    if analysis.get("evidence"):
        found.append(_evidence(analysis["evidence"], scene.synthetic))
    return found


def _statistics(analysis: dict, basis: str) -> Table:
    shares = list(analysis["factors"][0]["quantiles"]) if analysis["factors"] else []
    units = [factor(row["factor"]).unit for row in analysis["factors"]]
    rows = tuple(
        (
            factor(row["factor"]).title,
            unit,
            row["n"],
            row["no_data_share"],
            row["mean"],
            row["sd"],
            *(row["quantiles"][share] for share in shares),
        )
        for row, unit in zip(analysis["factors"], units)
    )
    titles = ("Mean", "SD", *(f"{100 * float(share):g} %" for share in shares))
    first = (Column("Factor"), Column("Unit"), Column("Pixels"), Column("No data", 4))
    columns = (*first, *(Column(title) for title in titles))
    title = "Table S1. Statistics of the factors"
    return Table("table-s1-statistics", title, columns, rows, (basis,))


def _correlation(view: dict, basis: str) -> Table:
    names = view["pearson"]["factors"]
    titles = [factor(name).title for name in names]
    matrix = view["pearson"]["matrix"]
    # The half above the diagonal says the same.
    rows = tuple(
        (titles[n], *(matrix[n][m] if m <= n else "" for m in range(len(names))))
        for n in range(len(names))
    )
    columns = (Column(""), *(Column(title, 2) for title in titles))
    notes = (f"Pearson's coefficient, all factors as plain numbers; {basis}",)
    title = "Table S2. Correlation of the factors"
    return Table("table-s2-correlation", title, columns, rows, notes)


def _collinearity(view: dict, basis: str) -> Table:
    noted = any(row.get("reason") for row in view["collinearity"])
    rows = tuple(
        (
            factor(row["factor"]).title,
            row["vif"],
            row["tol"],
            *([row.get("reason", "")] if noted else []),
        )
        for row in view["collinearity"]
    )
    more = (Column("Note"),) if noted else ()
    columns = (Column("Factor"), Column("VIF", 3), Column("TOL", 3), *more)
    title = "Table S3. Collinearity of all factors"
    return Table("table-s3-collinearity", title, columns, rows, (basis,))


def _importance(view: dict) -> Table:
    rows = []
    for row in view["importance"]:
        pairs = [row[measure] or {"mean": None, "sd": None} for measure in MEASURES]
        figures: list[Cell] = [pair[figure] for pair in pairs for figure in ("mean", "sd")]
        title = row["factor"] if row["control"] else factor(row["factor"]).title
        rows.append((title, *figures))
    titles = [f"{title}{more}" for title in MEASURES.values() for more in ("", ", SD")]
    columns = (Column("Factor"), *(Column(title, 4) for title in titles))
    notes = ("Random forests on balanced samples; the controls are noise and shuffled labels.",)
    title = "Table S4. Importance of the factors"
    return Table("table-s4-importance", title, columns, tuple(rows), notes)


def _class(row: dict, synthetic: bool) -> str:
    """From where to where it reaches, or its name, which is ours in a synthetic scene alone."""
    if "low" in row:
        return Own(spread(row["label"]))
    return row["label"] if synthetic else Own(row["label"])


def _evidence(evidence: dict, synthetic: bool) -> Table:
    rows = [
        (
            factor(each["factor"]).title,
            _class(row, synthetic),
            *(row[key] for key in EVIDENCE),
        )
        for each in evidence["factors"]
        for row in each["classes"]
    ]
    columns = (Column("Factor"), Column("Class"), *(Column(*about) for about in EVIDENCE.values()))
    notes = ("FR: frequency ratio; W+, W−, contrast: weights of evidence.",)
    title = "Table S5. Evidence of the factors by class"
    return Table("table-s5-evidence", title, columns, tuple(rows), notes)
