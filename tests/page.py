"""Open a page of the app as a browser session would, without a browser."""

from functools import cache
from pathlib import Path

from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.scriptrunner import script_runner
from streamlit.testing.v1 import AppTest

from pages.components import problem  # noqa: F401 - for what a page says of a defect

APP = Path(__file__).resolve().parents[1] / "app.py"
# Every AppTest looks through all that is installed for components (streamlit 1.5x), which takes as
# long as most pages. What is installed stays the same.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)
# After every run of a page streamlit clears Keras's session wherever Keras is loaded, which took a
# sixth of all tests. The product's server never loads it (tests/test_architecture.py).
script_runner._clean_problem_modules = lambda: None
PAGES = ("overview", "scene", "factors", "training", "compare", "results")


def visit(name: str, **query: str) -> AppTest:
    """Run the app and go to page `name` with an address such as ?scene=tiny."""
    app = AppTest.from_file(APP, default_timeout=60)
    app.query_params.update(query)
    app.run()
    if name != "overview":
        app.switch_page(f"pages/{name}.py").run()
    assert not app.exception, app.exception
    return app


def texts(app: AppTest) -> str:
    """Everything the page says, on a line each."""
    kinds = ("title", "header", "subheader", "markdown", "caption", "info", "warning", "error")
    return "\n".join(str(e.value) for kind in kinds for e in getattr(app, kind))
