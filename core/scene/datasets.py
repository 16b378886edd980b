"""Named datasets: lists of factors that somebody chose to train on.

datasets/<name>.json in the workspace; `rs` and `rs-dr` are not among them, a scene defines these.
"""

import re
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import TypedDict

from core import atomic, audit, paths, stored
from core.access import ADMIN
from core.errors import Damaged, NotFound, SlideScopeError
from core.factors import in_order
from core.scene.store import Scene
from core.stored import Listing


class Stored(TypedDict):
    """What a dataset's file holds."""

    factors: list[str]


PREDEFINED = ("rs", "rs-dr")
# It becomes part of a run's name.
LONGEST = 24
_NAME = re.compile(rf"[^\W_][\w-]{{0,{LONGEST - 1}}}")


def is_name(name: str) -> bool:
    """Whether a dataset may be called so; small letters: case means nothing to some systems.

    >>> is_name("terrain-only"), is_name("坡度"), is_name("a/b"), is_name("Terrain")
    (True, True, False, False)
    """
    well_made = bool(_NAME.fullmatch(name)) and name == name.lower()
    return well_made and not paths.is_reserved(name)


def save(scene: Scene, name: str, factors: Sequence[str]) -> dict:
    """Store the dataset `name` of factors of `scene` and return {name, factors}.

    One of the same name is replaced: the runs trained on it keep their own list.
    """
    name = name.lower()
    if not is_name(name) or name in PREDEFINED:
        raise SlideScopeError(
            f"Invalid dataset name '{name}': it has at most {LONGEST} letters, digits, '-' and "
            "'_', begins with a letter or digit and is not rs or rs-dr; choose another."
        )
    if not factors:
        raise SlideScopeError(f"Dataset '{name}' has no factor: it needs at least one; choose one.")
    ordered = in_order(dict.fromkeys(scene.factor(factor).name for factor in factors))
    value = {"factors": list(ordered), "scene": scene.name, "created": time.strftime("%FT%T")}
    with audit.changing("keep dataset", name):
        paths.datasets_folder().mkdir(parents=True, exist_ok=True)
        atomic.write_json(_path(name), stored.sealed(value))
    return {"name": name, "factors": list(ordered)}


def names() -> list[str]:
    """All stored datasets, in alphabetical order."""
    return sorted(file.stem for file in paths.datasets_folder().glob("[!.]*.json"))


def factors_of(name: str) -> tuple[str, ...]:
    """The factors of a stored dataset, in channel order."""
    cure = f"store it again, or delete it: `python -m core runs --delete {name}`"
    found = stored.read(_path(name), Stored, f"dataset '{name}'", cure) if is_name(name) else None
    if found is None:
        others = "".join(f", {other}" for other in names())
        raise NotFound(
            f"Unknown dataset '{name}': it must be rs (without deformation rate), rs-dr (with it)"
            f"{others}; choose one or store one with `python -m core factors SCENE --without ... "
            "--save-dataset NAME`."
        )
    return tuple(found["factors"])


def of_scene(scene: Scene, name: str) -> tuple[str, ...]:
    """The factors of a stored dataset, all of which the scene has to have."""
    factors = factors_of(name)
    missing = [factor for factor in factors if factor not in scene.factor_names]
    if missing:
        raise SlideScopeError(
            f"Scene '{scene.name}' lacks {', '.join(missing)} of dataset '{name}': a dataset needs "
            "all its factors; choose another or import the scene again with them."
        )
    return factors


def fitting(scene: Scene) -> dict[str, tuple[str, ...]]:
    """Stored datasets whose factors the scene has, by name."""
    return {name: factors for name, factors in listing().items if _fits(scene, factors)}


def listing() -> Listing[tuple[str, tuple[str, ...]]]:
    """All stored datasets (name, factors), in alphabetical order, and what is damaged."""
    files = sorted(paths.datasets_folder().glob("[!.]*.json"))
    return stored.listing("dataset", files, lambda name: (name, factors_of(name)))


def delete(name: str) -> None:
    """Remove a stored dataset; the runs trained on it keep their own list."""
    with audit.changing("delete dataset", name, ADMIN):
        with suppress(Damaged):  # it is to go all the same
            factors_of(name)
        _path(name).unlink()


def _fits(scene: Scene, factors: Sequence[str]) -> bool:
    return set(factors) <= set(scene.factor_names)


def _path(name: str):
    return paths.datasets_folder() / f"{name}.json"
