"""One import rule a layer; data flows one way (docs: README, "Layers")."""

import ast
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ARCHITECTURES = ("models.blocks", "models.fcn", "models.unet", "models.fc_densenet")
OURS = ("layers", "backend", "adam")
FRAMEWORKS = ("keras", "tensorflow", "torch", "jax", *(f"models.{n}" for n in OURS), *ARCHITECTURES)
LEARNING = (
    "core.learning.training.training",
    "core.learning.prediction.prediction",
    "core.learning.networks.network",
)

ABOVE_OBJECTS = ("core.maps", "core.experiments", "core.commands")
# Folder or file -> what it must never import, wherever in the file.
NEVER = {
    "core": ("streamlit", "pages", "app", "tests", "bench", "tensorflow"),
    "core/jobs": ("core.scene", "core.analysis", "core.learning", "core.runs", "core.maps"),
    "core/scene": ("core.analysis", "core.learning", "core.runs", "core.maps", "models"),
    "core/analysis": ("core.learning", "core.runs", "core.maps", "models", "keras"),
    "core/maps": (*FRAMEWORKS, *LEARNING, "core.experiments"),
    "core/export": (*FRAMEWORKS, *LEARNING, "core.experiments", "core.commands"),
    "core/objects": (*FRAMEWORKS, *LEARNING, *ABOVE_OBJECTS, "core.review"),
    "core/review": (*FRAMEWORKS, *LEARNING, *ABOVE_OBJECTS),
    # Members are trained in processes of their own.
    "core/experiments": (*FRAMEWORKS, *LEARNING, "core.commands", "core.analysis"),
    "core/learning": ("core.experiments", "core.commands", "core.objects", "core.review"),
    "core/runs": ("core.experiments", "core.commands", "core.objects", "core.review"),
    "models": ("core", "pages", "streamlit", "tensorflow", "torch", "jax"),
    "sample_data": ("streamlit", "pages", "models", "core.learning", "core.runs"),
    "pages": (*FRAMEWORKS, "models", *LEARNING, "core.commands", "app", "tests"),
    "app.py": (*FRAMEWORKS, "models", "core.learning"),
}
# Each room imports only from those before it; rooms of one line do not know each other.
ORDER = (
    (
        "request",
        "errors",
        "installed",
        "libraries",
        "atomic",
        "paths",
        "factors",
        "numerals",
        "paper",
        "arithmetic",
        "shapes",
        "stored",
        "seen",
        "processes",
        "hosts",
        "clock",
        "leases",
        "disk",
        "access",
        "digests",
        "interrupted",
        "logs",
        "audit",
        "cells",
        "quotas",
        "offline",
        "confined",
        "language",
    ),
    ("jobs", "serving"),
    ("cluster",),
    ("scene",),
    ("display", "analysis"),
    ("runs",),
    ("learning",),
    ("objects",),
    ("maps",),
    ("review", "export", "experiments"),
    ("manuscript",),
    ("workspace",),
    ("upkeep",),
    ("doctor",),
    ("workflows",),
    ("commands",),
)
# The rooms of core/scene that see what was asked for: those that decide, and the door.
DECIDING = {
    "core/scene/from_stack.py",
    "core/scene/importing.py",
    "core/scene/origin.py",
    # A worker decides the same once more.
    "core/scene/tasks.py",
    *(f"core/scene/plan/{name}.py" for name in ("assignment", "choices", "classes", "derivation")),
    "core/scene/plan/distances.py",
    *(f"core/scene/plan/{name}.py" for name in ("given", "inputs", "planning")),
}
# Folder -> what it may import only inside a function, so that importing it stays light.
LAZY = {
    "core": (*FRAMEWORKS, "core.learning.prediction.prediction", "core.learning.training.training")
}
# The one file that asks its backend by name, through importlib: some kernels have no name in Keras.
ASKS_TENSORFLOW = "models/backend.py"
# In a process of its own it loads what the product needs, to see whether it can be loaded.
ASKS_ALL = "core/doctor/probe.py"
# The files that import others of their own folder by name, so that an action loads its own alone.
ASKS_ITS_OWN = {f"core/{name}/__init__.py": f"core.{name}." for name in ("commands", "workflows")}
# A process of its own, which carries out a function that another one names.
DOES_WHAT_IT_IS_TOLD = "core/confined/child.py"
# Where inside core Keras and the architectures may be named at all.
KERAS_IN_CORE = "core/learning"


def files(place: str) -> list[Path]:
    path = ROOT / place
    return [path] if path.is_file() else sorted(path.rglob("*.py"))


