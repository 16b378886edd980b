"""The factors' report: what tells landslides, as a whole and class by class."""

from collections.abc import Mapping

from core.export import figures, markup
from core.export.audit_tables import title_of
from core.export.markup import number
from core.numerals import percent, whole


def importance(result: dict) -> list[str]:
    """Gini and permutation importance with their controls; why there is none."""
    parts = ["<h2>Importance</h2>"]
    if result["importance_reason"]:
        parts.append(markup.paragraph(result["importance_reason"]))
    if not result["importance"]:
        return parts
    measure = "permutation" if result["importance"][0]["permutation"] else "gini"
    ordered = sorted(result["importance"], key=lambda r: -r[measure]["mean"])
    rows = [
        (
            [title_of(r["factor"]), _pair(r["gini"]), _pair(r["permutation"]), _note(r)],
            r[measure]["mean"],
        )
        for r in ordered
    ]
    sampling = result["sampling"]
    caption = (
        f"{sampling['forests']} forests of {sampling['trees']} trees, {whole(sampling['pixels'])} "
        f"pixels, landslide to other {sampling['ratio']}; mean ± standard deviation"
    )
    if result["auc"]:
        caption += (
            f"; held-out AUC {_pair(result['auc'])} on blocks of {sampling['block_px']} px, "
            f"{_pair(result['null_auc'])} where labels are shuffled"
        )
    return [*parts, figures.bars(["", "Gini", "permutation", ""], rows, f"{caption}.")]


def _note(row: Mapping) -> str:
    return "control" if row["control"] else "" if row["above_noise"] else "not above noise"


def _pair(value: dict | None) -> str:
    if value is None:
        return markup.DASH
    return f"{number(value['mean'], 3)} ± {number(value['sd'], 3)}"


def evidence(result: dict) -> list[str]:
    """Information gain, ROC curves, and what each class of each factor says."""
    found = result["evidence"]
    if not found:
        return []
    ranking = [(_ranked(t), t["information_gain"]) for t in found["factors"]]
    caption = "Share of the entropy of landslide or not that a factor's classes take away."
    lines = [
        (f"{title_of(t['factor'])} {t['auc']:.3f}", t["roc"]["fpr"], t["roc"]["tpr"])
        for t in found["factors"]
        if t["roc"]
    ]
    return [
        "<h2>Evidence</h2>",
        figures.bars(["rank", "factor", "information gain", "AUC"], ranking, caption),
        figures.curves(lines, "ROC curve of each factor's classes, on the very area of them."),
        *(_classes(table, found["landslides"]) for table in found["factors"]),
    ]


def _ranked(table: dict) -> list[str]:
    gain, auc = number(table["information_gain"], 4), number(table["auc"], 3)
    return [str(table["rank"]), title_of(table["factor"]), gain, auc]


def _classes(table: dict, landslides: int) -> str:
    keys = ("frequency_ratio", "w_plus", "w_minus", "contrast", "studentised")
    rows = [
        (
            [r["label"], whole(r["pixels"]), percent(r["share"]), *(number(r[k], 2) for k in keys)],
            r["share"],
        )
        for r in table["classes"]
    ]
    unit = f", {table['unit']}" if table["unit"] else ""
    head = [
        "class",
        "pixels",
        "landslide",
        "frequency ratio",
        "W+",
        "W−",
        "contrast",
        "studentised",
    ]
    caption = f"{whole(landslides)} landslides count for the studentised contrast."
    title = f"<h3>{markup.escape(title_of(table['factor']) + unit)}</h3>"
    return title + figures.bars(head, rows, caption)
