"""The doctor names what is broken, in an environment that is: each is broken here on purpose."""

import ast
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import venv
from collections import namedtuple
from pathlib import Path

import pytest

from core import libraries, paths, workflows
from core import workspace as format_of
from core.doctor import data, doctor, holdings, machine, ports, probing
from core.doctor import libraries as found_libraries
from core.doctor.finding import guarded
from core.doctor.probing import Answer
from core.jobs import reasons
from core.workflows.requests import DoctorRequest

ROOT = Path(__file__).resolve().parents[1]
Usage = namedtuple("Usage", "total used free")
# All that is heavy, so that a whole doctor's round takes a second.
HEAVY = ("tensorflow", "keras", "openvino", "streamlit", "sklearn", "pandas", "geopandas", "numba")


@pytest.fixture
def broken(tmp_path, monkeypatch):
    """Puts a module before all others on the path of processes that are started."""
    folder = tmp_path / "broken"
    folder.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(folder))

    def put(name: str, code: str) -> Path:
        file = folder / f"{name}.py"
        file.write_text(code)
        return file

    return put


def called(*argv: str, python: str = sys.executable) -> subprocess.CompletedProcess:
    done = subprocess.run(
        [python, "-m", "core", *argv], cwd=ROOT, env=os.environ, capture_output=True, text=True
    )
    assert "Traceback" not in done.stderr
    return done


def library(name: str, **answers: Answer):
    """What is found of one library."""
    told = {f"load:{module}": answer for module, answer in answers.items()}
    return next(f for f in found_libraries.libraries(told) if f.what == name)


@pytest.mark.slow
def test_where_all_is_well_it_says_so_and_nothing_else(workspace):
    done = called("doctor", "--json")
    result = json.loads(done.stdout)
    wrong = [f for f in result["findings"] if f["needed"] and not f["ok"]]
    assert (done.returncode, done.stderr) == (int(bool(wrong)), "")
    assert [f for f in wrong if f["group"] != "machine"] == []
    assert {f["group"] for f in result["findings"]} == {
        "python",
        "libraries",
        "machine",
        "data",
        "workspace",
    }
    named = {f["what"] for f in result["findings"]}
    assert {"GPU", "memory", "GDAL drivers", "PROJ data", "fonts", "port 8501"} <= named
    assert {each.name for each in libraries.required()} <= named
    assert not workspace.exists()


@pytest.mark.parametrize("version", [(3, 10, 13), (3, 14, 0)])
def test_a_python_that_is_too_old_or_too_new_is_named(monkeypatch, version):
    monkeypatch.setattr(sys, "version_info", version)
    found = next(found_libraries.python())
    assert not found.ok and "Use a 64-bit Python 3.11 to 3.13: `make app PYTHON=" in found.mend


def test_a_python_that_cannot_even_read_the_software_is_told_in_a_sentence(monkeypatch):
    text = (ROOT / "core" / "__init__.py").read_text()
    ast.parse(text, feature_version=(3, 4))
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 to 3\.13, and '.*' is 3\.9: use"):
        exec(compile(text, "core", "exec"), {})


@pytest.fixture(scope="module")
def empty(tmp_path_factory) -> str:
    """A Python that has nothing but its own library."""
    folder = tmp_path_factory.mktemp("empty") / "env"
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    return str(folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))


def test_where_nothing_is_installed_it_names_all_that_is_missing(empty, workspace):
    done = called("doctor", "--json", python=empty)
    result = json.loads(done.stdout)
    assert (done.returncode, done.stderr, result["ok"]) == (1, "", False)
    by_name = {f["what"]: f for f in result["findings"]}
    for each in libraries.required():
        assert by_name[each.name]["value"] == "missing"
        assert f"pip install {each.name}=={each.locked}" in by_name[each.name]["mend"]
    # What needs no library is looked at all the same.
    assert all(by_name[what]["ok"] for what in ("Python", "memory", "shipped networks"))


