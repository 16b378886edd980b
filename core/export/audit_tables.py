"""The factors' report: how they are distributed, and how they relate to each other."""

from core import paper
from core.analysis.relations.pairs import METHOD
from core.export import markup
from core.export.markup import number
from core.factors import factor
from core.language.translation import messages
from core.numerals import percent, whole


def title_of(name: str) -> str:
    """A factor's title."""
    return factor(name).title


def summary(result: dict) -> list[str]:
    """Count, mean, spread and quantiles of every factor."""
    rows = [
        [
            title_of(row["factor"]),
            whole(row["n"]),
            percent(row["no_data_share"]),
            *(f"{row[key]:.5g}" for key in ("mean", "sd")),
            *(f"{value:.5g}" for value in row["quantiles"].values()),
            f"{row['quantile_error']:.2g}",
        ]
        for row in result["factors"]
    ]
    shares = [percent(float(q)) for q in (result["factors"][0]["quantiles"] if rows else ())]
    head = ["", *messages("pixels", "no data", "mean", "sd"), *shares, "± of these"]
    caption = "Mean and standard deviation over the pixels with data in all factors."
    return [markup.heading("Factors"), markup.table(head, rows, caption)]


def correlation(result: dict) -> list[str]:
    """Both codings' matrices, and what differs."""
    parts = [markup.heading("Correlation")]
    captions = {
        "paper": "Pearson's coefficient, all factors as plain numbers (the paper's coding).",
        "recommended": "Aspect as sine and cosine, classes as classes: Pearson's coefficient "
        "between numbers, else correlation ratio (eta), circular-linear correlation, Cramer's V.",
    }
    for coding, caption in captions.items():
        found = result["coding"][coding]["correlation"]
        titles = [title_of(name) for name in found["factors"]]
        parts.append(markup.heatmap(titles, found["matrix"], caption))
    return [*parts, markup.paragraph(result["coding"]["difference"])]


def collinearity(result: dict) -> list[str]:
    """VIF and TOL in both codings beside the paper's, and what explains a high one."""
    coding = result["coding"]
    pairs = zip(coding["paper"]["collinearity"], coding["recommended"]["collinearity"])
    rows = [
        [
            title_of(one["factor"]),
            *(number(row[key], 3) for row in (one, two) for key in ("vif", "tol")),
            *_printed(one["factor"]),
            one.get("reason", ""),
        ]
        for one, two in pairs
    ]
    head = ["", "VIF", "TOL", "VIF, recommended", "TOL, recommended", "paper's VIF", "TOL", ""]
    condition = coding["paper"]["condition_number"]
    caption = f"Condition number {'infinite' if condition is None else f'{condition:.3g}'}."
    said = [row["sentence"] for row in result["warnings"]] or ["Every VIF is below 5."]
    table = markup.table(head, rows, f"{caption} Paper: Table 2 as printed, of another area.")
    return [markup.heading("Collinearity"), table, *map(markup.paragraph, said)]


def _printed(name: str) -> list[str]:
    return [number(value, 3) for value in paper.TABLE_2.get(name, (None, None))]


def what_if(result: dict) -> list[str]:
    """What is left without some factors, where that was asked for."""
    found = result.get("what_if")
    if not found:
        return []
    rows = [
        [title_of(row["factor"]), number(row["vif"], 3), number(row["tol"], 3)]
        for row in found["collinearity"]
    ]
    without = ", ".join(title_of(name) for name in found["without"])
    return [
        markup.heading(f"Without {without}"),
        markup.table(["", "VIF", "TOL"], rows),
    ]


def significance(result: dict) -> list[str]:
    """Every pair's p-values and ranks, where they were computed."""
    found = result.get("significance")
    if not found:
        return []
    rows = [
        [
            f"{title_of(row['a'])} – {title_of(row['b'])}",
            number(row["r"], 3),
            number(row["effective_n"], 0),
            *(_p(row[key]) for key in ("p", "p_holm")),
            number(row["spearman"], 3),
            f"{number(row['value'], 3)} ({row['measure']})",
        ]
        for row in found["pairs"]
    ]
    head = ["", "r", *messages("effective n", "p", "p, adjusted", "Spearman", "suiting measure")]
    caption = f"{whole(found['pixels'])} pixels, one in {found['step_px']} rows and columns."
    return [markup.heading("Significance"), markup.table(head, rows, f"{caption} {METHOD}")]


def _p(value: float | None) -> str:
    return markup.DASH if value is None else "< 0.001" if value < 0.001 else f"{value:.3f}"
