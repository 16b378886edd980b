"""A command that needs no network starts at once, loads no more than it needs and says nothing
beside its answer."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import core
from core import workflows

ROOT = Path(__file__).resolve().parents[1]
HEAVY = ("keras", "tensorflow", "sklearn", "streamlit", "numba", "geopandas")
# A third of it is measured on an idle machine; tests share theirs with others.
CPU_S = 1.0
# Runs a command as `python -m core` does, and says what it took, last, on standard output.
PROBE = f"""
import sys, time
from core.__main__ import main
try:
    status = main(sys.argv[1:])
except SystemExit as end:
    status = end.code
heavy = [name for name in {HEAVY!r} if name in sys.modules]
print()
print(status, time.process_time(), *heavy)
"""


def probe(*argv: str) -> tuple[str, float, list[str]]:
    """What a command prints, the processor time it takes and the heavy libraries it loads."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *argv],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    said, _, last = done.stdout.rstrip().rpartition("\n")
    status, seconds, *heavy = last.split()
    assert status == "0"
    return said, float(seconds), heavy


@pytest.mark.parametrize(
    "argv", [["--help"], ["--version"], ["models", "--json"], ["runs", "--json"], ["scenes"]]
)
def test_a_command_without_a_network_starts_at_once_and_in_silence(tiny_runs, argv):
    said, seconds, heavy = probe(*argv)
    assert said.strip()
    assert heavy == []
    assert seconds < CPU_S


def test_models_are_described_without_building_one(workspace):
    said, _, _ = probe("models", "--channels", "9", "--json")
    result = json.loads(said)
    sizes = {(row["model"], row["preset"]): row for row in result["models"]}
    assert sizes["fcadensenet", "paper"]["trainable_parameters"] == 1_062_311 - 432


def test_a_network_without_a_channel_is_refused(workspace, capsys):
    from core.__main__ import main

    assert main(["models", "--channels", "0"]) == 2
    assert "at least 1" in capsys.readouterr().err


def test_the_version_is_said_as_the_package_has_it(workspace):
    assert probe("--version")[0].strip() == f"slidescope {core.__version__}"


def test_help_lists_every_action():
    said, _, _ = probe("--help")
    words = " ".join(said.split())
    for word, action in workflows.ACTIONS.items():
        assert f"{word} {action.help}" in words


def test_an_unknown_command_is_refused_with_the_choice(capsys):
    from core.__main__ import main

    with pytest.raises(SystemExit) as ended:
        main(["trian"])
    assert ended.value.code == 2
    assert "'train'" in capsys.readouterr().err