def test_for_people_it_is_a_line_each_and_what_to_mend_last(empty, workspace):
    done = called("doctor", python=empty)
    lines = done.stdout.splitlines()
    assert "numpy                 missing: TO MEND. Install it: `python -m pip install" in "".join(
        line for line in lines if line.startswith("numpy ")
    )
    assert lines[-1].startswith("To mend: numpy, streamlit, tensorflow")
    assert done.returncode == 1


@pytest.mark.parametrize("argv", [["runs"], ["train", "kashmir"], ["--help"], []])
def test_any_other_command_ends_in_one_sentence_that_leads_to_it(empty, argv):
    done = called(*argv, python=empty)
    assert (done.returncode, done.stdout) == (2, "")
    # Whichever of them is imported first.
    assert re.fullmatch(
        r"The library '\w+' is missing: `python -m core doctor` says what to mend\.\n", done.stderr
    )


def test_a_library_that_breaks_the_command_line_does_not_break_the_doctor(broken, workspace):
    for name in HEAVY:
        broken(name, "raise ImportError('not now')")
    file = broken("psutil", "raise ImportError('lib.so: cannot open shared object file')")
    assert called("runs").stderr == (
        "The library 'psutil' cannot be loaded (lib.so: cannot open shared object file): "
        "`python -m core doctor` says what to mend.\n"
    )
    done = called("doctor", "--json")
    found = next(f for f in json.loads(done.stdout)["findings"] if f["what"] == "psutil")
    assert done.returncode == 1
    assert "cannot be loaded (ImportError: lib.so: cannot open shared" in found["value"]
    assert "--force-reinstall --no-deps psutil==" in found["mend"]
    assert file.exists()


def test_a_shared_library_that_is_cut_is_named(broken):
    file = broken("cmap", "")
    file.rename(file.with_suffix(".so")).write_bytes(b"\x7fELF cut")
    answer = probing.ask(["load:cmap"])["load:cmap"]
    assert answer.error.startswith("ImportError") and "cmap.so" in answer.error
    assert not library("cmap", cmap=answer).ok


def test_a_library_built_for_another_numpy_is_to_be_installed_anew(broken):
    broken("shapely", "raise ValueError('numpy.dtype size changed, may indicate incompatibility')")
    found = library("shapely", **{"shapely": probing.ask(["load:shapely"])["load:shapely"]})
    assert "numpy.dtype size changed" in found.value
    assert "Install it anew" in found.mend and "shapely==" in found.mend


def test_what_fails_because_of_numpy_waits_for_numpy():
    bad = Answer(error="ImportError: numpy.core.multiarray failed to import")
    told = {"load:numpy": bad, "load:rasterio": bad}
    found = {f.what: f for f in found_libraries.libraries(told)}
    assert "Install it anew" in found["numpy"].mend
    assert found["rasterio"].mend == "Mend numpy first."


def test_what_a_library_needs_itself_is_brought_by_the_lock():
    bad = Answer(error="ModuleNotFoundError: No module named 'google.protobuf'")
    assert "pip install -r requirements.lock" in library("tensorflow", tensorflow=bad).mend


def test_an_old_version_is_named_with_the_floor(tmp_path, monkeypatch):
    about = tmp_path / "shapely-1.8.5.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: shapely\nVersion: 1.8.5\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    found = library("shapely")
    assert found.value.startswith("1.8.5 (at least 2.1, tested 2.")
    assert "too old" in found.mend and not found.ok


def test_a_module_that_stands_before_a_library_is_named(broken):
    file = broken("cmap", "class Colormap: ...")
    found = library("cmap", cmap=probing.ask(["load:cmap"])["load:cmap"])
    assert f"{file} is loaded in its place" in found.value
    assert "PYTHONPATH" in found.mend and not found.ok


