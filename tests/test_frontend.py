"""The map's files for the browser belong together: one version, and nothing that is not there."""

import re

from core.maps import frontend

IMPORT = re.compile(r'from "(.*?)"')


def imports(name: str) -> list[str]:
    return IMPORT.findall(frontend.FILES[name].decode())


def test_modules_import_each_other_by_their_own_folder():
    """So that a module of a version gets the others of that version."""
    for name in frontend.SCRIPTS:
        for found in imports(name):
            assert found.startswith("./") and found[2:] in frontend.FILES, (name, found)


def test_every_file_is_used():
    reached, left = set(), [frontend.ENTRY]
    while left:
        name = left.pop()
        reached.add(name)
        left += {found[2:] for found in imports(name)} - reached
    assert reached | set(frontend.STYLES) == set(frontend.FILES)


def test_another_content_is_another_version():
    changed = {**frontend.FILES, "numbers.js": b"export const number = String;"}
    assert frontend.version_of(changed) != frontend.VERSION
    renamed = {f"x{name}": content for name, content in frontend.FILES.items()}
    assert frontend.version_of(renamed) != frontend.VERSION
    assert frontend.VERSION in frontend.path(frontend.ENTRY)
