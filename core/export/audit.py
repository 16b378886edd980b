"""The factors' report: one HTML file with the whole audit of a scene's factors, method notes and
references, for reading and for printing to PDF."""

import time
from collections.abc import Mapping, Sequence

from core import paper
from core.analysis.pairs import METHOD
from core.analysis.store import Stored
from core.analysis.whatif import what_if
from core.export import figures, markup, page, provenance
from core.export.audit_methods import NOTES, REFERENCES
from core.export.markup import number
from core.factors import factor
from core.numerals import percent, whole
from core.scene.store import Scene


def document(scene: Scene, result: dict) -> str:
    """Return the whole HTML of what `factors --json` gives of `scene`."""
    title = f"Factors of {scene.name}"
    parts = [
        f"<h1>{markup.escape(title)}</h1>",
        markup.paragraph(f"Made {time.strftime('%Y-%m-%d %H:%M')}. {_basis(result)}", "quiet"),
        *_labels(result),
        *_summary(result),
        *_correlation(result),
        *_collinearity(result),
        *_what_if(result),
        *_significance(result),
        *_importance(result),
        *_evidence(result),
        "<h2>Methods</h2>",
        *(markup.paragraph(note) for note in NOTES),
        "<h2>References</h2>",
        *(markup.paragraph(reference) for reference in REFERENCES),
        "<h2>Provenance</h2>",
        markup.facts(_provenance(scene, result)),
    ]
    return page.document(title, parts)


def of_choice(
    scene: Scene,
    stored: Stored,
    names: Sequence[str],
    evidence: dict | None,
    significance: dict | None,
) -> str:
    """The report of everything stored, with what is left of it when only `names` count."""
    result = {**stored.result, "evidence": evidence, "significance": significance}
    without = [name for name in stored.result["pearson"]["factors"] if name not in names]
    if without:
        result["what_if"] = what_if(stored, without)
    return document(scene, result)


def _basis(result: dict) -> str:
    return (
        f"Area: {result['area']['words']}. {whole(result['n'])} pixels with data in all factors, "
        f"{percent(result['dropped_share'])} dropped for missing data."
    )


def _labels(result: dict) -> list[str]:
    said = [f"Left out: {row['factor']} ({row['reason']})." for row in result["excluded"]]
    if result["synthetic"]:
        said.insert(0, "Synthetic scene: generated, not surveyed.")
    return [markup.paragraph(text, "label") for text in said]


def _title(name: str) -> str:
    return factor(name).title


def _summary(result: dict) -> list[str]:
    rows = [
        [
            _title(row["factor"]),
            whole(row["n"]),
            percent(row["no_data_share"]),
            *(f"{row[key]:.5g}" for key in ("mean", "sd")),
            *(f"{value:.5g}" for value in row["quantiles"].values()),
            f"{row['quantile_error']:.2g}",
        ]
        for row in result["factors"]
    ]
    shares = [percent(float(q)) for q in (result["factors"][0]["quantiles"] if rows else ())]
    head = ["", "pixels", "no data", "mean", "sd", *shares, "± of these"]
    caption = "Mean and standard deviation over the pixels with data in all factors."
    return ["<h2>Factors</h2>", markup.table(head, rows, caption)]


def _correlation(result: dict) -> list[str]:
    parts = ["<h2>Correlation</h2>"]
    captions = {
        "paper": "Pearson's coefficient, all factors as plain numbers (the paper's coding).",
        "recommended": "Aspect as sine and cosine, classes as classes: Pearson's coefficient "
        "between numbers, else correlation ratio (eta), circular-linear correlation, Cramer's V.",
    }
    for coding, caption in captions.items():
        found = result["coding"][coding]["correlation"]
        titles = [_title(name) for name in found["factors"]]
        parts.append(figures.heatmap(titles, found["matrix"], caption))
    return [*parts, markup.paragraph(result["coding"]["difference"])]


def _collinearity(result: dict) -> list[str]:
    coding = result["coding"]
    pairs = zip(coding["paper"]["collinearity"], coding["recommended"]["collinearity"])
    rows = [
        [
            _title(one["factor"]),
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
    return ["<h2>Collinearity</h2>", table, *map(markup.paragraph, said)]


def _printed(name: str) -> list[str]:
    return [number(value, 3) for value in paper.TABLE_2.get(name, (None, None))]


def _what_if(result: dict) -> list[str]:
    found = result.get("what_if")
    if not found:
        return []
    rows = [
        [_title(row["factor"]), number(row["vif"], 3), number(row["tol"], 3)]
        for row in found["collinearity"]
    ]
    without = ", ".join(_title(name) for name in found["without"])
    return [
        f"<h2>{markup.escape(f'Without {without}')}</h2>",
        markup.table(["", "VIF", "TOL"], rows),
    ]


def _significance(result: dict) -> list[str]:
    found = result.get("significance")
    if not found:
        return []
    rows = [
        [
            f"{_title(row['a'])} – {_title(row['b'])}",
            number(row["r"], 3),
            number(row["effective_n"], 0),
            *(_p(row[key]) for key in ("p", "p_holm")),
            number(row["spearman"], 3),
            f"{number(row['value'], 3)} ({row['measure']})",
        ]
        for row in found["pairs"]
    ]
    head = ["", "r", "effective n", "p", "p, adjusted", "Spearman", "suiting measure"]
    caption = f"{whole(found['pixels'])} pixels, one in {found['step_px']} rows and columns."
    return ["<h2>Significance</h2>", markup.table(head, rows, f"{caption} {METHOD}")]


def _p(value: float | None) -> str:
    return markup.DASH if value is None else "< 0.001" if value < 0.001 else f"{value:.3f}"


def _importance(result: dict) -> list[str]:
    parts = ["<h2>Importance</h2>"]
    if result["importance_reason"]:
        parts.append(markup.paragraph(result["importance_reason"]))
    if not result["importance"]:
        return parts
    measure = "permutation" if result["importance"][0]["permutation"] else "gini"
    ordered = sorted(result["importance"], key=lambda r: -r[measure]["mean"])
    rows = [
        (
            [_title(r["factor"]), _pair(r["gini"]), _pair(r["permutation"]), _note(r)],
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


def _evidence(result: dict) -> list[str]:
    found = result["evidence"]
    if not found:
        return []
    ranking = [(_ranked(t), t["information_gain"]) for t in found["factors"]]
    caption = "Share of the entropy of landslide or not that a factor's classes take away."
    lines = [
        (f"{_title(t['factor'])} {t['auc']:.3f}", t["roc"]["fpr"], t["roc"]["tpr"])
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
    return [str(table["rank"]), _title(table["factor"]), gain, auc]


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
    title = f"<h3>{markup.escape(_title(table['factor']) + unit)}</h3>"
    return title + figures.bars(head, rows, caption)


def _provenance(scene: Scene, result: dict) -> dict[str, str]:
    return {
        "Scene": f"{scene.name}, {'synthetic' if scene.synthetic else 'as imported'}",
        "Area": result["area"]["words"],
        "Fingerprint of the scene": scene.fingerprint,
        "Inventory": f"version {scene.inventory['version']}" if scene.inventory else "none",
        "Sources": "; ".join(f"{item.name}: {item.source}" for item in scene.factors),
        "Software": ", ".join(f"{k} {v}" for k, v in provenance.versions().items()),
    }
