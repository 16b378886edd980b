"""Dockerfile and compose.yaml agree with the repository. Building the image is no part of the
tests: it takes minutes, a builder and a base image (docs/install.md says when it was built)."""

import re
import shlex
from fnmatch import fnmatch
from pathlib import Path

import pytest

import environment
from core.workflows.requests import FIRST_PORT

ROOT = Path(__file__).resolve().parents[1]


def instructions() -> list[tuple[str, str]]:
    """(INSTRUCTION, rest) of every line, continued ones joined, comments left out."""
    text = (ROOT / "Dockerfile").read_text("utf-8")
    lines = "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    joined = re.sub(r"\\\n\s*", "", lines)
    found = (line.partition(" ") for line in joined.splitlines() if line.strip())
    return [(word, rest.strip()) for word, _, rest in found]


def of(word: str) -> list[str]:
    return [rest for each, rest in instructions() if each == word]


def variables() -> dict[str, str]:
    pairs = (word.partition("=") for rest in of("ENV") for word in shlex.split(rest))
    return {name: value for name, _, value in pairs}


def copied() -> list[str]:
    """What is copied from the repository."""
    words = [shlex.split(rest) for rest in of("COPY")]
    return [source for each in words if not each[0].startswith("--from") for source in each[:-1]]


def compose() -> dict:
    yaml = pytest.importorskip("yaml")
    return yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))


def sent(path: str) -> bool:
    """Whether .dockerignore lets a path of the top level through: the last fitting line counts."""
    kept = True
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        pattern = line.removeprefix("!")
        if line and not line.startswith("#") and fnmatch(path, pattern):
            kept = line.startswith("!")
    return kept


def test_what_is_copied_is_there_and_is_sent_to_the_builder():
    for path in copied():
        assert (ROOT / path).exists(), path
        assert sent(path), f"{path} is kept out by .dockerignore"


def test_nothing_else_is_sent_to_the_builder():
    assert not any(map(sent, (".git", ".venv", "workspace", "tests", "build", "docs", "bench")))


def test_the_product_is_copied_whole():
    product = {"app.py", "core", "models", "pages", "sample_data", ".streamlit"}
    assert product <= set(copied())
    # The doctor compares what is installed with these.
    assert {"requirements.txt", "requirements.lock"} <= set(copied())


def test_the_environment_is_made_as_make_app_makes_it():
    (made,) = [rest for rest in of("RUN") if "environment.py" in rest]
    assert made.endswith("python3 environment.py /opt/environment ${PACKAGES}")
    assert "PACKAGES=requirements.lock" in of("ARG")
    assert variables()["PATH"].startswith("/opt/environment/bin:")
    # Debian 12 has Python 3.11; both stages have it, and the first what venv needs.
    assert of("ARG")[0] == "BASE=debian:bookworm-slim"
    assert environment.OLDEST <= (3, 11) <= environment.NEWEST
    assert [("python3-venv" in rest, "python3" in rest) for rest in of("RUN") if "apt" in rest] == [
        (True, True),
        (False, True),
    ]


def test_every_run_of_apt_leaves_no_list_behind_and_brings_nothing_unasked():
    for rest in of("RUN"):
        if "apt-get install" in rest:
            assert "--no-install-recommends" in rest
            assert "rm -rf /var/lib/apt/lists/*" in rest


def test_it_runs_as_a_user_of_its_own_whose_workspace_is_a_volume():
    order = [word for word, _ in instructions()]
    assert of("USER") == ["slidescope"] and "useradd" in "".join(of("RUN"))
    assert order.index("USER") < order.index("ENTRYPOINT")
    assert of("VOLUME") == [variables()["SLIDESCOPE_WORKSPACE"]] == ["/workspace"]
    assert "--owner slidescope" in "".join(of("RUN"))


def test_it_serves_on_every_address_of_the_container_and_says_whether_it_is_well():
    assert of("ENTRYPOINT") == ['["python", "-m", "core"]']
    assert of("CMD") == ['["serve", "--address", "0.0.0.0"]']
    assert of("EXPOSE") == [str(FIRST_PORT)]
    (health,) = of("HEALTHCHECK")
    assert f"http://127.0.0.1:{FIRST_PORT}/_stcore/health" in health


def test_no_layer_names_an_index_or_a_secret():
    text = (ROOT / "Dockerfile").read_text("utf-8") + (ROOT / "compose.yaml").read_text("utf-8")
    assert not re.search(r"index-url|--find-links|token|password|secret", text, re.IGNORECASE)


@pytest.mark.parametrize("service", ["app", "gpu"])
def test_a_service_is_for_this_machine_alone_unless_asked_and_may_do_little(service):
    found = compose()["services"][service]
    assert found["ports"] == ["${LISTEN:-127.0.0.1}:${PORT:-8501}:8501"]
    assert found["environment"]["SLIDESCOPE_HOSTS"] == "${SLIDESCOPE_HOSTS:-}"
    assert "workspace:/workspace" in found["volumes"]
    assert found["read_only"] and "/tmp" in found["tmpfs"]
    assert found["cap_drop"] == ["ALL"] and found["security_opt"] == ["no-new-privileges:true"]
    assert found["build"]["context"] == "."


def test_the_gpu_is_asked_for_by_the_gpu_service_alone():
    services = compose()["services"]
    assert "deploy" not in services["app"] and "profiles" not in services["app"]
    gpu = services["gpu"]
    (device,) = gpu["deploy"]["resources"]["reservations"]["devices"]
    assert (device["driver"], device["capabilities"]) == ("nvidia", ["gpu"])
    assert gpu["build"]["args"]["PACKAGES"] == "requirements-gpu.txt" in copied()
    assert gpu["image"] != services["app"]["image"]


def test_its_volumes_are_declared():
    found = compose()
    named = {v.partition(":")[0] for s in found["services"].values() for v in s["volumes"]}
    assert {name for name in named if re.fullmatch(r"\w+", name)} == set(found["volumes"])


def test_what_it_opens_files_from_is_read_only():
    assert variables()["SLIDESCOPE_DATA"] == "/data"
    for service in compose()["services"].values():
        assert any(volume.endswith(":/data:ro") for volume in service["volumes"])