@cache
def imports(path: Path, top_only: bool = False) -> set[str]:
    """Dotted names of the modules (and of what is taken out of them) that a file imports."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = _outside_functions(tree) if top_only else ast.walk(tree)
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _outside_functions(node: ast.AST):
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield child
            yield from _outside_functions(child)


def broken(path: Path, forbidden, top_only: bool = False) -> list[str]:
    found = imports(path, top_only)
    return [n for n in found if any(n == f or n.startswith(f + ".") for f in forbidden)]


def test_the_walk_sees_every_form_of_import(tmp_path):
    file = tmp_path / "a.py"
    file.write_text("import keras.ops\ndef f():\n    from models import fcn\n")
    assert sorted(broken(file, FRAMEWORKS)) == ["keras.ops", "models.fcn"]
    assert broken(file, FRAMEWORKS, top_only=True) == ["keras.ops"]


@pytest.mark.parametrize("place", NEVER)
def test_layer_imports_only_what_it_may(place):
    assert files(place), f"{place} has moved"
    wrong = {str(f.relative_to(ROOT)): broken(f, NEVER[place]) for f in files(place)}
    assert not {file: names for file, names in wrong.items() if names}


def test_imports_go_one_way():
    level = {room: n for n, rooms in enumerate(ORDER) for room in rooms}
    wrong = []
    for file in files("core"):
        here = file.relative_to(ROOT / "core").parts[0].removesuffix(".py")
        if here.startswith("__"):
            continue
        for name in imports(file) - {"core.__version__"}:
            there = name.split(".")[1] if name.startswith("core.") else here
            # Those of the lowest line are small and may use each other.
            reach = level[here] - (level[here] > 0)
            if there != here and level[there] > reach:
                wrong.append(f"{file.relative_to(ROOT)} imports {name}")
    assert not wrong


def test_the_contract_names_every_room():
    found = {f.stem for f in (ROOT / "core").iterdir() if not f.name.startswith(("_", "."))}
    assert {room for rooms in ORDER for room in rooms} == found


def test_every_chart_is_drawn_where_its_buttons_are_set():
    found = [f.name for f in files("pages") if "plotly_chart(" in f.read_text("utf-8")]
    assert found == ["chart.py"]


def test_a_request_goes_no_further_than_its_plan():
    """Past these rooms a scene is made of an ImportPlan, and a network of a RunConfig."""
    imported = {f.relative_to(ROOT).as_posix() for f in files("core/scene") if _names(f, "Import")}
    assert imported == DECIDING
    assert not [f for f in files("core/learning") if _names(f, "Train")]


def _names(file: Path, action: str) -> bool:
    return any(name.endswith(f".{action}Request") for name in imports(file))


def test_one_file_alone_asks_for_a_backend_by_name():
    places = [f for place in NEVER for f in files(place)]
    found = {str(f.relative_to(ROOT)) for f in places if "import_module(" in f.read_text("utf-8")}
    assert found == {ASKS_TENSORFLOW, ASKS_ALL, *ASKS_ITS_OWN, DOES_WHAT_IT_IS_TOLD}
    assert "tensorflow" not in imports(ROOT / ASKS_TENSORFLOW)
    for file, folder in ASKS_ITS_OWN.items():
        assert f'import_module(f"{folder}{{' in (ROOT / file).read_text("utf-8")


@pytest.mark.parametrize("place", LAZY)
def test_heavy_modules_are_imported_inside_functions(place):
    wrong = {}
    for file in files(place):
        relative = file.relative_to(ROOT).as_posix()
        # The trainer's own modules are what is imported lazily.
        inside = relative.startswith(KERAS_IN_CORE)
        wrong[relative] = broken(file, FRAMEWORKS if inside else LAZY[place], top_only=True)
    assert not {file: names for file, names in wrong.items() if names}


def test_only_learning_names_keras_inside_core():
    others = [f for f in files("core") if KERAS_IN_CORE not in f.as_posix()]
    assert not [f.name for f in others if broken(f, FRAMEWORKS)]


def test_the_server_never_loads_keras(tiny_runs):
    code = (
        "import sys\n"
        "from tests.page import PAGES, visit\n"
        "for name in PAGES: visit(name)\n"
        "import core.maps.routes\n"
        "for tab in ('tables', 'export'): visit('results', tab=tab)\n"
        "late = {'keras', 'tensorflow', 'torch', 'jax', 'matplotlib', 'docx', 'openpyxl'}\n"
        "late |= {'dask', 'distributed', 'submitit'}\n"
        "loaded = late & set(sys.modules)\n"
        "sys.exit(f'loaded: {loaded}' if loaded else 0)\n"
    )
    _run(code)


def test_a_waiting_worker_has_not_loaded_keras():
    code = (
        "import sys, core.__main__\n"
        "core.__main__.parser()\n"
        "loaded = {'keras', 'tensorflow', 'streamlit'} & set(sys.modules)\n"
        "sys.exit(f'loaded: {loaded}' if loaded else 0)\n"
    )
    _run(code)


def _run(code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]


OURS_AT_THE_TOP = ("core", "models", "pages", "sample_data", "tests", "bench")


def _file_of(module: str) -> Path | None:
    place = ROOT / module.replace(".", "/")
    return next((f for f in (place.with_suffix(".py"), place / "__init__.py") if f.exists()), None)


@cache
def _defined(file: Path) -> set[str]:
    tree = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
    found: set[str] = set()
    for node in tree:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= {alias.asname or alias.name for alias in node.names}
    return found


def test_what_a_file_takes_from_another_is_there():
    """Imports inside functions, those of the benches too, fail when they run and not before."""
    wrong = []
    for file in (f for top in OURS_AT_THE_TOP for f in files(top)):
        for name in imports(file):
            module, _, what = name.rpartition(".")
            if module.split(".")[0] not in OURS_AT_THE_TOP or (ROOT / module / what).is_dir():
                continue
            source = _file_of(module)
            inside = source is not None and what in _defined(source)
            if not (inside or _file_of(name) or (ROOT / name.replace(".", "/")).is_dir()):
                wrong.append(f"{file.relative_to(ROOT)} imports {name}")
    assert not wrong
