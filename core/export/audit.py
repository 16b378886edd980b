"""The factors' report: one HTML file with the whole audit of a scene's factors, method notes and
references, for reading and for printing to PDF."""

import time
from collections.abc import Mapping, Sequence

from core.analysis.control import CHANCE
from core.analysis.relations.whatif import what_if
from core.analysis.store import Stored
from core.export import audit_tables, markup, provenance
from core.export.audit_tables import title_of
from core.export.markup import number
from core.language import joining
from core.language.translation import Own, message, messages, named, tr
from core.numerals import percent, whole
from core.scene.store import Scene

NOTES = (
    "All figures of correlation and collinearity are of the same pixels: those of the area "
    "with data in every factor. Sums are taken in double precision of all pixels, none is "
    "left out.",
    "VIF is the diagonal of the inverse correlation matrix and TOL its reciprocal; a VIF from"
    " 5 on deserves attention, from 10 on it is high. In recommended coding a factor has "
    "several columns, its VIF is the generalised one to the power of 1 / number of columns. "
    "Where the condition number exceeds 10¹⁰ the factors that depend on each other have no "
    "VIF and tolerance 0.",
    "Neighbouring pixels repeat each other, so their number proves nothing: p-values, where "
    "given, are of a modified t-test whose effective sample size follows from the "
    "autocorrelation of both factors.",
    "Importance is measured on as many landslide as other pixels. Gini importance favours "
    "factors with many distinct values, noise included; permutation importance is the area "
    "under the ROC curve that is lost on blocks the forest has not seen when a factor is "
    "shuffled. A column of pure noise and forests grown on shuffled labels are the controls: "
    "what does not beat the noise says nothing.",
    "The frequency ratio is the landslide share of a class over that of the area. Weights of "
    "evidence compare how often a class occurs inside and outside landslides; the variance of"
    " the contrast counts landslides instead of pixels: landslide pixels are divided by those"
    " of the mean landslide.",
    "A ROC curve of a factor ranks its classes by their landslide share on the very area it "
    "is drawn for: a description, not a test of prediction. The area under it (AUC) is how "
    "often a landslide pixel lies in a class of higher landslide share than another pixel; .5 "
    "tells nothing.",
    "Information gain is the share of the entropy of landslide or not that knowing the class "
    "takes away: 0 tells nothing, 1 everything. Its control is the same inventory moved over "
    "the scene as a whole, round its edges: p is the share of places, the true one among them, "
    "where as much is told. Many small classes tell much anywhere.",
)
REFERENCES = (
    Own(
        "Bonham-Carter, G. F. (1994): Geographic Information Systems for Geoscientists. Pergamon."
        " Weights of evidence, chapter 9."
    ),
    Own("Breiman, L. (2001): Random forests. Machine Learning 45, 5–32."),
    Own(
        "Dutilleul, P. (1993): Modifying the t test for assessing the correlation between two "
        "spatial processes. Biometrics 49, 305–314."
    ),
    Own(
        "Fox, J. & Monette, G. (1992): Generalized collinearity diagnostics. Journal of the "
        "American Statistical Association 87, 178–183."
    ),
    Own(
        "Jenks, G. F. (1967): The data model concept in statistical mapping. International "
        "Yearbook of Cartography 7, 186–190."
    ),
    Own(
        "Lee, S. & Pradhan, B. (2007): Landslide hazard mapping at Selangor, Malaysia using "
        "frequency ratio and logistic regression models. Landslides 4, 33–41."
    ),
    Own(
        "Lotwick, H. W. & Silverman, B. W. (1982): Methods for analysing spatial processes of "
        "several types of points. Journal of the Royal Statistical Society B 44, 406–413."
    ),
    Own(
        "Mardia, K. V. (1976): Linear-circular correlation coefficients and rhythmometry. "
        "Biometrika 63, 403–405."
    ),
    "Remote Sensing 2024, 16, 992: the paper whose correlation, multicollinearity and "
    "importance this audit follows (section 3.1, Table 2).",
)


