"""Pages where nothing may be changed: all open, and no button that changes can be pressed."""

import pytest

from core import access
from core.access import EDITOR, VIEWER, Actor
from tests.page import PAGES, texts, visit

# Buttons that change what is shown, and nothing else.
LOOKING = {
    "Use the example rasters (synthetic)",
    "Analyse the factors",
    "Train a network",
    "Compare on the map",
    "Use this area",
    "Whole scene",
    "Look at the factors",
    "Play demo",
}
# Buttons and fields that change something, by page and, of a page with tabs, the open one.
CHANGING: dict[tuple[str, str], set[str]] = {
    ("training", ""): {"Start training", "Load", "Pin", "Delete for good"},
    ("results", "export"): {"Export"},
    ("results", "experiment"): {"Run the paired experiment"},
    ("factors", ""): {"Compute the statistics"},
    ("compare", ""): {"Use and keep with the run"},
}
OPENED = (*((name, "") for name in PAGES), ("results", "export"), ("results", "experiment"))


def pressable(app) -> set[str]:
    return {each.label for each in app.button if not each.disabled}


@pytest.mark.parametrize("name, tab", OPENED)
def test_nothing_can_be_pressed_that_changes_what_is_read_only(tiny_runs, monkeypatch, name, tab):
    monkeypatch.setenv("SLIDESCOPE_READONLY", "1")
    app = visit(name, run=tiny_runs[0].id, tab=tab)
    assert pressable(app) <= LOOKING
    assert {each.label for each in app.button} >= CHANGING.get((name, tab), set())
    assert all(each.disabled for each in app.text_area)
    assert "**Read-only**" in texts(app) and not app.error


@pytest.mark.sweep
def test_every_page_opens_on_an_empty_read_only_workspace(workspace, monkeypatch):
    monkeypatch.setenv("SLIDESCOPE_READONLY", "1")
    for name in PAGES:
        app = visit(name)
        assert not app.error and pressable(app) <= LOOKING
    assert not [p for p in workspace.rglob("*") if "cache" not in p.parts]


def test_who_edits_finds_all_but_deletion(tiny_runs, monkeypatch):
    monkeypatch.setattr(access, "_find", lambda: Actor("ben", EDITOR))
    app = visit("training", run=tiny_runs[0].id)
    assert {"Start training", "Pin"} <= pressable(app)
    (delete,) = (each for each in app.button if each.label == "Delete for good")
    assert delete.disabled
    assert delete.help == "This needs the role admin; you are signed in as editor."


def test_who_only_looks_can_download(tiny_runs, monkeypatch):
    monkeypatch.setattr(access, "_find", lambda: Actor("eve", VIEWER))
    app = visit("results")
    assert pressable(app) <= LOOKING
    assert [e for e in app.get("download_button") if not e.proto.disabled]