def test_a_library_that_takes_its_process_down_does_not_take_the_others(broken):
    broken("cmap", "import os; os.abort()")
    broken("numpy", "")
    answers = probing.ask(["load:cmap", "load:numpy"])
    assert answers["load:cmap"].error == probing.ENDED
    assert answers["load:numpy"].value.endswith("numpy.py")


def test_a_library_that_does_not_answer_is_not_waited_for(broken):
    broken("cmap", "import time; time.sleep(60)")
    answer = probing.ask(["load:cmap"], step_s=1.0)["load:cmap"]
    assert answer.error == "no answer within 1 s"
    assert library("cmap", cmap=answer).mend.startswith("Ask again when the machine has less to do")


def test_what_libraries_print_does_not_disturb(broken):
    broken("cmap", "import os; print('{}'); os.write(2, b'noise')")
    assert probing.ask(["load:cmap"])["load:cmap"].error == ""


def test_proj_that_is_led_astray_is_named_with_the_variable(tmp_path, monkeypatch):
    monkeypatch.setenv("PROJ_LIB", str(tmp_path))
    (found,) = data.proj(probing.ask(["proj"]))
    assert "proj.db" in found.value
    assert f"PROJ_LIB={tmp_path}" in found.mend and "unset" in found.mend
    monkeypatch.delenv("PROJ_LIB")
    (found,) = data.proj({"proj": Answer(error="CRSError: no database")})
    assert "pip install --force-reinstall" in found.mend


def test_drivers_that_are_missing_are_named():
    answers = probing.ask(["drivers"])
    (found,) = data.drivers(answers)
    assert (found.ok, answers["drivers"].value) == (True, [])
    (found,) = data.drivers({"drivers": Answer(["raster JP2OpenJPEG", "vector LIBKML"])})
    assert found.value == "raster JP2OpenJPEG, vector LIBKML missing" and not found.ok


def test_without_the_libraries_drivers_are_not_claimed_to_be_missing():
    (found,) = data.drivers({"drivers": Answer(error="ImportError: x")})
    assert found.value == "not known (ImportError: x)" and "named above" in found.mend


def test_fonts_of_the_pages_are_looked_for(monkeypatch):
    (found,) = data.fonts()
    assert found.ok
    monkeypatch.setattr(data, "FONTS", ("SourceSans", "NoSuchFont"))
    (found,) = data.fonts()
    assert found.value.startswith("NoSuchFont missing") and not found.ok


def test_a_full_disk_is_named_with_what_moves_it(workspace, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda place: Usage(10**9, 0, 50_000_000))
    one, two = machine.disks()
    assert "SLIDESCOPE_WORKSPACE" in one.mend and "TMPDIR" in two.mend
    assert not one.ok and not two.ok


def test_too_little_memory_is_named(monkeypatch):
    monkeypatch.setattr(machine, "_memory", lambda: (700, 2000))
    (found,) = machine.memory()
    assert (found.value, found.ok) == ("0.7 of 2.0 GB free", False)
    monkeypatch.setattr(machine, "_memory", lambda: (None, None))
    assert next(machine.memory()).failed is False


def test_a_processor_without_avx_is_refused_and_arm_is_not(monkeypatch):
    monkeypatch.setattr(machine, "_flags", lambda: {"sse2"})
    monkeypatch.setattr(machine.platform, "machine", lambda: "x86_64")
    assert "AVX" in next(machine.processor()).mend and next(machine.processor()).failed
    monkeypatch.setattr(machine.platform, "machine", lambda: "aarch64")
    assert next(machine.processor()).ok


def test_a_gpu_that_is_not_used_is_told_but_fails_nothing(monkeypatch):
    monkeypatch.setattr(machine.shutil, "which", lambda name: "/usr/bin/nvidia-smi")
    (found,) = machine.gpu({"gpu": Answer([])})
    assert "make gpu" in found.mend and not found.ok and not found.failed
    (found,) = machine.gpu({"gpu": Answer(["NVIDIA H200"])})
    assert (found.value, found.ok) == ("NVIDIA H200", True)


