"""Roles of who has signed in: from the operator's file, or one sentence on it."""

import pytest

from core.access import ADMIN, EDITOR, VIEWER, Actor
from core.errors import SlideScopeError
from core.serving import roles


@pytest.fixture
def file(tmp_path, monkeypatch):
    path = tmp_path / "roles.toml"
    monkeypatch.setenv("SLIDESCOPE_ROLES", str(path))
    return path


def test_without_a_file_whoever_signs_in_may_look(monkeypatch):
    monkeypatch.delenv("SLIDESCOPE_ROLES", raising=False)
    assert roles.known().actor({"email": "a@b.test"}) == Actor("a@b.test", VIEWER)


def test_the_highest_role_that_names_somebody_counts(file):
    file.write_text(
        'default = "none"\nclaim = "teams"\n[admin]\ngroups = ["chiefs"]\n'
        '[editor]\nemails = ["*@lab.test", "ben@home.test"]\n'
    )
    known = roles.known()

    def role(**claims):
        found = known.actor(claims)
        return found and found.role

    assert role(email="ana@LAB.test") == EDITOR == role(email="ben@home.test")
    assert role(email="ana@lab.test", teams=["others", "chiefs"]) == ADMIN == role(teams="chiefs")
    assert role(email="eve@evil.test") is role(email="x@evillab.test") is role() is None
    assert role(email="ana@lab.test", email_verified=False) is None
    assert role(email="ana@lab.test.evil.test") is role(groups=["chiefs"]) is None
    assert known.actor({"sub": "7", "teams": ["chiefs"]}).name == "7"


def test_a_changed_file_counts_at_once(file):
    file.write_text('default = "editor"\n')
    assert roles.known().default == EDITOR
    file.write_text('default = "viewer"  # from now on\n')
    assert roles.known().default == VIEWER


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("default = ", "it is no TOML"),
        ('default = "root"', "its default is 'root', and a role is none, viewer, editor, admin"),
        ("[owner]\nemails = []", "it has 'owner', and known are default, claim, viewer"),
        ("admin = ['ana']", r"\[admin\] has emails and groups, and nothing else"),
        ("[admin]\nemails = 'ana@lab.test'", r"emails of \[admin\] are no list of texts"),
        ("[admin]\ngroups = [1]", r"groups of \[admin\] are no list of texts"),
        ("claim = 3", "its claim is no text"),
    ],
)
def test_what_cannot_be_meant_is_said(file, text, said):
    file.write_text(text)
    with pytest.raises(SlideScopeError, match=f"{said}.*correct it"):
        roles.known()


def test_a_file_that_is_missing_is_said_and_lets_nobody_in(file):
    with pytest.raises(SlideScopeError, match=r"SLIDESCOPE_ROLES names .*which cannot be read"):
        roles.known()