def document(scene: Scene, result: dict) -> str:
    """Return the whole HTML of what `factors --json` gives of `scene`."""
    title = named("Factors of {0}", scene.name)
    made = joining.moment(time.strftime("%Y-%m-%d %H:%M"))
    parts = [
        f"<h1>{markup.told(title)}</h1>",
        markup.paragraph(
            joining.paragraph([tr("Made {0}.").format(made), tr(_basis(result))]), "quiet"
        ),
        *_labels(result),
        *audit_tables.summary(result),
        *audit_tables.correlation(result),
        *audit_tables.collinearity(result),
        *audit_tables.what_if(result),
        *audit_tables.significance(result),
        *importance(result),
        *evidence(result),
        markup.heading("Methods"),
        *(markup.paragraph(note) for note in NOTES),
        markup.heading("References"),
        *(markup.paragraph(reference) for reference in REFERENCES),
        markup.heading("Provenance"),
        markup.facts(_provenance(scene, result)),
    ]
    return markup.document(title, parts)


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


def _provenance(scene: Scene, result: dict) -> dict[str, str]:
    return {
        "Scene": f"{scene.name}, {'synthetic' if scene.synthetic else 'as imported'}",
        "Area": result["area"]["words"],
        "Fingerprint of the scene": Own(scene.fingerprint),
        "Inventory": message(f"version {scene.inventory['version']}")
        if scene.inventory
        else "none",
        "Sources": Own(joining.items(f"{item.name}: {tr(item.source)}" for item in scene.factors)),
        "Software": Own(provenance.software()),
    }


def importance(result: dict) -> list[str]:
    """Gini and permutation importance with their controls; why there is none."""
    parts = [markup.heading("Importance")]
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
            f"; held-out AUC {_pair(result['auc'])} on blocks of {sampling['block_px']} px with "
            f"{sampling['buffer_px']} px around them left out, "
            f"{_pair(result['null_auc'])} where labels are shuffled"
        )
    return [*parts, markup.bars(["", *messages("Gini", "permutation"), ""], rows, f"{caption}.")]


def _note(row: Mapping) -> str:
    return message("control") if row["control"] else "" if row["above_noise"] else "not above noise"


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
    caption = (
        "Share of the entropy of landslide or not that a factor's classes take away; mean and p of "
        f"the same where the inventory is moved elsewhere ({_shifts(found)} places). Above "
        f"p {CHANCE:g} a factor does no better than chance."
    )
    lines = [
        (Own(f"{tr(title_of(t['factor']))} {t['auc']:.3f}"), t["roc"]["fpr"], t["roc"]["tpr"])
        for t in found["factors"]
        if t["roc"]
    ]
    return [
        markup.heading("Evidence"),
        markup.bars(
            [*messages("rank", "factor", "information gain", "AUC", "moved"), "p", ""],
            ranking,
            caption,
        ),
        markup.curves(lines, "ROC curve of each factor's classes, on the very area of them."),
        *(_classes(t, found["landslides"], result["synthetic"]) for t in found["factors"]),
    ]


def _class(row: Mapping, synthetic: bool) -> str:
    """From where to where it reaches, or its name, which is ours in a synthetic scene alone."""
    if "low" in row:
        return Own(joining.spread(row["label"]))
    return row["label"] if synthetic else Own(row["label"])


def _ranked(table: dict) -> list[str]:
    gain, auc = number(table["information_gain"], 4), number(table["auc"], 3)
    about = table.get("control") or {}
    moved = about.get("information_gain") or {"mean": None, "p": None}
    note = "no better than chance" if about.get("above_chance") is False else ""
    places = number(moved["mean"], 4), number(moved["p"], 3)
    return [str(table["rank"]), title_of(table["factor"]), gain, auc, *places, note]


def _shifts(found: Mapping) -> int:
    return max([(t.get("control") or {}).get("shifts", 0) for t in found["factors"]] or [0])


def _classes(table: dict, landslides: int, synthetic: bool) -> str:
    keys = ("frequency_ratio", "w_plus", "w_minus", "contrast", "studentised")
    rows = [
        (
            [
                _class(r, synthetic),
                whole(r["pixels"]),
                percent(r["share"]),
                *(number(r[k], 2) for k in keys),
                number(r.get("chance_p"), 3),
            ],
            r["share"],
        )
        for r in table["classes"]
    ]
    unit = f"{joining.comma()}{tr(table['unit'])}" if table["unit"] else ""
    head = [
        *messages("class", "pixels", "landslide", "frequency ratio", "W+", "W−"),
        *messages("contrast", "studentised", "p, moved"),
    ]
    caption = (
        f"{whole(landslides)} landslides count for the studentised contrast; the last column is "
        "the share of places of the moved inventory whose frequency ratio is as far out."
    )
    title = f"<h3>{markup.told(Own(tr(title_of(table['factor'])) + unit))}</h3>"
    return title + markup.bars(head, rows, caption)
