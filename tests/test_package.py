"""An installed copy: one folder in site-packages, everything inside it, and the command works with
nothing of the checkout on the path."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import core
from core import errors, installed, paths

ROOT = Path(__file__).resolve().parents[1]
CARRIED = ("core", "pages", "models", "sample_data", ".streamlit")


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    """A folder as `pip install .` leaves it, without the dependencies; needs no network."""
    pytest.importorskip("hatchling")
    out = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    subprocess.run([*build, "--directory", str(out)], cwd=ROOT, check=True, capture_output=True)
    (wheel,) = out.glob("slidescope-*.whl")
    with zipfile.ZipFile(wheel) as file:
        file.extractall(out / "site")
    return out / "site"


def called(site: Path, folder: Path, *argv: str, **environment: str) -> str:
    """What the installed command prints when it is called from `folder`."""
    own = {k: v for k, v in os.environ.items() if not k.startswith("SLIDESCOPE_")}
    done = subprocess.run(
        [sys.executable, "-m", "slidescope", *argv],
        cwd=folder,
        env={**own, "PYTHONPATH": str(site), "HOME": str(folder), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout


@pytest.mark.slow
def test_the_wheel_puts_one_name_into_site_packages(site):
    version = core.__version__
    assert {p.name for p in site.iterdir()} == {"slidescope", f"slidescope-{version}.dist-info"}
    inside = {p.name for p in (site / "slidescope").iterdir()}
    assert inside == {"__init__.py", "__main__.py", "tree"}
    assert {p.name for p in (site / "slidescope" / "tree").iterdir()} == {*CARRIED, "app.py"}


@pytest.mark.slow
def test_the_wheel_carries_every_file_of_the_product(site):
    for place in CARRIED:
        ours = {p.relative_to(ROOT) for p in (ROOT / place).rglob("*") if p.is_file()}
        ours = {p for p in ours if "__pycache__" not in p.parts}
        tree = site / "slidescope" / "tree"
        assert {p.relative_to(tree) for p in (tree / place).rglob("*") if p.is_file()} == ours


@pytest.mark.slow
def test_the_wheel_asks_for_what_requirements_txt_lists(site):
    (metadata,) = site.glob("*.dist-info/METADATA")
    text = metadata.read_text(encoding="utf-8")
    asked = [line for line in text.splitlines() if line.startswith("Requires-Dist:")]
    listed = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert len(asked) == len([line for line in listed if line and not line.startswith("#")])
    (entry,) = site.glob("*.dist-info/entry_points.txt")
    assert "slidescope = slidescope:main" in entry.read_text(encoding="utf-8")


@pytest.mark.slow
def test_an_installed_command_works_from_any_folder(site, tmp_path):
    assert called(site, tmp_path, "--version").strip() == f"slidescope {core.__version__}"
    result = json.loads(called(site, tmp_path, "models", "--json"))
    assert {row["model"] for row in result["models"]} >= {"unet", "fcadensenet"}
    assert called(site, tmp_path, "runs").startswith("No run")
    assert "`slidescope import --help`" in called(site, tmp_path, "scenes")


@pytest.mark.slow
def test_an_installed_copy_finds_its_networks_and_keeps_its_workspace_at_home(site, tmp_path):
    code = (
        "from core import paths; print(paths.workspace(), len(list(paths.PRETRAINED.glob('*/'))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(site / "slidescope" / "tree"), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [str(tmp_path / "slidescope"), "6"]


def test_a_checkout_keeps_its_workspace_beside_the_app(monkeypatch):
    monkeypatch.delenv("SLIDESCOPE_WORKSPACE", raising=False)
    assert paths.workspace() == ROOT / "workspace"


def test_an_error_names_the_command_as_this_copy_is_called(monkeypatch):
    error = errors.SlideScopeError("No run 'a': `python -m core runs` lists them.")
    assert str(error) == "No run 'a': `python -m core runs` lists them."
    monkeypatch.setattr(installed, "COMMAND", "slidescope")
    assert str(error) == "No run 'a': `slidescope runs` lists them."


def test_a_process_of_ours_is_given_no_folder_that_depends_on_where_it_runs(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SLIDESCOPE_WORKSPACE", "here")
    monkeypatch.setenv("SLIDESCOPE_DATA", os.pathsep.join(["a", "b"]))
    given = paths.environment()
    assert given["SLIDESCOPE_WORKSPACE"] == str(tmp_path / "here")
    assert given["SLIDESCOPE_DATA"].split(os.pathsep) == [str(tmp_path / "a"), str(tmp_path / "b")]
