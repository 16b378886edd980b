"""No request leaves the machine because of what a file, a name or a comment holds."""

import re

import pytest

from core import atomic
from core.errors import SlideScopeError
from core.export import markup
from core.scene.files import contents, vetting
from core.scene.files.source import Source
from pages.components import address, chart, language
from tests import canary, hostile
from tests.page import visit

ADDRESS = "127.0.0.1:9"
POISON = canary.poison(ADDRESS)
TAG = "<img src='http://127.0.0.1:9/t.png'><script>fetch('http://127.0.0.1:9/s')</script>"
PAGES = ("overview", "scene", "factors", "training", "compare", "results")


@pytest.fixture(scope="module")
def listener():
    """(address, what called it)."""
    with canary.listening() as found:
        yield found


def test_no_file_makes_a_call_even_where_the_network_is_there(listener, tmp_path):
    address, calls = listener
    made = [*hostile.drawings(tmp_path, address)]
    good = hostile.polygon(hostile.ring(3, 1))
    for name, text in hostile.links(good, f"http://{address}/system").items():
        made.append(tmp_path / f"{name}.geojson")
        made[-1].write_text(text)
    assert len(made) > 25
    for path in made:
        # In this process, which has its network: GDAL's settings and our looking must do.
        vetting.look(Source(str(path)))
    assert calls == []


@pytest.mark.parametrize("name", ("link", "link-late", "link-url", "link-spaced", "link-inner"))
def test_a_system_named_by_a_link_is_refused(tmp_path, name):
    text = hostile.links(hostile.polygon(hostile.ring(3, 1)), "http://127.0.0.1:9/a")[name]
    path = tmp_path / "a.geojson"
    path.write_text(text)
    with pytest.raises(SlideScopeError, match="names its reference system by a link"):
        contents.check(path)


@pytest.fixture
def poisoned(tiny_runs, workspace):
    """The tiny scene and its runs with pictures and scripts in every text that is free."""
    for run in tiny_runs:
        notes = {"pinned": True, "name": "", "notes": [{"at": "2026-11-01T10:00:00", "text": ""}]}
        atomic.write_json(run.path / "notes.json", notes)
        atomic.write_json(run.path / "loaded.json", {"source": "", "when": "2026-11-01"})
    canary.plant(workspace, ADDRESS)
    return tiny_runs


def said(app) -> list[str]:
    """Every text of a page that the browser reads as markdown or HTML."""
    found = []

    def walk(block):
        for child in getattr(block, "children", {}).values():
            proto = getattr(child, "proto", None)
            if proto is not None:
                for name in ("body", "label", "help", "placeholder"):
                    text = getattr(proto, name, "")
                    found.append((type(proto).__name__, str(text)))
            walk(child)

    walk(app._tree)
    return found


OPENED = (*((page, "") for page in PAGES), ("results", "figures-and-cost"), ("results", "export"))


@pytest.mark.parametrize("page, tab", OPENED)
def test_pages_show_text_as_text(poisoned, page, tab):
    app = visit(page, tab=tab)
    assert not app.exception
    scripts = (address.script(), chart.script(), language.script())
    ours = "".join(f"<script>{each}</script>" for each in scripts) + language.mark()
    texts = [(kind, text) for kind, text in said(app) if text != ours]
    assert texts
    marked = [(kind, text) for kind, text in texts if kind != "Html"]
    wrong = [(k, t[:300]) for k, t in marked if "](http" in canary.without_escapes(t)]
    # Our own pictures are data.
    calls = r"(?<!\\)<(script|img[^>]*src=.http)"
    wrong += [(kind, text[-300:]) for kind, text in texts if re.search(calls, text)]
    assert not wrong


def test_reports_show_text_as_text():
    page = markup.table(["a", TAG], [[TAG, POISON]], TAG)
    assert "<img" not in page and "<script" not in page
