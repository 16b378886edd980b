"""What `make app` does before anything is installed: a line a stage, and one sentence where one
fails."""

import ast
import importlib.metadata
import re
import shutil
import subprocess
import sys
import tomllib
from collections import namedtuple
from pathlib import Path

import pytest

import environment
from core.doctor import libraries

ROOT = Path(__file__).resolve().parents[1]
Usage = namedtuple("Usage", "total used free")
GB = 10**9


def refused(call, *given) -> str:
    with pytest.raises(SystemExit) as ended:
        call(*given)
    sentence = str(ended.value.code)
    assert sentence.endswith(".") and "\n" not in sentence
    return sentence


@pytest.fixture
def made(tmp_path, monkeypatch):
    """An environment in `tmp_path` whose Python answers pip with a text and a status, and any other
    question as this one does."""
    monkeypatch.chdir(tmp_path)

    def make(said: str, status: int) -> Path:
        python = tmp_path / "env" / "bin" / "python"
        python.parent.mkdir(parents=True)
        (tmp_path / "said").write_text(said)
        python.write_text(
            "#!/bin/sh\n"
            'case "$*" in\n'
            "  *--version*) exit 0 ;;\n"
            f"  *install*) cat '{tmp_path}/said'; exit {status} ;;\n"
            f'  *) exec "{sys.executable}" "$@" ;;\n'
            "esac\n"
        )
        python.chmod(0o755)
        return tmp_path / "env"

    return make


def called(folder: Path, lock: str) -> subprocess.CompletedProcess:
    place = next(each for each in folder.parents if each.is_dir())
    (place / "some.lock").write_text(lock)
    return subprocess.run(
        [sys.executable, str(ROOT / "environment.py"), str(folder), "some.lock"],
        cwd=place,
        capture_output=True,
        text=True,
    )


def test_an_older_python_can_read_it_and_say_what_it_lacks():
    ast.parse((ROOT / "environment.py").read_text("utf-8"), feature_version=(3, 7))
    said = refused(environment.check_python, (3, 9))
    assert f"Python 3.11 to 3.13 is needed, and {sys.executable} is 3.9" in said
    assert "make app PYTHON=python3." in said


def test_a_newer_python_is_refused_too_and_one_that_is_there_is_named(tmp_path, monkeypatch):
    other = tmp_path / "python3.12"
    other.write_text("#!/bin/sh\n")
    other.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    said = refused(environment.check_python, (3, 14))
    assert said.endswith("python3.12 is here, so write `make app PYTHON=python3.12`.")


def test_the_versions_are_those_of_the_package():
    about = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    (oldest, newest) = environment.OLDEST, environment.NEWEST
    asked = f">={oldest[0]}.{oldest[1]},<{newest[0]}.{newest[1] + 1}"
    assert about["requires-python"] == asked
    assert (oldest, newest) == (libraries.OLDEST, libraries.NEWEST)


def test_a_bare_debians_python_is_told_what_to_install():
    said = refused(environment.check_parts, ["ensurepip"])
    assert "'ensurepip' is missing" in said and "apt install python3-venv" in said


def test_a_python_built_without_a_part_is_told_which():
    assert "built without 'ssl'" in refused(environment.check_parts, ["ssl"])


