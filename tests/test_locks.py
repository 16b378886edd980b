"""The lock files: one version of everything that is asked for, no older than its floor."""

from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PAIRS = [
    ("requirements.txt", "requirements.lock"),
    ("requirements-test.txt", "requirements-test.lock"),
]


def read(name: str) -> dict[str, Requirement]:
    """What a file asks for, and what the files ask for that it includes."""
    found = {}
    for line in (ROOT / name).read_text(encoding="utf-8").splitlines():
        line = line.partition("#")[0].strip()
        if line.startswith("-r "):
            found |= read(line.removeprefix("-r "))
        elif line:
            requirement = Requirement(line)
            found[canonicalize_name(requirement.name)] = requirement
    return found


@pytest.mark.parametrize(("asked", "locked"), PAIRS)
def test_a_lock_pins_what_is_asked_for_within_its_floor(asked, locked):
    pins = read(locked)
    for name, requirement in read(asked).items():
        (pin,) = pins[name].specifier
        assert pin.operator == "=="
        assert requirement.specifier.contains(pin.version), f"{name}: run make lock"


@pytest.mark.parametrize("locked", [locked for _, locked in PAIRS])
def test_a_lock_names_no_address(locked):
    text = (ROOT / locked).read_text(encoding="utf-8")
    assert not [word for word in ("://", "file:", "--index", "--find-links") if word in text]


def test_tests_run_on_the_versions_that_the_product_is_locked_to():
    product, tests = read("requirements.lock"), read("requirements-test.lock")
    assert {n: str(r.specifier) for n, r in product.items()}.items() <= {
        n: str(r.specifier) for n, r in tests.items()
    }.items()
