"""What the classes of a factor are called and which colour they have, said after the import.

Pixels and the legend that networks go by stay as they are: what is said here is shown.
"""

from collections.abc import Mapping
from dataclasses import replace

from core import audit
from core.errors import SlideScopeError
from core.scene import store
from core.scene.files import class_table
from core.scene.files.class_table import ClassTable


def read(scene: store.Scene, name: str, path: str) -> store.Scene:
    """Take names and colours of the classes of factor `name` from a file, beside those it has."""
    return take(scene, name, class_table.read(path))


def take(scene: store.Scene, name: str, found: ClassTable) -> store.Scene:
    """The same of a table that was read."""
    item = _categorical(scene, name)
    names = {**(item.names or {}), **_by_code(found.names)}
    return keep(scene, name, names, {**(item.colours or {}), **_by_code(found.colours)})


def keep(
    scene: store.Scene, name: str, names: Mapping[str, str], colours: Mapping[str, str]
) -> store.Scene:
    """Store these names and colours by code, in place of those before; what the legend says
    anyway, and codes that the factor does not have, are left out."""
    item = _categorical(scene, name)
    codes = item.legend or {}
    told = {c: class_table.clean(n) for c, n in names.items() if c in codes}
    told = {c: n for c, n in told.items() if n and n != codes[c]}
    shades = {c: _colour(c, value) for c, value in colours.items() if c in codes and value.strip()}
    if (names or colours) and not (set(names) | set(colours)) & set(codes):
        raise SlideScopeError(
            f"None of these classes ({', '.join([*names, *colours][:6])}) is one of '{name}' of "
            f"scene '{scene.name}', which has {', '.join(list(codes)[:12])}: give "
            "the table of that factor."
        )
    changed = replace(item, names=told or None, colours=shades or None)
    factors = tuple(changed if each.name == name else each for each in scene.factors)
    made = replace(scene, factors=factors)
    with audit.changing(f"name classes of {name}", f"scene {scene.name}"):
        store.save(made)
    return made


def _categorical(scene: store.Scene, name: str) -> store.SceneFactor:
    item = scene.factor(name)
    if item.kind != "categorical":
        raise SlideScopeError(
            f"Factor '{name}' of scene '{scene.name}' is measured and has no classes: names are "
            "given to those of a categorical factor; choose one."
        )
    return item


def _by_code(values: Mapping[int, str]) -> dict[str, str]:
    return {str(code): value for code, value in values.items()}


def _colour(code: str, value: str) -> str:
    found = class_table.colour_of([value])
    if found is None:
        raise SlideScopeError(
            f"'{value[:20]}' is no colour (class {code}): a colour is # and six digits or letters "
            "up to f, such as #a34a28; write it so, or leave it empty."
        )
    return found