def test_a_taken_port_is_told_with_who_has_it(monkeypatch):
    with socket.socket() as taken:
        taken.bind((ports.HOST, 0))
        taken.listen()
        monkeypatch.setattr(machine, "PORT", taken.getsockname()[1])
        (found,) = machine.port()
        assert f"(process {os.getpid()})" in found.value
        assert not found.ok and not found.failed


def test_a_workspace_that_cannot_be_written_to_is_named(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("SLIDESCOPE_WORKSPACE", str(tmp_path / "file" / "workspace"))
    found = {f.what: f for f in guarded("workspace", "workspace", holdings.workspace)}
    assert "SLIDESCOPE_WORKSPACE" in found["workspace is written"].mend


def test_a_workspace_of_a_newer_version_is_named_by_the_doctor_itself(workspace):
    """Every other command refuses it before it looks at anything."""
    workspace.mkdir()
    (workspace / format_of.RECORD).write_text(json.dumps({"format": 99}))
    found = {f.what: f for f in holdings.workspace()}
    assert found["workspace format"].value.startswith("99 (this version reads up to")
    assert found["workspace format"].failed
    (workspace / format_of.RECORD).write_text("")
    assert not {f.what: f for f in holdings.workspace()}["workspace format"].failed


def test_shipped_networks_are_whole_and_said_so(tmp_path, monkeypatch):
    (found,) = holdings.networks()
    assert found.ok, f"{found.value}: python -m core.doctor.holdings renews SHA256SUMS"
    shutil.copytree(paths.PRETRAINED, tmp_path / "nets")
    monkeypatch.setattr(paths, "PRETRAINED", tmp_path / "nets")
    folder = next((tmp_path / "nets").glob("*-unet-rs-shipped"))
    (folder / "map.tif").unlink()
    (folder / "config.json").write_text("{}")
    (found,) = holdings.networks()
    assert found.value.startswith("1 files missing (") and "1 files changed (" in found.value
    assert not found.ok
    (tmp_path / "nets" / holdings.SUMS).unlink()
    assert "cannot be read" in next(holdings.networks()).value


def test_every_shipped_file_has_its_sum():
    assert (paths.PRETRAINED / holdings.SUMS).read_text("utf-8") == holdings.sums(paths.PRETRAINED)


def test_a_check_that_cannot_be_made_is_a_finding_itself():
    def fails():
        raise RuntimeError("odd")
        yield

    (found,) = guarded("machine", "disks", fails)
    assert (found.what, found.failed) == ("disks", True)
    assert "RuntimeError: odd" in found.value


def test_the_action_is_the_command(monkeypatch):
    monkeypatch.setattr(doctor, "ask", lambda steps: {})
    result = workflows.run(DoctorRequest(), print)
    assert result["ok"] is (not any(f["needed"] and not f["ok"] for f in result["findings"]))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ModuleNotFoundError("No module named 'sklearn'", name="sklearn"), "'sklearn' is missing"),
        (ImportError("libgdal.so.3: cannot open shared object file"), "cannot be loaded (libgdal"),
        (ValueError("numpy.dtype size changed, may be"), "A library is broken (numpy.dtype"),
        (OSError("libcudnn.so.9: cannot open shared object file"), "A library is broken (libcudnn"),
        (RuntimeError("PROJ: Cannot find proj.db"), "PROJ does not find its data"),
    ],
)
def test_a_library_that_fails_in_the_middle_of_an_action_is_one_sentence(error, said):
    told = reasons.known(error)
    assert said in told and told.endswith("`python -m core doctor` says what to mend.")


def test_a_defect_of_ours_is_not_blamed_on_a_library():
    assert reasons.known(ModuleNotFoundError("No module named 'core.x'", name="core.x")) is None
    assert reasons.known(ImportError("cannot import name 'y'", name="core.x")) is None
    assert libraries.while_loading(KeyError("x")) is None
