"""A widget that stands for an option of a request takes label, bounds, help and hint from it."""

import ast
from collections.abc import Iterator
from pathlib import Path

from streamlit.testing.v1 import AppTest

from core.request import Option, options
from core.scene.insar.orbit import Orbit
from core.scene.plan.override import Override
from core.workflows import ACTIONS, request_class

PAGES = Path(__file__).resolve().parents[1] / "pages"
WIDGETS = {
    *("selectbox", "multiselect", "number_input", "slider", "select_slider", "text_input"),
    *("text_area", "checkbox", "toggle", "radio", "segmented_control", "pills", "file_uploader"),
}
# Widgets that stand for no option as a whole, by the words they begin with: what a page shows,
# which files, a part of an area or of a place, an option of a run that is kept otherwise.
OWN = {
    "components/compare/displacement_panel.py": {"Which place", "Or a "},
    "components/compare/drawer.py": {"Drawer"},
    "components/compare/measure_panel.py": {"What to measure"},
    "components/compare/score_settings.py": {"Threshold of ", "Wanted recall"},
    "components/compare/side_pickers.py": {"Dataset of the right side"},
    "components/curves.py": {"Which measure"},
    "components/factors/area_panel.py": {
        *("Computed earlier", "Where", "West, south, east, north", "Landslides", "Within, "),
        "Class",
    },
    "components/factors/channel_view.py": {"Lost"},
    "components/factors/evidence_view.py": {"Shown"},
    "components/factors/factor_chips.py": {"Factors that count"},
    "components/factors/factor_explorer.py": {"Factor"},
    "components/factors/glance_view.py": {"Which measure"},
    "components/factors/motion_view.py": {"Row of the scene", "Column"},
    "components/factors/strata_view.py": {"Of every factor"},
    "components/results/experiment_panel.py": {"Experiment"},
    "components/results/run_overlay.py": {"Runs"},
    "components/language.py": {"Language / 语言"},
    "components/scene/file_browser.py": {"Folders that pages may open"},
    "components/scene/import_decide.py": {"File"},
    "components/scene/import_files.py": {
        *("Upload rasters and polygons", "Or a file or folder on this machine", "Browse"),
    },
    "components/scene/import_grid.py": {"Grid"},
    "components/scene/import_tiles.py": {"Mask value that means not mapped"},
    "components/scene/class_editor.py": {
        "Factor",
        "or take them from a file: CSV (value, name, colour), .qml, .clr, .vat.dbf, .aux.xml",
    },
    "components/scene/import_uses.py": {
        *("What ", "Name of the factor in ", "Landslides of ", "Bands of ", "What lies in "),
    },
    "components/training/load_map.py": {
        *("A raster, such as a GeoTIFF", "Or its path on this machine"),
    },
    "factors.py": {"View"},
    "scene.py": {"Show"},
}


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call that draws a widget, and the file it stands in."""
    for file in sorted(PAGES.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            drawn = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            if drawn and node.func.attr in WIDGETS:
                yield file.relative_to(PAGES).as_posix(), node


def untold(node: ast.AST | None) -> ast.AST | None:
    """What `tr`, which says it in the reader's language, is asked for."""
    said = isinstance(node, ast.Call) and ast.unparse(node.func) == "tr"
    return node.args[0] if said else node


def own_words(call: ast.Call) -> str | None:
    """The label that a page has written itself, up to the first value in it."""
    label = next((k.value for k in call.keywords if k.arg == "label"), None)
    label = untold(call.args[0] if call.args else label)
    if isinstance(label, ast.JoinedStr) and label.values:
        label = label.values[0]
    return label.value if isinstance(label, ast.Constant) else None


def own_bounds(call: ast.Call) -> list[str]:
    """Help, hint and numbers that a page has written itself."""
    said = {"help", "placeholder", "min_value", "max_value", "step"}
    given = [untold(k.value) for k in call.keywords if k.arg in said]
    numbers = call.args[1:] if getattr(call.func, "attr", "") in ("number_input", "slider") else []
    plain = [v.operand if isinstance(v, ast.UnaryOp) else v for v in (*given, *numbers)]
    return [ast.unparse(v) for v in plain if isinstance(v, ast.Constant) and v.value is not None]


def test_the_walk_sees_what_a_page_writes_itself():
    call = ast.parse("st.slider(tr('Grow'), -5, 10, key='a', help=tr('wider'))").body[0].value
    assert own_words(call) == "Grow"
    assert own_bounds(call) == ["'wider'", "5", "10"]
    call = ast.parse("st.slider(value=start, **field.words(each), **field.bounds(each))").body[0]
    assert (own_words(call.value), own_bounds(call.value)) == (None, [])


def test_a_widget_with_words_of_its_own_is_no_option():
    found: dict[str, set[str]] = {}
    for file, call in calls():
        if words := own_words(call):
            found.setdefault(file, set()).add(words)
    assert found == OWN, "take label, help and bounds from the option (pages/components/field.py)"


def test_no_widget_of_an_option_writes_bounds_help_or_hint():
    wrong = {f"{file}:{c.lineno}": own_bounds(c) for file, c in calls() if not own_words(c)}
    assert not {place: found for place, found in wrong.items() if found}


def test_no_page_spells_the_title_of_an_option():
    """Single words, such as Scene, are the language's too."""
    asked = [*(request_class(word) for word in ACTIONS), Override, Orbit]
    known = {each.title for request in asked for each in options(request).values()}
    titles = {title for title in known if " " in title}
    assert len(titles) > 40
    wrong = [
        f"{file.name}:{node.lineno}: {node.value}"
        for file in PAGES.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in titles
    ]
    assert not wrong


NUMBER = Option("side of a square", title="Side", unit="px", least=8, most=64, step=8, kind=int)


def _drawn() -> None:
    import streamlit as st

    from core.request import Option, names_of
    from pages.components import field
    from tests.test_field import NUMBER

    st.session_state["found"] = [
        field.show(NUMBER, "open", left_to="as the preset"),
        field.show(NUMBER, "begun", start=16, most=32),
        field.show(Option("draw it", title="Drawn", kind=bool, default=True), "drawn"),
        field.show(Option("a way", title="Way", choices={"a": "first", "b": "second"}), "way"),
        field.show(Option("bands", title="Bands", read=names_of, default=(), whole=True), "bands"),
    ]


def test_an_option_is_drawn_as_its_kind_asks():
    app = AppTest.from_function(_drawn).run()
    assert not app.exception
    assert app.session_state["found"] == [None, 16, True, "a", ()]
    box = app.number_input(key="begun")
    assert (box.label, box.min, box.max, box.step) == ("Side, px", 8, 32, 8)
    assert box.help == "Side of a square."
    assert app.number_input(key="open").placeholder == "as the preset"
    assert app.selectbox(key="way").options == ["first", "second"]
    app.text_input(key="bands").set_value("red, nir").run()
    assert app.session_state["found"][-1] == ("red", "nir")
