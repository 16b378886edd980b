"""The factors' report: one HTML file with the whole audit of a scene's factors, method notes and
references, for reading and for printing to PDF."""

import time
from collections.abc import Sequence

from core.analysis.relations.whatif import what_if
from core.analysis.store import Stored
from core.export import audit_landslides, audit_tables, markup, page, provenance
from core.export.audit_methods import NOTES, REFERENCES
from core.numerals import percent, whole
from core.scene.store import Scene


def document(scene: Scene, result: dict) -> str:
    """Return the whole HTML of what `factors --json` gives of `scene`."""
    title = f"Factors of {scene.name}"
    parts = [
        f"<h1>{markup.escape(title)}</h1>",
        markup.paragraph(f"Made {time.strftime('%Y-%m-%d %H:%M')}. {_basis(result)}", "quiet"),
        *_labels(result),
        *audit_tables.summary(result),
        *audit_tables.correlation(result),
        *audit_tables.collinearity(result),
        *audit_tables.what_if(result),
        *audit_tables.significance(result),
        *audit_landslides.importance(result),
        *audit_landslides.evidence(result),
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


def _provenance(scene: Scene, result: dict) -> dict[str, str]:
    return {
        "Scene": f"{scene.name}, {'synthetic' if scene.synthetic else 'as imported'}",
        "Area": result["area"]["words"],
        "Fingerprint of the scene": scene.fingerprint,
        "Inventory": f"version {scene.inventory['version']}" if scene.inventory else "none",
        "Sources": "; ".join(f"{item.name}: {item.source}" for item in scene.factors),
        "Software": ", ".join(f"{k} {v}" for k, v in provenance.versions().items()),
    }
