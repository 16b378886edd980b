"""What would not work on another system: Linux' own modules and paths, the machine's encoding,
forked processes, names that Windows or macOS read otherwise."""

import ast
import re
import zipfile
from functools import cache
from pathlib import Path

import pytest

from core import paths
from core.errors import InvalidName, SlideScopeError
from core.runs import store as runs
from core.scene import store
from core.scene.files import archives, source, uploads
from tests import tiny
from tests.test_architecture import files

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = ("core", "pages", "models", "sample_data", "slidescope", "app.py", "environment.py")
POSIX_MODULES = {"fcntl", "resource", "pwd", "grp", "termios", "pty", "tty", "syslog", "crypt"}
POSIX_NAMES = {
    "os": "fork forkpty getuid geteuid getgid getegid getpgid getpgrp setsid setpgid killpg "
    "sysconf statvfs sched_getaffinity mkfifo mknod chown lchown nice getloadavg posix_fadvise "
    "pread pwrite posix_fallocate sync uname wait4 setuid setgid getsid O_NOFOLLOW O_DIRECTORY",
    "signal": "SIGKILL SIGHUP SIGALRM SIGUSR1 SIGUSR2 SIGCHLD SIGPIPE alarm setitimer",
    "time": "CLOCK_BOOTTIME clock_gettime tzset",
}
LINUX_PATHS = re.compile(r"^/(proc|sys|dev|tmp|etc|var|usr)(/|$)")
# What asks whether a name is there, and what is raised where it is not.
ASKS = re.compile(r"hasattr\(|os\.name|sys\.platform|platform\.system|\.exists\(")
MISSED = {"ImportError", "ModuleNotFoundError", "AttributeError", "OSError", "Exception"}


@cache
def trees() -> list[tuple[str, ast.AST]]:
    found = [file for place in PRODUCT for file in files(place)]
    return [(f.relative_to(ROOT).as_posix(), ast.parse(f.read_text("utf-8"))) for f in found]


def parents_of(tree: ast.AST) -> dict[ast.AST, ast.AST]:
    return {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}


def guarded(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    """Whether something asks first, in the same function, or a handler waits."""
    while node in parents:
        node = parents[node]
        if isinstance(node, ast.If | ast.IfExp | ast.BoolOp) and ASKS.search(ast.unparse(node)):
            return True
        if isinstance(node, ast.Try):
            caught = " ".join(ast.unparse(h.type) if h.type else "" for h in node.handlers)
            if MISSED & set(re.findall(r"\w+", caught)):
                return True
        if isinstance(node, ast.With) and "suppress(" in ast.unparse(node.items[0]):
            return True
        if isinstance(node, ast.FunctionDef):
            return False
    return False


def posix_only(tree: ast.AST) -> list[str]:
    """What a tree takes of one kind of system without asking whether it is there."""
    parents, found = parents_of(tree), []
    for node in ast.walk(tree):
        name = ""
        if isinstance(node, ast.Import):
            name = next((a.name for a in node.names if a.name in POSIX_MODULES), "")
        elif isinstance(node, ast.ImportFrom) and node.module in POSIX_MODULES:
            name = node.module
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.attr in POSIX_NAMES.get(node.value.id, "").split():
                name = f"{node.value.id}.{node.attr}"
        elif isinstance(node, ast.keyword) and node.arg == "preexec_fn":
            name = "preexec_fn"
        if name and not guarded(node, parents):
            found.append(name)
    return found


def linux_paths(tree: ast.AST) -> list[str]:
    """Absolute paths of one system, outside of documentation."""
    parents = parents_of(tree)
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and LINUX_PATHS.match(node.value)
        and not isinstance(parents[node], ast.Expr)
    ]


def without_encoding(tree: ast.AST) -> list[str]:
    """Text that is read or written as the machine happens to encode it."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        given = {each.arg for each in node.keywords}
        called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if called in ("read_text", "write_text"):
            # Path.read_text(encoding), Path.write_text(text, encoding); atomic's has a path more.
            places = {"read_text": 0, "write_text": 1}[called]
            if len(node.args) <= places and "encoding" not in given:
                found.append(ast.unparse(node))
        elif isinstance(node.func, ast.Name) and node.func.id == "open":
            mode = ast.unparse(node.args[1]) if len(node.args) > 1 else "'r'"
            if "b" not in mode and "encoding" not in given:
                found.append(ast.unparse(node))
        elif called in ("run", "Popen", "check_output") and "text" in given:
            found.append(ast.unparse(node))
    return found


def _spawns_alone(tree: ast.AST) -> bool:
    """Whether all that is asked of multiprocessing is how to start a process anew."""
    text = ast.unparse(tree)
    return text.count("multiprocessing.") == text.count("multiprocessing.get_context('spawn')")


def forks(tree: ast.AST) -> list[str]:
    """Processes that are not started anew: only Linux forks, and a fork of threads may hang."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported = [a.name for a in node.names if a.name.split(".")[0] == "multiprocessing"]
            found += [] if _spawns_alone(tree) else imported
        elif isinstance(node, ast.ImportFrom) and node.module:
            inside = node.module.split(".")[0] == "multiprocessing"
            found += [node.module] if inside else []
        elif isinstance(node, ast.Call) and "ProcessPoolExecutor" in ast.unparse(node.func):
            how = [ast.unparse(k.value) for k in node.keywords if k.arg == "mp_context"]
            found += [] if any("spawn" in each for each in how) else ["ProcessPoolExecutor"]
    return found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("import fcntl", ["fcntl"]),
        ("try:\n import fcntl\nexcept ImportError: pass", []),
        ("import os\nos.getuid()", ["os.getuid"]),
        ("import os\nif hasattr(os, 'getuid'): os.getuid()", []),
        ("import os\nx = os.sysconf(1) if os.name == 'posix' else 1", []),
        ("import signal\nif True: signal.SIGKILL", ["signal.SIGKILL"]),
        ("run(preexec_fn=f)", ["preexec_fn"]),
    ],
)
def test_the_walk_tells_what_is_guarded(code, found):
    assert posix_only(ast.parse(code)) == found


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("p.read_text()", True),
        ("p.read_text('utf-8')", False),
        ("p.write_text(x)", True),
        ("p.write_text(x, encoding='utf-8')", False),
        ("open(p)", True),
        ("open(p, 'rb')", False),
        ("subprocess.run(c, text=True)", True),
        ("subprocess.run(c, encoding='utf-8')", False),
    ],
)
def test_the_walk_tells_what_has_an_encoding(code, wrong):
    assert bool(without_encoding(ast.parse(code))) is wrong


