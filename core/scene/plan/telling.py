"""Sentences about an import that are known only once the values are there."""

from core.numerals import percent
from core.scene.insar import visibility
from core.scene.plan import seams
from core.scene.plan.planning import ImportPlan
from core.scene.summary import Summary


def seams_of(made: ImportPlan) -> list[str]:
    """Where the files of a mosaic meet."""
    return [
        seams.sentence(name, seam)
        for name, files in made.rasters.items()
        for seam in seams.between(files, made.layout.grid, made.kernel(name))
    ]


def about(made: ImportPlan, summaries: dict[str, Summary], shared: float) -> list[str]:
    """What the values tell; `shared`: share of pixels with data in all factors but deformation."""
    notes = _from_orbit(made, summaries)
    if "aspect" in made.derived:
        flat = summaries["slope"].valid_share - summaries["aspect"].valid_share
        if flat > 0.001:
            notes.append(
                f"{percent(flat)} of the scene is flat: it has no aspect and is left out of "
                "training and scores."
            )
    if shared < 1:
        notes.append(
            f"{percent(shared)} of the pixels have data in all factors, deformation aside; only "
            "these are trained on and scored."
        )
    return notes


def _from_orbit(made: ImportPlan, summaries: dict[str, Summary]) -> list[str]:
    """A slide does not run uphill, and what the radar cannot see is not known to be stable."""
    notes = []
    if "v_slope" in made.derived:
        uphill = summaries["v_slope"].negative_share
        notes.append(
            f"{percent(uphill)} of the rates down the slope run uphill: noise, uplift or another "
            "motion, not a slide."
        )
    if "visibility" in made.derived:
        counts = summaries["visibility"].classes
        hidden = sum(counts.get(code, 0) for code in (visibility.LAYOVER, visibility.SHADOW))
        notes.append(
            f"{percent(hidden / max(1, sum(counts.values())))} of the scene is in active layover "
            "or shadow: rates there are left out, and no rate there does not mean stable ground."
        )
    return notes
