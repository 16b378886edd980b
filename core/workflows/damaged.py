"""What of a workspace cannot be read, listed beside what can; and its deletion."""

from collections.abc import Sequence

from core import stored
from core.errors import NotFound
from core.experiments import store as experiments
from core.jobs import store as jobs
from core.runs import store as runs
from core.runs.store import Run
from core.scene import datasets
from core.stored import Broken, Listing


def besides_scenes(found: Listing[Run] | None = None) -> list[Broken]:
    """Damaged runs, jobs, experiments and datasets; `found` where runs were just listed."""
    return [
        *(found or runs.listing()).damaged,
        *jobs.listing().damaged,
        *experiments.listing().damaged,
        *datasets.listing().damaged,
    ]


def delete(broken: Broken) -> None:
    """Remove a damaged thing with all that it holds; one at work is refused."""
    if broken.kind == "run":
        runs.delete(broken.name)
    elif broken.kind == "job":
        jobs.delete(broken)
    else:
        broken.delete()


def delete_named(names: Sequence[str]) -> None:
    """Remove runs, whole or damaged, and other damaged things by name; all stay if one is none."""
    others = {each.name: each for each in besides_scenes() if each.kind != "run"}
    run_ids = [name for name in names if name not in others]
    if run_ids:
        runs.delete(*run_ids)
    for name in names:
        if name in others:
            delete(others[name])


def scene(name: str) -> Broken:
    """The damaged scene of that name."""
    from core.scene import store as scenes

    found = stored.named(scenes.listing().damaged, name)
    if found is None:
        raise NotFound(
            f"No damaged scene '{name}': only a scene that cannot be read is deleted so; "
            "`python -m core scenes` lists them."
        )
    return found