def test_nothing_of_one_system_is_taken_for_granted():
    found = {file: posix_only(tree) for file, tree in trees()}
    assert not {file: names for file, names in found.items() if names}


# Each asks whether the file is there, or waits for the error.
KNOWN_PATHS = {
    "core/arithmetic.py": {"/proc/cpuinfo"},
    "core/confined/sandbox.py": {"/proc/self/statm"},
    "core/processes.py": {"/proc/sys/kernel/random/boot_id", "/proc/"},
    "core/hosts.py": {"/proc/self/ns/pid"},
    "core/doctor/machine.py": {"/proc/cpuinfo", "/proc/meminfo", "/sys/fs/cgroup"},
}


def test_no_path_of_one_system_is_named_but_where_it_is_asked_for():
    found = {file: set(linux_paths(tree)) - KNOWN_PATHS.get(file, set()) for file, tree in trees()}
    assert not {file: names for file, names in found.items() if names}


def test_text_has_an_encoding():
    found = {file: without_encoding(tree) for file, tree in trees()}
    assert not {file: calls for file, calls in found.items() if calls}


def test_no_process_is_forked():
    found = {file: forks(tree) for file, tree in trees()}
    assert not {file: names for file, names in found.items() if names}


def test_no_two_files_of_the_repository_differ_in_letters_case_alone():
    seen: dict[str, Path] = {}
    for place in (*PRODUCT, "tests", "bench", "docs"):
        for file in (ROOT / place).rglob("*") if (ROOT / place).is_dir() else [ROOT / place]:
            other = seen.setdefault(str(file).casefold(), file)
            assert other == file
            assert not paths.is_reserved(file.name), file
            assert not re.search(r'[<>:"|?*\\]', file.name), file


def test_a_scene_that_windows_would_take_for_another_is_refused(workspace):
    scene = tiny.scene()
    with (
        pytest.raises(InvalidName, match=r"there is a scene named 'tiny', and Windows and macOS"),
        store.create(scene.name.upper()),
    ):
        raise AssertionError("not reached")
    assert store.names() == ["tiny"]


def test_a_run_that_windows_would_take_for_another_is_refused(workspace):
    (workspace / "runs" / "Mine").mkdir(parents=True)
    with pytest.raises(InvalidName, match="there is a run named 'Mine'"):
        runs.free_id("mine", "net")


@pytest.mark.parametrize("name", ["a\\b", "C:", "C:\\data", "con", "nul.tif", "a.", "a b"])
def test_a_name_that_is_none_on_windows_is_refused(name):
    with pytest.raises(InvalidName):
        paths.check_name(name)


@pytest.mark.parametrize(
    ("text", "path", "part", "band"),
    [
        (r"C:\data\dem.tif", r"C:\data\dem.tif", None, None),
        (r"C:\data\dem.tif:2", r"C:\data\dem.tif", None, 2),
        (r"d:/data/stack.nc:velocity", r"d:/data/stack.nc", "velocity", None),
        (r"D:\a\geology.gpkg:CLASS", r"D:\a\geology.gpkg", None, "CLASS"),
    ],
)
def test_a_drive_is_no_part_of_a_file(text, path, part, band):
    found = source.parse_source(text)
    assert (found.path, found.part, found.band) == (path, part, band)


def test_an_upload_of_a_windows_browser_loses_its_folders(workspace):
    assert Path(uploads.save_upload("one", r"C:\fakepath\dem.tif", b"x")).name == "dem.tif"


def test_an_archive_that_names_a_drive_is_refused(tmp_path):
    info = zipfile.ZipInfo("C:/Windows/dem.tif")
    with pytest.raises(SlideScopeError, match="points out of the archive"):
        archives._check("a.zip", info)


def test_what_is_written_for_windows_is_what_make_does_elsewhere():
    readme = (ROOT / "README.md").read_text("utf-8")
    block = re.search(r"```\n(py -m venv .*?)```", readme, re.DOTALL)
    made, installed, served = block[1].splitlines()
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert made == "py -m venv .venv" and "VENV   ?= .venv" in makefile
    asked = re.fullmatch(r"\.venv\\Scripts\\python -m pip install -r (\S+)", installed)
    assert f"PRODUCT = {asked[1]}\n" in makefile and (ROOT / asked[1]).exists()
    command = re.fullmatch(r"\.venv\\Scripts\\(python -m core serve)", served)
    assert command[1] in makefile
