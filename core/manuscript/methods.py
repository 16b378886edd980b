"""The paragraph on methods of a run, from its stored configuration and scores alone."""

from core.manuscript import chinese, english
from core.manuscript.facts import facts
from core.runs.store import Run
from core.scene.store import Scene

# A language is a module with `paragraph(facts) -> str` and `notes(facts) -> list[str]`.
WRITERS = {"en": english, "zh": chinese}


def told(run: Run, scene: Scene, language: str) -> dict:
    """Return {run, scene, language, text, notes}; raise a SlideScopeError for a run without a
    network of its own."""
    found = facts(run, scene)
    writer = WRITERS[language]
    return {
        "run": run.id,
        "scene": scene.name,
        "language": language,
        "text": writer.paragraph(found),
        "notes": writer.notes(found),
    }