def test_make_says_that_there_is_no_python(tmp_path):
    done = subprocess.run(
        ["make", "setup", f"VENV={tmp_path}/env", "PYTHON=no-python"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    first = done.stderr.splitlines()[0]
    assert first.startswith("Python is missing: 'no-python' is no command here; install Python")
    assert not (tmp_path / "env").exists()


def test_room_for_download_and_packages_is_asked_for_first(tmp_path, monkeypatch):
    download, installed = environment.SIZES["requirements.lock"]
    needed = download + installed + environment.SPARE_MB
    monkeypatch.setattr(shutil, "disk_usage", lambda place: Usage(9 * GB, 0, (needed - 1) * 10**6))
    said = refused(environment.check_room, tmp_path / "env", Path("requirements.lock"))
    assert f"installing needs {needed / 1000:.1f} GB" in said and "TMPDIR" in said
    monkeypatch.setattr(shutil, "disk_usage", lambda place: Usage(9 * GB, 0, needed * 10**6))
    environment.check_room(tmp_path / "env", Path("requirements.lock"))


def test_the_sizes_are_those_of_what_is_locked():
    for lock, (_, said) in environment.SIZES.items():
        files = []
        for name in environment.wanted(ROOT / lock):
            try:
                files += importlib.metadata.files(name) or []
            except importlib.metadata.PackageNotFoundError:
                pytest.skip(f"{name} is not installed")
        assert sum(file.size or 0 for file in files) / 1e6 == pytest.approx(said, rel=0.15), lock


def test_a_line_for_another_system_is_no_package_here(tmp_path):
    other = "darwin" if sys.platform != "darwin" else "linux"
    (tmp_path / "more.txt").write_text("Numpy>=2.0  # why\n")
    (tmp_path / "a.txt").write_text(
        f"-r more.txt\nx==1 ; sys_platform == '{other}'\ny==2 ; sys_platform != '{other}'\n"
    )
    assert environment.wanted(tmp_path / "a.txt") == {"numpy": "", "y": "2"}


WORDS = [
    ("OSError: [Errno 28] No space left on device", "the disk became full"),
    ("MemoryError", "the memory ran out"),
    ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM", "not the one that was announced"),
    (
        "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError('<pip>: "
        "Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')'\n"
        "ERROR: Could not find a version that satisfies the requirement x==1 (from versions: none)",
        "the package index cannot be reached; check the network",
    ),
    ("'ProxyError('Cannot connect to proxy.'", "the proxy refused"),
    ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]", "is not trusted"),
    ("ERROR: HTTP error 403 while getting https://a/b.whl", "the package index refused"),
    ("pip._vendor.requests.exceptions.HTTPError: 503 Server Error: x", "the package index refused"),
    (
        "requirement absl-py==2.5.1 (from versions: none)\nERROR: No matching distribution found",
        "cannot be reached or does not know absl-py==2.5.1",
    ),
    (
        "requirement tensorflow==2.21.0 (from versions: 2.4, 2.5)\n"
        "ERROR: No matching distribution found for tensorflow==2.21.0",
        "has no tensorflow==2.21.0 for this system and Python",
    ),
    ("PermissionError: [Errno 13] Permission denied: '/x'", "cannot be written to"),
    ("ERROR: Failed building wheel for h5py", "no ready-made wheel"),
    ("ERROR: ResolutionImpossible: for help", "exclude each other"),
    ("ERROR: something new.\nmore", "pip says: something new"),
]


@pytest.mark.parametrize(("said", "cause"), WORDS, ids=[cause for _, cause in WORDS])
def test_what_pip_says_becomes_one_sentence(made, said, cause):
    done = called(made(said, 1), "nothing-of-this-name==1")
    assert done.returncode == 2
    assert done.stdout.splitlines() == ["Packages: downloading and installing 1 of 1."]
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("The packages could not be installed: ") and cause in sentence
    assert sentence.endswith(f"what pip said: {environment.LOG}.")


def test_pip_ended_by_the_system_is_told_from_a_failure(made):
    folder = made("Collecting x\n", 137)
    assert "whose memory runs out" in called(folder, "nothing-of-this-name==1").stderr
    assert (folder.parent / environment.LOG).read_text("utf-8") == "Collecting x\n"


def test_what_pip_itself_says_of_an_index_without_the_package_is_understood(tmp_path, monkeypatch):
    """No made-up words: this environment's own pip, which installs nothing."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    command = [sys.executable, *environment.PIP, "nothing-of-this-name==1"]
    status, text = environment._pip(command, 1)
    assert "does not know nothing-of-this-name==1" in environment.why(status, text)


def test_packages_that_are_all_there_are_not_installed_again(made):
    version = importlib.metadata.version("numpy")
    done = called(made("", 1), f"numpy=={version}\n")
    assert (done.returncode, done.stdout) == (0, "Packages: all 1 are there.\n")


def test_an_environment_that_cannot_be_made_is_not_left_half_made(tmp_path, monkeypatch):
    folder = tmp_path / "env"

    def fails(*command):
        (folder / "bin").mkdir(parents=True)
        return subprocess.CompletedProcess(command, 1, "x\nError: No space left on device\n")

    monkeypatch.setattr(environment, "_run", fails)
    monkeypatch.setattr(environment, "check_room", lambda *given: None)
    assert "the disk became full" in refused(environment.make, folder, Path("some.lock"))
    assert not folder.exists()


def test_a_broken_environment_is_named_and_left_alone(tmp_path):
    folder = tmp_path / "env"
    (folder / "bin").mkdir(parents=True)
    (folder / "pyvenv.cfg").touch()
    done = called(folder, "")
    assert done.returncode == 2
    assert re.fullmatch(r"The environment '.*' is broken .*`make clean` removes .*\n", done.stderr)
    assert (folder / "pyvenv.cfg").exists()


def test_a_place_where_nothing_can_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    done = called(tmp_path / "file" / "env", "")
    assert done.returncode == 2
    (sentence,) = done.stderr.splitlines()
    assert sentence.startswith("The environment '") and "could not be created" in sentence


def test_a_stop_is_no_traceback(made, monkeypatch, capsys):
    def stopped(*given):
        raise KeyboardInterrupt

    monkeypatch.setattr(environment, "install", stopped)
    assert environment.main([str(made("", 0)), "some.lock"]) == 130
    assert capsys.readouterr().err == "Stopped on request.\n"
